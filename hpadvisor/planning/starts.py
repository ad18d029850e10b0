"""Where a search starts: today's values, and the configuration that the rules recommend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.model import Situation
from hpadvisor.planning.model import Parameter
from hpadvisor.planning.space import HALF_DECADE, Space, present_value
from hpadvisor.planning.values import is_number_for

NOT_SAID_IS_OFF = frozenset({
    "label_smoothing", "augmentation", "mixup", "stochastic_depth", "ema_decay", "spec_augment",
})  # fmt: skip
"""Who uses these says so; today's training is taken to be without them."""
FAR = 0.25
"""Share of a linear range from which two values count as different."""


def baseline_of(
    chosen: list[str], space: Space, situation: Situation, facts: Facts
) -> dict[str, Any]:
    """Return the first trial: today's values where they are known, else the defaults."""
    values: dict[str, Any] = {}
    own = {item.name: item for item in situation.hyperparameters or []}
    for name in chosen:
        parameter = space.parameters[name]
        present = present_value(name, own.get(parameter.name), facts)
        if parameter.choices is not None:
            fits = present in parameter.choices
        else:
            fits = is_number_for(parameter, present)
        present = present if fits else None
        value = _unsaid(parameter) if present is None else present
        if parameter.type == "int" and isinstance(value, float) and value.is_integer():
            value = int(value)
        values[parameter.name] = value
    return values


def _unsaid(parameter: Parameter) -> Any:
    """Return the value that a first trial has where nobody said today's."""
    if parameter.role not in NOT_SAID_IS_OFF:
        return parameter.default
    choices = parameter.choices
    if choices is not None:
        return 0 if 0 in choices else parameter.default
    return parameter.off if parameter.off is not None else parameter.low


def is_known(chosen: list[str], situation: Situation, facts: Facts) -> bool:
    """Whether today's configuration has a score already: it and its searched values are told.

    After a fix the configuration is another one, so its score is not known.
    """
    own = {item.role or item.name: item for item in situation.hyperparameters or []}
    if facts.get("task.current") is None:
        return False
    for name in chosen:
        fact = facts.fact(f"training.{name}")
        listed = name in own and own[name].default is not None
        if fact is not None and fact.source.startswith("after the fix"):
            return False
        if fact is None and not listed:
            return False
    return True


def recommended_starts(
    parameters: Sequence[Parameter], baseline: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the recommended configuration, where it is not the baseline over again.

    A user's default may be far from what is known to work; one trial challenges it at once. Where
    all recommended values are close to the baseline's, that trial is better spent elsewhere.
    """
    point = {
        item.name: baseline[item.name] if item.recommended is None else item.recommended
        for item in parameters
    }
    far = any(_far(item, baseline[item.name], point[item.name]) for item in parameters)
    return [point] if far else []


def _far(parameter: Parameter, one: Any, other: Any) -> bool:
    """Whether two values differ by more than a half decade, or a quarter of a linear range."""
    low, high = parameter.low, parameter.high
    if parameter.choices is not None or low is None or high is None:
        return bool(one != other)
    if not is_number_for(parameter, one) or not is_number_for(parameter, other):
        return bool(one != other)
    if parameter.scale == "log":
        if min(one, other) <= 0:
            return bool(one != other)
        return abs(math.log(one / other)) >= math.log(HALF_DECADE) - 1e-9
    return bool(abs(one - other) >= FAR * (high - low))
