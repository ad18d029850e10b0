"""Stop rules replayed: trials spent and score lost against running all."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.audit.measures import HALF_A_POINT, Row
from benchmarks.audit.pools import Pool, replay
from hpadvisor.facts.searches import gain
from hpadvisor.facts.searches.noise import estimate_noise
from hpadvisor.facts.searches.table import Table, build_table

ALL, EVERY, FINALISTS = 100, 5, 5
FIRST = gain.LEAST_TO_STOP


def _prefix(table: Table, count: int) -> Table:
    return Table(  # nothing is pruned in these studies
        table.study, table.sign, table.trials[:count], table.y[:count], table.units[:count]
    )


def _ours(table: Table, rest: bool) -> int:
    """The number of trials at which our rule ends the search."""
    for count in range(FIRST, ALL, EVERY):
        part = _prefix(table, count)
        noise = estimate_noise(part)
        assert noise is not None
        more = ALL - count if rest else count
        if gain.expected_gain(part, more).expected < gain.STOP_BELOW * noise.sd:
            return count
    return ALL


def _same_best(table: Table, patience: int = 20) -> int:
    best = since = 0
    for count in range(1, ALL):
        since = 0 if table.y[count] > table.y[best] else since + 1
        best = count if since == 0 else best
        if since >= patience:
            return count + 1
    return ALL


def _small_gain(table: Table, window: int = 10) -> int:
    for count in range(2 * window, ALL):
        before, now = table.y[: count - window].max(), table.y[:count].max()
        if (now - before) / window < 0.001:
            return count
    return ALL


def stop_rules(pool: Pool, replays: int, rng: np.random.Generator) -> list[Row]:
    """Every rule on the same replays of 100 trials, checked every five from the thirtieth.

    The loss is that of the configuration one ends up with, by its true mean: after the
    confirmation that the audit recommends (the best five on three fresh seeds each, in both
    cases), and by the single best score.
    """
    rules: dict[str, Any] = {
        "expected gain of the rest (ours, --planned)": lambda table: _ours(table, True),
        "expected gain of as many again (ours)": lambda table: _ours(table, False),
        "same best for 20 trials (naive)": _same_best,
        "gain below 0.1 % a trial (naive)": _small_gain,
    }
    spent: dict[str, list[int]] = {name: [] for name in rules}
    lost: dict[str, list[float]] = {name: [] for name in rules}
    single: dict[str, list[float]] = {name: [] for name in rules}
    for _ in range(replays):
        found = replay(pool, ALL, rng)
        table = build_table(found.study())
        fresh = np.array([found.fresh(i, 3, rng).mean() for i in range(ALL)])
        truth = pool.truth[found.rows]
        for name, rule in rules.items():
            count = rule(table)
            spent[name].append(count)
            lost[name].append(truth[_pick(table, ALL, fresh)] - truth[_pick(table, count, fresh)])
            single[name].append(truth[table.y.argmax()] - truth[table.y[:count].argmax()])
    return [
        {
            "rule": name,
            "trials_spent": np.mean(spent[name]) / ALL,
            "loses_half_a_point": np.mean(np.array(lost[name]) > HALF_A_POINT),
            "by_single_score": np.mean(np.array(single[name]) > HALF_A_POINT),
            "mean_loss": np.mean(lost[name]),
        }
        for name in rules
    ]


def _pick(table: Table, count: int, fresh: Any) -> int:
    top = np.argsort(-table.y[:count])[:FINALISTS]
    return int(top[fresh[top].argmax()])
