"""Bounds that cut a range: where scores still rise towards them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import Parameter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hpadvisor.facts.searches.table import Floats

_NEEDS = 15
_OUTERMOST, _OUTER, _NEXT, _BEST = 0.10, 0.20, 0.50, 0.25
_RISES, _RISES_CROWDED, _CROWDED = 2.0, 3.0, 2.0
_LEAST = 3
_AT, _INSIDE, _GOOD = 0.10, 0.15, 1.5
_QUARTER, _TWO_THIRDS, _LEAST_THIRD = 0.25, 0.66, 5
_PAIRS, _UPPER_HALF = 3, 0.5
_BY_CHANCE = 0.005


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
        listed: Whether it is the end of a complete list, and its best is ahead of every other
            value's.
    """

    parameter: str
    side: str
    bound: float
    best: float
    rise: float
    listed: bool = False


def at_bounds(
    table: Table, sd: float | None, importance: Mapping[str, bool] | None = None
) -> list[Bound] | None:
    """Find bounds that cut the range, on the search scale.

    Either the best trial lies in the outer quarter, the outer fifth's scores rank above those of
    the part next to it (20 to 50 % from the bound) by a rank-sum test, and inside that fifth the
    outer half does not rank below the other (scores that have levelled off are not cut); or two
    thirds of the best third lie in the outer quarter, of a parameter that matters beyond chance,
    and the outer half of that quarter is no worse than the other; or, with a known noise, at least
    two trials are within 1.5 noise standard deviations of the best, the best in the outer tenth
    and none of them further in than 15 %. Of a parameter with few levels the end is compared with
    its neighbour, all else equal where the trials allow it; or the best quarter all took the end.

    That some parameter of the best trial lies near a bound happens by chance in a third of all
    searches (measured, benchmarks/audit). Where a sampler has crowded the outer fifth, more is
    asked of the test. An end that the role does not allow to pass (a dropout of 0) cuts nothing,
    and a parameter whose importance may be chance decides nothing, unless the best quarter all
    took its last listed value.

    Args:
        table: The scored trials.
        sd: The noise between seeds, if known.
        importance: Whether each parameter matters beyond chance; empty where not tested.

    Returns:
        The bounds, or None with fewer than fifteen trials, where chance makes as many.
    """
    if len(table) < _NEEDS:
        return None
    found: list[Bound] = []
    good = None if sd is None else table.y >= table.y[table.best] - _GOOD * sd
    for end in _open_ends(table):
        matters = importance is None or importance.get(end.parameter.name, False)
        wins = bool(end.parameter.levels) and _all_at_end(table.y, end.distance)
        if not matters and not wins:
            continue
        cut, rise = _cut(table, end, good, sd)
        if cut or wins:
            found.append(_bound(table, end, rise))
    return found


def ends_of_best(table: Table) -> list[Bound]:
    """Find ends at which the best trial lies, in the outer tenth, and most of the best third too.

    It asks for less than :func:`at_bounds`: no test of the parameter's importance. It says where a
    search that gains no more might still gain, if it went on beyond; by chance alone it is seen
    now and then.

    Args:
        table: The scored trials, those that were pruned by rank.

    Returns:
        The ends that the role and the user allow to pass; empty with fewer than fifteen trials.
    """
    if len(table) < _NEEDS:
        return []
    found: list[Bound] = []
    for end in _open_ends(table):
        best = float(end.distance[table.best])
        at_end = not end.parameter.levels and best <= _AT
        if at_end and _best_third_outside(table.y, end.distance, best):
            found.append(_bound(table, end))
    return found


def ends_of_levels(table: Table, sd: float) -> list[Bound]:
    """Find ends of listed values at which the best trial lies, ahead of every other value's best.

    For a finite space that is done: every value had its chance beside every other one, so the best
    of each can be compared. By chance alone an end comes first often; so it must be ahead by more
    than the noise of the two.

    Args:
        table: The scored trials.
        sd: The noise between repeated trainings.
    """
    import numpy as np

    found: list[Bound] = []
    for end in _open_ends(table):
        best = end.distance[table.best]
        own = np.isclose(end.distance, best, atol=1e-5)
        if not end.parameter.levels or own.all() or not best <= np.nanmin(end.distance):
            continue
        if table.y[table.best] - table.y[~own].max() > sd:
            found.append(_bound(table, end, listed=True))
    return found


@dataclass(frozen=True, slots=True)
class _End:
    """An end of a number's range, and how far from it each trial lies, in shares of the range."""

    parameter: Parameter
    column: int
    side: str
    bound: float
    distance: Floats


def _open_ends(table: Table) -> Iterator[_End]:
    """Both ends of each number, but those that its role does not allow to pass."""
    for column, parameter in enumerate(table.study.parameters):
        low, high, unit = parameter.low, parameter.high, table.units[:, column]
        if not parameter.is_number or low is None or high is None:
            continue
        for side, bound, distance in (("low", low, unit), ("high", high, 1 - unit)):
            if not at_its_end(parameter, side):
                yield _End(parameter, column, side, bound, distance)


def _bound(table: Table, end: _End, rise: float = math.nan, *, listed: bool = False) -> Bound:
    value = float(table.trials[table.best].params[end.parameter.name])
    return Bound(end.parameter.name, end.side, end.bound, value, rise, listed=listed)


def at_its_end(parameter: Parameter, side: str) -> bool:
    """Whether a range ends where its role ends, so that nothing lies beyond."""
    low, high = parameter.low, parameter.high
    if side == "low":
        return parameter.minimum is not None and low is not None and low <= parameter.minimum
    return parameter.maximum is not None and high is not None and high >= parameter.maximum


def _cut(
    table: Table, end: _End, good: NDArray[np.bool_] | None, sd: float | None
) -> tuple[bool, float]:
    distance, best = end.distance, float(end.distance[table.best])
    if end.parameter.levels:
        at_end = best == distance.min()
        return _rises_by_levels(table, end.column, distance, sd) if at_end else _NO
    rise = _rise(table.y, distance, _OUTER, _NEXT)
    crowded = _crowded(distance)
    needed = _RISES_CROWDED if crowded else _RISES
    rises = rise > needed and best <= _BEST and _goes_on(table.y, distance)
    only = good is not None and best < _AT and _only_outside(good, distance)
    return rises or only or _best_third_outside(table.y, distance, best), rise


_NO = (False, math.nan)


def _all_at_end(y: Floats, distance: Floats) -> bool:
    """Whether the best quarter, five trials at the least, all took the last of the listed values.

    Drawn by chance from all trials they would hardly ever do so; it asks for no noise, and for no
    test of the parameter's importance, which few trials fail.
    """
    import numpy as np

    top = max(_LEAST_THIRD, len(y) // 4)
    at_end = np.isclose(distance, np.nanmin(distance), atol=1e-5)
    if not at_end[(-y).argsort(kind="stable")[:top]].all():
        return False
    return math.comb(int(at_end.sum()), top) / math.comb(len(y), top) < _BY_CHANCE


def _best_third_outside(y: Floats, distance: Floats, best: float) -> bool:
    """Whether the best third crowds in the outer quarter, more than the others, and rises on."""
    import numpy as np

    size = max(_LEAST_THIRD, len(y) // 3)
    order = (-y).argsort(kind="stable")
    top, rest = distance[order[:size]], distance[order[size:]]
    if not len(rest) or best > _QUARTER:
        return False
    inside = float(np.mean(top <= _QUARTER))
    if inside < _TWO_THIRDS or float(np.mean(rest <= _QUARTER)) > inside - _TWO_THIRDS / 2:
        return False
    outer = top[: max(3, size // 2)]  # the better half lies no farther in than the other
    middle = float(np.median(outer))
    return middle <= float(np.median(top)) and middle <= _AT


def _rises_by_levels(
    table: Table, column: int, distance: Floats, sd: float | None
) -> tuple[bool, float]:
    """Whether the last level beats the one before it, all else equal, or else in rank."""
    import numpy as np

    levels = np.unique(np.round(distance[~np.isnan(distance)], 6))
    if len(levels) < 2:
        return _NO
    last, before = (np.isclose(distance, level, atol=1e-5) for level in levels[:2])
    others = np.delete(table.units, column, axis=1)
    near = float(np.quantile(table.y, _UPPER_HALF))
    gains = []
    for i in np.flatnonzero(last):
        alike = before & np.all(np.isclose(others, others[i], equal_nan=True), axis=1)
        gains += [float(table.y[i] - table.y[j]) for j in np.flatnonzero(alike)
                  if max(table.y[i], table.y[j]) >= near]  # fmt: skip
    if len(gains) >= _PAIRS:
        spread = float(np.std(gains, ddof=1)) / math.sqrt(len(gains))
        rise = float(np.mean(gains)) / max(spread, 1e-12)
        enough = sd is None or float(np.mean(gains)) > sd * math.sqrt(2 / len(gains))
        at_best = max(gains) > 0
        return rise > _RISES and enough and at_best, rise
    rise = _rank_sum(table.y[last], table.y[before])
    return not math.isnan(rise) and rise > _RISES, rise


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
    return _rank_sum(y[distance < edge], y[(distance >= edge) & (distance < end)])


def _rank_sum(outer: Floats, inner: Floats) -> float:
    """How far the first scores rank above the second ones, in standard errors; NaN for few."""
    import numpy as np

    n, m = len(outer), len(inner)
    if n < _LEAST or m < _LEAST:
        return math.nan
    more = np.searchsorted(np.sort(inner), outer, "left").sum()
    as_much = np.searchsorted(np.sort(inner), outer, "right").sum()
    pairs = float(more + as_much) / 2  # pairs that the outer one wins, ties half
    return (pairs - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
