"""What the order of records says: headings, two bars an epoch, passes of validation, ranks."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

from hpadvisor.readers.curves.console.plans import HELD_OUT, Item, RecordPlan, of_part
from hpadvisor.readers.curves.console.rows import Log, Rows, filled, held_out_of
from hpadvisor.readers.curves.roles import role_of
from hpadvisor.readers.curves.tables import Floats, Mask

_BARS: Final = ("bar", "batch")

Whole: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]


def of_first_rank(log: Log) -> Log:
    """Keep the lines of one process of a distributed training."""
    ranks = log.places.get("rank")
    if ranks is None or not np.isfinite(ranks).any():
        return log
    first = np.nanmin(ranks)
    kept = np.isnan(ranks) | (ranks == first)
    others = np.unique(ranks[~kept])
    if len(others):
        log.left_out.append(
            f"{int((~kept).sum()):,} lines of {len(others)} other processes than {first:g}"
        )
    return log.only(kept)


def under_headings(log: Log, order: Floats, headings: list[tuple[float, str]]) -> None:
    """Give records without a part the one that a heading above them announces.

    A heading holds until another one, a record that says its part, or the next epoch or step.

    Args:
        log: The records; changed in place.
        order: Where each record stands in the log (n,).
        headings: Where each heading stands, and its part.
    """
    epochs = filled(log.places["epoch"]) if "epoch" in log.places else None
    steps = log.places.get("step")
    before = None if steps is None else filled(steps)
    starts = np.searchsorted(order, [place for place, _ in headings])
    ends = [*starts[1:].tolist(), log.size]
    said = _said_parts(log)
    for (_, part), start, end in zip(headings, starts.tolist(), ends, strict=True):
        limit = end
        for row in range(start, end):
            own = said[log.which[row]]
            later = row > 0 and (
                _risen(epochs, start - 1, row)
                or (
                    before is not None
                    and _risen(steps, 0, row, before[start - 1] if start else np.nan)
                )
            )
            initial = _is_first_epoch(log, epochs, start, row)
            if (own and own != part) or ((later or initial) and part in HELD_OUT):
                limit = row
                break
        if part in HELD_OUT:
            rows = np.arange(start, limit)
            give_part(log, rows[[not said[which] for which in log.which[rows]]], part)


def _is_first_epoch(log: Log, epochs: Floats | None, start: int, row: int) -> bool:
    """Whether a record tells the first epoch, so that what stands above is of no epoch."""
    if epochs is None or (start > 0 and np.isfinite(epochs[start - 1])):
        return False
    return "epoch" in log.groups[log.which[row]].plan.places


def _said_parts(log: Log) -> list[str]:
    """The part that a group says itself; "mixed" where it says several."""
    found = []
    for group in log.groups:
        parts = {item.part for item in group.plan.items if item.score and item.part}
        found.append("mixed" if len(parts) > 1 else (parts.pop() if parts else ""))
    return found


def _risen(places: Floats | None, start: int, row: int, known: float | None = None) -> bool:
    if places is None or start < 0:
        return False
    first = places[start] if known is None else known
    return bool(places[row] > first)


def give_part(log: Log, rows: Whole, part: str) -> None:
    """Say of some records that their scores are of a part."""
    for which in np.unique(log.which[rows]).tolist():
        group = log.groups[which]
        plan = of_part(group.plan, part)
        place = next(
            (
                number
                for number, other in enumerate(log.groups)
                if other.values is group.values and other.plan == plan
            ),
            None,
        )
        if place is None:
            log.groups.append(Rows(plan, group.order, group.values))
            place = len(log.groups) - 1
        chosen = rows[log.which[rows] == which]
        log.which[chosen] = place


def second_bars(log: Log) -> None:
    """Of two bars an epoch with the same names, the second is of the held-out part."""
    for name in _BARS:
        if name not in log.ends:
            continue
        totals = log.ends[name]
        plain = np.asarray([not part for part in _said_parts(log)], dtype=bool)[log.which]
        rows = np.flatnonzero(plain & np.isfinite(totals) & (totals > 0))
        kinds = list(dict.fromkeys(totals[rows].tolist()))
        if len(kinds) != 2 or len(rows) < 4:
            continue
        switches = int((np.diff(totals[rows]) != 0).sum())
        if switches < 2 or not _same_names(log, rows, totals, kinds):
            continue
        give_part(log, rows[totals[rows] == kinds[1]], "test")
        log.notes.append(
            f"two bars an epoch: the one of {kinds[0]:g} batches is training, "
            f"the one of {kinds[1]:g} held out"
        )


def _same_names(log: Log, rows: Whole, totals: Floats, kinds: list[float]) -> bool:
    first, second = (
        {
            item.name
            for which in np.unique(log.which[rows[totals[rows] == kind]])
            for item in log.groups[which].plan.items
            if item.score
        }
        for kind in kinds
    )
    return bool(first & second)


def summaries(log: Log) -> None:
    """A line without part and place right behind a pass of a held-out part sums it up.

    So do lines of nothing but metrics behind any record of it: "Test Iter: 79/79", "top-1 acc".
    """
    held, parts = held_out_of(log), log.parts()
    batches = _in_pass(log)
    metrics = log.flags(_of_metrics)
    bare = log.flags(lambda plan: not plan.places and not plan.part)
    if not held.any():
        return
    given: dict[int, str] = {}
    for row in np.flatnonzero(bare[1:]) + 1:
        before = int(row) - 1
        part = given.get(before, "") or (parts[log.which[before]] if held[before] else "")
        if part and (metrics[row] or (held[before] and batches[before])):
            given[int(row)] = part
    for part in sorted(set(given.values())):
        give_part(log, np.asarray([row for row, said in given.items() if said == part]), part)


def _of_metrics(plan: RecordPlan) -> bool:
    """Whether a record holds metrics, and no loss."""
    roles = {_set_of(item)[1] for item in plan.items if item.score}
    return roles == {"train_metric"}


def _in_pass(log: Log) -> Mask:
    inside = np.zeros(log.size, dtype=bool)
    for name in _BARS:
        if name in log.places:
            inside |= np.isfinite(log.places[name])
    return inside


def last_of_bars(log: Log) -> Log:
    """Of a bar that begins anew, keep its last state; states of one that does not are steps."""
    if "bar" not in log.places:
        return log
    bars = log.places["bar"]
    rows = np.flatnonzero(np.isfinite(bars))
    if len(rows) < 2:
        return log
    fresh = (np.diff(bars[rows]) < 0) | (np.diff(log.ends["bar"][rows]) != 0)
    if "epoch" in log.places:
        fresh |= np.diff(np.nan_to_num(filled(log.places["epoch"])[rows])) > 0
    if not (np.diff(bars[rows]) < 0).any() and "step" not in log.places:
        log.places["step"] = bars.copy()
        log.ends["step"] = log.ends["bar"].copy()
        return log
    run = np.concatenate(([0], np.cumsum(fresh)))
    kept = np.ones(log.size, dtype=bool)
    kept[rows] = False
    names = [
        frozenset(item.name for item in group.plan.items if item.score) for group in log.groups
    ]
    ends = np.flatnonzero(np.append(np.diff(run) > 0, True))
    begins = np.concatenate(([0], ends[:-1] + 1))
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        seen: frozenset[str] = frozenset()
        for row in rows[begin : end + 1][::-1].tolist():
            if not names[log.which[row]] <= seen:
                kept[row] = True
                seen |= names[log.which[row]]
            if row < rows[end] - 50:
                break
    if not kept.all():
        log.left_out.append("states of progress bars before their last")
    return log.only(kept)


def held_steps(log: Log) -> None:
    """Steps of held-out lines that begin anew count the batches of a pass: "valid step:10"."""
    steps = log.places.get("step")
    if steps is None:
        return
    held = held_out_of(log) & np.isfinite(steps)
    rows = np.flatnonzero(held)
    trained = np.cumsum(~held & np.isfinite(steps))[rows]
    again = (np.diff(steps[rows]) <= 0) & (np.diff(trained) > 0)
    if not again.any() or _at_training(log, steps, rows):
        return
    batches = log.places.setdefault("batch", np.full(log.size, np.nan))
    ends = log.ends.setdefault("batch", np.full(log.size, np.nan))
    for moved, kept in ((batches, steps), (ends, log.ends["step"])):
        moved[held] = kept[held]
        kept[held] = np.nan
    for which in np.unique(log.which[held]).tolist():
        plan = log.groups[which].plan
        renamed = {"batch" if name == "step" else name: one for name, one in plan.places.items()}
        log.groups[which].plan = RecordPlan(renamed, plan.items)


def _at_training(log: Log, steps: Floats, rows: Whole) -> bool:
    """Whether held-out lines say the step at which training stands."""
    before = filled(np.where(np.isin(np.arange(log.size), rows), np.nan, steps))[rows]
    return bool((before == steps[rows]).mean() > 0.5)


def passes(log: Log) -> tuple[Log, list[tuple[int, Floats]], bool]:
    """Reduce each pass over held-out batches to one record.

    Returns:
        The log with the last record of each pass; for groups of passes, the means of their values
        (as many as the group has records, by slot); whether the log is nothing but one pass.
    """
    held, inside = held_out_of(log), _in_pass(log)
    rows = np.flatnonzero(held & inside)
    if not len(rows):
        return log, [], False
    parts = np.asarray(log.parts(), dtype=object)[log.which]
    trained = np.cumsum(~held & (inside | (parts == "train")))  # training ends a pass
    fresh = (np.diff(trained[rows]) > 0) | (parts[rows][1:] != parts[rows][:-1])
    for name in _BARS:
        if name in log.places:
            fresh |= np.diff(log.places[name][rows]) < 0
    run = np.concatenate(([0], np.cumsum(fresh)))
    if len(rows) == len(np.unique(run)) and len(rows) > 1:
        return log, [], False
    alone = bool(run[-1] == 0 and len(rows) == log.size and log.size > 2)
    kept = np.ones(log.size, dtype=bool)
    kept[rows] = False
    kept[rows[np.append(np.diff(run) > 0, True)]] = True
    means = _means(log, rows, run)
    log.left_out.append("batches within a pass over held-out data")
    return log.only(kept), means, alone


def without_passes(log: Log) -> None:
    """Where a held-out part is summed up, its batches hold no curves of that kind."""
    summed: set[tuple[bool, str]] = set()
    for which in np.unique(log.which).tolist():
        plan = log.groups[which].plan
        if not _BATCHED & set(plan.places):
            summed |= {_set_of(item) for item in plan.items if item.part in HELD_OUT}
    for which in np.unique(log.which).tolist():
        plan = log.groups[which].plan
        if _BATCHED & set(plan.places) and plan.part in HELD_OUT:
            items = [item for item in plan.items if _set_of(item) not in summed]
            log.groups[which].plan = RecordPlan(plan.places, items)


def _set_of(item: Item) -> tuple[bool, str]:
    """Whether a value is of a test, and its role: ``eval``, ``dev`` and ``val`` are one set."""
    return item.part == "test", role_of(item.name)


_BATCHED: Final = frozenset(_BARS)


def _means(
    log: Log,
    rows: Whole,
    run: Whole,
) -> list[tuple[int, Floats]]:
    """Of groups of passes their numbers, averaged over a pass where they are no running means."""
    found = []
    for which in np.unique(log.which[rows]).tolist():
        group = log.groups[which]
        values = group.values.copy()
        here = log.which[rows] == which
        inside, passes_of = log.inside[rows[here]], run[here]
        for item in group.plan.items:
            if item.mean is not None:
                values[:, item.slot] = group.values[:, item.mean]
            elif "bar" not in group.plan.places:
                sums = np.bincount(passes_of, weights=group.values[inside, item.slot])
                counts = np.maximum(np.bincount(passes_of), 1)
                values[inside, item.slot] = (sums / counts)[passes_of]
        found.append((which, values))
    return found
