"""Plans listen: to today's value among listed ones, to noise, and to rates far from the usual."""

from __future__ import annotations

from typing import Any

import pytest

from hpadvisor.api import plan
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.planning.model import Plan

KNOWLEDGE = load_knowledge()


def plan_of(told: dict[str, Any]) -> Plan:
    return plan(told, knowledge=KNOWLEDGE)


def test_todays_value_is_among_listed_ones() -> None:
    told = {"training": {"kind": "ppo", "discount": 0.97}, "budget": {"trainings": 100}}
    found = {p.name: p for step in plan_of(told).search_steps for p in step.parameters}
    assert 0.97 in (found["discount"].choices or [])
    assert plan_of(told).search_steps[0].baseline["discount"] == 0.97


def test_trials_are_repeated_where_one_seed_tells_nothing() -> None:
    told = {
        "task": {"current": 0.71, "target": 0.72, "noise": 0.008},
        "training": {"kind": "vision-from-scratch", "optimizer": "sgd"},
        "budget": {"trainings": 80},
    }
    result = plan_of(told)
    assert result.search_steps[0].seeds == 2
    assert result.trainings <= 80


def test_a_rate_far_above_the_usual_does_not_stretch_the_range() -> None:
    told = {
        "training": {"kind": "llm-pretraining", "optimizer": "adamw", "learning_rate": 0.4},
        "symptoms": ["unstable"],
        "budget": {"trainings": 60},
    }
    searched = [p for step in plan_of(told).search_steps for p in step.parameters]
    rates = [p for p in searched if p.role == "learning_rate"]
    assert rates[0].high is not None
    assert rates[0].high < 0.04


def test_models_without_chance_are_confirmed_on_splits() -> None:
    told = {"training": {"kind": "knn"}, "budget": {"trainings": 40}}
    told["task"] = {"acceptable": False}
    confirm = next(step for step in plan_of(told).steps if step.kind == "confirm")
    assert confirm.splits
    assert "2 fresh splits" in confirm.purpose
    forest = plan_of(told | {"training": {"kind": "random-forest"}})
    assert not any(step.splits for step in forest.steps)


def test_an_odd_rate_that_trains_from_scratch_is_in_the_range_a_pretrained_one_is_not() -> None:
    told = {
        "training": {"kind": "time-series", "optimizer": "adam", "learning_rate": 0.03},
        "task": {"current": 0.4, "acceptable": False},
        "budget": {"trainings": 30},
    }
    found = {p.name: p for step in plan_of(told).search_steps for p in step.parameters}
    assert found["learning_rate"].high == 0.03
    tuned = {"kind": "encoder-fine-tuning", "optimizer": "adamw", "learning_rate": 0.002}
    other = plan_of(told | {"model": {"pretrained": True}, "training": tuned})
    high = next(p.high for s in other.search_steps for p in s.parameters if p.role)
    assert high is not None
    assert high < 0.002


def test_a_small_graph_is_trained_whole_and_a_large_one_in_batches() -> None:
    told = {"training": {"kind": "gnn", "optimizer": "adam"}, "budget": {"trainings": 300}}
    small = plan_of(told | {"data": {"train_examples": 140}})
    large = plan_of(told | {"data": {"train_examples": 90_000}})
    searched = [[p.role for s in p_.search_steps for p in s.parameters] for p_ in (small, large)]
    assert "batch_size" not in searched[0]
    assert "batch_size" in searched[1]


@pytest.mark.parametrize("kind", ["gradient-boosting", "vision-from-scratch", "lora"])
def test_no_range_is_stretched_to_a_rate_that_diverged(kind: str) -> None:
    told = {
        "training": {"kind": kind, "learning_rate": 0.4},
        "symptoms": ["undertrained", "diverged"],
        "budget": {"trainings": 200},
    }
    searched = [p for step in plan_of(told).search_steps for p in step.parameters]
    rate = next(p for p in searched if p.role == "learning_rate")
    assert rate.high is not None
    assert rate.high <= 0.2


def test_a_range_of_the_users_that_begins_at_a_rate_that_diverged_is_not_searched() -> None:
    own = {"name": "eta", "role": "learning_rate", "type": "float", "low": 2e-5, "high": 0.1}
    told = {
        "training": {"kind": "segmentation", "optimizer": "adamw", "learning_rate": 2e-5},
        "symptoms": ["diverged"],
        "budget": {"trainings": 40},
        "hyperparameters": [own, {"name": "drop", "role": "dropout", "low": 0.0, "high": 0.5}],
    }
    search = plan_of(told).search_steps[0]
    assert [p.name for p in search.parameters] == ["drop"]
    held = {one.name: one for one in plan_of(told).held_fixed}
    assert held["eta"].value == 2e-5
    assert "lower its low end" in held["eta"].why
