"""Keras Tuner project folders."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.files import load_json
from hpadvisor.readers.searches.record import (
    MAXIMIZE,
    MINIMIZE,
    Parameter,
    ReadOptions,
    State,
    Study,
    Trial,
)
from hpadvisor.readers.searches.values import direction_of, number

_EPOCHS = "tuner/epochs"
_STATES = {
    "COMPLETED": State.COMPLETE,
    "STOPPED": State.PRUNED,
    "INVALID": State.FAILED,
    "FAILED": State.FAILED,
    "RUNNING": State.RUNNING,
    "IDLE": State.WAITING,
}


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read a project folder (``oracle.json`` and ``trial_*/trial.json``).

    Traps: the objective stands nowhere; it is the metric whose value equals each trial's score.
    Hyperband's rounds are trials of their own, which all count as completed.

    Raises:
        UserError: no trials, or an objective that cannot be told.
    """
    folder = Path(path)
    oracle = load_json(folder / "oracle.json")
    files = sorted(folder.glob("trial_*/trial.json"))
    raw = [load_json(file) for file in files]
    if not raw:
        raise UserError("a project without trials", path=path, remedy="Run the search first.")
    times = oracle.get("run_times") or {}
    notes: list[str] = []
    metric, stored = _objective(raw)
    direction = (
        options.direction or stored or direction_of(metric or "score", options, path, notes)
    )
    space = [_parameter(entry) for entry in oracle["hyperparameters"]["space"]]
    kept = [parameter for parameter in space if parameter is not None]
    trials = [_trial(index, entry, metric, times) for index, entry in enumerate(raw)]
    _mark_rounds(trials)
    return Study(folder.name, "keras-tuner", direction, metric, kept, trials, str(path), notes)


def _observations(entry: dict[str, Any], metric: str) -> list[tuple[float, float]]:
    found = (entry.get("metrics") or {}).get("metrics", {}).get(metric, {})
    points = []
    for one in found.get("observations", []):
        values = [float(v) for v in one.get("value", [])]
        if values:
            points.append((float(one.get("step", 0)), sum(values) / len(values)))
    return sorted(points)


def _objective(raw: list[dict[str, Any]]) -> tuple[str, str]:
    """The metric that equals every trial's score, and its direction; empty where none does."""
    scored = [entry for entry in raw if number(entry.get("score")) is not None]
    names = {n for entry in scored for n in (entry.get("metrics") or {}).get("metrics", {})}
    for name in sorted(names):
        if scored and all(
            any(math.isclose(v, entry["score"]) for _, v in _observations(entry, name))
            for entry in scored
        ):
            stored = scored[0]["metrics"]["metrics"][name].get("direction")
            return name, {"max": MAXIMIZE, "min": MINIMIZE}.get(stored, "")
    return "", ""


def _parameter(entry: dict[str, Any]) -> Parameter | None:
    kind, config = entry["class_name"], entry["config"]
    name = str(config["name"])
    if kind == "Boolean":
        return Parameter(name, "categorical", choices=(False, True))
    if kind == "Choice":
        return Parameter(name, "categorical", choices=tuple(config["values"]))
    if kind in ("Float", "Int"):
        scale = "linear" if config.get("sampling", "linear") == "linear" else "log"
        step = config.get("step")
        return Parameter(
            name,
            kind.lower(),
            float(config["min_value"]),
            float(config["max_value"]),
            scale,
            step=None if step is None or (kind == "Int" and step == 1) else float(step),
        )
    return None  # Fixed: no dimension


def _mark_rounds(trials: list[Trial]) -> None:
    """Hyperband writes each round as a trial that ended well: those of few epochs were pruned."""
    given = [number(trial.params.get(_EPOCHS)) for trial in trials]
    top = max((epochs for epochs in given if epochs is not None), default=0.0)
    for trial, epochs in zip(trials, given, strict=True):
        trial.params = {k: v for k, v in trial.params.items() if not k.startswith("tuner/")}
        if epochs is None or trial.value is None or trial.state is not State.COMPLETE:
            continue
        trial.steps, trial.values = [epochs], [trial.value]
        if epochs < top:
            trial.state = State.PRUNED


def _trial(index: int, entry: dict[str, Any], metric: str, times: dict[str, Any]) -> Trial:
    points = _observations(entry, metric)
    trial_id = str(entry["trial_id"])
    value = number(entry.get("score"))
    state = _STATES.get(str(entry.get("status")), State.FAILED)
    return Trial(
        index,
        State.FAILED if state is State.COMPLETE and value is None else state,
        dict(entry["hyperparameters"]["values"]),
        value,
        [point[0] for point in points],
        [point[1] for point in points],
        seconds=number(times.get(trial_id)),
    )
