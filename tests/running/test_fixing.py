"""A run tries changes itself: its search gets the trainings that a plan keeps for fixing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

pytest.importorskip("optuna")

from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
from hpadvisor.facts.situation.reading import build_situation
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.planning.composer import build_plan
from hpadvisor.planning.model import Plan
from hpadvisor.running.fixing import searched_in_full

SAID = {
    "training.kind": "tabular-mlp", "training.learning_rate": 0.04, "training.epochs": 24,
    "symptoms": ["underfitting"],
}  # fmt: skip


def composed(left: Sequence[Statement]) -> Plan:
    knowledge = load_knowledge((), without=NOT_PLANNING)
    said = [Statement(path, value, "test") for path, value in SAID.items()]
    situation, provenance = build_situation([*said, *left], knowledge.vocabulary())
    return build_plan(situation, provenance, knowledge)


@pytest.mark.parametrize("trainings", [7, 13, 30])
def test_the_search_gets_all_that_is_left(trainings: int) -> None:
    left = [Statement("budget.trainings", trainings, "the baseline")]
    plan = composed(left)
    assert plan.steps[0].kind == "fix"
    found = searched_in_full(plan, left, composed)
    assert {step.kind for step in found.steps} <= {"search", "confirm"}
    before = sum(step.trainings for step in plan.search_steps)
    searched = sum(step.trainings for step in found.search_steps)
    assert before < searched <= trainings
    assert found.trainings <= trainings


def test_hours_are_given_back_too() -> None:
    left = [
        Statement("budget.hours", 6.0, "the baseline"),
        Statement("budget.hours_per_training", 0.4, "the baseline"),
    ]
    plan = composed(left)
    found = searched_in_full(plan, left, composed)
    assert sum(step.cost_hours or 0 for step in found.steps) <= 6.0
    assert len([step for step in found.steps if step.kind == "fix"]) == 0


def test_before_the_baseline_a_plan_stays() -> None:
    plan = composed([Statement("budget.trainings", 30, "test")])
    assert searched_in_full(plan, [], composed) is plan
