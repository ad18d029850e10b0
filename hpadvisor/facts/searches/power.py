"""How likely a confirmation finds a true gain: its power, for a noise and a number of seeds."""

from __future__ import annotations

import math

from hpadvisor.facts.searches.pairing import LEVEL
from hpadvisor.facts.searches.student import student_tail

ENOUGH = 0.8
"""Chance of finding the gain from which a confirmation is called strong enough."""
_DRAWS = 2000


def power(gain: float, sd: float, candidates: int, seeds: int) -> float:
    """Return the chance that a confirmation says that the baseline is beaten.

    The test of :func:`paired_gain` is played on drawn scores: every candidate is truly better than
    the baseline by the gain, which is what a tie says, and all have the same seeds.

    Args:
        gain: The true gain over the baseline, in the unit of the score.
        sd: The noise between seeds, in the same unit.
        candidates: Configurations beside the baseline, at least one.
        seeds: Fresh seeds of each, at least two.
    """
    import numpy as np

    if gain <= 0:
        return 0.0
    if sd <= 0:
        return 1.0
    drawn = np.random.default_rng(20261).normal(0, sd, (_DRAWS, candidates + 1, seeds))
    drawn[:, 1:] += gain
    means = drawn.mean(axis=2)
    best = means[:, 1:].argmax(axis=1) + 1
    gains = drawn[np.arange(_DRAWS), best] - drawn[:, 0]
    freedom = candidates * (seeds - 1)
    rest = (
        drawn - means[:, :, None] - drawn.mean(axis=1)[:, None] + drawn.mean((1, 2))[:, None, None]
    )
    pooled = np.sqrt(2 * (rest**2).sum(axis=(1, 2)) / freedom / seeds)
    own = gains.std(axis=1, ddof=1) / math.sqrt(seeds)
    margin = student_tail(LEVEL / candidates, freedom) * np.maximum(pooled, own)
    return float((gains.mean(axis=1) > margin).mean())


def seeds_for(gain: float, sd: float, candidates: int, least: int, most: int) -> int | None:
    """Return the fewest seeds that find the gain in four of five cases; None within no number."""
    for seeds in range(least, most + 1):
        if power(gain, sd, candidates, seeds) >= ENOUGH:
            return seeds
    return None
