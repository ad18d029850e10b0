"""What a run does after an audit on its way: go on, widen, open what was held, or stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpadvisor.engine.text import human

if TYPE_CHECKING:
    from hpadvisor.auditing.model import Audit, NextParameter
    from hpadvisor.facts.searches.review import Review
    from hpadvisor.search.growing import Audited
    from hpadvisor.search.plan import Dimension

MOST_OPENED = 2
"""Hyperparameters that are opened at a time."""
FEWEST_FOR_OPENED = 8
"""Trials that must be left for what is opened."""


def decided(
    audit: Audit,
    found: Review,
    space: Sequence[Dimension],
    held: Sequence[Dimension],
    *,
    after: int,
    left: int,
) -> Audited:
    """Return what a run does after an audit on its way.

    Args:
        audit: The audit.
        found: The statistics behind it.
        space: The dimensions so far.
        held: Dimensions that may be opened, the most important first; ``held`` has their values.
        after: Finished trials.
        left: Trials that are still planned.
    """
    from hpadvisor.auditing.widening import widened
    from hpadvisor.facts.searches.review import stops

    made: Audited = {"after": after, "changes": [], "space": None, "stop": None}
    wider = {item.name: item for item in widened(found)}
    changes, dimensions = [], []
    for item in space:
        other = _widened(item, wider[item["name"]]) if item["name"] in wider else item
        changes += _words(item, other)
        dimensions.append(other)
    if not changes and audit.decision == "stop":
        opened = _openable(space, held) if stops(found) and left >= FEWEST_FOR_OPENED else []
        if not opened:
            return {**made, "stop": " ".join(audit.reasons[:1])}
        dimensions += opened
        changes = [_opened(item) for item in opened]
    return {**made, "changes": changes, "space": dimensions} if changes else made


def keeps(audit: Audit, *, after: int) -> Audited:
    """Return what a run does after an audit where the space is to stay as it is."""
    stop = " ".join(audit.reasons[:1]) if audit.decision == "stop" else None
    return {"after": after, "changes": [], "space": None, "stop": stop}


def gains_nothing(found: Review) -> bool:
    """Whether further trials cannot gain anything: all is tried, or all scores are the same."""
    done = found.finite is not None and found.finite.done
    return done or (len(found.table) > 1 and float(found.table.y.std()) == 0)


def _widened(item: Dimension, wider: NextParameter) -> Dimension:
    number = int if item["type"] == "int" else float
    low, high = number(wider.low or 0), number(wider.high or 0)
    found = {**item, "low": min(item["low"], low), "high": max(item["high"], high)}
    if "legal" in item:
        least, most = item["legal"]
        found["low"] = max(found["low"], least)
        found["high"] = min(found["high"], most)
    return found


def _words(before: Dimension, after: Dimension) -> list[str]:
    if before["type"] == "categorical":
        return []
    return [
        f"{before['name']} {way} {human(after[end])} (so far {human(before[end])}): the best "
        "trials lie at that end"
        for end, way in (("low", "down to"), ("high", "up to"))
        if after[end] != before[end]
    ]


def _openable(space: Sequence[Dimension], held: Sequence[Dimension]) -> list[Dimension]:
    searched = {item["name"] for item in space}
    return [item for item in held if item["name"] not in searched][:MOST_OPENED]


def _opened(item: Dimension) -> str:
    values = (
        human(item["choices"]) if item["type"] == "categorical"
        else f"{human(item['low'])} to {human(item['high'])}"
    )  # fmt: skip
    return (
        f"{item['name']} is opened, {values} (held at {human(item['held'])}): nothing is left to "
        "gain from the others"
    )


def held_dimensions(
    space: Sequence[Dimension], searched: Sequence[str], held: Mapping[str, Any]
) -> list[Dimension]:
    """Return the dimensions of a wider plan that a run holds, and could open on its way.

    Args:
        space: The dimensions of a plan that searches all that the command can set.
        searched: Names that the run's own plan searches.
        held: Values of those that it holds, by name.
    """
    return [
        {**item, "held": held[item["name"]]}
        for item in space
        if item["name"] in held and item["name"] not in searched
    ]
