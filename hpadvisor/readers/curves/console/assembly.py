"""Everything that was gathered from a console log to one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hpadvisor.readers.curves.console import formats
from hpadvisor.readers.curves.console.echoes import ToldValue
from hpadvisor.readers.curves.console.endings import (
    ended_epochs,
    epochs_behind_parts,
    without_best,
    without_closing,
)
from hpadvisor.readers.curves.console.passes import (
    held_steps,
    last_of_bars,
    of_first_rank,
    passes,
    second_bars,
    summaries,
    under_headings,
    without_passes,
)
from hpadvisor.readers.curves.console.plans import Item
from hpadvisor.readers.curves.console.repeats import (
    before_first_epoch,
    summed_up,
    told_twice,
    without_evaluation,
)
from hpadvisor.readers.curves.console.rows import (
    MAX_CELLS,
    Log,
    Rows,
    column_of,
    filled,
    held_out_of,
    log_of,
    scored_of,
)
from hpadvisor.readers.curves.console.unsure import of_no_measure, of_no_part
from hpadvisor.readers.curves.tables import Column, Floats, Mask, Table

_GROUPING: Final = ("fold", "folds", "kfold", "cv_fold", "run", "trial", "seed", "repeat", "split")


@dataclass(slots=True)
class Gathered:
    """What was read so far.

    Attributes:
        source: For messages.
        groups: Records by plan, in pieces.
        headings: Where a heading stands, and the part that it announces.
        told: Settings that the log prints.
        left_out: Why lines were left out, and how many.
        bests: Where lines stand that announce the best so far.
    """

    source: str
    groups: list[Rows] = field(default_factory=list)
    headings: list[tuple[float, str]] = field(default_factory=list)
    told: dict[str, ToldValue] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    bests: list[float] = field(default_factory=list)


def table_of_log(gathered: Gathered) -> Table | None:
    """Build the table; None where no record holds a score."""
    if not any(group.plan.kept for group in gathered.groups):
        return None
    log = log_of(_joined(gathered.groups))
    log = of_first_rank(log)
    log = without_best(log, _order(log), gathered.bests)
    log = without_closing(log)
    epochs_behind_parts(log)
    ended_epochs(log)
    _whole_run(log)
    for name in ("epoch", *_GROUPING):
        if name in log.places:
            log.places[name] = filled(log.places[name])
    _announced(log)
    log = log.only(scored_of(log))
    log = log.only(~_before_training(log))
    before_first_epoch(log)
    if gathered.headings:
        under_headings(log, _order(log), sorted(gathered.headings))
    held_steps(log)
    log = without_evaluation(log)
    second_bars(log)
    summaries(log)
    log = last_of_bars(log)
    log, means, alone = passes(log)
    without_passes(log)
    told_twice(log)
    summed_up(log)
    unclear = of_no_part(log) | of_no_measure(log)
    _steps(log)
    table = _table(log, means, gathered)
    table.unclear = unclear & set(table.columns)
    if alone:
        table.refusal = (
            "evaluation_pass",
            "one pass over held-out data: its running values are no training",
        )
    return table


def _joined(groups: list[Rows]) -> list[Rows]:
    """Join the pieces of one plan."""
    kinds: dict[int, list[Rows]] = {}
    for group in groups:
        kinds.setdefault(id(group.plan), []).append(group)
    joined = []
    for pieces in kinds.values():
        order = np.concatenate([piece.order for piece in pieces])
        values = np.concatenate([piece.values for piece in pieces])
        joined.append(Rows(pieces[0].plan, order, values))
    return joined


def _order(log: Log) -> Floats:
    order = np.empty(log.size)
    for which, group in enumerate(log.groups):
        here = log.which == which
        order[here] = group.order[log.inside[here]]
    return order


def _announced(log: Log) -> None:
    """A step that stands on a line of its own is that of the records below it.

    Where each record has such a line behind it and the first has none in front, it is that of the
    record above.
    """
    if "step" not in log.places:
        return
    steps, kept = log.places["step"], scored_of(log)
    known = np.isfinite(steps)
    told, alone = np.flatnonzero(kept & ~known), np.flatnonzero(known & ~kept)
    if 2 <= len(told) == len(alone) and (told < alone).all() and (alone[:-1] < told[1:]).all():
        steps[told] = steps[alone]
        return
    last = np.maximum.accumulate(np.where(known, np.arange(log.size), -1))
    below = ~known & (last >= 0) & ~kept[np.maximum(last, 0)]
    steps[below] = steps[last[below]]


def _before_training(log: Log) -> Mask:
    """Learning rates that are printed before anything is trained are settings.

    So is one beside which a counter seems to stand, where such a line comes once:
    ``Namespace(learning_rate=0.001, num_epochs=100)``.
    """
    scored = log.flags(lambda plan: plan.scored)
    placed = log.flags(lambda plan: bool(plan.places))
    first = int(np.argmax(scored)) if scored.any() else 0
    early: Mask = ~scored & (np.arange(log.size) < first)
    once = np.bincount(log.which, minlength=len(log.groups))[log.which] == 1
    unplaced = ~placed
    if "epoch" in log.places:
        unplaced &= np.isnan(log.places["epoch"])
    early &= unplaced | once
    return early


def _whole_run(log: Log) -> None:
    """Ends of steps that count within an epoch are no planned length of the run."""
    if "epoch" in log.places and "step" in log.ends and "step" in log.places:
        both = np.isfinite(log.places["epoch"]) & np.isfinite(log.places["step"])
        falls = np.diff(log.places["step"][both]) < 0
        if falls.any():
            log.ends["step"] = np.full(log.size, np.nan)


def _steps(log: Log) -> None:
    """Choose which counter is the step: named steps, else the batch, else a number in front."""
    held = held_out_of(log)
    if "step" in log.places:
        steps, ends = log.places["step"], log.ends["step"]
        usual = ends[~held & np.isfinite(ends)]
        if len(usual):  # "Iter(val) [200/200]" counts batches of validation
            steps[held & np.isfinite(ends) & (ends != usual[-1])] = np.nan
        _within_epoch(log, steps)
        return
    epochs = log.places.get("epoch")
    several = epochs is not None and len(np.unique(epochs[np.isfinite(epochs)])) > 1
    for name in ("iteration", "index", "batch"):
        if name in log.places and not several:
            places = log.places[name]
            places[held & (name == "batch")] = np.nan
            if np.isfinite(places).sum() >= 2:
                log.places["step"] = filled(places)
                log.ends["step"] = log.ends[name].copy()
                if name == "batch":
                    _of_whole_run(log)
                return


def _of_whole_run(log: Log) -> None:
    """Make ends of batches those of the run: by as many epochs, and without those held out."""
    ends = log.ends["step"]
    kinds, counts = np.unique(ends[np.isfinite(ends)], return_counts=True)
    if len(kinds):
        ends[ends != kinds[np.argmax(counts)]] = np.nan
    if "epoch" in log.ends:
        ends *= np.fmax(log.ends["epoch"], 1.0)


def _within_epoch(log: Log, steps: Floats) -> None:
    """Fill steps forward, but not from one epoch into the next where they begin anew."""
    full = filled(steps)
    if "epoch" in log.places and (np.diff(full[np.isfinite(full)]) < 0).any():
        epochs = np.nan_to_num(log.places["epoch"], nan=-1.0)
        known = np.isfinite(steps)
        last = np.maximum.accumulate(np.where(known, np.arange(log.size), -1))
        full[(last >= 0) & (epochs != epochs[np.maximum(last, 0)])] = np.nan
    log.places["step"] = full


def _records(log: Log) -> Floats:
    """The row of the table that each record goes to (n,): neighbours of one place are joined."""
    names = [frozenset(item.name for item in group.plan.items) for group in log.groups]
    if len(np.unique(log.which)) <= 1:
        return np.arange(log.size, dtype=np.float64)
    keys = [log.places[name] for name in ("epoch", "step", *_GROUPING) if name in log.places]
    changed = np.zeros(log.size, dtype=bool)
    for key in keys:
        known = np.nan_to_num(key, nan=-1.0)
        changed[1:] |= known[1:] != known[:-1]
    record = np.empty(log.size)
    number, seen = -1, frozenset[str]()
    for row, (which, new) in enumerate(zip(log.which.tolist(), changed.tolist(), strict=True)):
        own = names[which]
        if row == 0 or new or not own.isdisjoint(seen):
            number += 1
            seen = own
        else:
            seen = seen | own
        record[row] = number
    return record


def _table(log: Log, means: list[tuple[int, Floats]], gathered: Gathered) -> Table:
    record = _records(log)
    rows = int(record[-1]) + 1 if len(record) else 0
    columns: dict[str, Column] = {}
    for name in ("epoch", "step", *_GROUPING):
        if name in log.places and np.isfinite(log.places[name]).any():
            values = np.full(rows, np.nan)
            values[record.astype(np.int64)] = log.places[name]
            columns[name] = Column(values, np.isfinite(values))
    replaced = dict(means)
    by_name: dict[str, list[tuple[int, Item, Floats | None]]] = {}
    for which in dict.fromkeys(log.which.tolist()):
        for item in log.groups[which].plan.items:
            by_name.setdefault(item.name, []).append((which, item, replaced.get(which)))
    wide = rows * len(by_name) > MAX_CELLS
    for name, fillers in by_name.items():
        if name in columns or (wide and not any(item.score for _, item, _ in fillers)):
            continue
        if name in formats.DROPPED:
            continue
        columns[name] = column_of(log, fillers, record)
    table = Table(gathered.source, "console", columns, list(log.notes))
    table.left_out = [
        *log.left_out,
        *(f"{count:,} lines: {why}" for why, count in gathered.left_out.items()),
    ]
    _planned(table, log)
    _boosted(table, log)
    table.told = dict(gathered.told)
    return table


def _planned(table: Table, log: Log) -> None:
    epochs = log.ends.get("epoch")
    if epochs is not None and np.isfinite(epochs).any():
        table.planned_epochs = float(epochs[np.isfinite(epochs)][-1])
    steps = log.ends.get("step")
    if steps is not None and np.isfinite(steps).any():
        table.planned_steps = float(steps[np.isfinite(steps)][-1])


def _boosted(table: Table, log: Log) -> None:
    if "index" not in log.places or "epoch" in log.places:
        return
    named = [
        name for name in table.columns if "-" in name or name.startswith(("valid_", "training_"))
    ]
    if named and np.isfinite(log.places["index"]).mean() > 0.5:
        table.rounds = True
        table.notes.append(
            "rounds of boosting: the advice was measured on networks; learning rate, length "
            "(rounds) and early stopping carry over, the rest does not"
        )
