"""Bounds that cut a range: where scores still rise towards them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpadvisor.facts.searches.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hpadvisor.facts.searches.table import Floats

_NEEDS = 20
_OUTERMOST, _OUTER, _NEXT, _BEST = 0.10, 0.20, 0.50, 0.25
_RISES, _RISES_CROWDED, _CROWDED = 2.0, 3.0, 2.0
_LEAST = 3
_AT, _INSIDE, _GOOD = 0.10, 0.15, 1.5


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound towards which the scores rise, or at which all good trials lie.

    Attributes:
        parameter: Its name.
        side: ``low`` or ``high``.
        bound: The bound.
        best: The best trial's value.
        rise: How far the outer fifth ranks above the next part, in standard errors; NaN where
            too few trials lie there.
    """

    parameter: str
    side: str
    bound: float
    best: float
    rise: float


def at_bounds(table: Table, sd: float) -> list[Bound] | None:
    """Find bounds that cut the range, on the search scale.

    Either the best trial lies in the outer quarter, the outer fifth's scores rank above those of
    the part next to it (20 to 50 % from the bound) by a rank-sum test, and inside that fifth the
    outer half does not rank below the other (scores that have levelled off are not cut); or at
    least two trials are within 1.5 noise standard deviations of the best, the best in the outer
    tenth and none of them further in than 15 %. That some parameter of the best trial lies near a
    bound happens by chance in a third of all searches (measured, benchmarks/audit). Where a
    sampler has crowded the outer fifth, more is asked of the test.

    Args:
        table: The scored trials.
        sd: The noise between seeds.

    Returns:
        The bounds, or None with fewer than twenty trials, where chance makes as many.
    """
    if len(table) < _NEEDS:
        return None
    found: list[Bound] = []
    good = table.y >= table.y[table.best] - _GOOD * sd
    for column, parameter in enumerate(table.study.parameters):
        if not parameter.is_number or parameter.low is None or parameter.high is None:
            continue
        unit = table.units[:, column]
        for side, bound, distance in (
            ("low", parameter.low, unit),
            ("high", parameter.high, 1 - unit),
        ):
            rise = _rise(table.y, distance, _OUTER, _NEXT)
            best = float(distance[table.best])
            needed = _RISES_CROWDED if _crowded(distance) else _RISES
            rises = rise > needed and best <= _BEST and _goes_on(table.y, distance)
            if rises or (best < _AT and _only_outside(good, distance)):
                value = float(table.trials[table.best].params[parameter.name])
                found.append(Bound(parameter.name, side, bound, value, rise))
    return found


def _crowded(distance: Floats) -> bool:
    """Whether a sampler has put more trials into the outer fifth than even sampling does.

    Those are later trials then, better for the other parameters' sake too.
    """
    count = len(distance)
    expected = _OUTER * count
    return bool((distance < _OUTER).sum() > expected + _CROWDED * math.sqrt(0.8 * expected))


def _only_outside(good: NDArray[np.bool_], distance: Floats) -> bool:
    return int(good.sum()) >= 2 and not bool((good & (distance > _INSIDE)).any())


def _goes_on(y: Floats, distance: Floats) -> bool:
    """Whether scores still rise inside the outer fifth, as far as can be told."""
    within = _rise(y, distance, _OUTERMOST, _OUTER)
    return math.isnan(within) or within > 0


def _rise(y: Floats, distance: Floats, edge: float, end: float) -> float:
    """The rank-sum test of the part outside an edge against the next one, in standard errors."""
    import numpy as np

    outer, inner = y[distance < edge], y[(distance >= edge) & (distance < end)]
    n, m = len(outer), len(inner)
    if n < _LEAST or m < _LEAST:
        return math.nan
    more = np.searchsorted(np.sort(inner), outer, "left").sum()
    as_much = np.searchsorted(np.sort(inner), outer, "right").sum()
    pairs = float(more + as_much) / 2  # pairs that the outer one wins, ties half
    return (pairs - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
