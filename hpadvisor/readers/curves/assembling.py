"""Tables to runs: columns mapped to roles, positions put in order, repairs said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from hpadvisor.readers.curves.axis import (
    Chosen,
    axis_of,
    epoch_length_of,
    planned_of,
    positions_of,
)
from hpadvisor.readers.curves.choosing import (
    SCORES,
    audit_command,
    choose_columns,
    first_score,
    without_scores,
)
from hpadvisor.readers.curves.columns import logged_columns
from hpadvisor.readers.curves.counted import counted
from hpadvisor.readers.curves.kinds import KINDS, is_run_table, unsupervised_kind
from hpadvisor.readers.curves.order import blank_from, blank_nans, ordered, pieces_of
from hpadvisor.readers.curves.record import RunRecord, Series, Told
from hpadvisor.readers.curves.roles import ROLES
from hpadvisor.readers.curves.splitting import rows_of, split_runs
from hpadvisor.readers.curves.tables import Column, Floats, Refusal, Table


def runs_of(table: Table, mapping: Mapping[str, str] | None = None) -> Iterator[RunRecord]:
    """Yield the runs of a table.

    Args:
        table: As read.
        mapping: Role to column name, over what the names say.

    Raises:
        UserError: a mapped column or role does not exist, or no column can be judged.
    """
    for part in split_runs(counted(table)):
        chosen = choose_columns(part, mapping or {})
        axis = axis_of(part, chosen)
        pieces = pieces_of(positions_of(part, chosen, axis), first_score(part, chosen))
        for number, rows in enumerate(pieces):
            piece = part
            if len(pieces) > 1:
                note = f"{len(pieces)} runs in one file: the {axis} restarts"
                piece = replace(
                    part,
                    source=f"{part.source}#{number + 1}",
                    columns=rows_of(part, rows),
                    notes=[*part.notes, note],
                )
            yield _record(piece, chosen, axis)


def _record(table: Table, chosen: Chosen, axis: str) -> RunRecord:
    notes = list(table.notes)
    positions = positions_of(table, chosen, axis)
    series: dict[str, Series] = {}
    for role in ROLES:
        if role in chosen and role not in ("epoch", "step", "time"):
            name = chosen[role][0]
            column = table.columns[name]
            if column.foreign:
                cells = "cell is no number" if column.foreign == 1 else "cells are no numbers"
                notes.append(f"{name}: {column.foreign} {cells} and left out")
            made = _series(name, positions, column, notes, table.format == "console")
            if made is not None:
                series[role] = made
    notes += _interleaved(table, chosen, series)
    metric = chosen.get("val_metric") or chosen.get("train_metric")
    record = RunRecord(
        source=table.source,
        format=table.format,
        series=series,
        axis=axis,
        length=max((float(one.x[-1]) for one in series.values()), default=0.0),
        first=min((float(one.x[0]) for one in series.values()), default=0.0),
        higher_is_better=metric[1].higher_is_better if metric else True,
        notes=list(dict.fromkeys(notes)),
        left_out=list(dict.fromkeys(table.left_out)),
        config=dict(table.config),
        told={name: Told(*said) for name, said in table.told.items()},
        logged=logged_columns(table, chosen),
        planned=planned_of(table, axis),
        epoch_length=epoch_length_of(table, chosen, positions, axis),
        rounds=table.rounds,
        blank_from=blank_from(
            [table.columns[chosen[role][0]] for role in SCORES[:2] if role in chosen], positions
        ),
    )
    record.refusal_kind, record.refusal = _refusal(table, series)
    return record


def _refusal(table: Table, series: Mapping[str, Series]) -> tuple[Refusal, str]:
    """Why supervised rules do not apply: as one of a few names, and in words."""
    if table.refusal is not None:
        return table.refusal
    filled = [name for name, column in table.columns.items() if column.present.any()]
    kind = unsupervised_kind(filled)
    if kind:
        return kind, f"{KINDS[kind]}: its losses do not measure progress"
    if is_run_table(table):
        return "run_table", (
            "each row is a finished run with its settings, or a sample, not a place of one "
            f"training. Compare runs as a search: {audit_command(table)}"
        )
    norm = series.get("grad_norm")
    if norm is not None and not np.isfinite(norm.y).any():
        return "", ""  # broken, whatever the loss was
    if not any(role in series for role in SCORES):
        return without_scores(table)
    return "", ""


def _interleaved(table: Table, chosen: Chosen, series: dict[str, Series]) -> list[str]:
    """Say where training and validation are logged on rows of their own, or not as often."""
    if "train_loss" not in series or "val_loss" not in series:
        return []
    train, validation = (table.columns[chosen[role][0]].present for role in SCORES[:2])
    if not (train & validation).any():
        return ["training and validation stand on different rows and were put on one axis"]
    often, seldom = len(series["train_loss"].y), len(series["val_loss"].y)
    if often >= 2 * seldom:
        return [f"validation was logged {seldom:,} times, training {often:,} times"]
    return []


def _series(
    name: str, positions: Floats, column: Column, notes: list[str], printed: bool
) -> Series | None:
    rows = column.present.copy()
    rows &= ~blank_nans(column, printed)
    if not rows.any():
        return None
    x, y = ordered(positions[rows], column.values[rows], name, notes)
    return Series(name, x, y)
