"""How far a score moves when nothing but the seed changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpadvisor.facts.searches.table import Table

if TYPE_CHECKING:
    from hpadvisor.facts.searches.table import Floats

_MINIMUM_FREEDOM = 4
_MOST_TRIALS = 2000
_BINOMIAL_SHARE = 0.7
_ERRORS = {
    "stated": 0.2,
    "replicates": 0.3,
    "splits": 0.3,
    "repeats": 0.3,
    "curves": 0.4,
    "evaluation": 0.4,
}


@dataclass(frozen=True, slots=True)
class Noise:
    """An estimate of the standard deviation of one trial's score between seeds.

    Attributes:
        sd: The standard deviation, in the unit of the score.
        source: ``stated``, ``replicates``, ``splits``, ``repeats``, ``curves`` or ``evaluation``.
        meaning: How it was found, in a phrase.
    """

    sd: float
    source: str
    meaning: str

    @property
    def error(self) -> float:
        """Its relative error: the standard deviation of its logarithm (measured)."""
        return _ERRORS[self.source]


def estimate_noise(table: Table, stated: float | None = None) -> Noise | None:
    """Estimate the noise from the best evidence that the study holds.

    In order: what the user states; repeated seeds; folds of a cross-validation, after the
    effects of folds and configurations are taken out; configurations that were tried again; else
    the larger of two proxies: the movement between the last steps of the best trials' curves,
    and the sampling error of an accuracy that was measured on few examples. Both proxies can be
    too small (a boosted ensemble hardly moves from one step to the next), hence the larger.

    Returns:
        The estimate, or None where the study holds nothing to tell it from.
    """
    if stated is not None:
        return Noise(stated, "stated", "as you stated it")
    if not len(table):
        return None
    for method in (_replicates, _splits, _repeats):
        found = method(table)
        if found is not None:
            return found
    proxies = [noise for noise in (_curves(table), _evaluation(table)) if noise is not None]
    return max(proxies, key=lambda noise: noise.sd, default=None)


def _best_first(table: Table, share: float, least: int) -> list[int]:
    """Indices of the best trials; bad ones are often noisier, and do not matter."""
    count = max(least, math.ceil(len(table) * share))
    return [int(i) for i in (-table.y).argsort()[:count]]


def _pooled(groups: list[Any]) -> tuple[float, int]:
    """Median-free pooled variance of groups of scores, and its degrees of freedom."""
    import numpy as np

    freedom = sum(len(group) - 1 for group in groups)
    total = sum(float(((np.asarray(g) - np.mean(g)) ** 2).sum()) for g in groups)
    return (total / freedom if freedom else 0.0), freedom


def _replicates(table: Table) -> Noise | None:
    order = _best_first(table, 0.5, 4)
    groups = [table.trials[i].replicates for i in order if len(table.trials[i].replicates) > 1]
    variance, freedom = _pooled(groups)
    if freedom < _MINIMUM_FREEDOM or variance <= 0:
        return None
    # Scores of repeated configurations are means, and means move less.
    counts = sorted(max(1, len(table.trials[i].replicates)) for i in order)
    each = counts[len(counts) // 2]
    text = f"from {len(groups)} configurations that were run with several seeds"
    if each > 1:
        text += f"; scores are means over {each}"
    return Noise(math.sqrt(variance / each), "replicates", text)


def _splits(table: Table) -> Noise | None:
    import numpy as np

    rows = [table.trials[i].splits for i in _best_first(table, 0.5, 8)]
    width = max((len(row) for row in rows), default=0)
    matrix = np.array([row for row in rows if len(row) == width and np.all(np.isfinite(row))])
    if width < 2 or len(matrix) < 3:
        return None
    rest = matrix - matrix.mean(axis=1, keepdims=True) - matrix.mean(axis=0) + matrix.mean()
    freedom = (matrix.shape[0] - 1) * (width - 1)
    variance = float((rest**2).sum()) / freedom / width
    if variance <= 0:
        return None
    return Noise(
        math.sqrt(variance),
        "splits",
        f"of the mean over {width} folds, fold effects taken out",
    )


def _repeats(table: Table) -> Noise | None:
    groups: dict[str, list[float]] = {}
    for index in _best_first(table, 0.5, 20):
        trial = table.trials[index]
        key = repr(sorted(trial.params.items(), key=lambda item: item[0]))
        groups.setdefault(key, []).append(float(table.y[index]))
    several = [group for group in groups.values() if len(group) > 1]
    variance, freedom = _pooled(several)
    if freedom < _MINIMUM_FREEDOM or variance <= 0:
        return None  # also where repeats are equal to the last digit: a fixed seed tells nothing
    text = f"from {len(several)} configurations that were tried again"
    return Noise(math.sqrt(variance), "repeats", text)


def _curves(table: Table) -> Noise | None:
    """Median over the best trials of the movement from step to step, its trend taken out."""
    import numpy as np

    found = []
    for index in _best_first(table, 0.2, 5)[:_MOST_TRIALS]:
        values = np.asarray(table.trials[index].values, dtype=float)
        tail = values[-max(4, len(values) // 3) :]
        if len(tail) < 4 or not np.all(np.isfinite(tail)):
            continue
        moves = np.diff(tail)
        moves = moves - moves.mean()
        found.append(math.sqrt(float((moves**2).sum()) / (len(moves) - 1) / 2))
    if len(found) < 3:
        return None
    middle = float(np.median(found))
    return (
        Noise(middle, "curves", f"from the last steps of {len(found)} curves") if middle else None
    )


def _evaluation(table: Table) -> Noise | None:
    """The sampling error of an accuracy, where the scores show how many examples there were.

    Two models of the same quality disagree on fewer examples than two independent samples would,
    hence the factor of 0.7.
    """
    import numpy as np

    scores = np.unique(np.abs(table.y[:_MOST_TRIALS]))
    if len(scores) < 8 or scores.min() < 0 or scores.max() > 1:
        return None
    examples = examples_behind(scores)
    if examples is None:
        return None
    best = float(np.abs(table.y[table.best]))
    sd = _BINOMIAL_SHARE * math.sqrt(max(best * (1 - best), 1 / examples) / examples)
    text = f"from the sampling error of scores measured on {examples} examples"
    return Noise(sd, "evaluation", text)


def examples_behind(scores: Floats) -> int | None:
    """Find n where all scores are whole multiples of 1/n, as shares of n examples are.

    Returns:
        The smallest such n, or None where there is none or it is a power of ten, which rounding
        makes too.
    """
    import numpy as np

    for low, high, tolerance in ((20, 5000, 0.02), (5000, 200_000, 1e-4)):
        counts = np.arange(low, high, dtype=float)
        fits = np.ones(len(counts), dtype=bool)
        for score in scores[:200]:
            product = counts[fits] * score
            fits[fits] = np.abs(product - np.round(product)) < tolerance
        for found in counts[fits]:
            power = math.log10(found)
            return None if abs(power - round(power)) < 1e-9 else int(found)
    return None
