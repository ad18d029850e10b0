"""Conditions: trees of facts and operators that answer true, false or unknown, with a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from hpadvisor.facts.facts import Facts
from hpadvisor.readers.patterns import pattern
from hpadvisor.records import Record

Truth = bool | None
"""True, False, or None for unknown."""


class LeafTrace(NamedTuple):
    """What one leaf looked at.

    Attributes:
        fact: The fact's name.
        op: The operator.
        wanted: The value in the rule.
        got: The value found, None where unknown.
        where: Who stated the value, empty where unknown.
        truth: The leaf's answer.
    """

    fact: str
    op: str
    wanted: Any
    got: Any
    where: str
    truth: Truth


class Outcome(NamedTuple):
    """The answer of a condition.

    Attributes:
        truth: True, False or None (unknown).
        trace: Every leaf that was looked at, in order.
        unknown: Names of the facts that would decide it, where it is unknown.
    """

    truth: Truth
    trace: tuple[LeafTrace, ...] = ()
    unknown: frozenset[str] = frozenset()


class Condition(Protocol):
    """Something that facts can fulfil."""

    def evaluate(self, facts: Facts) -> Outcome:
        """Answer for these facts."""
        ...

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves, in order."""
        ...


Test = Callable[[Any, Any], bool]

OPERATORS: dict[str, Test] = {
    "eq": lambda got, wanted: bool(got == wanted),
    "ne": lambda got, wanted: bool(got != wanted),
    "gt": lambda got, wanted: bool(got > wanted),
    "ge": lambda got, wanted: bool(got >= wanted),
    "lt": lambda got, wanted: bool(got < wanted),
    "le": lambda got, wanted: bool(got <= wanted),
    "between": lambda got, wanted: bool(wanted[0] <= got <= wanted[1]),
    "in": lambda got, wanted: got in wanted,
    "not_in": lambda got, wanted: got not in wanted,
    "contains": lambda got, wanted: wanted in got,
    "exists": lambda got, wanted: True,
    "matches": lambda got, wanted: pattern(wanted).fullmatch(str(got)),
}
"""Every operator of a leaf. ``exists`` is answered before its test is asked."""

ORDER_OPERATORS = frozenset({"gt", "ge", "lt", "le", "between"})
LIST_OPERATORS = frozenset({"in", "not_in", "between"})


class Leaf(Record):
    """One fact, one operator, one wanted value."""

    fact: str
    op: str
    wanted: Any

    def evaluate(self, facts: Facts) -> Outcome:
        """Compare the fact; an unknown fact gives unknown, except for ``exists``."""
        found = facts.fact(self.fact)
        got = None if found is None else found.value
        where = "" if found is None else found.source
        truth: Truth
        if self.op == "exists":
            truth = (found is not None) == self.wanted
        elif found is None:
            truth = None
        else:
            try:
                truth = OPERATORS[self.op](got, self.wanted)
            except TypeError:  # a text where numbers are compared: it cannot be told
                truth = None
        trace = LeafTrace(self.fact, self.op, self.wanted, got, where, truth)
        unknown = frozenset({self.fact}) if truth is None else frozenset[str]()
        return Outcome(truth, (trace,), unknown)

    def leaves(self) -> Iterator[Leaf]:
        """Yield itself."""
        yield self


class All(Record):
    """True when every part is; false when one is; else unknown."""

    parts: tuple[Condition, ...]

    def evaluate(self, facts: Facts) -> Outcome:
        """Answer by Kleene's strong logic."""
        return _join([part.evaluate(facts) for part in self.parts], decisive=False)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of every part."""
        for part in self.parts:
            yield from part.leaves()


class AnyOf(Record):
    """True when one part is; false when every one is false; else unknown."""

    parts: tuple[Condition, ...]

    def evaluate(self, facts: Facts) -> Outcome:
        """Answer by Kleene's strong logic."""
        return _join([part.evaluate(facts) for part in self.parts], decisive=True)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of every part."""
        for part in self.parts:
            yield from part.leaves()


class Not(Record):
    """The opposite of its part; unknown stays unknown."""

    part: Condition

    def evaluate(self, facts: Facts) -> Outcome:
        """Turn the answer round."""
        outcome = self.part.evaluate(facts)
        truth = None if outcome.truth is None else not outcome.truth
        return Outcome(truth, outcome.trace, outcome.unknown)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of the part."""
        yield from self.part.leaves()


ALWAYS = All(())
"""The condition of an entry without ``when``."""


def _join(outcomes: list[Outcome], *, decisive: bool) -> Outcome:
    """Join the answers of parts: one decisive answer settles it, then unknown, then the other."""
    trace = tuple(leaf for outcome in outcomes for leaf in outcome.trace)
    truths = [outcome.truth for outcome in outcomes]
    if decisive in truths:
        return Outcome(decisive, trace)
    if None in truths:
        open_parts = [outcome.unknown for outcome in outcomes if outcome.truth is None]
        return Outcome(None, trace, frozenset().union(*open_parts))
    return Outcome(not decisive, trace)


def facts_of(condition: Condition) -> set[str]:
    """Return the names of the facts that a condition looks at."""
    return {leaf.fact for leaf in condition.leaves()}
