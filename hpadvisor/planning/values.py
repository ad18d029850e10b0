"""Single values of a hyperparameter: what is legal, what is recommended, what a number is."""

from __future__ import annotations

import math
from typing import Any

from hpadvisor.facts.situation.model import UserHyperparameter
from hpadvisor.planning.model import Parameter


def accepts(user: UserHyperparameter, value: Any) -> bool:
    """Whether a value is among those that the user's code accepts."""
    if user.choices is not None:
        return value in user.choices
    if not isinstance(value, int | float):
        return True
    return (user.low is None or value >= user.low) and (user.high is None or value <= user.high)


def is_number_for(parameter: Parameter, value: Any) -> bool:
    """Whether a value is a number that the parameter can take: a whole one, where it counts."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return parameter.type != "int" or float(value).is_integer()


def legal_beyond(
    parameter: Parameter, user: UserHyperparameter | None
) -> tuple[float, float] | None:
    """Return the user's bounds where they reach beyond a range of numbers; None elsewhere."""
    low, high = parameter.low, parameter.high
    if user is None or low is None or high is None:
        return None
    legal_low = low if user.low is None else min(low, user.low)
    legal_high = high if user.high is None else max(high, user.high)
    if parameter.scale == "log" and legal_low <= 0:
        legal_low = low
    if parameter.type == "int":
        legal_low, legal_high = math.ceil(legal_low - 1e-9), math.floor(legal_high + 1e-9)
    return None if (legal_low, legal_high) == (low, high) else (legal_low, legal_high)


def recommended_value(parameter: Parameter, default: Any) -> Any:
    """Return a range's own default, cut to what is searched; None where it does not fit."""
    low, high = parameter.low, parameter.high
    if parameter.choices is not None or default == parameter.off:
        fits = default in parameter.choices if parameter.choices else default is not None
        return default if fits else None
    if low is None or high is None or not is_number_for(parameter, default):
        return None
    clipped = min(max(default, low), high)
    return round(clipped) if parameter.type == "int" else clipped
