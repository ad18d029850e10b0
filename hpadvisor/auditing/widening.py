"""The ranges of a search that should go on beyond their ends while it still runs."""

from __future__ import annotations

import math

from hpadvisor.auditing.model import NextParameter
from hpadvisor.auditing.next_space import beyond_of, ends_of, sides_of
from hpadvisor.facts.searches.review import Review
from hpadvisor.facts.searches.table import to_unit
from hpadvisor.readers.searches.record import Parameter, State, Trial

_OUTER = 0.1
_MOST_BAD = 0.5
_LEAST_GAIN = 0.02
"""Of the range: a step beyond an end that is shorter than that is none."""


def widened(found: Review) -> list[NextParameter]:
    """Return the ranges that go on beyond an end, none of them narrower than before.

    A range is widened where the scores rise towards its end, or where the best trial and most of
    the best third lie there; by half its length, on a log scale at most a decade; a
    linear low end above 0 is halved at most. It never leaves
    what the user and the role allow, nor goes half as far as a value beyond the end at which a
    training of this search has failed or diverged; where half of the trials at the very end did,
    it stays.
    """
    wider = [_wider(found, parameter) for parameter in found.study.parameters]
    return [item for item in wider if item is not None]


def _wider(found: Review, parameter: Parameter) -> NextParameter | None:
    sides = sides_of(found, parameter, wider=True)
    if not sides or parameter.low is None or parameter.high is None or parameter.levels:
        return None
    beyond = beyond_of(parameter)
    bad, good = _places(found, parameter, bad=True), _places(found, parameter, bad=False)
    steps = {
        side: min(beyond, _free(_from_end(bad, side), _from_end(good, side)))
        for side in ("low", "high")
        if side in sides
    }
    low, high = ends_of(parameter, -steps.get("low", 0.0), 1 + steps.get("high", 0.0))
    if parameter.scale != "log" and parameter.low > 0:
        low = max(low, parameter.low / 2)  # a share of columns of .3 is not taken to nearly none
    low, high = min(low, parameter.low), max(high, parameter.high)
    gained = max(-to_unit(parameter, low), to_unit(parameter, high) - 1)
    if math.isnan(gained) or gained < _LEAST_GAIN:
        return None
    return NextParameter(
        name=parameter.name, type="int" if parameter.type == "int" else "float", low=low,
        high=high, scale="log" if parameter.scale == "log" else "linear", change="extended",
        reason="the best trials lie at that end",
    )  # fmt: skip


def _places(found: Review, parameter: Parameter, *, bad: bool) -> list[float]:
    """Where trials that failed or diverged lie, or the others, in shares of the range."""
    values = [trial.params.get(parameter.name) for trial in found.study.trials
              if trial.state.is_end and _diverged(trial) is bad]  # fmt: skip
    places = [to_unit(parameter, float(v)) for v in values if isinstance(v, int | float)]
    return [place for place in places if not math.isnan(place)]


def _from_end(places: list[float], side: str) -> list[float]:
    """How far beyond an end places lie; below 0 inside."""
    return [place - 1 if side == "high" else -place for place in places]


def _free(bad: list[float], good: list[float]) -> float:
    """How far a range may go on, as far as trainings that failed or diverged tell."""
    beyond = min((place for place in bad if place > 1e-9), default=math.inf)
    failed = sum(-_OUTER <= place <= 1e-9 for place in bad)
    worked = sum(-_OUTER <= place <= 1e-9 for place in good)
    if failed > _MOST_BAD * (failed + worked):
        return 0.0
    return beyond / 2


def _diverged(trial: Trial) -> bool:
    return trial.state is State.FAILED or trial.value is None or not math.isfinite(trial.value)
