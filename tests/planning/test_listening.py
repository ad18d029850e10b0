"""Plans listen: to today's value among listed ones, to noise, and to rates far from the usual."""

from __future__ import annotations

from typing import Any

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
