"""Records of all lines to a table: ranks, bars, passes of validation, neighbours of one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hpadvisor.readers.curves.console.plans import HELD_OUT, Item, RecordPlan
from hpadvisor.readers.curves.tables import Column, Floats, Mask

_NO: Final = float("nan")
MAX_CELLS: Final = 60_000_000
"""A table of more cells keeps its losses and scores only."""


@dataclass(slots=True)
class Rows:
    """Records of one plan: where in the log they stand (n,), and the numbers of their lines."""

    plan: RecordPlan
    order: Floats
    values: Floats

    def kept(self, rows: Mask) -> Rows:
        """Some of the records."""
        return Rows(self.plan, self.order[rows], self.values[rows])

    def place(self, name: str) -> Floats:
        """Positions of a counter (n,); NaN where the plan has none."""
        found = self.plan.places.get(name)
        return np.full(len(self.order), _NO) if found is None else self.values[:, found.slot]

    def end(self, name: str) -> Floats:
        """Planned ends of a counter (n,); NaN where the plan says none."""
        found = self.plan.places.get(name)
        if found is None or found.of is None:
            return np.full(len(self.order), _NO)
        return self.values[:, found.of]


@dataclass(slots=True)
class Log:
    """All records of a log, in order, by counter.

    Attributes:
        groups: Records by plan.
        which: Of each record (n,), the group that it is of.
        inside: Of each record (n,), which of its group it is.
        places: Counters by name (n,), as they stand in the lines.
        ends: Their planned ends (n,).
        notes: What was repaired.
        left_out: What was not taken for a curve.
    """

    groups: list[Rows]
    which: np.ndarray[tuple[int], np.dtype[np.int64]]
    inside: np.ndarray[tuple[int], np.dtype[np.int64]]
    places: dict[str, Floats]
    ends: dict[str, Floats]
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many records there are."""
        return len(self.which)

    def parts(self) -> list[str]:
        """The part of each group's scores."""
        return [group.plan.part for group in self.groups]

    def flags(self, of: Callable[[RecordPlan], bool]) -> Mask:
        """What holds of the plan of each record (n,)."""
        known = np.asarray([of(group.plan) for group in self.groups], dtype=bool)
        return known[self.which] if self.size else np.empty(0, dtype=bool)

    def only(self, rows: Mask) -> Log:
        """Some of the records."""
        places = {name: values[rows] for name, values in self.places.items()}
        ends = {name: values[rows] for name, values in self.ends.items()}
        return Log(
            self.groups,
            self.which[rows],
            self.inside[rows],
            places,
            ends,
            self.notes,
            self.left_out,
        )


def log_of(groups: list[Rows]) -> Log:
    """Put the records of all plans in the order of the log."""
    groups = [group for group in groups if len(group.order)]
    order = np.concatenate([group.order for group in groups]) if groups else np.empty(0)
    which = np.repeat(np.arange(len(groups)), [len(group.order) for group in groups])
    counts = [np.arange(len(group.order), dtype=np.int64) for group in groups]
    inside = np.concatenate(counts) if counts else np.empty(0, dtype=np.int64)
    sorting = np.argsort(order, kind="stable")
    names = dict.fromkeys(name for group in groups for name in group.plan.places)
    places, ends = {}, {}
    for name in names:
        places[name] = np.concatenate([group.place(name) for group in groups])[sorting]
        ends[name] = np.concatenate([group.end(name) for group in groups])[sorting]
    return Log(groups, which[sorting], inside[sorting], places, ends)


def filled(values: Floats) -> Floats:
    """Each gap (n,) as the value before it; gaps at the beginning stay."""
    known = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    return np.where(last >= 0, values[np.maximum(last, 0)], _NO)


def scored_of(log: Log) -> Mask:
    """Which records are of use (n,)."""
    return log.flags(lambda plan: plan.kept)


def held_out_of(log: Log) -> Mask:
    """Which records hold scores of a held-out part only (n,)."""
    return log.flags(lambda plan: plan.part in HELD_OUT)


def column_of(log: Log, rows: list[tuple[int, Item, Floats | None]], record: Floats) -> Column:
    """One column of the table.

    Args:
        log: The records.
        rows: Groups that fill it: which, by which item, and numbers in place of those logged.
        record: The row of the table that each record belongs to (n,).
    """
    size = int(record.max()) + 1 if len(record) else 0
    values, present = np.full(size, _NO), np.zeros(size, dtype=bool)
    for which, item, replaced in rows:
        here = np.flatnonzero(log.which == which)
        target = record[here].astype(np.int64)
        inside = log.inside[here]
        group = log.groups[which]
        if replaced is not None:
            group = Rows(group.plan, group.order, replaced)
        values[target] = numbers_of(group, item)[inside]
        present[target] = True
    return Column(values, present)


def numbers_of(group: Rows, item: Item) -> Floats:
    """The values of an item (n,): a percentage and a share of a count as a fraction of one."""
    values = group.values[:, item.slot]
    if item.of is not None:
        whole = group.values[:, item.of]
        shared = (whole >= values) & (whole > 0)
        values = np.where(shared, values / np.where(whole > 0, whole, 1.0), values)
    return values / 100 if item.percent else values
