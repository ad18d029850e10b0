"""Searches that name their very values: a few by hand, or a grid over one number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from hpadvisor.engine.entries import Strategy
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.budget import Budget
from hpadvisor.planning.model import Parameter, Scalar, Step
from hpadvisor.planning.space import HALF_DECADE
from hpadvisor.planning.steps import StrategyName

LEAST_STEP = 1.95
"""Neighbours on a log scale are this factor apart or more (with rounding never below 1.8): scores
of single seeds hardly tell closer ones apart."""


def rate_values(
    parameter: Parameter, count: int, present: Any, *, known: bool = False
) -> list[Scalar]:
    """Return the values of a search over one number: the start first, then outwards around it.

    On a log scale the values lie around the start in equal factors, on both sides in turn, and no
    nearer to each other than scores can tell; so there may be fewer values than asked for. On a
    linear scale they are a grid over the range.

    Args:
        parameter: The range.
        count: Trainings that may be run.
        present: Today's value; None where it is not known.
        known: Its score is known, so it is not trained again.
    """
    start = present if isinstance(present, int | float) else parameter.default
    low, high = parameter.low, parameter.high
    if not isinstance(start, int | float) or low is None or high is None:
        return list((parameter.choices or [])[:count])
    if parameter.scale != "log" or start <= 0:
        values = _distinct([start, *_grid(low, high, count if known else count - 1)], parameter)
        return values[1:] if known else values[:count]
    outside = not low <= start <= high
    anchor = _anchor(parameter, low, high) if outside else float(start)
    first = [] if known else [start]
    if outside:
        first = [*first, anchor]
    around = _around(anchor, low, high, max(count - len(first), 0))
    if known and not outside:
        return _distinct([start, *around], parameter)[1:][:count]
    return _distinct([*first, *around], parameter)[:count]


def _anchor(parameter: Parameter, low: float, high: float) -> float:
    """Return the value of a range that a search goes around where today's lies outside."""
    recommended = parameter.recommended
    if isinstance(recommended, int | float) and not isinstance(recommended, bool):
        return float(min(max(recommended, low), high))
    return math.sqrt(low * high)


def _around(anchor: float, low: float, high: float, count: int) -> list[float]:
    """Return up to so many values above and below, in turn; one side goes on where the other ends.

    The steps shrink from half a decade with the number of values, so that they fill the range.
    """
    if count < 1:
        return []
    step = min(max((high / low) ** (1 / count), LEAST_STEP), HALF_DECADE)
    above, below = anchor * step, anchor / step
    # An end that is nearer than a step, and yet far enough to be told apart, is a value too.
    above = high if above > high * 1.001 and high >= anchor * LEAST_STEP else above
    below = low if below < low * 0.999 and low <= anchor / LEAST_STEP else below
    values: list[float] = []
    upwards = True
    while len(values) < count and (above <= high * 1.001 or below >= low * 0.999):
        if upwards and above <= high * 1.001:
            values.append(above)
            above *= step
        elif not upwards and below >= low * 0.999:
            values.append(below)
            below /= step
        upwards = not upwards
    return values


def _grid(low: float, high: float, count: int) -> list[float]:
    if count < 1:
        return []
    if count == 1:
        return [(low + high) / 2]
    return [low + (high - low) * index / (count - 1) for index in range(count)]


def _distinct(values: Sequence[float], parameter: Parameter) -> list[Scalar]:
    """Round (never past a bound), drop what is there already."""
    kept: list[Scalar] = []
    for index, value in enumerate(values):
        rounded = value if index == 0 else float(f"{value:.2g}")
        if parameter.low is not None and parameter.high is not None and index:
            rounded = min(max(rounded, parameter.low), parameter.high)
        final: Scalar = round(rounded) if parameter.type == "int" else rounded
        if final not in kept:
            kept.append(final)
    return kept


def listed_step(
    strategy: Strategy,
    parameter: Parameter,
    budget: Budget,
    facts: Facts,
    baseline: dict[str, Any],
    *,
    known: bool = False,
) -> Step:
    """Return a search that names its very values: a manual one, or a grid over one number.

    Args:
        strategy: Says how the search is called.
        parameter: What is searched.
        budget: What is left.
        facts: For the epochs of a training.
        baseline: Today's values.
        known: Their score is known, so that they are not trained again.
    """
    count = budget.slots
    if parameter.choices is not None:
        values = _choices_first(parameter, count)
        values = [v for v in values if not known or v != baseline.get(parameter.name)]
    else:
        values = rate_values(parameter, count, baseline.get(parameter.name), known=known)
    listed = parameter.model_copy(update={"values": values})
    trials = max(len(values), 1)
    left = count - trials if parameter.choices is None else 0
    word = "by hand" if strategy.strategy == "manual" else "on a grid"
    return Step(
        name=f"Search {parameter.name} {word}",
        purpose=_purpose(parameter.name, left),
        kind="search",
        parameters=[listed],
        strategy=cast("StrategyName", strategy.strategy),
        sampler=dict(strategy.sampler) or {"name": strategy.strategy},
        pruner={"name": "none"},
        trials=trials,
        trainings=trials,
        epochs_per_trial=facts.get("training.epochs"),
        parallel=min(budget.parallel, trials),
        cost_hours=budget.hours(trials),
        cost_hours_unpruned=budget.hours(trials),
        gpu_hours=budget.gpu_hours(trials),
        baseline=baseline,
        baseline_known=known,
    )


def _purpose(name: str, left: int) -> str:
    text = f"Find the right value of {name} before anything else is touched."
    if left <= 0:
        return text
    kept = "One training is" if left == 1 else f"{left} trainings are"
    return (
        f"{text} {kept} kept for afterwards: between the best and its better neighbour, or beyond "
        "the end at which the best lies."
    )


def _choices_first(parameter: Parameter, count: int) -> list[Scalar]:
    choices = list(parameter.choices or [])
    if parameter.default in choices:
        choices.remove(parameter.default)
        choices.insert(0, parameter.default)
    return choices[:count]
