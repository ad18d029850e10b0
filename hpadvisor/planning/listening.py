"""Ranges that listen: to today's value, to what is wrong with it, and to the size of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hpadvisor.engine.entries import Hyperparameter
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.model import Parameter

TOLD_RATE = "told.learning_rate"
"""Fact that keeps the rate that the user told, where a fix has put another in its place."""
BELOW_DIVERGED = 2.0
"""A range ends at the rate that diverged divided by this."""
SIDE = math.sqrt(10)
"""A range reaches this factor to each side of a usual rate that nothing speaks against."""
BEYOND = 30.0
"""A range reaches this factor beyond a rate that is known to be wrong, on the side to go."""
FAR_OFF = 10.0
"""A rate that is too high by more than this factor is no end of a range: the usual one is."""
NEAR = math.sqrt(10)
"""Today's value within this factor of a range is taken into it: its ends are no sharper."""
TRAINS = 30.0
"""The same where that value is known to train: it has a score, or curves that blame another."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What listening changed.

    Attributes:
        start: Where to start; None where nothing says so.
        refuted: Whether today's value is known to fail, so that no range is stretched to it.
        below: Where a range must end, because today's value is too high; None where it is not.
    """

    start: float | None = None
    refuted: bool = False
    below: float | None = None


def listen(
    parameter: Parameter, present: object, facts: Facts, vocabulary: Hyperparameter | None
) -> Heard:
    """Move a range by what is known of this training, before the user's legal bounds cut it.

    Args:
        parameter: The advised range; changed in place.
        present: Today's value.
        facts: Symptoms, the rate as told, the number of examples.
        vocabulary: The least and the greatest value that make sense.

    Returns:
        Where the search should start, where a symptom says so, and whether today's value fails.
    """
    if parameter.choices is not None:
        _with_today(parameter, present)
        return Heard()
    if parameter.low is None or parameter.high is None:
        return Heard()
    if parameter.role == "batch_size":
        _within_examples(parameter, facts)
    if parameter.role == "epochs" and _positive(present):
        _near_today(parameter, float(present))  # type: ignore[arg-type]
    told = facts.get(TOLD_RATE, present)
    if parameter.role != "learning_rate" or parameter.scale != "log" or not _positive(told):
        return Heard()
    heard = _by_symptom(parameter, float(told), facts)
    if vocabulary is not None:
        _make_sense(parameter, vocabulary)
    return heard


def _with_today(parameter: Parameter, present: object) -> None:
    """Put today's number among listed ones: the first trial is what the user has."""
    choices = parameter.choices or []
    numbers = all(_positive(choice) for choice in choices)
    if numbers and _positive(present) and present not in choices:
        parameter.choices = sorted([*choices, present])  # type: ignore[list-item]


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _by_symptom(parameter: Parameter, told: float, facts: Facts) -> Heard:
    symptoms = set(facts.get("symptoms", ()))
    low, high = float(parameter.low or 0), float(parameter.high or 0)
    if "diverged" in symptoms:
        _set(parameter, min(low, told / BEYOND), min(high, told / BELOW_DIVERGED))
        return Heard(refuted=True, below=told / BELOW_DIVERGED)
    if symptoms & {"learning_rate_too_high", "unstable"}:
        top = told if told <= high * FAR_OFF else high * SIDE
        _set(parameter, min(low, told / BEYOND), top)
        return Heard(min(told / SIDE, top), below=top)
    if "learning_rate_too_low" in symptoms:
        _set(parameter, told, max(high, told * BEYOND))
        return Heard(told * SIDE)
    near = _nearness(symptoms, facts)
    if low <= told <= high:
        _set(parameter, min(low, told / SIDE), max(high, told * SIDE))
    elif low / near <= told <= high * near:  # beyond what is usual: up to it, and no further
        _set(parameter, min(low, told), max(high, told))
    return Heard()


def _nearness(symptoms: set[str], facts: Facts) -> float:
    """Return how far beyond a range today's rate may lie and still be taken into it.

    A network from scratch that trains at an odd rate shows that its range is an odd one; weights
    that were pretrained train at rates that destroy what they know, so for them it shows nothing.
    """
    trains = ("task.current" in facts or bool(symptoms)) and "not_learning" not in symptoms
    return TRAINS if trains and facts.get("model.pretrained") is not True else NEAR


def _set(parameter: Parameter, low: float, high: float) -> None:
    """Take new ends, rounded to three digits and never across each other."""
    if low < high:
        parameter.low, parameter.high = float(f"{low:.3g}"), float(f"{high:.3g}")


def _within_examples(parameter: Parameter, facts: Facts) -> None:
    """A batch holds no more examples than there are."""
    examples = facts.get("data.train_examples")
    if not _positive(examples):
        return
    high = min(float(parameter.high or 0), float(int(examples)))
    low = min(float(parameter.low or 0), max(1.0, high // 4))
    if low < high:
        parameter.low, parameter.high = low, high
    if isinstance(parameter.default, int | float):
        parameter.default = round(min(max(parameter.default, low), high))


def _near_today(parameter: Parameter, present: float) -> None:
    """Longer trainings are paid for: a range ends at twice today's epochs."""
    low, high = float(parameter.low or 0), float(parameter.high or 0)
    low, high = min(max(low, round(present / 2)), present), min(max(high, present), 2 * present)
    if low < high:
        parameter.low, parameter.high = max(low, 1.0), float(round(high))


def _make_sense(parameter: Parameter, vocabulary: Hyperparameter) -> None:
    low, high = float(parameter.low or 0), float(parameter.high or 0)
    if vocabulary.minimum is not None:
        low = max(low, vocabulary.minimum)
    if vocabulary.maximum is not None:
        high = min(high, vocabulary.maximum)
    if low < high:
        parameter.low, parameter.high = low, high
