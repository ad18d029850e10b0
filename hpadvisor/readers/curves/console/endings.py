"""What stands behind the training: the best epoch told again, a closing evaluation."""

from __future__ import annotations

from typing import Final

import numpy as np

from hpadvisor.readers.curves.console.plans import NEEDS_PLACE, RecordPlan
from hpadvisor.readers.curves.console.rows import Log, Rows
from hpadvisor.readers.curves.tables import Floats, Mask

_FAR: Final = 30
"""Lines that a heading of the best so far speaks for at most."""

_FEWEST: Final = 3
"""Epochs of a log behind which an evaluation may stand."""


def epochs_behind_parts(log: Log) -> None:
    """Numbers behind a part count epochs where they rise: "Train 3, loss: 0.4"."""
    numbers = log.places.get("epoch?")
    if numbers is None or "epoch" in log.places:
        return
    known = numbers[np.isfinite(numbers)]
    steps = np.diff(known)
    if len(steps) and (steps >= 0).all() and steps.any():
        log.places["epoch"], log.ends["epoch"] = numbers, log.ends["epoch?"]


def ended_epochs(log: Log) -> None:
    """A line that tells that an epoch has ended says the epoch of the records above it.

    So it is for records above which no other line has told the epoch since the last that ended.
    """
    epochs = log.places.get("epoch")
    if epochs is None:
        return
    ends = np.flatnonzero(log.flags(_tells_of_an_end) & np.isfinite(epochs))
    begin = 0
    for row in ends.tolist():
        if not np.isfinite(epochs[begin:row]).any():
            epochs[begin:row] = epochs[row]
        begin = row + 1
    if len(ends) and not np.isfinite(epochs[begin:]).any():
        epochs[begin:] = epochs[ends[-1]] + 1


def _tells_of_an_end(plan: RecordPlan) -> bool:
    epoch = plan.places.get("epoch")
    return epoch is not None and epoch.ended


def without_best(log: Log, order: Floats, bests: list[float]) -> Log:
    """Leave out what a heading such as "Best at epoch 49:" tells again.

    That are the records without a place below it, and one of a place where training has been.

    Args:
        log: All records, those without a score too.
        order: Where each stands in the log (n,).
        bests: Where the headings stand.
    """
    placed = _placed(log)
    if not bests or not placed.any():
        return log
    reached = _reached(log)
    kept = np.ones(log.size, dtype=bool)
    for place in bests:
        row = first = int(np.searchsorted(order, place, side="right"))
        while row < log.size and order[row] <= place + _FAR:
            again = row == first and placed[row] and row > 0 and _is_again(reached, row)
            if placed[row] and not again:
                break
            kept[row] = False
            row += 1
    if not kept.all():
        log.left_out.append("the best so far, told again")
    return log.only(kept)


def without_closing(log: Log) -> Log:
    """Leave out records without a place behind the last one, of a kind that was not there before.

    A test that follows the training is no curve of it.
    """
    placed, epochs = _placed(log), log.places.get("epoch")
    if epochs is None or len(np.unique(epochs[np.isfinite(epochs)])) < _FEWEST:
        return log
    last = int(np.flatnonzero(placed)[-1])
    before = {_names(group.plan) for group in _groups(log, np.arange(log.size) <= last)}
    closing = [
        which
        for which in np.unique(log.which[last + 1 :]).tolist()
        if _names(log.groups[which].plan) not in before
    ]
    behind = (np.arange(log.size) > last) & np.isin(log.which, closing)
    if (~behind & log.flags(lambda plan: plan.scored)).any() and behind.any():
        log.left_out.append("an evaluation behind the last epoch")
        return log.only(~behind)
    return log


def _placed(log: Log) -> Mask:
    """Which records say where in the training they stand (n,).

    Counters that come up in the last half only are of something else: "Step 3 RMSE = 20.7" of a
    forecast.
    """
    if not log.size:
        return np.empty(0, dtype=bool)
    early = np.unique(log.which[: (log.size + 1) // 2]).tolist()
    usual = NEEDS_PLACE & {name for which in early for name in log.groups[which].plan.places}
    return log.flags(lambda plan: bool(usual & set(plan.places)))


def _reached(log: Log) -> Floats:
    """How far each record is by the first of its counters (n,); NaN for none."""
    found = np.full(log.size, np.nan)
    for name in ("epoch", "step", "index"):
        if name in log.places:
            found = np.where(np.isnan(found), log.places[name], found)
    return found


def _is_again(reached: Floats, row: int) -> bool:
    """Whether training had been where a record stands."""
    before = reached[:row][np.isfinite(reached[:row])]
    return len(before) > 0 and bool(reached[row] <= before.max())


def _groups(log: Log, rows: Mask) -> list[Rows]:
    return [log.groups[which] for which in np.unique(log.which[rows]).tolist()]


def _names(plan: RecordPlan) -> frozenset[str]:
    return frozenset(item.name for item in plan.items if item.score)
