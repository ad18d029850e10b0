"""What is measured on the replays: each function returns one row of the results."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.audit.pools import Pool, Replay, replay
from hpadvisor.facts.searches import gain, importance, judging
from hpadvisor.facts.searches.noise import estimate_noise
from hpadvisor.facts.searches.table import build_table, from_unit, to_unit
from hpadvisor.readers.searches.record import Parameter, State

HALF_A_POINT = 0.005
Row = dict[str, Any]


def _sd(found: Replay, count: int | None = None) -> float:
    noise = estimate_noise(build_table(found.study(count)))
    assert noise is not None
    return noise.sd


def noise_estimate(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """The estimated noise against the true one of the best tenth of the pool."""
    top = np.argsort(-pool.truth)[: len(pool.truth) // 10]
    true = float(np.sqrt(np.median(pool.final[top].var(axis=1, ddof=1))))
    ratios = [_sd(replay(pool, count, rng)) / true for _ in range(replays)]
    low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
    return {"true_sd": true, "ratio_p10": low, "ratio_median": middle, "ratio_p90": high}


def tie_set(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """How often the tie set holds the truly best of the tried; the naive set is the winner."""
    held, sizes, naive = [], [], []
    for _ in range(replays):
        found = replay(pool, count, rng)
        table = build_table(found.study())
        ties = judging.tie_set(table, _sd(found))
        truly = int(pool.truth[found.rows].argmax())
        held.append(truly in ties)
        sizes.append(len(ties))
        naive.append(truly == table.best)
    return {"covers": np.mean(held), "size": np.mean(sizes), "naive_winner": np.mean(naive)}


def optimism(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """Expected and true excess of the best score."""
    said, true = [], []
    for _ in range(replays):
        found = replay(pool, count, rng)
        table = build_table(found.study())
        said.append(judging.optimism(table, _sd(found)))
        true.append(table.y[table.best] - found.fresh(table.best, 9, rng).mean())
    return {"said": np.mean(said), "true": np.mean(true), "naive": 0.0}


def bounds(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """False alarms of the boundary rule, any parameter of a search, and detections of cuts.

    A bound is truly one where half of the best twentieth lie in its outer 15 %. A cut takes the
    upper end of the learning rate's range away, some way below the median of the best.
    """
    truth = _true_bounds(pool)
    ours, naive = [], []
    for _ in range(replays):
        found = replay(pool, count, rng)
        table = build_table(found.study())
        alarms = judging.at_bounds(table, _sd(found)) or []
        ours.append(any((a.parameter, a.side) not in truth for a in alarms))
        naive.append(bool(_naive_bounds(table) - truth))
    row: Row = {"false_alarms": np.mean(ours), "naive_false_alarms": np.mean(naive)}
    for name, gap in (("severe", 0.3), ("moderate", 0.1)):
        row[f"finds_{name}"] = _finds_cut(pool, count, replays // 2, rng, gap)
    return row


def _units(pool: Pool, parameter: Parameter) -> Any:
    return np.array([to_unit(parameter, float(p[parameter.name])) for p in pool.params])


def _top(pool: Pool) -> Any:
    return np.argsort(-pool.truth)[: max(10, len(pool.truth) // 20)]


def _true_bounds(pool: Pool) -> set[tuple[str, str]]:
    found = set()
    for parameter in (p for p in pool.space if p.is_number):
        unit = _units(pool, parameter)[_top(pool)]
        for side, distance in (("low", unit), ("high", 1 - unit)):
            if (distance < 0.15).mean() >= 0.5:
                found.add((parameter.name, side))
    return found


def _naive_bounds(table: Any) -> set[tuple[str, str]]:
    found = set()
    for column, parameter in enumerate(table.study.parameters):
        place = table.units[table.best, column]
        if parameter.is_number and min(place, 1 - place) < 0.1:
            found.add((parameter.name, "low" if place < 0.5 else "high"))
    return found


def _finds_cut(
    pool: Pool, count: int, replays: int, rng: np.random.Generator, gap: float
) -> float:
    rate = next(p for p in pool.space if p.name == pool.rate)
    unit = _units(pool, rate)
    cut = float(np.median(unit[_top(pool)])) - gap
    among = np.where(unit <= cut)[0]
    if len(among) < count:
        return float("nan")
    short = Parameter(rate.name, rate.type, rate.low, from_unit(rate, cut), rate.scale)
    space = [short if p is rate else p for p in pool.space]
    hits = []
    for _ in range(replays):
        table = build_table(replay(pool, count, rng, among).study(space=space))
        noise = estimate_noise(table)
        alarms = judging.at_bounds(table, noise.sd if noise else 0.0) or []
        hits.append((rate.name, "high") in {(a.parameter, a.side) for a in alarms})
    return float(np.mean(hits))


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
        row[f"false_{key}"] = np.mean([one[key] for one in false])
        row[f"finds_{key}"] = np.mean([one[key] for one in true]) if true else float("nan")
    return row


def _beats(found: Replay, rng: np.random.Generator) -> Row:
    pool, study = found.pool, found.study()
    table = build_table(study)
    noise = estimate_noise(table)
    assert noise is not None
    seeds = pool.final[0, rng.permutation(pool.final.shape[1])]
    base = study.trials[0].__class__(999, State.COMPLETE, pool.params[0], float(seeds[0]))
    best = table.trials[table.best]
    too_good = judging.optimism(table, noise.sd)
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


def dummy(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """How often a dummy parameter is called important, and the truly strongest comes first."""
    everything = build_table(_whole(pool))
    strongest = max(importance.importances(everything)[:1], key=lambda i: i.share).parameter
    alarms, naive, right = [], [], []
    for _ in range(replays):
        study = replay(pool, count, rng).study(
            space=[*pool.space, Parameter("dummy", "float", 0.0, 1.0, "linear")]
        )
        for trial in study.trials:
            trial.params = trial.params | {"dummy": float(rng.random())}
        found = importance.importances(build_table(study))
        named = [item.parameter for item in found if item.significant]
        alarms.append("dummy" in named)
        by_share = sorted(found, key=lambda item: -item.share)
        naive.append("dummy" in [item.parameter for item in by_share[:3]])
        right.append(bool(named) and named[0] == strongest)
    return {
        "dummy_important": np.mean(alarms),
        "naive_dummy_in_top3": np.mean(naive),
        "strongest_named_first": np.mean(right),
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
        false.append(_ratio(replay(pool, count, rng)) < 1)
        one = np.full(count, rng.choice(top))
        found = Replay(pool, one, rng.integers(0, pool.final.shape[1], count))
        true.append(_ratio(found) < 1)
        scores = pool.final[found.rows, found.seeds]
        naive.append(float(np.ptp(scores)) < HALF_A_POINT)
    return {"false_alarms": np.mean(false), "finds": np.mean(true), "naive_finds": np.mean(naive)}


def _ratio(found: Replay) -> float:
    table = build_table(found.study())
    # Every trial of the same configuration would be taken as a repeat, which tells the noise.
    for index, trial in enumerate(table.trials):
        trial.params = trial.params | {"_": index}
    noise = estimate_noise(table)
    assert noise is not None
    return float(max(0.0, table.y.var(ddof=1) / noise.sd**2 - 1) ** 0.5)


def new_best_law(pool: Pool, count: int, replays: int, rng: np.random.Generator) -> Row:
    """m/(m+n) against how often the next m trials brought a new best."""
    row: Row = {}
    for more in (count // 4, count):
        seen = []
        for _ in range(replays * 4):
            found = replay(pool, count + more, rng)
            scores = pool.final[found.rows, found.seeds]
            seen.append(scores[count:].max() > scores[:count].max())
        row[f"law_{more}"] = gain.expected_gain(
            build_table(replay(pool, count, rng).study()), more
        ).chance
        row[f"seen_{more}"] = np.mean(seen)
    return row
