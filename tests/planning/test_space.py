"""Spaces: the ranges of the rules, cut to what the user's code accepts."""

from __future__ import annotations

from typing import Any

import pytest

from hpadvisor.engine.conditions import ALWAYS
from hpadvisor.engine.entries import Hyperparameter, Range
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.registry import FactRegistry
from hpadvisor.facts.situation.model import Situation
from hpadvisor.planning.model import Parameter
from hpadvisor.planning.space import Space, build_space

COMMON: dict[str, Any] = {"title": "", "path": "", "line": 1}


def knowledge_of(*ranges: Range, kind: str = "float") -> Knowledge:
    item = Hyperparameter(
        id="x", kind="hyperparameters", type=kind, group="optimization", **COMMON
    )
    return Knowledge(FactRegistry(), hyperparameters=[item], ranges=list(ranges))


def range_of(range_id: str = "RNG001", **values: Any) -> Range:
    usual = {"low": 1e-4, "high": 1e-2, "scale": "log", "default": 1e-3, "evidence": "P"}
    return Range(
        id=range_id, kind="ranges", hyperparameter="x", condition=ALWAYS,
        **COMMON | usual | values,
    )  # fmt: skip


def space_of(
    ranges: list[Range],
    user: dict[str, Any] | None = None,
    present: Any = None,
    kind: str = "float",
) -> Space:
    own = [] if user is None else [{"name": "mine", "role": "x"} | user]
    situation = Situation.model_validate({"hyperparameters": own or None})
    facts = Facts()
    facts.put("training.x", present, "said")
    return build_space(["x"], situation, facts, knowledge_of(*ranges, kind=kind))


def parameter_of(
    user: dict[str, Any] | None = None,
    present: Any = None,
    kind: str = "float",
    **values: Any,
) -> Parameter:
    return space_of([range_of(**values)], user, present, kind).parameters["x"]


def ends(parameter: Parameter) -> tuple[float | None, float | None]:
    return parameter.low, parameter.high


def test_without_legal_values_the_advice_stands() -> None:
    parameter = parameter_of()
    assert ends(parameter) == (1e-4, 1e-2)
    assert (parameter.name, parameter.scale, parameter.default) == ("x", "log", 1e-3)
    assert parameter.rules == ["RNG001"]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"low": 1e-5, "high": 1.0}, (1e-4, 1e-2)),
        ({"low": 5e-4}, (5e-4, 1e-2)),
        ({"high": 5e-3}, (1e-4, 5e-3)),
        ({"low": 5e-4, "high": 5e-3}, (5e-4, 5e-3)),
        ({}, (1e-4, 1e-2)),
    ],
)
def test_the_advice_is_cut_to_legal_values(
    user: dict[str, Any], expected: tuple[float, float]
) -> None:
    parameter = parameter_of(user)
    assert ends(parameter) == expected
    assert parameter.name == "mine"


def test_the_default_moves_into_the_legal_values() -> None:
    assert parameter_of({"low": 5e-3}).default == 5e-3


def test_legal_values_outside_the_advice_are_searched_and_warned_of() -> None:
    space = space_of([range_of()], {"low": 0.1, "high": 1.0})
    assert ends(space.parameters["x"]) == (0.1, 1.0)
    assert "lie outside the usual 1e-4 to 0.01; yours are searched" in space.warnings["x"][0]


def test_a_log_scale_never_starts_at_zero() -> None:
    parameter = parameter_of({"low": 0.0, "high": 5e-5})
    assert parameter.scale == "log"
    assert parameter.low is not None
    assert parameter.low > 0


def test_a_linear_wish_for_a_log_range_is_talked_out_of() -> None:
    space = space_of([range_of()], {"low": 1e-4, "high": 1e-2, "scale": "linear"})
    assert space.parameters["x"].scale == "log"
    assert "searched on a log scale" in space.warnings["x"][0]


@pytest.mark.parametrize(
    ("low", "off"), [(0.0, 0.0), (1e-6, None)], ids=["accepts-off", "refuses-off"]
)
def test_off_is_kept_where_it_is_legal(low: float, off: float | None) -> None:
    assert parameter_of({"low": low, "high": 1.0}, off=0.0).off == off


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ([1e-4, 1e-3, 1.0], [1e-4, 1e-3]),
        ([0.5, 1.0], [0.5, 1.0]),
        ([1e-3, 1.0], [1e-3, 1.0]),
        ([1e-4, 1e-3, 1e-2], [1e-4, 1e-3, 1e-2]),
    ],
)
def test_choices_are_those_inside_the_range_if_two_are(
    choices: list[float], expected: list[float]
) -> None:
    parameter = parameter_of({"choices": choices})
    assert parameter.type == "categorical"
    assert parameter.choices == expected


def test_todays_choice_stays_though_outside() -> None:
    parameter = parameter_of({"choices": [1e-4, 1e-3, 1.0], "default": 1.0}, present=1.0)
    assert parameter.choices == [1e-4, 1e-3, 1.0]
    assert parameter.default == 1.0


def test_a_single_choice_is_no_dimension() -> None:
    assert space_of([range_of()], {"choices": [1e-3]}).parameters == {}


def test_whole_numbers_have_whole_ends() -> None:
    parameter = parameter_of({"low": 1.2, "high": 7.9}, kind="int", low=1, high=64, default=16)
    assert (parameter.low, parameter.high, parameter.default) == (2, 7, 7)
    assert isinstance(parameter.default, int)


def test_a_range_without_whole_numbers_is_no_dimension() -> None:
    assert not space_of(
        [range_of(low=1, high=64)], {"low": 2.1, "high": 2.9}, kind="int"
    ).parameters


def test_todays_value_is_the_start() -> None:
    assert parameter_of(present=5e-3).default == 5e-3


@pytest.mark.parametrize(("present", "expected"), [(2e-2, (1e-4, 2e-2)), (5e-5, (5e-5, 1e-2))])
def test_a_near_value_of_today_extends_a_log_range(
    present: float, expected: tuple[float, float]
) -> None:
    parameter = parameter_of(present=present)
    assert ends(parameter) == expected
    assert parameter.default == present


def test_a_far_value_of_today_is_warned_of_and_left_outside() -> None:
    space = space_of([range_of()], present=0.5)
    assert ends(space.parameters["x"]) == (1e-4, 1e-2)
    assert "the search goes on inside" in space.warnings["x"][0]


def test_a_value_of_today_that_the_code_refuses_is_not_used() -> None:
    space = space_of([range_of()], {"low": 1e-4, "high": 1e-2}, present=2e-2)
    assert ends(space.parameters["x"]) == (1e-4, 1e-2)
    assert space.parameters["x"].default == 1e-3
    assert "not among your legal values (1e-4 to 0.01)" in space.warnings["x"][0]


def test_today_off_stays_the_start() -> None:
    parameter = parameter_of(present=0, off=0.0)
    assert parameter.default == 0
    assert parameter.low == 1e-4


def test_equal_ranges_are_intersected() -> None:
    space = space_of([range_of("A", low=1e-4), range_of("B", low=5e-4, high=1e-1)])
    assert ends(space.parameters["x"]) == (5e-4, 1e-2)
    assert space.parameters["x"].rules == ["A", "B"]


def test_dissent_is_shown_and_the_better_evidence_taken() -> None:
    weak = range_of("A", low=0.1, high=1.0, default=0.1, evidence="F")
    strong = range_of("B", evidence="M")
    space = space_of([weak, strong])
    assert ends(space.parameters["x"]) == (1e-4, 1e-2)
    assert "B is taken, being better evidenced" in space.warnings["x"][0]


def test_own_names_without_advice_need_bounds() -> None:
    own = [
        {"name": "a"},
        {"name": "b", "low": 1e-4, "high": 1.0},
        {"name": "c", "low": 1, "high": 5},
        {"name": "d", "type": "int", "low": 1, "high": 9},
        {"name": "e", "choices": ["u", "v"]},
    ]
    situation = Situation.model_validate({"hyperparameters": own})
    space = build_space(list("abcde"), situation, Facts(), knowledge_of())
    assert sorted(space.parameters) == ["b", "c", "d", "e"]
    assert [space.parameters[name].scale for name in "bcd"] == ["log", "linear", "linear"]
    assert space.parameters["d"].type == "int"
    assert space.parameters["e"].choices == ["u", "v"]
    assert "no range is known; give it low and high, or choices" in space.warnings["a"][0]


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ({"low": 8, "high": 300, "default": 48}, "int"),  # the program counts today
        ({"low": 8, "high": 300, "default": 48.0}, "float"),
        ({"low": 0, "high": 9, "default": 0}, "float"),  # 0 is written of either
        ({"low": 0.5, "high": 300, "default": 48}, "float"),
        ({"low": 8, "high": 300}, "float"),
        ({"type": "float", "low": 8, "high": 300, "default": 48}, "float"),
    ],
)
def test_an_own_name_that_counts_today_is_searched_in_whole_numbers(
    own: dict[str, Any], kind: str
) -> None:
    situation = Situation.model_validate({"hyperparameters": [{"name": "mine", **own}]})
    space = build_space(["mine"], situation, Facts(), knowledge_of())
    assert space.parameters["mine"].type == kind


def test_a_role_that_counts_is_searched_in_whole_numbers_where_no_range_is_known() -> None:
    counted = space_of([], {"low": 8, "high": 300}, kind="int").parameters["x"]
    assert (counted.type, counted.default) == ("int", 154)
