"""What of a run's budget is kept to train its finalists again, where the seed moves the score."""

from __future__ import annotations

from typing import Any

from hpadvisor.running.baseline import Baseline

FEWEST_TO_KEEP = 24
"""Full trainings of the search from which some are kept for its finalists."""
FINALISTS, SEEDS = 3, 2
"""Replayed, six of 37 trainings cost about what they bring; on test rows they brought more
(benchmarks/loop/RESULTS.md)."""
MOST_SEEDS = 6
"""Fresh seeds at most, where a search that ended early has left trainings over."""


def with_confirmation(data: dict[str, Any], found: Baseline) -> dict[str, Any]:
    """Return a search with a confirmation, where the baseline shows that seeds matter.

    The seeds are those of the baseline's own repeats: then it is compared seed by seed, and none
    of its trainings is done again.

    Args:
        data: The search as plain data.
        found: The baseline to go on with.
    """
    if found.noise is None:
        return data
    repeated = len(found.outcomes) - 1
    kept = data if data["confirm"] else _kept(data)
    confirm = kept["confirm"]
    if not confirm or repeated < confirm["seeds"]:
        return kept
    more = {**confirm, "finalists": confirm["finalists"] + 1, "baseline": True}
    return {**kept, "confirm": more, "first_seed": 1}


def _kept(data: dict[str, Any]) -> dict[str, Any]:
    """Return a search that keeps some of its trainings for its finalists."""
    trainings = data["trainings"]
    if trainings < FEWEST_TO_KEEP:
        return data
    cost = FINALISTS * SEEDS
    *phases, last = data["phases"]
    trials = sum(phase["trials"] for phase in data["phases"])
    fewer = min(round(cost * trials / trainings), last["trials"] - 1)
    budget = {**data["memory"].get("budget", {}), "confirmation": cost, "trials": trials - fewer}
    return {
        **data,
        "trainings": trainings - cost,
        "phases": [*phases, {**last, "trials": last["trials"] - fewer}],
        "confirm": {"finalists": FINALISTS, "seeds": SEEDS, "baseline": True},
        "memory": {**data["memory"], "budget": budget},
    }
