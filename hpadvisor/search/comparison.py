"""What a confirmation shows: whether a finalist beats the baseline on the same fresh seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial

from hpadvisor.search.trials import is_baseline


@dataclass(frozen=True)
class Finalist:
    """A trial that was trained again, its scores by their fresh seeds, and their mean."""

    mean: float
    values: dict[int, float]
    trial: FrozenTrial

    @property
    def baseline(self) -> bool:
        """Whether it is the default that the search started from."""
        return is_baseline(self.trial)


def compare(rows: Sequence[Finalist], maximize: bool) -> str:
    """Say whether the best finalist beats the baseline on the seeds that both were trained on.

    Configurations × seeds, so that what a seed does to all of them cancels. The standard error is
    the larger of the pooled one and that of the pair's own differences; the level of 5 % is shared
    by the finalists, for the best of them was picked by the same scores.
    """
    default = next((row for row in rows if row.baseline), None)
    rivals = [row for row in rows if not row.baseline]
    if default is None or not rivals:
        return "The baseline has no score, so nothing says what the search has gained."
    best = rivals[0]
    seeds = sorted(set.intersection(*(set(row.values) for row in rows)))
    members = list(rows)
    if len(seeds) < 2:
        members, seeds = [best, default], sorted(set(best.values) & set(default.values))
    if len(seeds) < 2:
        return "Fewer than two seeds came through on both sides: compare again with more --seeds."
    sign = 1 if maximize else -1
    gains = [sign * (best.values[seed] - default.values[seed]) for seed in seeds]
    gain, margin = sum(gains) / len(seeds), _chance(members, seeds, gains)
    told = f"on the same {len(seeds)} fresh seeds"
    if gain <= 0:
        return f"No finalist is better than the baseline {told}: keep the baseline."
    better = f"{sum(g > 0 for g in gains)} of {len(seeds)}"
    text = f"by {gain:.4g} {told} ({better} are better; chance alone gives up to {margin:.2g})"
    if gain > margin:
        return f"Trial {best.trial.number} beats the baseline {text}."
    return (
        f"Trial {best.trial.number} leads the baseline {text}: too little to tell. Keep the "
        f"baseline, or compare with more seeds: --confirm --seeds {max(5, 2 * len(seeds))}."
    )


def _chance(members: Sequence[Finalist], seeds: Sequence[int], gains: Sequence[float]) -> float:
    """Return the gain that chance alone exceeds in one of twenty confirmations."""
    scores = [[row.values[seed] for seed in seeds] for row in members]
    rows = [sum(each) / len(seeds) for each in scores]
    columns = [sum(each) / len(members) for each in zip(*scores, strict=True)]
    whole = sum(rows) / len(members)
    rest = sum(
        (value - row - column + whole) ** 2
        for row, each in zip(rows, scores, strict=True)
        for column, value in zip(columns, each, strict=True)
    )
    freedom = (len(members) - 1) * (len(seeds) - 1)
    mean = sum(gains) / len(gains)
    own = sum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1)
    error = math.sqrt(max(2 * rest / freedom, own) / len(seeds))
    return _student(0.05 / (len(members) - 1), freedom) * error


def _student(chance: float, freedom: int) -> float:
    """Return what Student's t exceeds with that chance, by bisection on its angle."""
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        cosines = (math.cos((k + 0.5) * middle / 400) ** (freedom - 1) for k in range(400))
        above = 0.5 - constant / math.sqrt(math.pi) * middle / 400 * sum(cosines)
        low, high = (middle, high) if above > chance else (low, middle)
    return math.sqrt(freedom) * math.tan(low)
