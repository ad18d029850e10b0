"""What stands in a log twice or outside of its training: repeated values, a last evaluation."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from hpadvisor.readers.curves.console.plans import RecordPlan
from hpadvisor.readers.curves.console.rows import Log, filled
from hpadvisor.readers.curves.tables import Mask


def before_first_epoch(log: Log) -> None:
    """Records above the first heading of an epoch are of the epoch before it.

    An excerpt may begin with the last bar of an epoch whose heading was cut off.
    """
    epochs = log.places.get("epoch")
    if epochs is None or log.size < 2:
        return
    known = np.isfinite(epochs)
    if known.all() or not known.any():
        return
    first = int(np.argmax(known))
    if 0 < first <= 2 and epochs[first] >= 1 and known[first:].all():
        epochs[:first] = epochs[first] - 1


def without_evaluation(log: Log) -> Log:
    """Leave out bars behind the last epoch that count other batches: ``model.evaluate``."""
    ends, epochs = log.ends.get("bar"), log.places.get("epoch")
    if ends is None or epochs is None:
        return log
    bars = np.flatnonzero(np.isfinite(ends))
    if len(bars) < 3:
        return log
    usual, last = ends[bars[0]], bars[-1]
    behind = np.flatnonzero(ends[bars] != usual)
    whole = np.isfinite(epochs[last]) and (ends[bars[:-1]] == usual).all()
    if not whole or behind.tolist() != [len(bars) - 1]:
        return log
    before = bars[-2]
    if epochs[before] != epochs[last] or not _names(log, last) < _names(log, before):
        return log
    kept: Mask = np.arange(log.size) != last
    log.left_out.append("an evaluation behind the last epoch")
    return log.only(kept)


def _names(log: Log, row: int) -> frozenset[str]:
    plan = log.groups[log.which[row]].plan
    return frozenset(item.name for item in plan.items if item.score)


def told_twice(log: Log) -> None:
    """Of two lines that tell the same value turn by turn, the later one is read.

    A bar ends with ``train_loss=0.94``, and the summary below it says ``train loss: 9.4e-01``.
    """
    kinds: dict[_Kind, list[int]] = {}
    for which in np.unique(log.which).tolist():
        kinds.setdefault(_kind(log.groups[which].plan), []).append(which)
    holders: dict[str, list[_Kind]] = {}
    for kind in kinds:
        for name in kind[0]:
            holders.setdefault(name, []).append(kind)
    for name, found in holders.items():
        if len(found) != 2:
            continue
        rows = [np.flatnonzero(np.isin(log.which, kinds[kind])) for kind in found]
        early, late = (0, 1) if rows[0][0] < rows[1][0] else (1, 0)
        if _turn_by_turn(log, rows[early], rows[late]):
            for which in kinds[found[early]]:
                plan = log.groups[which].plan
                items = [item for item in plan.items if item.name != name]
                log.groups[which].plan = RecordPlan(plan.places, items)


def summed_up(log: Log) -> None:
    """Where batches of an epoch are told, a line of the whole epoch holds no values of that name.

    "END epoch:3 train loss: 0.4" behind "epoch:3 train step:10 loss: 0.5": one curve, not two.
    """
    whole: dict[frozenset[str], list[int]] = {}
    batches: dict[str, int] = {}
    batched: set[int] = set()
    for which in np.unique(log.which).tolist():
        plan = log.groups[which].plan
        if set(plan.places) & {"step", "batch", "bar", "iteration"}:
            batched.add(which)
            for name in _kind(plan)[0]:
                batches[name] = batches.get(name, 0) + int((log.which == which).sum())
        elif set(plan.places) == {"epoch"}:
            whole.setdefault(_kind(plan)[0], []).append(which)
    for groups in whole.values():
        rows = np.flatnonzero(np.isin(log.which, groups))
        epochs = len(rows)
        told = np.isin(log.which[: rows[0]], sorted(batched))
        if epochs < 2 or not told.any():
            continue
        for which in groups:
            plan = log.groups[which].plan
            items = [item for item in plan.items if batches.get(item.name, 0) <= epochs]
            log.groups[which].plan = RecordPlan(plan.places, items)


_Kind: TypeAlias = tuple[frozenset[str], frozenset[str]]
"""The scores and the places of a line: lines of one kind may be of several shapes."""


def _kind(plan: RecordPlan) -> _Kind:
    return frozenset(item.name for item in plan.items if item.score), frozenset(plan.places)


def _turn_by_turn(
    log: Log,
    first: np.ndarray[tuple[int], np.dtype[np.int64]],
    second: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> bool:
    """Whether rows alternate, and each pair stands at one place of the training."""
    if len(first) != len(second) or len(first) < 3:
        return False
    if not (first < second).all() or not (second[:-1] < first[1:]).all():
        return False
    known = [filled(log.places[name]) for name in ("epoch", "step") if name in log.places]
    for places in known:
        if not np.array_equal(places[first], places[second], equal_nan=True):
            continue
        return bool((np.diff(places[first]) > 0).all())
    return False
