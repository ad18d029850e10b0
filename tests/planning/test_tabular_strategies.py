"""Networks on tables: everything that the user lists is searched from three trainings up."""

from __future__ import annotations

from typing import Any

import pytest

import hpadvisor
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.planning.model import Plan

OWN = [
    {"name": "eta", "role": "learning_rate", "type": "float", "low": 1e-5, "high": 1.0},
    {"name": "l2", "role": "weight_decay", "type": "float", "low": 1e-8, "high": 1.0},
    {"name": "layers", "role": "depth", "type": "int", "low": 1, "high": 4},
    {"name": "beta", "role": "adam_beta1", "type": "float", "low": 0.8, "high": 0.99},
    {"name": "own", "type": "float", "low": 0.0, "high": 0.6, "default": 0.2},
]


def _plan(knowledge: Knowledge, trainings: int, **more: Any) -> Plan:
    situation = {
        "task": {"metric": "val_accuracy", "direction": "maximize"},
        "training": {"kind": "tabular-mlp", "optimizer": "adam", "epochs": 40},
        "data": {"train_examples": 20000},
        "budget": {"trainings": trainings},
        **more,
    }
    return hpadvisor.plan(situation, knowledge=knowledge)


@pytest.mark.parametrize("trainings", [3, 5, 9, 20, 100])
def test_all_listed_hyperparameters_are_searched(knowledge: Knowledge, trainings: int) -> None:
    plan = _plan(knowledge, trainings, hyperparameters=OWN)
    (step,) = plan.steps
    assert {item.name for item in step.parameters} == {"eta", "l2", "layers", "beta", "own"}
    assert (step.strategy, step.sampler["name"]) == ("bayesian", "gaussian-process")
    assert step.pruner["name"] == "asha"
    assert step.trainings == trainings


def test_a_default_of_an_own_hyperparameter_is_where_the_search_starts(
    knowledge: Knowledge,
) -> None:
    plan = _plan(knowledge, 10, hyperparameters=OWN)
    assert plan.steps[0].baseline["own"] == 0.2
    assert next(p for p in plan.steps[0].parameters if p.name == "own").default == 0.2


def test_where_nothing_is_listed_three_tiers_are_searched(knowledge: Knowledge) -> None:
    (step,) = _plan(knowledge, 10).steps
    names = {item.name for item in step.parameters}
    assert {"learning_rate", "weight_decay", "dropout", "depth", "width"} <= names
    assert "adam_beta1" not in names


def test_the_recommended_configuration_challenges_a_default_that_is_far_off(
    knowledge: Knowledge,
) -> None:
    bad = [{**item, "default": 1e-5} if item["name"] == "eta" else item for item in OWN]
    (step,) = _plan(knowledge, 3, hyperparameters=bad).steps
    assert step.baseline["eta"] == 1e-5
    (start,) = step.starts
    assert start["eta"] == 1e-3
    assert start["own"] == 0.2


def test_a_recommendation_like_the_default_costs_no_trial(knowledge: Knowledge) -> None:
    near = [{**OWN[0], "default": 2e-3}]
    (step,) = _plan(knowledge, 3, hyperparameters=near).steps
    assert step.starts == []


def test_steps_may_leave_a_range_up_to_the_legal_values(knowledge: Knowledge) -> None:
    (step,) = _plan(knowledge, 20, hyperparameters=OWN).steps
    legal = {item.name: item.legal for item in step.parameters}
    assert legal["eta"] == (1e-5, 1.0)
    assert legal["own"] is None


@pytest.mark.parametrize(("trainings", "seeds"), [(5, None), (12, 1), (20, 2), (80, 2)])
@pytest.mark.parametrize("own", [{"hyperparameters": OWN}, {}])
def test_on_few_rows_the_finalists_are_confirmed(
    knowledge: Knowledge, trainings: int, seeds: int | None, own: dict[str, Any]
) -> None:
    plan = _plan(knowledge, trainings, data={"train_examples": 700}, **own)
    assert plan.verdict == "tune"
    confirm = [step.seeds for step in plan.steps if step.kind == "confirm"]
    assert confirm == ([] if seeds is None else [seeds])


def test_a_few_dozen_rows_are_too_few_for_a_search(knowledge: Knowledge) -> None:
    plan = _plan(knowledge, 12, data={"train_examples": 60}, hyperparameters=OWN)
    assert plan.verdict == "collect_data"


def test_many_workers_take_the_quasirandom_strategy(knowledge: Knowledge) -> None:
    plan = _plan(knowledge, 0, budget={"trainings": 16, "parallel": 8}, hyperparameters=OWN)
    assert plan.steps[0].strategy == "quasirandom"


def test_one_or_two_trainings_stay_with_the_rate(knowledge: Knowledge) -> None:
    (step,) = _plan(knowledge, 2, hyperparameters=OWN).steps
    assert [item.name for item in step.parameters] == ["eta"]


def test_saying_that_there_is_one_worker_changes_nothing() -> None:
    situation = {"training": {"kind": "tabular-mlp", "epochs": 50}, "budget": {"trainings": 5}}
    stated = situation | {"budget": {"trainings": 5, "parallel": 1}}
    without_reasons = [
        [step.model_dump(exclude={"why"}) for step in hpadvisor.plan(said).steps]
        for said in (stated, situation)
    ]
    assert without_reasons[0] == without_reasons[1]


def test_a_wished_search_is_pruned_to_its_end(knowledge: Knowledge) -> None:
    (step,) = _plan(knowledge, 20, hyperparameters=OWN).steps
    assert step.pruner["trainings"] == 5
    (step,) = _plan(knowledge, 20, hyperparameters=OWN, search={"strategy": "quasirandom"}).steps
    assert step.strategy == "quasirandom"
    assert "trainings" not in step.pruner
