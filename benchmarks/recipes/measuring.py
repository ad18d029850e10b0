"""Asks for a plan without the values of a recipe, and holds its range against them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import hpadvisor
from benchmarks.recipes.recipe import Recipe
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter

BUDGET = 40
"""Trainings of the plan that is asked for: enough that any hyperparameter can be searched."""
NEAR = 3.0
"""A start within this factor of the published rate is a good one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a plan says of one value of one recipe.

    Attributes:
        recipe: The recipe.
        name: Canonical hyperparameter.
        published: What was used.
        inside: Whether the range holds it; None where no range was given.
        decades: Width of the range in decades; None for choices, linear ranges and no range.
        factor: How far the start is from the published value, 1 for equal; None where either is 0.
    """

    recipe: Recipe
    name: str
    published: float
    inside: bool | None
    decades: float | None = None
    factor: float | None = None


def ask(recipe: Recipe) -> list[Answer]:
    """Return what is said of each value of a recipe."""
    return [_answer(recipe, name, value) for name, value in recipe.values.items()]


def _answer(recipe: Recipe, name: str, value: float) -> Answer:
    parameter = _parameter(recipe, name)
    if parameter is None:
        return Answer(recipe, name, value, None)
    low, high = bounds(parameter)
    return Answer(
        recipe, name, value, holds(parameter, value),
        math.log10(high / low) if parameter.scale == "log" and low > 0 else None,
        _factor(start_of(parameter), value),
    )  # fmt: skip


def _parameter(recipe: Recipe, name: str) -> Parameter | None:
    """Return the dimension that a plan would search for one hyperparameter."""
    situation: dict[str, Any] = {
        "budget": {"trainings": BUDGET},
        "task": {"acceptable": False},
        "search": {"tune": [name]},
    }
    for path, fact in recipe.facts.items():
        section, key = path.split(".")
        situation.setdefault(section, {})[key] = fact
    try:
        plan = hpadvisor.plan(situation)
    except UserError:
        return None
    found = [p for step in plan.steps for p in step.parameters if (p.role or p.name) == name]
    return found[0] if found else None


def bounds(parameter: Parameter) -> tuple[float, float]:
    """Return the lowest and the highest number of a parameter; (nan, nan) where it has none."""
    if parameter.choices is not None:
        numbers = [float(c) for c in parameter.choices if isinstance(c, int | float)]
        return (min(numbers), max(numbers)) if numbers else (math.nan, math.nan)
    low = math.nan if parameter.low is None else parameter.low
    return low, math.nan if parameter.high is None else parameter.high


def holds(parameter: Parameter, value: float) -> bool:
    """Whether a range holds a value, or says to switch off what the recipe has off."""
    low, high = bounds(parameter)
    slack = 1e-6 * abs(value)
    return low - slack <= value <= high + slack or value == parameter.off


def start_of(parameter: Parameter) -> float | None:
    """Return where a search would start, as a number."""
    start = parameter.recommended if parameter.recommended is not None else parameter.default
    return None if isinstance(start, bool | str) or start is None else float(start)


def _factor(start: float | None, value: float) -> float | None:
    if start is None or start <= 0 or value <= 0:
        return None
    return max(start / value, value / start)
