"""How far a score moves when nothing but the seed changes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hpadvisor.facts.searches.table import Table

if TYPE_CHECKING:
    pass

_MINIMUM_FREEDOM = 4
_MOST_TRIALS = 2000
_BINOMIAL_SHARE = 0.7
_LEAST_FOR_PRIOR = 8
_ERRORS = {
    "stated": 0.2,
    "replicates": 0.3,
    "splits": 0.3,
    "repeats": 0.3,
    "spreads": 0.3,
    "curves": 0.6,
    "tempered": 0.6,
    "evaluation": 0.4,
    "prior": 0.7,
}
PRIOR_SHARE = 0.65
"""Noise between seeds over the deviation of the best quarter of scores: the geometric mean over
seven pools of trainings (0.24 to 1.07; benchmarks/audit, random search of 20 to 80 trials)."""


@dataclass(frozen=True, slots=True)
class Noise:
    """An estimate of the standard deviation of one trial's score between seeds.

    Attributes:
        sd: The standard deviation, in the unit of the score.
        source: ``stated``, ``replicates``, ``splits``, ``repeats``, ``spreads``, ``curves``,
            ``evaluation``, ``tempered`` (curves and prior) or ``prior``.
        meaning: How it was found, in a phrase.
    """

    sd: float
    source: str
    meaning: str

    @property
    def error(self) -> float:
        """Its relative error: the standard deviation of its logarithm (measured)."""
        return _ERRORS[self.source]

    @property
    def independent(self) -> bool:
        """Whether the scores' own spread has no part in it, so that it may be held against it."""
        return self.source not in ("prior", "tempered")

    @property
    def assumed(self) -> bool:
        """Whether it comes from other searches, and this one holds nothing to tell it from."""
        return self.source == "prior"


def estimate_noise(
    table: Table, stated: float | None = None, examples: float | None = None
) -> Noise | None:
    """Estimate the noise from the best evidence that the study holds.

    In order: what the user states; repeated seeds; folds of a cross-validation, after the
    effects of folds and configurations are taken out; configurations that were tried again;
    deviations that the table states; else the larger of two proxies: the movement between the last
    steps of the best trials' curves, and the sampling error of a score on as many examples as are
    known to be there. Curves alone are off by a factor of two and more, either way (a boosted
    ensemble hardly moves from one step to the next; measured on five pools: 0.29 to 5 times the
    truth), so their logarithm is averaged with that of what comparable searches had (0.5 to 2.7
    times). Without any of it: what comparable searches had.

    Args:
        table: The scored trials.
        stated: The standard deviation that the user states.
        examples: Validation examples behind each score, if known; never guessed from digits.

    Returns:
        The estimate, or None with fewer than eight scores and nothing else to tell it from.
    """
    if stated is not None:
        return Noise(stated, "stated", "as you stated it")
    if not len(table):
        return None
    for method in (_replicates, _splits, _repeats, _spreads):
        found = method(table)
        if found is not None:
            exact = found.sd <= _ROUNDING * float(abs(table.y).max())
            return replace(found, sd=0.0) if exact else found
    proxies = [noise for noise in (_curves(table), _evaluation(table, examples)) if noise]
    found = max(proxies, key=lambda noise: noise.sd, default=None)
    prior = _prior(table)
    return (
        _tempered(found, prior)
        if found and prior and found.source == "curves"
        else (found or prior)
    )


def _tempered(found: Noise, prior: Noise) -> Noise:
    """Curves and comparable searches, each off by a factor of two: the mean of both logarithms."""
    meaning = f"{found.meaning}, and from the spread of the best quarter as in other searches"
    return Noise(math.sqrt(found.sd * prior.sd), "tempered", meaning)


def seeds_without_effect(table: Table) -> bool:
    """Whether scores of one configuration are equal to the last digit whenever it was repeated."""
    groups = [t.replicates for t in table.trials if len(t.replicates) > 1]
    groups += [tuple(table.y[rows]) for rows in _same(table, range(len(table))) if len(rows) > 1]
    same = sum(len(set(group)) == 1 for group in groups)
    return len(groups) >= 2 and same == len(groups)


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


def _same(table: Table, rows: Iterable[int]) -> list[list[int]]:
    """Rows grouped by configuration."""
    groups: dict[str, list[int]] = {}
    for index in rows:
        params = table.trials[index].params
        groups.setdefault(repr(sorted(params.items(), key=lambda i: i[0])), []).append(index)
    return list(groups.values())


def _repeats(table: Table) -> Noise | None:
    groups = _same(table, _best_first(table, 0.5, 20))
    several = [table.y[rows] for rows in groups if len(rows) > 1]
    variance, freedom = _pooled(several)
    if freedom < _MINIMUM_FREEDOM or variance <= 0:
        return None  # also where repeats are equal to the last digit: a fixed seed tells nothing
    text = f"from {len(several)} configurations that were tried again"
    return Noise(math.sqrt(variance), "repeats", text)


def _spreads(table: Table) -> Noise | None:
    """The deviations that stand beside the scores, of the better half."""
    import numpy as np

    stated = [table.trials[i].spread for i in _best_first(table, 0.5, 3)]
    known = [spread for spread in stated if spread is not None and spread > 0]
    if len(known) < 2:
        return None
    return Noise(float(np.median(known)), "spreads", "as the table states it beside the scores")


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


def _evaluation(table: Table, examples: float | None) -> Noise | None:
    """The sampling error of a share of examples, such as an accuracy or an error rate.

    Two models of the same quality disagree on fewer examples than two independent samples would,
    hence the factor of 0.7.
    """
    best = abs(float(table.y[table.best]))
    if not examples or examples < 2 or not _is_share(table, best):
        return None
    whole = 100.0 if best > 1 else 1.0
    share = best / whole
    sd = _BINOMIAL_SHARE * math.sqrt(max(share * (1 - share), 1 / examples) / examples) * whole
    text = f"from the sampling error of scores on {examples:.0f} validation examples"
    return Noise(sd, "evaluation", text)


def _is_share(table: Table, best: float) -> bool:
    """Whether the score is one that counts examples, by the table of metrics."""
    from hpadvisor.readers.metrics import metric_of

    metric = metric_of(table.study.metric)
    if metric is None or metric.family != "classification":
        return False
    return best <= 1 or (metric.percent and best <= 100)


_ROUNDING = 1e-9
"""Share of a score below which two of them are one."""


def _prior(table: Table) -> Noise | None:
    """What comparable searches had: the noise as a share of the spread of the best quarter."""
    import numpy as np

    if len(table) < _LEAST_FOR_PRIOR:
        return None
    top = np.sort(table.y)[::-1][: max(3, len(table) // 4)]
    sd = PRIOR_SHARE * float(top.std(ddof=1))
    if sd <= _ROUNDING * float(np.abs(top).max()):  # the best are equal but for rounding
        return None
    text = (
        "assumed: nothing here tells it, and in seven measured searches it was two thirds of the "
        "spread of the best quarter (a half to twice as much)"
    )
    return Noise(sd, "prior", text)
