"""The trial to go on with: what a model of all trials bears out, not the luckiest score."""

from __future__ import annotations

import random
from typing import Literal

import optuna

from hpadvisor.search.confirmation import contenders
from hpadvisor.search.favouring import FEWEST, favoured
from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.study import enqueue
from hpadvisor.search.trials import ranked

SPACE = [
    {"name": "x", "type": "float", "low": 0.0, "high": 1.0, "scale": "linear"},
    {"name": "y", "type": "float", "low": 0.0, "high": 1.0, "scale": "linear"},
]


def plan(model: str | None = "gaussian-process") -> SearchPlan:
    return read_plan({
        "space": SPACE, "baseline": {"x": 0.5, "y": 0.5}, "direction": "maximize", "model": model,
        "phases": [{"name": "Search", "strategy": "bayesian", "trials": 40}], "trainings": 40.0,
    })  # fmt: skip


def studied(count: int, direction: Literal["maximize", "minimize"] = "maximize") -> optuna.Study:
    """Return a search of a smooth score with its optimum at (.3, .3), and one lucky trial."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction=direction)
    generator = random.Random(3)  # noqa: S311 - no secret
    sign = 1 if direction == "maximize" else -1
    for number in range(count):
        x, y = generator.random(), generator.random()
        if number >= count - 6:  # around a place that is no good, which is known therefore
            x, y = 0.6 + generator.uniform(-0.1, 0.1), 0.6 + generator.uniform(-0.1, 0.1)
        score = 1 - 2 * ((x - 0.3) ** 2 + (y - 0.3) ** 2) + generator.gauss(0, 0.05)
        if number == count - 1:
            x, y, score = 0.6, 0.6, 1.1  # its true score is 0.64
        enqueue(SPACE, study, {"x": x, "y": y}, f"start-{number}")
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        trial.suggest_float("y", 0, 1)
        study.tell(trial, sign * score)
    return study


def test_luck_is_not_favoured() -> None:
    directions: tuple[Literal["maximize", "minimize"], ...] = ("maximize", "minimize")
    for direction in directions:
        study = studied(36, direction)
        assert ranked(study)[0].number == 35
        best = favoured(plan(), study)
        assert len(best) == 36
        first = best[0].params
        assert abs(first["x"] - 0.3) + abs(first["y"] - 0.3) < 0.35
        assert 35 not in [trial.number for trial in contenders(plan(), study, 3, baseline=False)]


def test_few_trials_and_plans_without_a_model_go_by_the_score() -> None:
    few = studied(FEWEST - 1)
    assert favoured(plan(), few) == ranked(few)
    study = studied(36)
    assert favoured(plan(None), study) == ranked(study)
