"""False alarms and detections of the boundary rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.audit.measures import Found, Founds
from benchmarks.audit.pools import Pool, Replay, noise_of, replay
from benchmarks.audit.rates import Rate, Row, rate
from benchmarks.audit.tpe import Searched
from hpadvisor.facts.searches import bounds as bounding
from hpadvisor.facts.searches.importance import importances, significant
from hpadvisor.facts.searches.table import build_table, from_unit, to_unit
from hpadvisor.readers.searches.record import Parameter


def bounds(founds: Founds, count: int, rng: np.random.Generator) -> Row:
    """False alarms of the boundary rule, for any parameter of a search.

    In replays of a pool a bound truly cuts where half of the best twentieth of the pool lie in its
    outer 15 %. In searches by TPE it does where the interpolated score of the best trial, with
    this parameter moved, is highest in the outer 15 %; the dummy's bounds never do.
    """
    ours, naive = [], []
    for found in founds:
        table = build_table(found.study(count))
        alarms = _alarms(found, table, rng)
        ours.append(_wrong({(a.parameter, a.side) for a in alarms}, found, table))
        naive.append(_wrong(_naive_bounds(table), found, table))
    return {"false_alarms": rate(ours), "naive_false_alarms": rate(naive)}


def _alarms(found: Found, table: Any, rng: np.random.Generator) -> list[bounding.Bound]:
    """What the audit says: only of parameters that matter beyond chance."""
    sd = noise_of(found, table, rng).sd
    return bounding.at_bounds(table, sd, significant(importances(table))) or []


def _wrong(alarms: set[tuple[str, str]], found: Found, table: Any) -> bool:
    if isinstance(found, Replay):
        return bool(alarms - _true_bounds(found.pool))
    return any(not _profile_rises(found, table, *alarm) for alarm in alarms)


def _profile_rises(found: Searched, table: Any, name: str, side: str) -> bool:
    names = [p.name for p in found.pool.space]
    if name not in names:
        return False
    steps = np.linspace(0, 1, 41)
    rows = np.tile(table.units[table.best][: len(names)], (len(steps), 1))
    rows[:, names.index(name)] = steps
    scores = found.surface.truth(rows)
    outer = (steps if side == "low" else 1 - steps) <= 0.15
    return bool(scores[outer].max() > scores[~outer].max())


def cuts(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """Detections of a range that ends some way below the median of the best twentieth."""
    return {
        "finds_severe": _finds_cut(pool, count, replays, rng, 0.3),
        "finds_moderate": _finds_cut(pool, count, replays, rng, 0.1),
    }


def _units(pool: Pool, parameter: Parameter) -> Any:
    return np.array([to_unit(parameter, float(p[parameter.name])) for p in pool.params])


def _top(pool: Pool) -> Any:
    return np.argsort(-pool.truth)[: max(10, len(pool.truth) // 20)]


def _true_bounds(pool: Pool) -> set[tuple[str, str]]:
    if pool.name in _BOUNDS:
        return _BOUNDS[pool.name]
    found = set()
    for parameter in (p for p in pool.space if p.is_number):
        unit = _units(pool, parameter)[_top(pool)]
        for side, distance in (("low", unit), ("high", 1 - unit)):
            if (distance < 0.15).mean() >= 0.5:
                found.add((parameter.name, side))
    _BOUNDS[pool.name] = found
    return found


_BOUNDS: dict[str, set[tuple[str, str]]] = {}


def _naive_bounds(table: Any) -> set[tuple[str, str]]:
    found = set()
    for column, parameter in enumerate(table.study.parameters):
        place = table.units[table.best, column]
        if parameter.is_number and min(place, 1 - place) < 0.1:
            found.add((parameter.name, "low" if place < 0.5 else "high"))
    return found


def _finds_cut(pool: Pool, count: int, replays: int, rng: np.random.Generator, gap: float) -> Rate:
    ranged = next(p for p in pool.space if p.name == pool.rate)
    unit = _units(pool, ranged)
    cut = float(np.median(unit[_top(pool)])) - gap
    among = np.where(unit <= cut)[0]
    if len(among) < count:
        return rate([])
    short = Parameter(ranged.name, ranged.type, ranged.low, from_unit(ranged, cut), ranged.scale)
    space = [short if p is ranged else p for p in pool.space]
    hits = []
    for _ in range(replays):
        found = replay(pool, count, rng, among)
        table = build_table(found.study(space=space))
        alarms = _alarms(found, table, rng)
        hits.append((ranged.name, "high") in {(a.parameter, a.side) for a in alarms})
    return rate(hits)
