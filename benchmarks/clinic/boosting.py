"""Additive scores fitted to outcomes: logistic boosting of one-fact steps, nothing else.

Each round adds one step (one fact, one limit, two values), so that the result is a sum of
piecewise constant functions of single facts, which can be written down and read. Every few rounds
the tasks are weighed anew at random, and each round sees a part of the facts, so that no task and
no fact rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
BINS = 14
REWEIGH = 20


@dataclass
class Additive:
    """A fitted score.

    Attributes:
        names: Facts; ``limits`` and ``points`` (one more than limits, then unknown) go with them.
        start: The sum before any points.
    """

    names: list[str]
    limits: list[Array]
    points: list[Array]
    start: float

    def raw(self, names: list[str], values: Array) -> Array:
        """Sum of points (n,) of values (n, facts) in the order of ``names``; NaN is unknown."""
        place = {name: number for number, name in enumerate(names)}
        total = np.full(len(values), self.start)
        for name, limits, points in zip(self.names, self.limits, self.points, strict=True):
            total += points[bins_of(values[:, place[name]], limits)]
        return total


@dataclass(frozen=True)
class Options:
    """Knobs of the fit.

    Attributes:
        rounds: Boosting rounds.
        rate: Shrinkage.
        keep: Facts of the score: those that move it most; it is fitted again with them alone.
        share: Share of the facts that each round may choose from.
        smallest: Smallest weight of a side of a step, as a share of all.
        ridge: Added to the curvature of a step.
    """

    rounds: int = 300
    rate: float = 0.07
    keep: int = 32
    share: float = 0.3
    smallest: float = 0.02
    ridge: float = 5.0


def bins_of(column: Array, limits: Array) -> Array:
    """Bin (n,) of each value; unknown is the one after the last."""
    index = np.searchsorted(limits, np.nan_to_num(column), side="right")
    return np.where(np.isnan(column), len(limits) + 1, index)


def limits_of(values: Array, bins: int = BINS) -> list[Array]:
    """Quantile limits of each fact, rounded to two digits."""
    limits = []
    for column in values.T:
        known = column[~np.isnan(column)]
        cuts = np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]) if len(known) else []
        rounded = sorted({float(f"{cut:.2g}") for cut in cuts})
        limits.append(np.asarray([cut for cut in rounded if known.min() < cut <= known.max()]))
    return limits


@dataclass
class _Data:
    values: Array
    outcome: Array
    weights: Array
    tasks: Array
    offset: Array
    rng: np.random.Generator

    def reweighed(self) -> Array:
        """Weights (n,) with every task at a random multiple."""
        tasks, index = np.unique(self.tasks, return_inverse=True)
        factor = self.rng.poisson(1.0, len(tasks))[index] + 0.05
        weights = self.weights * factor
        return weights / weights.sum() * len(weights)


def fit(
    names: list[str],
    values: Array,
    outcome: Array,
    weights: Array,
    tasks: Array,
    options: Options,
    *,
    offset: Array | None = None,
) -> Additive:
    """Fit an additive score.

    Args:
        names: Facts.
        values: (n, facts), NaN where unknown.
        outcome: (n,) between 0 and 1.
        weights: (n,) weights of the rows.
        tasks: (n,) task of each row.
        options: Knobs.
        offset: (n,) sums of a score that this one is added to; it then adds nothing where its
            facts are unknown, and its start is 0.

    Returns:
        The fitted score.
    """
    share = float(np.average(outcome, weights=weights))
    start = 0.0 if offset is not None else float(np.log(share + 0.01) - np.log(1.01 - share))
    base = np.full(len(values), start) if offset is None else offset
    data = _Data(values, outcome, weights, tasks, base, np.random.default_rng(12))
    silent = offset is not None
    limits = limits_of(values)
    points = _boost(data, limits, np.arange(len(names)), options, silent)
    spread = np.asarray(
        [
            np.std(each[bins_of(values[:, place], limits[place])])
            for place, each in enumerate(points)
        ]
    )
    kept = np.sort(np.argsort(-spread)[: options.keep])
    kept = kept[spread[kept] > 0]
    if len(kept) < len(names):
        points = _boost(data, limits, kept, options, silent)
    return Additive(
        [names[place] for place in kept],
        [limits[place] for place in kept],
        [points[place] for place in kept],
        start,
    )


def _boost(
    data: _Data, limits: list[Array], allowed: Array, options: Options, silent: bool
) -> list[Array]:
    """Points of each fact after boosting steps of the allowed facts."""
    size = max((len(cuts) for cuts in limits), default=0) + 2
    bins = np.stack(
        [bins_of(data.values[:, place], limits[place]) for place in range(len(limits))], axis=1
    )
    for place, cuts in enumerate(limits):  # unknown stands last in every row of the table
        bins[bins[:, place] == len(cuts) + 1, place] = size - 1
    table = np.zeros((len(limits), size))
    total = data.offset.copy()
    weights = data.reweighed()
    for number in range(options.rounds):
        if number % REWEIGH == 0:
            weights = data.reweighed()
        chance = 1 / (1 + np.exp(-total))
        slope, curve = weights * (data.outcome - chance), weights * chance * (1 - chance)
        count = max(min(4, len(allowed)), round(options.share * len(allowed)))
        some = data.rng.choice(allowed, count, replace=False)
        found = _best_step(bins[:, some], size, (slope, curve, weights), options, silent)
        if found is None:
            continue
        place, step = some[found[0]], found[1]
        table[place] += options.rate * step
        total += options.rate * step[bins[:, place]]
    return [
        np.append(table[place, : len(cuts) + 1], table[place, -1])
        for place, cuts in enumerate(limits)
    ]


def _histogram(bins: Array, size: int, values: Array) -> Array:
    """Sums of values (n,) by bin, (columns, size)."""
    columns = bins.shape[1]
    flat = (bins + np.arange(columns) * size).ravel()
    sums = np.bincount(flat, np.repeat(values, columns), columns * size)
    return sums.reshape(columns, size)


def _best_step(
    bins: Array, size: int, sums: tuple[Array, Array, Array], options: Options, silent: bool
) -> tuple[int, Array] | None:
    """The best two-sided step over all columns.

    Unknown (the last bin) joins the upper side; where the score is silent of it, it takes no part.
    """
    tables = [_histogram(bins, size, values) for values in sums]
    if silent:
        for table in tables:
            table[:, -1] = 0.0
    g, h, w = (np.cumsum(table, axis=1) for table in tables)
    floor = options.smallest * w[0, -1]
    ups = g[:, :-1] / (h[:, :-1] + options.ridge)
    downs = (g[:, -1:] - g[:, :-1]) / (h[:, -1:] - h[:, :-1] + options.ridge)
    gains = ups * g[:, :-1] + downs * (g[:, -1:] - g[:, :-1])
    gains[(w[:, :-1] < floor) | (w[:, -1:] - w[:, :-1] < floor)] = -np.inf
    best = int(np.argmax(gains))
    column, cut = divmod(best, size - 1)
    if gains[column, cut] == -np.inf:
        return None
    step = np.where(np.arange(size) <= cut, ups[column, cut], downs[column, cut])
    if silent:
        step[-1] = 0.0
    return column, step
