"""Additive scores fitted to outcomes: logistic boosting of one-fact steps, nothing else.

Each round adds one step (one fact, one limit, two values), so that the result is a sum of
piecewise constant functions of single facts, which can be written down and read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
BINS = 8


@dataclass
class Additive:
    """A fitted score: limits of each fact, and its points (one more than limits, then unknown)."""

    names: list[str]
    limits: list[Array]
    points: list[Array]
    start: float

    def raw(self, values: Array) -> Array:
        """Sum of points (n,) of values (n, facts); NaN is unknown."""
        total = np.full(len(values), self.start)
        for place, (limits, points) in enumerate(zip(self.limits, self.points, strict=True)):
            column = values[:, place]
            known = ~np.isnan(column)
            index = np.searchsorted(limits, np.nan_to_num(column), side="right")
            total += np.where(known, points[index], points[-1])
        return total

    def probability(self, values: Array) -> Array:
        """Probabilities (n,)."""
        return 1 / (1 + np.exp(-np.clip(self.raw(values), -30, 30)))


def limits_of(values: Array) -> list[Array]:
    """Quantile limits of each fact, rounded to two digits."""
    limits = []
    for column in values.T:
        known = column[~np.isnan(column)]
        cuts = np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]) if len(known) else []
        rounded = sorted({float(f"{cut:.2g}") for cut in cuts})
        limits.append(np.asarray([cut for cut in rounded if known.min() < cut <= known.max()]))
    return limits


def fit(  # noqa: PLR0913 - each is a knob of the fit
    names: list[str],
    values: Array,
    outcome: Array,
    weights: Array,
    *,
    rounds: int,
    rate: float = 0.12,
    most_facts: int = 10,
    smallest: float = 0.02,
    limits: list[Array] | None = None,
) -> Additive:
    """Fit an additive score.

    Args:
        names: Facts.
        values: (n, facts), NaN where unknown.
        outcome: (n,) 0 or 1.
        weights: (n,) weights of the rows.
        rounds: Boosting rounds.
        rate: Shrinkage.
        most_facts: Once this many facts are in use, no others are taken.
        smallest: Smallest weight of a side of a step, as a share of all.
        limits: Limits of each fact; from quantiles where None.

    Returns:
        The fitted score.
    """
    limits = limits_of(values) if limits is None else limits
    weights = weights / weights.sum() * len(values)
    bins = [_bins(values[:, place], cuts) for place, cuts in enumerate(limits)]
    points = [np.zeros(len(cuts) + 2) for cuts in limits]
    share = float(np.average(outcome, weights=weights))
    start = float(np.log(max(share, 0.01) / max(1 - share, 0.01)))
    total = np.full(len(values), start)
    used: set[int] = set()
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-total))
        slope, curve = weights * (outcome - chance), weights * chance * (1 - chance)
        best: tuple[float, int, Array] | None = None
        for place, index in enumerate(bins):
            if len(used) >= most_facts and place not in used:
                continue
            found = _best_step(index, len(points[place]), slope, curve, weights, smallest)
            if found is not None and (best is None or found[0] > best[0]):
                best = (found[0], place, found[1])
        if best is None:
            break
        _, place, step = best
        used.add(place)
        points[place] += rate * step
        total += rate * step[bins[place]]
    kept = sorted(used)
    return Additive(
        [names[place] for place in kept],
        [limits[place] for place in kept],
        [points[place] for place in kept],
        start,
    )


def fit_bagged(  # noqa: PLR0913 - each is a knob of the fit
    names: list[str],
    values: Array,
    outcome: Array,
    weights: Array,
    groups: Array,
    *,
    rounds: int,
    bags: int = 12,
    most_facts: int = 12,
    keep: int = 14,
    facts_share: float = 0.5,
) -> Additive:
    """Average additive scores over resampled groups and facts; an average of sums is a sum.

    Args:
        names: Facts.
        values: (n, facts), NaN where unknown.
        outcome: (n,) 0 or 1.
        weights: (n,) weights of the rows.
        groups: (n,) task of each row; whole tasks are resampled, so that no task rules.
        rounds: Boosting rounds of each member.
        bags: Members.
        most_facts: Facts of each member.
        keep: Facts of the average: those that move it most; the others are fitted without.
        facts_share: Share of the facts that each member may choose from.
    """
    rng = np.random.default_rng(12)
    limits = limits_of(values)
    allowed = np.arange(len(names))
    for last in (False, True):
        sums = [np.zeros(len(cuts) + 2) for cuts in limits]
        start = 0.0
        for _ in range(bags):
            member = _member(
                (names, values, outcome, weights, groups), limits, rng, allowed,
                rounds, most_facts, 1.0 if last else facts_share,
            )  # fmt: skip
            start += member.start / bags
            for name, points in zip(member.names, member.points, strict=True):
                sums[names.index(name)] += points / bags
        spread = np.asarray(
            [
                np.std(points[_bins(values[:, place], limits[place])])
                for place, points in enumerate(sums)
            ]
        )
        allowed = np.sort(np.argsort(-spread)[:keep])
    kept = [int(place) for place in allowed if spread[place] > 0]
    return Additive(
        [names[place] for place in kept],
        [limits[place] for place in kept],
        [sums[place] for place in kept],
        start,
    )


def _member(
    data: tuple[list[str], Array, Array, Array, Array],
    limits: list[Array],
    rng: np.random.Generator,
    allowed: Array,
    rounds: int,
    most_facts: int,
    share: float,
) -> Additive:
    names, values, outcome, weights, groups = data
    tasks = np.unique(groups)
    times = dict(zip(tasks, rng.poisson(1.0, len(tasks)), strict=True))
    factor = np.asarray([times[task] for task in groups]) + 0.05
    size = max(4, round(share * len(allowed)))
    chosen = rng.choice(allowed, size, replace=False)
    return fit(
        [names[place] for place in chosen],
        values[:, chosen],
        outcome,
        weights * factor,
        rounds=rounds,
        most_facts=most_facts,
        limits=[limits[place] for place in chosen],
    )


def _bins(column: Array, limits: Array) -> Array:
    index = np.searchsorted(limits, np.nan_to_num(column), side="right")
    return np.where(np.isnan(column), len(limits) + 1, index)


def _best_step(
    index: Array, size: int, slope: Array, curve: Array, weights: Array, smallest: float
) -> tuple[float, Array] | None:
    """The best two-sided step over the bins of one fact; unknown joins the side it fits better."""
    g = np.cumsum(np.bincount(index, slope, size))
    h = np.cumsum(np.bincount(index, curve, size))
    w = np.cumsum(np.bincount(index, weights, size))
    floor = smallest * w[-1]
    ups = g[:-1] / (h[:-1] + 5.0)
    downs = (g[-1] - g[:-1]) / (h[-1] - h[:-1] + 5.0)
    gains = ups * g[:-1] + downs * (g[-1] - g[:-1])
    gains[(w[:-1] < floor) | (w[-1] - w[:-1] < floor)] = -np.inf
    cut = int(np.argmax(gains)) if len(gains) else 0
    if not len(gains) or gains[cut] == -np.inf:
        return None
    return float(gains[cut]), np.where(np.arange(size) <= cut, ups[cut], downs[cut])
