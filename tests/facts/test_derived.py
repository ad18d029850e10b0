"""Facts that are computed from others: the arithmetic, and who is named as its source."""

from __future__ import annotations

from typing import Any

import pytest

from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.definitions import DERIVED_FACTS, SITUATION_FACTS
from hpadvisor.facts.situation.derived import INPUTS, derive
from hpadvisor.readers.metrics import direction_of

CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("budget.trainings_that_fit", {"budget.hours": 48, "budget.hours_per_training": 0.5}, 96),
    ("budget.trainings_that_fit", {"budget.hours": 48, "budget.hours_per_training": 0.1}, 480),
    (
        "budget.trainings_that_fit",
        {"budget.hours": 5, "budget.hours_per_training": 2, "budget.parallel": 4},
        8,
    ),
    ("budget.trainings_that_fit", {"budget.hours": 1, "budget.hours_per_training": 4}, 0.25),
    (
        "budget.trainings_that_fit",
        {"budget.hours": 100, "budget.hours_per_training": 1, "budget.trainings": 30},
        30,
    ),
    ("budget.trainings_that_fit", {"budget.trainings": 12}, 12),
    (
        "budget.trainings_that_fit",
        {"budget.hours": 1e300, "budget.hours_per_training": 1e-300},
        1e9,
    ),
    ("budget.trainings_that_fit", {"budget.hours": 48}, None),
    (
        "budget.trainings_that_fit",
        {"budget.hours": 48, "training.epochs": 10, "training.hours_per_epoch": 0.2},
        24,
    ),
    (
        "budget.trainings_that_fit",
        {"budget.gpu_hours": 40, "budget.parallel": 4, "budget.hours_per_training": 2},
        20,
    ),
    (
        "budget.trainings_that_fit",
        {"budget.hours": 40, "budget.deadline": 10, "budget.hours_per_training": 2},
        4,
    ),
    ("budget.hours", {"budget.gpu_hours": 40, "budget.parallel": 4}, 10),
    ("budget.hours", {"budget.gpu_hours": 40, "budget.parallel": 4, "budget.deadline": 6}, 5.4),
    ("budget.hours", {"budget.deadline": 6}, 5.4),
    (
        "task.standard_error",
        {"task.metric": "val_accuracy", "task.current": 0.8, "data.validation_examples": 400},
        0.02,
    ),
    (
        "task.standard_error",
        {"task.metric": "loss", "task.current": 0.8, "data.validation_examples": 400},
        None,
    ),
    (
        "training.law_rate",
        {"training.kind": "llm-pretraining", "model.parameters": 1e9, "data.tokens": 2e10},
        0.001,
    ),
    ("budget.parallel", {"budget.machines": 3}, 3),
    ("budget.parallel", {"budget.machines": 3, "budget.parallel": 6}, 6),
    ("budget.workers_share", {"budget.parallel": 5, "budget.trainings": 20}, 0.25),
    ("data.examples_per_class", {"data.train_examples": 5000, "data.classes": 10}, 500),
    ("data.examples_per_class", {"data.train_examples": 5000, "data.classes": 0}, None),
    ("model.parameters_per_example", {"model.parameters": 1e6, "data.train_examples": 1e4}, 100),
    ("task.direction", {"task.metric": "val_loss"}, "minimize"),
    ("task.direction", {"task.metric": "quality"}, None),
    ("task.direction", {"task.metric": "val_loss", "task.direction": "maximize"}, "maximize"),
    ("task.gap", {"task.metric": "acc", "task.current": 0.6, "task.target": 0.8}, 0.25),
    ("task.gap", {"task.metric": "loss", "task.current": 1.2, "task.target": 1.0}, 0.2),
    ("task.gap", {"task.metric": "acc", "task.current": 0.9, "task.target": 0.8}, 0),
    ("task.gap", {"task.current": 0.9, "task.target": 0.8}, None),
    ("task.noise_share", {"task.noise": 0.01, "task.current": 0.6, "task.target": 0.7}, 0.1),
    ("task.noise_share", {"task.noise": 0.01, "task.current": 0.7, "task.target": 0.7}, None),
    ("training.warmup_epochs", {"training.warmup": 0.05, "training.epochs": 90}, 4.5),
    (
        "training.effective_batch_size",
        {"training.batch_size": 8, "training.gradient_accumulation": 4},
        32,
    ),
    ("training.steps_per_epoch", {"data.train_examples": 50000, "training.batch_size": 125}, 400),
    ("training.steps_per_epoch", {"data.train_examples": 10, "training.batch_size": 125}, 1),
]


@pytest.mark.parametrize(("name", "given", "expected"), CASES)
def test_derived(name: str, given: dict[str, Any], expected: Any) -> None:
    found = derive(Facts.of(given, "said")).get(name)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_every_derived_fact_is_tested() -> None:
    made_elsewhere = {"user.hyperparameters"}
    names = {definition.name for definition in DERIVED_FACTS} - made_elsewhere
    assert names <= {name for name, *_ in CASES}


def test_what_was_said_is_never_replaced() -> None:
    facts = Facts.of({"budget.trainings_that_fit": 3, "budget.trainings": 12}, "said")
    assert derive(facts).fact("budget.trainings_that_fit") == facts.fact(
        "budget.trainings_that_fit"
    )


def test_sources_say_how_it_was_computed() -> None:
    facts = Facts.of({"budget.gpu_hours": 40, "budget.parallel": 4}, "said")
    found = derive(facts).fact("budget.hours")
    assert found is not None
    assert found.source == "computed: GPU hours ÷ parallel"


def test_derived_facts_are_asked_for_through_their_inputs() -> None:
    names = {definition.name for definition in SITUATION_FACTS} | {
        "training.batch_size", "training.warmup",
    }  # fmt: skip
    assert {definition.name for definition in DERIVED_FACTS} <= set(INPUTS)
    assert {name for inputs in INPUTS.values() for name in inputs} <= names


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("val_accuracy", "maximize"), ("Top1-Acc", "maximize"), ("eval_f1", "maximize"),
        ("mAP", "maximize"), ("episode_return", "maximize"), ("val_loss", "minimize"),
        ("RMSE", "minimize"), ("perplexity", "minimize"), ("WER", "minimize"), ("fid", "minimize"),
        ("error_rate", "minimize"), ("mape", "minimize"), ("power", None), ("score", "maximize"),
        ("auc_loss", "minimize"), ("answer_score", "maximize"), ("mAP50-95", "maximize"),
        ("top1", "maximize"), ("top5_error", "minimize"), ("AP50", "maximize"), ("quality", None),
    ],
)  # fmt: skip
def test_direction_of_a_metric(metric: str, direction: str | None) -> None:
    assert direction_of(metric) == direction


def test_none_takes_a_fact_away() -> None:
    facts = Facts.of({"a": 1})
    facts.put("a", None, "later")
    assert "a" not in facts
    assert len(facts) == 0
