"""What is measured on the replays: each function returns one row of the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.audit.pools import Pool, Replay, noise_of, replay
from benchmarks.audit.rates import HALF_A_POINT, Row, rate
from benchmarks.audit.tpe import DUMMY, Searched
from hpadvisor.facts.searches import importance, judging
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import State

Found = Replay | Searched
Founds = Sequence[Found]


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
