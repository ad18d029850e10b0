"""The search space: what Optuna is asked for, and what the user's function gets."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import cast

import optuna

from hpadvisor.search.plan import Dimension, Params, Scalar

Space = Sequence[Dimension]


def suggest(space: Space, trial: optuna.trial.BaseTrial) -> Params:
    """Suggest a configuration: every parameter, but those opened after a trial was put together.

    A trial that was given its values before (``given``) keeps for others what they were held at.
    """
    values: Params = {}
    given = trial.user_attrs.get("given")
    with warnings.catch_warnings():
        # The baseline may lie outside the range; it runs with its own values all the same.
        warnings.filterwarnings("ignore", message="Fixed parameter")
        for item in space:
            name, log = item["name"], item.get("scale") == "log"
            if given and "held" in item and name not in given:
                continue
            if item["type"] == "categorical":
                values[name] = trial.suggest_categorical(name, item["choices"])
            elif item["type"] == "int":
                values[name] = trial.suggest_int(name, item["low"], item["high"], log=log)
            else:
                values[name] = trial.suggest_float(name, item["low"], item["high"], log=log)
            if "switch" in item:
                values[item["switch"]] = trial.suggest_categorical(item["switch"], [True, False])
    return configuration(space, values, trial.user_attrs)


def suggest_one(trial: optuna.trial.BaseTrial, item: Dimension) -> Scalar:
    """Suggest one hyperparameter, its switch first; switched off, its range is not asked for."""
    name, log = item["name"], item.get("scale") == "log"
    if "switch" in item and not trial.suggest_categorical(item["switch"], [True, False]):
        off: Scalar = item["off"]
        return off
    if item["type"] == "categorical":
        choices: list[Scalar] = item["choices"]  # Optuna's types would have None among them
        return cast("Scalar", trial.suggest_categorical(name, choices))
    if item["type"] == "int":
        return int(trial.suggest_int(name, item["low"], item["high"], log=log))
    return float(trial.suggest_float(name, item["low"], item["high"], log=log))


def configuration(space: Space, values: Params, user_attrs: Params) -> Params:
    """Turn suggested values into what the function gets: switches become the off value.

    Args:
        space: The dimensions.
        values: What Optuna suggested, switches included; without those opened later.
        user_attrs: The trial's attributes; ``exact`` holds values that the space cannot.
    """
    exact = user_attrs.get("exact", {})
    params = {}
    for item in space:
        name = item["name"]
        if "held" in item and name not in values:
            params[name] = item["held"]
            continue
        off = "switch" in item and not values[item["switch"]]
        params[name] = item["off"] if off else values[name]
    return {**params, **exact}


def split(space: Space, point: Params) -> tuple[Params, Params]:
    """Split a configuration into values that Optuna can hold, and the exact others."""
    fixed: Params = {}
    exact: Params = {}
    for item in space:
        name = item["name"]
        value = point[name] if name in point or "held" not in item else item["held"]
        if "switch" in item:
            fixed[item["switch"]] = value != item["off"]
        if item["type"] == "categorical":
            held = value in item["choices"]
            fixed[name] = value if held else item["choices"][0]
        elif "switch" in item and value == item["off"]:
            fixed[name], held = decode(item, 0.5), True
        else:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            held = number and (item["scale"] != "log" or value > 0)
            held = held and (item["type"] != "int" or value == round(value))
            fixed[name] = value if held else decode(item, 0.5)
            if held and item["type"] == "int":
                fixed[name] = round(value)
        if not held:
            exact[name] = value
    return fixed, exact


def distributions(space: Space) -> dict[str, optuna.distributions.BaseDistribution]:
    """Return the space as Optuna has it, switches included."""
    point = optuna.trial.FixedTrial(split(space, {d["name"]: decode(d, 0.5) for d in space})[0])
    suggest(space, point)
    return point.distributions


def decode(item: Dimension, share: float) -> Scalar:
    """Return the value at a share (0 to 1) of a dimension's scale."""
    if item["type"] == "categorical":
        choices: list[Scalar] = item["choices"]
        return choices[min(int(share * len(choices)), len(choices) - 1)]
    low, high = item["low"], item["high"]
    value = low * (high / low) ** share if item["scale"] == "log" else low + (high - low) * share
    value = float(min(max(value, low), high))
    return round(value) if item["type"] == "int" else value


def share_of(item: Dimension, value: float) -> float:
    """Return where a number lies on a dimension's scale, 0 to 1."""
    low, high = item["low"], item["high"]
    if item["scale"] == "log":
        low, high, value = math.log(low), math.log(high), math.log(max(value, low))
    return float(min(max((value - low) / ((high - low) or 1), 0), 1))
