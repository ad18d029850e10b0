"""Searches that name their very values: a few by hand, or a grid over one number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from hpadvisor.engine.entries import Strategy
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.derived import top5_chance
from hpadvisor.planning.budget import Budget
from hpadvisor.planning.model import Parameter, Scalar, Step
from hpadvisor.planning.space import HALF_DECADE
from hpadvisor.planning.steps import StrategyName

LEAST_STEP = 10**0.25
"""Neighbours of a log grid are a quarter of a decade apart or more: two of them bracket half a
decade, and scores of single seeds hardly tell closer ones apart."""


def rate_values(parameter: Parameter, count: int, present: Any) -> list[Scalar]:
    """Return the values of a search over one number: the start first, the others around it.

    Up to three: half a decade to each side, so that the two are one decade apart. More: a log (or
    linear) grid over the range, on a log scale in steps that scores can tell apart, so that there
    may be fewer values than asked for.
    """
    start = present if isinstance(present, int | float) else parameter.default
    low, high = parameter.low, parameter.high
    if not isinstance(start, int | float) or low is None or high is None:
        return list((parameter.choices or [])[:count])
    if count <= 3 and parameter.scale == "log" and start > 0:
        # Where one side is outside, the other goes a full decade.
        around = [start * HALF_DECADE, start / HALF_DECADE, start * 10, start / 10]
        sides = [value for value in around if low <= value <= high] or [low, high]
        return _distinct([start, *sides], parameter)[:count]
    most = count
    if parameter.scale == "log":
        most = 1 + math.floor(math.log(high / low) / math.log(LEAST_STEP) + 1e-9)
    grid = _grid(low, high, parameter.scale, min(count - 1, most))
    values = _distinct([start, *grid], parameter)
    if len(values) < count <= most:  # the start is an end: one more point fits between
        values = _distinct([start, *_grid(low, high, parameter.scale, count)], parameter)
    return values[:count]


def _grid(low: float, high: float, scale: str | None, count: int) -> list[float]:
    if count < 1:
        return []
    if count == 1:
        return [math.sqrt(low * high) if scale == "log" else (low + high) / 2]
    shares = [index / (count - 1) for index in range(count)]
    if scale == "log":
        return [low * (high / low) ** share for share in shares]
    return [low + (high - low) * share for share in shares]


def _distinct(values: Sequence[float], parameter: Parameter) -> list[Scalar]:
    """Round to three digits (never past a bound), drop what is there already."""
    kept: list[Scalar] = []
    for index, value in enumerate(values):
        rounded = value if index == 0 else float(f"{value:.3g}")
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
) -> Step:
    """Return a search that names its very values: a manual one, or a grid over one number."""
    count = budget.slots
    if parameter.choices is not None:
        values = _choices_first(parameter, count)
    else:
        values = rate_values(parameter, count, baseline.get(parameter.name))
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
        top5_chance=top5_chance(trials),
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
