"""Plans made by hand for the tests of the emitter."""

from __future__ import annotations

from typing import Any

from hpadvisor.planning.model import Held, Parameter, Plan, Step


def parameters() -> list[Parameter]:
    """Return one of each kind: log with off, log, linear, whole and a choice."""
    return [
        Parameter(
            name="eta", role="learning_rate", type="float", low=1e-4, high=1e-1, scale="log",
            default=1e-2,
        ),
        Parameter(
            name="weight_decay", type="float", low=1e-6, high=1e-2, scale="log", off=0.0,
            default=1e-4,
        ),
        Parameter(name="momentum", type="float", low=0.8, high=0.99, scale="linear", default=0.9),
        Parameter(name="width", type="int", low=8, high=64, scale="log", default=32),
        Parameter(name="activation", type="categorical", choices=["relu", "tanh"]),
    ]  # fmt: skip


def search(**changes: Any) -> Step:
    """Return a model-based search without a pruner."""
    values: dict[str, Any] = {
        "name": "Search",
        "purpose": "Find the region of good configurations.",
        "kind": "search",
        "parameters": parameters(),
        "strategy": "bayesian",
        "sampler": {"name": "tpe", "startup": "quasirandom", "startup_trials": 5},
        "pruner": {"name": "none"},
        "trials": 12,
        "trainings": 12,
        "epochs_per_trial": 9,
        "stop_when": ["Stop when the next trials rarely bring a new best."],
    }
    return Step(**{**values, **changes})


CONFIRM = Step(
    name="Confirm", purpose="Choose by the mean.", kind="confirm", strategy="manual",
    trials=2, seeds=2, trainings=4,
)  # fmt: skip


def plan(*steps: Step, direction: str | None = "maximize") -> Plan:
    """Return a plan of some steps."""
    return Plan(
        verdict="tune",
        headline="Tune 5 hyperparameters in 12 trials.",
        reasons=[],
        situation={},
        objective={"metric": "val_accuracy", "direction": direction},
        steps=list(steps) or [search(), CONFIRM],
        held_fixed=[Held(name="batch_size", value=128, why="Only with the rate.")],
    )
