"""What more trials can be expected to bring."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import State

if TYPE_CHECKING:
    from hpadvisor.facts.searches.table import Floats

STOP_BELOW = 0.33
"""Stop when the chance that the rest brings a gain worth having is at most that. Chosen on three
pools of trainings, reported on two others (benchmarks/audit)."""

LEAST_TO_STOP = 30
"""Under this many judged trials the tail is not known well enough to stop by it."""

USUAL = 100
"""Trials that a search is taken to have where nobody says how many were planned."""

_BULK, _TAIL = 0.4, 0.3
_LEAST = 5
_SCORED = 0.75
"""Of a halved search the scored trials are few. The bound keeps them all: with this share it lost
half a point in 9 and 11 % of halved replays instead of 9 and 9 (150 of digits and of patches)."""
_TRUE_PART = 0.5
"""Share of the spread among the best scores that is true; the rest is noise and luck. Chosen with
``STOP_BELOW``, so that chances said and seen agree."""

_STEPS = 200


@dataclass(frozen=True, slots=True)
class Gain:
    """The outlook on more trials.

    Attributes:
        more: How many more trials.
        chance: Chance that the best of them beats the best so far: m / (m + n).
        bound: Chance, at most, that they gain more than is worth having; the decision's number.
        chance_worth: The same chance, as it is to be expected.
        worth: The least gain worth having, in the unit of the score.
        expected: Gain to expect of them, in the unit of the score.
    """

    more: int
    chance: float
    bound: float
    chance_worth: float
    worth: float
    expected: float


PLATEAU_SHARE, PLATEAU_CHANCE, LEAST_ON_A_PLATEAU = 0.5, 0.05, 15
"""Where at least that share of the scored trials is tied with the best, and the gain worth having
is that unlikely, the search has arrived: fewer trials are enough to stop by."""

_CHEAP, _DEAR, _DEAR_BELOW = 10.0, 50.0, 0.5
"""Hours up to which the usual chance stops, and those from which half a chance is asked for."""

_LEARNS = 0.35


def stop_below(hours: float | None) -> float:
    """The chance of a gain worth having at which a search ends, by the hours that the rest takes.

    Cheap trials are run for a third of a chance; a day or more of them is not.
    """
    if hours is None or hours <= _CHEAP:
        return STOP_BELOW
    share = min(1.0, math.log(hours / _CHEAP) / math.log(_DEAR / _CHEAP))
    return STOP_BELOW + share * (_DEAR_BELOW - STOP_BELOW)


def on_a_plateau(gain: Gain, scored: int, tied: int) -> bool:
    """Whether the scores have levelled off: most trials are tied, and no gain is in sight."""
    enough = scored >= LEAST_ON_A_PLATEAU and tied >= PLATEAU_SHARE * scored
    return enough and gain.chance_worth < PLATEAU_CHANCE and gain.expected < gain.worth / 2


def stops(gain: Gain, judged: int, scored: int, tied: int, hours: float | None = None) -> bool:
    """Whether more trials are not worth it: the one rule by which a search ends.

    Args:
        gain: The outlook, with the least gain worth having.
        judged: Trials that were judged, the pruned ones too.
        scored: Trials with a final score.
        tied: How many of these are tied with the best.
        hours: What the further trials would take, if known.
    """
    if gain.more <= 0 or on_a_plateau(gain, scored, tied):
        return True
    return judged >= LEAST_TO_STOP and gain.bound < stop_below(hours)


def improves_with_time(table: Table) -> bool:
    """Whether later trials are better, as those of a sampler that learns are.

    The rank correlation of score and order; trials of a random search have none.
    """
    import numpy as np

    if len(table) < LEAST_ON_A_PLATEAU:
        return False
    ranks = table.y.argsort(kind="stable").argsort(kind="stable").astype(float)
    return float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) > _LEARNS


def tried(table: Table) -> int:
    """Trials that were judged: the scored ones, and those that were pruned as worse."""
    return len(table) + sum(t.state is State.PRUNED for t in table.study.trials)


def outlook(table: Table, more: int, worth: float) -> Gain:
    """Tell what more trials would bring, drawn like those before.

    Of n trials in random order each is as likely to be the best, so m more hold a new best with a
    chance of m / (m + n). A gain above a worth w has the smaller chance m r / (m r + n), where r
    is how much rarer the score ``best + w`` is than the best. For the bound the scores fall off as
    an exponential does, with the mean excess of the best two fifths: that hardly ever stops too
    early, and says nothing else than the law where scores spread wide. For the expectation the
    scores end somewhere, as they do around an optimum in d dimensions (a generalised Pareto tail
    with shape -2/d), and half of the excess is noise.

    A model-based sampler does better than this, a narrow space worse.

    Args:
        table: The scored trials, at least six.
        more: How many more.
        worth: The least gain worth having, in the unit of the score; 0 for any.
    """
    import numpy as np

    count = tried(table)
    top = np.sort(table.y)[::-1]
    bulk = _excess(top, count, _BULK, 1.0)[1]
    size, excess = _excess(top, count, _TAIL, _SCORED)
    shape = -2 / max(2, len(table.study.parameters))
    scale = _TRUE_PART * excess * size**shape
    end = scale / -shape
    steps = np.linspace(0.0, end, _STEPS)
    chances = _chance(np.maximum(0.0, 1 - steps / max(end, 1e-300)) ** (-1 / shape), more, count)
    expected = float(((chances[1:] + chances[:-1]) / 2).sum() * (end / (_STEPS - 1)))
    rarer = max(0.0, 1 - worth / end) ** (-1 / shape) if end > 0 else float(worth <= 0)
    bound = math.exp(-worth / bulk) if bulk > 0 else float(worth <= 0)
    return Gain(
        more,
        more / (more + count),
        float(_chance(bound, more, count)),
        float(_chance(rarer, more, count)),
        worth,
        expected,
    )


def _excess(top: Floats, count: int, share: float, scored: float) -> tuple[int, float]:
    """How many scores are the best share of the trials, and their mean excess over the next.

    Args:
        top: Scores, the best first.
        count: Trials that were judged, the pruned ones too.
        share: Share of these that counts as the tail.
        scored: The same of the scores: where most trials were pruned, the worst of the few
            scored ones are no tail.
    """
    size = max(_LEAST, min(math.ceil(share * count), int(scored * len(top))))
    size = min(len(top) - 1, size)
    return size, float((top[:size] - top[size]).mean())


def _chance(rarer: Any, more: int, count: int) -> Any:
    return more * rarer / (more * rarer + count)
