"""What more trials can be expected to bring."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import State

STOP_BELOW = 0.8
"""Stop when the expected gain is below this many noise standard deviations. Chosen on replays of
the digits pool, confirmed on another (benchmarks/audit)."""

LEAST_TO_STOP = 30
"""Under this many judged trials the tail is not known well enough to stop by it."""

_TOP = 0.2
_LEAST = 5


@dataclass(frozen=True, slots=True)
class Gain:
    """The outlook on more trials.

    Attributes:
        more: How many more trials.
        chance: Chance that the best of them beats the best so far: m / (m + n).
        expected: Gain to expect of them, in the unit of the score.
        scale: Mean excess of the best fifth over the next trial.
    """

    more: int
    chance: float
    expected: float
    scale: float


def tried(table: Table) -> int:
    """Trials that were judged: the scored ones, and those that were pruned as worse."""
    return len(table) + sum(t.state is State.PRUNED for t in table.study.trials)


def expected_gain(table: Table, more: int) -> Gain:
    """Expected gain of more trials drawn like those before.

    The tail above the best fifth is taken as exponential, so the best of n trials grows by its
    mean excess times the logarithm of n; scores that are bounded grow less. A model-based
    sampler does better than this law, a narrow space worse.

    Args:
        table: The scored trials, at least six.
        more: How many more.
    """
    import numpy as np

    count = tried(table)
    top = np.sort(table.y)[::-1]
    size = min(len(top) - 1, max(_LEAST, math.ceil(_TOP * count)))
    scale = float((top[:size] - top[size]).mean())
    growth = math.log((count + more) / count)
    return Gain(more, more / (more + count), scale * growth, scale)
