"""What holds of every plan, whatever the situation."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpadvisor.api import plan
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.model import Parameter, Plan, Step
from tests.planning.random_situations import searching, situations

KNOWLEDGE: Knowledge = load_knowledge()
HAIR = 1 + 1e-9
"""Sums of hours may differ from a budget by rounding, no more."""

ANY = st.one_of(situations(), situations().map(searching))


def plan_of(values: dict[str, Any]) -> Plan:
    return plan(values, knowledge=KNOWLEDGE)


def facts_of(result: Plan) -> Facts:
    return Facts.of({name: stated.value for name, stated in result.situation.items()})


@settings(max_examples=70)
@given(ANY)
def test_a_plan_never_exceeds_the_budget(values: dict[str, Any]) -> None:
    result = plan_of(values)
    known = facts_of(result)
    for name in ("budget.hours", "budget.deadline"):
        hours = known.get(name)
        if hours is not None:
            assert sum(step.cost_hours or 0 for step in result.steps) <= hours * HAIR
    gpu_hours = known.get("budget.gpu_hours")
    if gpu_hours is not None:
        assert sum(step.gpu_hours or 0 for step in result.steps) <= gpu_hours * HAIR
    for limit in (known.get("budget.trainings"), known.get("budget.trainings_that_fit")):
        if limit is not None:
            assert sum(step.trainings for step in result.steps) <= limit * HAIR


@settings(max_examples=70)
@given(ANY)
def test_costs_are_known_where_the_time_of_a_training_is(values: dict[str, Any]) -> None:
    result = plan_of(values)
    known = facts_of(result).get("budget.hours_per_training") is not None
    for step in result.steps:
        assert (step.cost_hours is not None) == known
        assert (step.gpu_hours is not None) == known
    assert (result.cost_hours is not None) == (known or not result.steps)


def legal(value: Any, user: dict[str, Any]) -> bool:
    if "choices" in user:
        return value in user["choices"]
    low, high = user.get("low", float("-inf")), user.get("high", float("inf"))
    return not isinstance(value, int | float) or low <= value <= high


def named_values(parameter: Parameter) -> list[Any]:
    """Return every value that a parameter puts forward."""
    ends = [parameter.low, parameter.high, parameter.off, parameter.default]
    return [
        value
        for value in (*ends, *(parameter.choices or []), *(parameter.values or []))
        if value is not None
    ]


@settings(max_examples=120)
@given(ANY)
def test_a_plan_never_leaves_the_legal_values(values: dict[str, Any]) -> None:
    result = plan_of(values)
    own = {item["name"]: item for item in values.get("hyperparameters", [])}
    for step in result.steps:
        for parameter in step.parameters:
            user = own.get(parameter.name, {})
            bad = [value for value in named_values(parameter) if not legal(value, user)]
            assert not bad, parameter
        for name, value in step.baseline.items():
            assert legal(value, own.get(name, {})), (name, value)


@settings(max_examples=70)
@given(ANY)
def test_spaces_can_be_searched(values: dict[str, Any]) -> None:
    for step in plan_of(values).steps:
        names = [parameter.name for parameter in step.parameters]
        assert len(names) == len(set(names))
        for parameter in step.parameters:
            check_parameter(parameter)


def check_parameter(parameter: Parameter) -> None:
    if parameter.type == "categorical":
        assert parameter.choices
        assert parameter.default in parameter.choices
        assert parameter.low is None
        assert parameter.high is None
        return
    low, high, default = parameter.low, parameter.high, parameter.default
    assert low is not None
    assert high is not None
    assert low < high
    assert parameter.scale in ("log", "linear")
    assert parameter.scale != "log" or low > 0
    assert isinstance(default, int | float)
    assert low <= default <= high or default == parameter.off
    for value in parameter.values or []:
        assert isinstance(value, int | float)
        slack = 1e-3 * high
        inside = low - slack <= value <= high + slack
        assert inside or value == parameter.off or value == parameter.values[0]  # type: ignore[index]
    if parameter.type == "int":
        assert float(low).is_integer()
        assert float(high).is_integer()
        assert isinstance(default, int)


@settings(max_examples=70)
@given(ANY)
def test_the_numbers_of_the_steps_agree(values: dict[str, Any]) -> None:
    result = plan_of(values)
    known = facts_of(result)
    parallel = known.get("budget.parallel", 1)
    assert result.trainings == pytest.approx(sum(step.trainings for step in result.steps))
    if result.cost_hours is not None:
        total = sum(step.cost_hours or 0 for step in result.steps)
        assert result.cost_hours == pytest.approx(total)
    for step in result.steps:
        check_step(step, parallel, longest_trial(result, known))


def longest_trial(result: Plan, known: Facts) -> float:
    """Return the cost of the longest trial, in trainings of today: epochs may be searched."""
    for step in result.search_steps:
        for parameter in step.parameters:
            if parameter.role == "epochs":
                numbers = [*(parameter.choices or []), parameter.high]
                longest = max(value for value in numbers if isinstance(value, int | float))
                today = float(known.get("training.epochs", parameter.default))
                return max(longest / today, 1) if today else 1
    return 1


def check_step(step: Step, parallel: int, longest: float) -> None:
    assert 1 <= step.parallel <= max(parallel, 1)
    assert step.trainings >= 0
    if step.cost_hours is not None and step.cost_hours_unpruned is not None:
        assert step.cost_hours <= step.cost_hours_unpruned * HAIR
    if step.kind == "fix":
        return
    assert step.trials >= 1
    assert step.parallel <= step.trials * step.seeds
    unpruned = step.trials * step.seeds * longest
    if step.pruner.get("name", "none") == "none":
        assert step.trainings == pytest.approx(unpruned, abs=1e-3)
    else:
        assert step.trainings <= unpruned + 1e-3
    if step.kind == "search":
        check_search(step)


def check_search(step: Step) -> None:
    assert step.parameters
    assert step.why
    if step.strategy in ("manual", "grid"):
        assert [parameter.values is not None for parameter in step.parameters] == [True]
    listed = any(parameter.values is not None for parameter in step.parameters)
    chance = None if listed else pytest.approx(1 - 0.95**step.trials)
    assert step.top5_chance == chance
    assert int(step.sampler.get("startup_trials", 0)) <= step.trials
    assert not step.baseline or set(step.baseline) == {p.name for p in step.parameters}
    assert all(value is not None for value in step.baseline.values())
    for parameter in step.parameters:
        if parameter.type == "int" and step.baseline:
            assert isinstance(step.baseline[parameter.name], int)
        if parameter.values is not None:
            assert len(parameter.values) == step.trials


@settings(max_examples=50)
@given(ANY)
def test_the_same_situation_gives_the_same_plan(values: dict[str, Any]) -> None:
    assert plan_of(values).model_dump_json() == plan_of(values).model_dump_json()


SCHEMA = jsonschema.Draft202012Validator(Plan.model_json_schema())


@settings(max_examples=50)
@given(ANY)
def test_a_plan_is_json_by_its_schema_and_comes_back_the_same(values: dict[str, Any]) -> None:
    result = plan_of(values)
    document = json.loads(json.dumps(json.loads(result.model_dump_json()), allow_nan=False))
    SCHEMA.validate(document)
    assert Plan.model_validate(document) == result


def scaled(values: dict[str, Any], factor: float) -> dict[str, Any]:
    """Return a situation with that many times the budget."""
    budget = dict(values["budget"])
    for name in ("hours", "gpu_hours", "deadline", "trainings"):
        if name in budget:
            budget[name] = budget[name] * factor
    return values | {"budget": budget}


@settings(max_examples=120)
@given(ANY, st.sampled_from([1.05, 1.5, 2.0, 4.0, 10.0]))
def test_more_budget_never_yields_fewer_trainings(values: dict[str, Any], factor: float) -> None:
    less, more = plan_of(values), plan_of(scaled(values, factor))
    assert more.trainings >= less.trainings - 1e-6


@settings(max_examples=50)
@given(ANY)
def test_every_line_can_answer_why(values: dict[str, Any]) -> None:
    result = plan_of(values)
    whys = [*result.reasons, *result.interactions, *result.pitfalls, *result.advice]
    whys += [why for step in result.steps for why in step.why]
    for why in whys:
        entry = KNOWLEDGE.find(why.rule)
        assert entry is not None
        assert why.sources
        assert why.message
    ranges = [rule for step in result.steps for p in step.parameters for rule in p.rules]
    assert all(KNOWLEDGE.find(rule) is not None for rule in ranges)
    if result.verdict != "tune":
        assert result.reasons


@settings(max_examples=40)
@given(ANY)
def test_what_is_unknown_was_not_said(values: dict[str, Any]) -> None:
    result = plan_of(values)
    for item in result.unknown:
        assert item.fact not in result.situation
        assert item.question
        assert item.would_decide
