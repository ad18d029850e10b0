"""What is measured on the replays: each function returns one row of the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.audit.pools import Pool, Replay, noise_of, replay
from benchmarks.audit.tpe import DUMMY, Searched
from hpadvisor.facts.searches import bounds as bounding
from hpadvisor.facts.searches import importance, judging
from hpadvisor.facts.searches.table import build_table, from_unit, to_unit
from hpadvisor.readers.searches.record import Parameter, State

HALF_A_POINT = 0.005
Row = dict[str, Any]
Found = Replay | Searched
Founds = Sequence[Found]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval (Wilson).

    Attributes:
        value: The share.
        half: Half the width of the interval.
        count: Of how many.
    """

    value: float
    half: float
    count: int

    def __str__(self) -> str:
        """The share and its margin, as in a table."""
        return f"{self.value:.3f} ± {self.half:.3f}" if self.count else "–"


def rate(hits: Any) -> Rate:
    """The share of hits, with its interval."""
    found = np.asarray(hits, dtype=float)
    count = len(found)
    if not count:
        return Rate(float("nan"), float("nan"), 0)
    share, z = float(found.mean()), 1.96
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return Rate(share, float(half), count)


def true_noise(pool: Pool) -> float:
    """The noise between seeds of the best tenth of a pool."""
    top = np.argsort(-pool.truth)[: len(pool.truth) // 10]
    return float(np.sqrt(np.median(pool.final[top].var(axis=1, ddof=1))))


def draws(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> list[Found]:
    """Replays of random search of that many trials."""
    return [replay(pool, count, rng) for _ in range(replays)]


def noise_estimate(founds: Founds, count: int, rng: np.random.Generator) -> Row:
    """The estimated noise against the true one of the best tenth of the pool."""
    true = true_noise(founds[0].pool)
    ratios = [noise_of(f, build_table(f.study(count)), rng).sd / true for f in founds]
    low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
    return {"true_sd": true, "ratio_p10": low, "ratio_median": middle, "ratio_p90": high}


def tie_set(founds: Founds, count: int, rng: np.random.Generator) -> Row:
    """How often the tie set holds the truly best of the tried; the naive set is the winner."""
    held, sizes, naive = [], [], []
    for found in founds:
        table = build_table(found.study(count))
        ties = judging.tie_set(table, noise_of(found, table, rng).sd)
        truly = int(np.asarray(found.truth)[:count].argmax())
        held.append(truly in ties)
        sizes.append(len(ties))
        naive.append(truly == table.best)
    return {"covers": rate(held), "size": np.mean(sizes), "naive_winner": rate(naive)}


def optimism(founds: Founds, count: int, rng: np.random.Generator) -> Row:
    """Expected and true excess of the best score, and how often the interval holds the true one.

    Naive: the best score is what a fresh seed gives, within half a point.
    """
    said, true, inside, naive = [], [], [], []
    for found in founds:
        table = build_table(found.study(count))
        noise = noise_of(found, table, rng)
        guess = judging.optimism(table, noise.sd, noise.error)
        excess = float(table.y[table.best] - np.asarray(found.truth)[table.best])
        said.append(guess.expected)
        true.append(excess)
        inside.append(
            max(0.0, guess.low) - 1e-9 <= excess <= guess.high or excess < 0 >= guess.low
        )
        naive.append(abs(excess) <= HALF_A_POINT)
    return {
        "said": np.mean(said),
        "true": np.mean(true),
        "interval_holds": rate(inside),
        "naive_within_half_a_point": rate(naive),
    }


def bounds(founds: Founds, count: int, rng: np.random.Generator) -> Row:
    """False alarms of the boundary rule, for any parameter of a search.

    In replays of a pool a bound truly cuts where half of the best twentieth of the pool lie in its
    outer 15 %. In searches by TPE it does where the interpolated score of the best trial, with
    this parameter moved, is highest in the outer 15 %; the dummy's bounds never do.
    """
    ours, naive = [], []
    for found in founds:
        table = build_table(found.study(count))
        alarms = bounding.at_bounds(table, noise_of(found, table, rng).sd) or []
        ours.append(_wrong({(a.parameter, a.side) for a in alarms}, found, table))
        naive.append(_wrong(_naive_bounds(table), found, table))
    return {"false_alarms": rate(ours), "naive_false_alarms": rate(naive)}


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
        alarms = bounding.at_bounds(table, noise_of(found, table, rng).sd) or []
        hits.append((ranged.name, "high") in {(a.parameter, a.side) for a in alarms})
    return rate(hits)


def baseline(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """How often a search is said to beat the baseline, with nothing better to be found.

    Only configurations no better than configuration 0 are tried. And the detection: the same on
    the whole pool, where the best tried is better by more than the noise.
    """
    worse = np.where(pool.truth[1:] <= pool.truth[0])[0] + 1
    false = [_beats(replay(pool, count, rng, worse), rng) for _ in range(replays)]
    hits = [_beats(replay(pool, count, rng), rng) for _ in range(replays)]
    true = [hit for hit in hits if hit["true_gain"] > 2 * HALF_A_POINT]
    row: Row = {"n_better": len(true)}
    for key in ("single", "welch", "naive"):
        row[f"false_{key}"] = rate([one[key] for one in false])
        row[f"finds_{key}"] = rate([one[key] for one in true])
    return row


def _beats(found: Replay, rng: np.random.Generator) -> Row:
    pool, study = found.pool, found.study()
    table = build_table(study)
    noise = noise_of(found, table, rng)
    seeds = pool.final[0, rng.permutation(pool.final.shape[1])]
    base = study.trials[0].__class__(999, State.COMPLETE, pool.params[0], float(seeds[0]))
    best = table.trials[table.best]
    too_good = judging.optimism(table, noise.sd).expected
    single = judging.against_baseline(table, base, noise.sd, too_good)
    base.replicates = tuple(seeds[1:4])
    best.replicates = (float(best.value or 0), *found.fresh(table.best, 3, rng))
    welch = judging.against_baseline(table, base, noise.sd, too_good)
    assert single is not None
    assert welch is not None
    gain_ = pool.truth[found.rows[table.best]] - pool.truth[0]
    return {
        "single": single.beaten,
        "welch": welch.beaten,
        "naive": float(best.value or 0) > seeds[0],
        "true_gain": gain_,
    }


def dummy(founds: Founds, count: int, rng: np.random.Generator) -> Row:
    """How often a dummy parameter is called important, and the truly strongest comes first."""
    everything = build_table(_whole(founds[0].pool))
    strongest = max(importance.importances(everything)[:1], key=lambda i: i.share).parameter
    alarms, naive, right = [], [], []
    for found in founds:
        study = found.study(count, space=[*found.pool.space, DUMMY])
        for trial in study.trials:
            trial.params = {"dummy": float(rng.random())} | trial.params
        tested = importance.importances(build_table(study))
        named = [item.parameter for item in tested if item.significant]
        alarms.append("dummy" in named)
        by_share = sorted(tested, key=lambda item: -item.share)
        naive.append("dummy" in [item.parameter for item in by_share[:3]])
        right.append(bool(named) and named[0] == strongest)
    return {
        "dummy_important": rate(alarms),
        "naive_dummy_in_top3": rate(naive),
        "strongest_named_first": rate(right),
        "strongest": strongest,
    }


def _whole(pool: Pool) -> Any:
    study = Replay(pool, np.arange(len(pool.params)), np.zeros(len(pool.params), int)).study()
    for trial, score in zip(study.trials, pool.truth, strict=True):
        trial.value = float(score)
    return study


def signal(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """How often "little but noise" is said where there is signal, and where there is none.

    No signal: all trials are seeds of one configuration of the best tenth.
    """
    top = np.argsort(-pool.truth)[: len(pool.truth) // 10]
    false, true, naive = [], [], []
    for _ in range(replays):
        false.append(_ratio(replay(pool, count, rng), rng) < 1)
        one = np.full(count, rng.choice(top))
        found = Replay(pool, one, rng.integers(0, pool.final.shape[1], count))
        true.append(_ratio(found, rng) < 1)
        scores = pool.final[found.rows, found.seeds]
        naive.append(float(np.ptp(scores)) < HALF_A_POINT)
    return {"false_alarms": rate(false), "finds": rate(true), "naive_finds": rate(naive)}


def _ratio(found: Replay, rng: np.random.Generator) -> float:
    table = build_table(found.study())
    # Every trial of the same configuration would be taken as a repeat, which tells the noise.
    for index, trial in enumerate(table.trials):
        trial.params = trial.params | {"_": index}
    noise = noise_of(found, table, rng)
    return float(max(0.0, table.y.var(ddof=1) / noise.sd**2 - 1) ** 0.5)
