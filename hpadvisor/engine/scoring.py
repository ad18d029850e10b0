"""Additive scores: points of facts to probabilities, with a trace of what counted most."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable

from hpadvisor.engine.conditions import LeafTrace
from hpadvisor.engine.entries import Points, Score
from hpadvisor.facts.facts import Facts


def add_scores(scores: Iterable[Score], facts: Facts) -> Facts:
    """Return the facts with every score that applies.

    Of several scores that define one fact, the most specific whose condition is true counts.

    Args:
        scores: The score tables.
        facts: What is known.
    """
    scored = facts.copy()
    chosen: dict[str, Score] = {}
    for score in scores:
        if score.status == "deprecated" or not score.condition.evaluate(facts).truth:
            continue
        known = chosen.get(score.fact)
        if known is None or score.specificity > known.specificity:
            chosen[score.fact] = score
    for name, score in chosen.items():
        scored.put(name, probability(score, facts), f"score {score.id}")
    return scored


def probability(score: Score, facts: Facts) -> float:
    """The logistic function of the start and all points."""
    total = score.start + sum(points_of(row, facts) for row in score.points)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def points_of(row: Points, facts: Facts) -> float:
    """The points that one fact adds."""
    value = facts.get(row.fact)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return row.unknown
    return row.points[bisect_right(row.below, float(value))]


def reasons(score: Score, facts: Facts, limit: int = 4) -> tuple[LeafTrace, ...]:
    """The facts that added the most points, as evidence: largest first."""
    rows = sorted(score.points, key=lambda row: -points_of(row, facts))
    traces = []
    for row in rows[:limit]:
        got = facts.fact(row.fact)
        if got is None or points_of(row, facts) <= 0.05:
            continue
        place = bisect_right(row.below, float(got.value))
        wanted: float | list[float]
        if place == 0:
            op, wanted = "lt", row.below[0]
        elif place == len(row.below):
            op, wanted = "ge", row.below[-1]
        else:
            op, wanted = "between", [row.below[place - 1], row.below[place]]
        traces.append(LeafTrace(row.fact, op, wanted, got.value, got.source, True))
    return tuple(traces)
