"""Stop rules replayed: trials spent and score lost against running all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.audit.pools import Pool, Replay, noise_of, replay
from benchmarks.audit.rates import HALF_A_POINT, Row, rate
from benchmarks.audit.tpe import Searched
from hpadvisor.facts.searches import gain
from hpadvisor.facts.searches.table import Table, build_table

EVERY, FINALISTS = 5, 5
FIRST = gain.LEAST_TO_STOP
NOISY = 200  # replays of rules that need the noise, which takes long to estimate

Rule = Callable[["Search"], int]


class Search:
    """A search that is replayed trial by trial.

    Attributes:
        found: The replay.
        total: Its trials, if nothing stops it.
        table: Its trials as arrays.
    """

    def __init__(self, found: Replay | Searched, total: int, rng: np.random.Generator) -> None:
        self.found, self.total, self.rng = found, total, rng
        self.table = build_table(found.study(total))
        self.fresh = np.array([found.fresh(i, 3, rng).mean() for i in range(total)])
        self.truth = np.asarray(found.truth)[:total]

    def part(self, count: int) -> Table:
        """The first trials (nothing is pruned in these studies)."""
        whole = self.table
        study = whole.study
        return Table(study, whole.sign, whole.trials[:count], whole.y[:count], whole.units[:count])

    def confirmed(self, count: int) -> int:
        """The trial one ends up with: of the best five the one with the best fresh mean."""
        top = np.argsort(-self.table.y[:count], kind="stable")[:FINALISTS]
        return int(top[self.fresh[top].argmax()])


def ours(worth: float | None, told: bool) -> Rule:
    """The audit's rule: with what gain worth having, and with the planned number told or not."""

    def stop(search: Search) -> int:
        for count in range(FIRST, search.total, EVERY):
            part = search.part(count)
            least = worth or noise_of(search.found, part, search.rng).sd
            assumed = max(gain.USUAL - count, -(-count // 2))
            more = search.total - count if told else assumed
            if gain.outlook(part, more, least).bound < gain.STOP_BELOW:
                return count
        return search.total

    return stop


def _two_thirds(search: Search) -> int:
    return round(search.total * 2 / 3)


def _same_best(search: Search, patience: int = 20) -> int:
    best = since = 0
    y = search.table.y
    for count in range(1, search.total):
        since = 0 if y[count] > y[best] else since + 1
        best = count if since == 0 else best
        if since >= patience:
            return count + 1
    return search.total


def _small_gain(search: Search, window: int = 10) -> int:
    y = search.table.y
    for count in range(2 * window, search.total):
        if (y[:count].max() - y[: count - window].max()) / window < 0.001:
            return count
    return search.total


HALF = "half a point worth having, planned count told (ours)"
NOISE = "the noise worth having, planned count told (ours)"
PATIENT = "two thirds of the planned, whatever the scores"
UNTOLD = "half a point worth having, planned count not told (ours)"
RULES: dict[str, tuple[Rule, int]] = {
    HALF: (ours(HALF_A_POINT, told=True), 0),
    NOISE: (ours(None, told=True), NOISY),
    UNTOLD: (ours(HALF_A_POINT, told=False), 0),
    PATIENT: (_two_thirds, 0),
    "same best for 20 trials (naive)": (_same_best, 0),
    "gain below 0.1 % a trial (naive)": (_small_gain, 0),
}


def replays_of(pool: Pool, count: int, total: int, seed: int) -> list[Search]:
    """Replays of random search."""
    rng = np.random.default_rng(seed)
    return [Search(replay(pool, total, rng), total, rng) for _ in range(count)]


def stop_rules(
    searches: Sequence[Search], names: Sequence[str] = (), *, seen_noise: float
) -> list[Row]:
    """Every rule on the same searches, checked every five trials from the thirtieth.

    The loss is that of the configuration one ends up with, by its true mean, after the
    confirmation that the audit recommends: the best five on three fresh seeds, in both cases.

    Args:
        searches: The searches.
        names: Which rules; all, if empty.
        seen_noise: The pool's true noise, against which the loss is told too.
    """
    rows = []
    for name, (rule, limit) in RULES.items():
        if names and name not in names:
            continue
        some = searches[: limit or None]
        spent = np.array([rule(search) for search in some])
        pairs = [(s, s.confirmed(s.total), s.confirmed(int(n))) for s, n in zip(some, spent)]  # noqa: B905
        lost = np.array([s.truth[whole] - s.truth[part] for s, whole, part in pairs])
        rows.append(
            {
                "rule": name,
                "replays": len(some),
                "trials_spent": float(spent.mean()) / some[0].total,
                "loses_half_a_point": rate(lost > HALF_A_POINT),
                "loses_more_than_noise": rate(lost > seen_noise),
                "mean_loss": float(lost.mean()),
            }
        )
    return rows


def foretelling(searches: Sequence[Search], count: int = 60) -> Row:
    """How well statistics at a trial foretell that the rest gains half a point (AUC; 0.5: not)."""
    late = np.array(
        [s.truth[s.confirmed(s.total)] - s.truth[s.confirmed(count)] for s in searches]
    )
    gains = late > HALF_A_POINT
    columns: dict[str, list[float]] = {}
    for search in searches:
        y = search.table.y[:count]
        top = np.sort(y)[::-1]
        picked = search.confirmed(count)
        values = {
            "spread of the best fifth": float((top[: count // 5] - top[count // 5]).mean()),
            "best over second": float(top[0] - top[1]),
            "trials since the best": -float(count - 1 - y.argmax()),
            "best five over the next five": float(top[:5].mean() - top[5:10].mean()),
            "best five over the confirmed mean": float(top[:5].mean() - search.fresh[picked]),
        }
        for name, value in values.items():
            columns.setdefault(name, []).append(value)
    return {"gains": rate(gains)} | {name: _auc(np.array(v), gains) for name, v in columns.items()}


def _auc(values: Any, positive: Any) -> float:
    if positive.all() or not positive.any():
        return float("nan")
    more = values[positive][:, None] - values[~positive][None]
    return float((more > 0).mean() + 0.5 * (more == 0).mean())


def said_and_seen(searches: Sequence[Search], count: int) -> Row:
    """Chance and size of the gain that the rest brings: as the audit says, and as it was."""
    said, seen = [], []
    for search in searches:
        found = gain.outlook(search.part(count), search.total - count, HALF_A_POINT)
        before, after = search.confirmed(count), search.confirmed(search.total)
        best = search.table.y[count:].max() > search.table.y[:count].max()
        said.append((found.chance, found.bound, found.chance_worth, found.expected))
        gained = search.truth[after] - search.truth[before]
        seen.append((best, gained > HALF_A_POINT, gained))
    new, at_most, worth, expected = np.mean(said, axis=0)
    seen_new, seen_worth, seen_gain = np.mean(np.array(seen, dtype=float), axis=0)
    return {
        "new_best_said": new,
        "new_best_seen": seen_new,
        "half_a_point_at_most": at_most,
        "half_a_point_said": worth,
        "half_a_point_seen": seen_worth,
        "gain_said": expected,
        "gain_seen": seen_gain,
    }
