"""What a confirmation shows: which configuration to go on with, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial

from hpadvisor.search.trials import is_baseline

LEVEL = 0.05
"""Chance of calling a finalist better than the baseline by luck alone, shared by the finalists."""


@dataclass(frozen=True)
class Finalist:
    """A trial that was trained again.

    Attributes:
        mean: Mean of its scores.
        values: Its scores by their fresh seeds.
        trial: The trial of the search.
        exact: Whether the seed changes nothing, so that a single score is the whole truth.
    """

    mean: float
    values: dict[int, float]
    trial: FrozenTrial
    exact: bool = False

    @property
    def baseline(self) -> bool:
        """Whether it is the default that the search started from."""
        return is_baseline(self.trial)


@dataclass(frozen=True)
class Verdict:
    """What to do after a confirmation.

    Attributes:
        chosen: The configuration to go on with: the better one, however little is known.
        text: That in words, with its chance.
        chance: That it is better than the other one of baseline and best finalist, on fresh seeds;
            None where nothing says it.
    """

    chosen: Finalist
    text: str
    chance: float | None = None


def compare(rows: Sequence[Finalist], maximize: bool) -> str:
    """Say which configuration to go on with; see :func:`judge`."""
    return judge(rows, maximize).text


def judge(rows: Sequence[Finalist], maximize: bool) -> Verdict:
    """Judge the best finalist against the baseline on the seeds that both were trained on.

    The better one is chosen: a lead that chance may explain is still more likely a gain than a
    loss. How likely is said: Student's t of the lead over its standard error, which is the larger
    of the pooled one (configurations × seeds, so that what a seed does to all of them cancels) and
    that of the pair's own differences. "Beats" is said at a level of 5 %, which the finalists
    share, for the best of them was picked by the same scores.

    Args:
        rows: The configurations, the best mean first; one at least.
        maximize: Whether a higher score is better.
    """
    default = next((row for row in rows if row.baseline), None)
    rivals = [row for row in rows if not row.baseline]
    if default is None or not rivals:
        return Verdict(rows[0], _alone(rows[0]))
    best, sign = rivals[0], 1 if maximize else -1
    seeds = sorted(set.intersection(*(set(row.values) for row in rows)))
    members = list(rows)
    if len(seeds) < 2:
        members, seeds = [best, default], sorted(set(best.values) & set(default.values))
    gains = [sign * (best.values[seed] - default.values[seed]) for seed in seeds]
    gain = sum(gains) / len(gains) if gains else sign * (best.mean - default.mean)
    chosen, name = (best, f"Trial {best.trial.number}") if gain > 0 else (default, "The baseline")
    if best.exact and default.exact:
        return Verdict(chosen, _exactly(name, best, gain), 1.0)
    if len(seeds) < 2:
        return Verdict(chosen, _by_one_seed(name, gain))
    margin, chance = _chance(members, seeds, gains)
    told = f"on the same {len(seeds)} fresh seeds"
    more = f"More seeds make it surer: --confirm --seeds {max(5, 2 * len(seeds))}."
    if gain <= 0:
        text = (
            f"No finalist is better than the baseline {told}: keep the baseline. Trial "
            f"{best.trial.number} is {abs(gain):.4g} behind; the baseline is the better one with "
            f"a chance of {_percent(1 - chance)}."
        )
        return Verdict(default, text, 1 - chance)
    better = f"{sum(g > 0 for g in gains)} of {len(seeds)} are better"
    if gain > margin:
        text = (
            f"{name} beats the baseline by {gain:.4g} {told} ({better}; chance alone gives up to "
            f"{margin:.2g}). Go on with it."
        )
        return Verdict(best, text, chance)
    text = (
        f"{name} leads the baseline by {gain:.4g} {told} ({better}): go on with it. It is the "
        f"better one with a chance of {_percent(chance)}. {more}"
    )
    return Verdict(best, text, chance)


def _alone(row: Finalist) -> str:
    if row.baseline:
        return "No finalist has a score: keep the baseline."
    return (
        "The baseline has no score, so nothing says what the search has gained. Trial "
        f"{row.trial.number} is the best."
    )


def _exactly(name: str, best: Finalist, gain: float) -> str:
    if gain <= 0:
        return "No finalist is better than the baseline, and the seed changes nothing: keep it."
    return (
        f"{name} beats the baseline by {gain:.4g}, and the seed changes nothing: go on with it. "
        "Another split of the data is what could still tell otherwise."
    )


def _by_one_seed(name: str, gain: float) -> str:
    return (
        f"{name} is the better one by {abs(gain):.4g}, but fewer than two seeds came through on "
        "both sides, so nothing says how sure that is: compare again with more --seeds."
    )


def _percent(chance: float) -> str:
    return f"{min(max(100 * chance, 50), 99):.0f} %"


def _chance(
    members: Sequence[Finalist], seeds: Sequence[int], gains: Sequence[float]
) -> tuple[float, float]:
    """Return the gain that chance alone exceeds at the level, and that of a true gain."""
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
    margin = _student(LEVEL / (len(members) - 1), freedom) * error
    if error == 0:
        return margin, 1.0 if mean > 0 else 0.0 if mean < 0 else 0.5
    above = _above(math.atan(abs(mean) / error / math.sqrt(freedom)), freedom)
    return margin, 1 - above if mean > 0 else above


def _student(chance: float, freedom: int) -> float:
    """Return what Student's t exceeds with that chance, by bisection on its angle."""
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _above(middle, freedom) > chance else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _above(angle: float, freedom: int) -> float:
    """Return the chance that Student's t exceeds √freedom × tan(angle), by the midpoint rule."""
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    cosines = (math.cos((k + 0.5) * angle / 400) ** (freedom - 1) for k in range(400))
    return 0.5 - constant / math.sqrt(math.pi) * angle / 400 * sum(cosines)
