"""Random situations for property tests: sound by the rules of a situation, otherwise wild."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.vocabulary import (
    MODEL_FAMILIES,
    OPTIMIZERS,
    STRATEGIES,
    SYMPTOMS,
    TASK_KINDS,
    TOOLS,
)

_KNOWLEDGE = load_knowledge()
KINDS = sorted(training.id for training in _KNOWLEDGE.trainings)
NUMERIC = {
    item.id: item
    for item in _KNOWLEDGE.hyperparameters
    if item.type != "categorical" and item.group != "abstract"
}
CATEGORICAL = {
    item.id: item
    for item in _KNOWLEDGE.hyperparameters
    if item.type == "categorical" and item.choices and item.id not in ("optimizer", "precision")
}
OWN_NAMES = ("alpha", "my_knob", "my_temperature")
COMMON = ("learning_rate", "weight_decay", "dropout", "batch_size", "epochs", "momentum", "warmup")


def _floats(low: float, high: float) -> st.SearchStrategy[float]:
    """Return numbers over many magnitudes, three digits each."""
    from math import exp, log

    return st.floats(log(low), log(high)).map(lambda power: float(f"{exp(power):.3g}"))


def _maybe(values: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=values)


@st.composite
def _present_values(draw: st.DrawFn) -> dict[str, Any]:
    """Return today's values of some hyperparameters, sensible or not."""
    values: dict[str, Any] = {}
    names = st.one_of(st.sampled_from(COMMON), st.sampled_from(sorted(NUMERIC)))
    for name in draw(st.lists(names, unique=True, max_size=5)):
        item = NUMERIC[name]
        low = 1e-6 if item.minimum is None else max(item.minimum, 1e-6)
        high = 1e5 if item.maximum is None else item.maximum
        value: float = draw(_floats(low, high)) if low < high else low
        whole = min(max(round(value), int(item.minimum or 0)), int(high))
        values[name] = whole if item.type == "int" else min(value, high)
    for name in draw(st.lists(st.sampled_from(sorted(CATEGORICAL)), unique=True, max_size=1)):
        values[name] = draw(st.sampled_from(CATEGORICAL[name].choices))
    return values


@st.composite
def _training(draw: st.DrawFn) -> dict[str, Any]:
    values = draw(_present_values())
    values |= draw(
        _maybe({
            "kind": st.sampled_from(KINDS),
            "optimizer": st.sampled_from(OPTIMIZERS),
            "epochs": st.integers(1, 300),
            "hours_per_epoch": _floats(0.001, 5),
        })
    )  # fmt: skip
    return values


_BUDGET = _maybe({
    "hours": _floats(0.1, 2000),
    "gpu_hours": _floats(0.1, 5000),
    "hours_per_training": _floats(0.01, 100),
    "trainings": st.integers(0, 400),
    "parallel": st.integers(1, 40),
    "machines": st.integers(1, 8),
    "deadline": _floats(0.5, 2000),
})  # fmt: skip


@st.composite
def _hyperparameter(draw: st.DrawFn, name: str, role: str | None) -> dict[str, Any]:
    """Return one of the user's hyperparameters with consistent bounds or choices."""
    item: dict[str, Any] = {"name": name}
    if role is not None:
        item["role"] = role
    if role in CATEGORICAL:
        known = st.sampled_from(CATEGORICAL[role].choices)
        return item | (_choices(draw, known) if draw(st.booleans()) else {})
    shape = draw(st.sampled_from(["none", "bounds", "low", "high", "choices"]))
    numbers = st.one_of(_floats(1e-7, 1e4), st.just(0.0))
    if shape == "choices":
        return item | _choices(draw, numbers)
    low, high = sorted((draw(numbers), draw(numbers)))
    if shape in ("bounds", "low"):
        item["low"] = low
    if shape in ("bounds", "high"):
        item["high"] = high
    scales = [None, "linear", "log"] if item.get("low", 1.0) > 0 else [None, "linear"]
    said = {"type": [None, "int", "float"], "scale": scales}
    item |= {key: draw(st.sampled_from(values)) for key, values in said.items()}
    default = draw(st.sampled_from([None, low, high]))
    if default is not None and (item.get("type") != "int" or default.is_integer()):
        item["default"] = default
    return item


def _choices(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    choices = draw(st.lists(values, min_size=1, max_size=5, unique=True))
    default = draw(st.sampled_from([None, *choices]))
    return {"choices": choices} | ({} if default is None else {"default": default})


@st.composite
def _hyperparameters(draw: st.DrawFn) -> list[dict[str, Any]]:
    roles = st.one_of(st.sampled_from(COMMON), st.sampled_from(sorted(NUMERIC | CATEGORICAL)))
    chosen: list[str] = draw(st.lists(roles, unique=True, max_size=5))
    items = [draw(_hyperparameter(f"user_{role}", role)) for role in chosen]
    own: list[str] = draw(st.lists(st.sampled_from(OWN_NAMES), unique=True, max_size=2))
    return items + [draw(_hyperparameter(name, None)) for name in own]


@st.composite
def situations(draw: st.DrawFn) -> dict[str, Any]:
    """Return nested values of a situation that passes its checks."""
    values: dict[str, Any] = {
        "training": draw(_training()),
        "budget": draw(_BUDGET),
        "task": draw(
            _maybe({
                "kind": st.sampled_from(TASK_KINDS),
                "metric": st.sampled_from(["val_loss", "accuracy", "score", "quality"]),
                "current": st.floats(0, 1),
                "target": st.floats(0, 1),
                "noise": st.floats(0, 0.2),
                "acceptable": st.booleans(),
            })
        ),
        "model": draw(
            _maybe({
                "family": st.sampled_from(MODEL_FAMILIES),
                "parameters": _floats(1e3, 1e11),
                "pretrained": st.booleans(),
            })
        ),
        "data": draw(
            _maybe({
                "train_examples": _floats(10, 1e8),
                "classes": st.integers(2, 1000),
                "suspect": st.just(False),
            })
        ),
        "symptoms": draw(st.lists(st.sampled_from(SYMPTOMS), unique=True, max_size=3)),
    }  # fmt: skip
    own = draw(st.one_of(st.just([]), _hyperparameters()))
    if own:
        values["hyperparameters"] = own
    names = [item["name"] for item in own] + list(COMMON)
    some = st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=4)
    values["search"] = draw(
        _maybe({
            "tune": some,
            "fixed": st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=4),
            "strategy": st.sampled_from(STRATEGIES),
            "tool": st.sampled_from(TOOLS),
            "grid_values": st.integers(1, 10),
            "trials_done": st.integers(0, 100),
        })
    )  # fmt: skip
    tuned = values["search"].get("tune", [])
    fixed = [name for name in values["search"].pop("fixed", []) if name not in tuned]
    if fixed:
        values["search"]["fixed"] = fixed
    return values


def searching(values: dict[str, Any]) -> dict[str, Any]:
    """Return a situation whose plan is most likely a search: nothing broken, a budget known."""
    task = {k: v for k, v in values["task"].items() if k in ("kind", "metric")}
    data = {k: v for k, v in values["data"].items() if k != "train_examples"}
    budget = {"hours": 50.0, "hours_per_training": 1.0} | values["budget"]
    return values | {"task": task, "data": data, "budget": budget, "symptoms": []}
