"""Rows in order: unsorted, duplicated and restarted steps, NaN that stands for a blank."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from hpadvisor.readers.curves.tables import Column, Floats, Mask, median

FARTHEST = 1e150
"""Positions beyond are no positions; their distances must stay finite."""


def pieces_of(positions: Floats, score: Column | None) -> list[Mask]:
    """Split rows where a position falls back to the beginning: another run was appended.

    A fall back to a middle position is a resumed training, many falls are unsorted rows; neither
    is split.
    """
    whole = [np.ones(len(positions), dtype=bool)]
    if len(positions) < 6 or score is None:
        return whole
    backwards = np.flatnonzero(np.diff(positions) < 0) + 1
    if len(backwards) == 0 or len(backwards) > max(1, 0.1 * len(positions)):
        return whole
    start = positions[0]
    span = positions.max() - positions.min()
    fresh = [int(row) for row in backwards if positions[row] <= start + 0.02 * span]
    edges = list(pairwise([0, *fresh, len(positions)]))
    if len(edges) == 1 or min(end - begin for begin, end in edges) < 3:
        return whole
    masks = []
    for begin, end in edges:
        mask = np.zeros(len(positions), dtype=bool)
        mask[begin:end] = True
        masks.append(mask)
    return masks


def ordered(x: Floats, y: Floats, name: str, notes: list[str]) -> tuple[Floats, Floats]:
    """Put a series in order; of rows at one position, repairs keep what was logged last.

    Args:
        x: Positions (n,) as logged.
        y: Values (n,).
        name: Column, for the notes.
        notes: Receives what was repaired.

    Returns:
        Rising positions and their values.
    """
    x = np.clip(x, -FARTHEST, FARTHEST)
    steps = np.diff(x)
    if len(steps) == 0 or steps.min() > 0:
        return x, y
    falls = int((steps < 0).sum())
    if falls > max(1, 0.1 * len(x)):
        notes.append("rows were not in order and have been sorted")
        place = np.argsort(x, kind="stable")
        x, y = x[place], y[place]
    elif falls:
        notes.append("training was resumed: rows of the abandoned part are left out")
        keep = _after_restarts(x)
        x, y = x[keep], y[keep]
    return _without_duplicates(x, y, name, notes)


def _after_restarts(x: Floats) -> Mask:
    """Rows that no later row overtakes from behind."""
    later_minimum = np.minimum.accumulate(x[::-1])[::-1]
    keep = np.ones(len(x), dtype=bool)
    keep[:-1] = x[:-1] <= later_minimum[1:]
    return keep


def _without_duplicates(
    x: Floats, y: Floats, name: str, notes: list[str]
) -> tuple[Floats, Floats]:
    repeated = int((np.diff(x) == 0).sum())
    if not repeated:
        return x, y
    if repeated > 0.5 * len(x) or _logged_twice(x, y):
        # Many rows an epoch: spread them evenly between this position and the next.
        first = np.flatnonzero(np.append(True, np.diff(x) > 0))
        unique, counts = x[first], np.diff(np.append(first, len(x)))
        gap = median(np.diff(unique)) if len(unique) > 1 else 1.0
        within = np.arange(len(x)) - np.repeat(first, counts)
        return x + gap * within / np.repeat(counts, counts), y
    notes.append(f"{name}: {repeated} repeated positions, the last row of each is used")
    last = np.append(np.diff(x) > 0, True)
    return x[last], y[last]


def _logged_twice(x: Floats, y: Floats) -> bool:
    """Whether most positions have two values or more, which differ: batches of an epoch."""
    first = np.flatnonzero(np.append(True, np.diff(x) > 0))
    counts = np.diff(np.append(first, len(x)))
    again = np.flatnonzero(np.diff(x) == 0)
    differ = (y[again] != y[again + 1]).mean()
    return bool(median(counts.astype(np.float64)) >= 2 and differ > 0.5)


def blank_nans(column: Column, printed: bool = False) -> Mask:
    """NaN that stands for "not logged on this row": it alternates with finite values.

    A line that prints NaN now and then, among more numbers, means it.

    A training that broke stays NaN to its end, so NaN after the last finite value is real,
    unless the finite values are as sparse as evaluations among training rows.
    """
    nans = column.present & np.isnan(column.values)
    finite = column.present & np.isfinite(column.values)
    if not nans.any() or not finite.any():
        return np.zeros(len(nans), dtype=bool)
    switches = int((finite[1:] & nans[:-1]).sum())
    if switches < 2 or (printed and nans.sum() < finite.sum()):
        return np.zeros(len(nans), dtype=bool)
    places = np.flatnonzero(finite)
    usual = int(median(np.diff(places))) if len(places) > 1 else 1
    tail = len(nans) - 1 - int(places[-1])
    blank = nans.copy()
    if tail > 2 * max(usual, 1):
        blank[places[-1] + 1 :] = False
    return blank


def blank_from(losses: Sequence[Column], positions: Floats) -> float | None:
    """Where the losses stop while rows go on: tools write NaN as an empty cell or null.

    A row or two may sum a training up, and rows between evaluations carry no loss: more rows than
    that must follow the last one, at further positions.

    Args:
        losses: Columns of the losses; where one goes on, nothing is blank.
        positions: Of the rows (rows,).
    """
    if not losses:
        return None
    logged = np.any([column.present for column in losses], axis=0)
    places = np.flatnonzero(logged)
    if len(places) < 3:
        return None
    last = int(places[-1])
    tail = len(logged) - 1 - last
    usual = int(median(np.diff(places)))
    if tail < 3 or tail <= 2 * usual or positions[-1] <= positions[last]:
        return None
    return float(positions[last + 1])
