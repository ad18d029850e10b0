"""Tables to runs: columns mapped to roles, positions put in order, repairs said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.axis import (
    Chosen,
    axis_of,
    epoch_length_of,
    planned_of,
    positions_of,
)
from hpadvisor.readers.curves.columns import logged_columns
from hpadvisor.readers.curves.kinds import KINDS, unsupervised_kind
from hpadvisor.readers.curves.order import blank_nans, ordered, pieces_of
from hpadvisor.readers.curves.record import RunRecord, Series, Told
from hpadvisor.readers.curves.roles import ROLES, Candidate, part_of, read_name, tokens
from hpadvisor.readers.curves.splitting import rows_of, split_runs
from hpadvisor.readers.curves.tables import Column, Floats, Refusal, Table

_SCORES = ("train_loss", "val_loss", "train_metric", "val_metric")


def runs_of(table: Table, mapping: Mapping[str, str] | None = None) -> Iterator[RunRecord]:
    """Yield the runs of a table.

    Args:
        table: As read.
        mapping: Role to column name, over what the names say.

    Raises:
        UserError: a mapped column or role does not exist, or no column can be judged.
    """
    for part in split_runs(table):
        chosen = choose_columns(part, mapping or {})
        axis = axis_of(part, chosen)
        pieces = pieces_of(positions_of(part, chosen, axis), _first_score(part, chosen))
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


def choose_columns(table: Table, mapping: Mapping[str, str]) -> Chosen:
    """Choose a column for each role; several loss components without a total are summed."""
    chosen: Chosen = {}
    for role, name in mapping.items():
        if role not in ROLES:
            raise UserError(
                f"no role is called {role}", path="--map", remedy=f"Roles: {', '.join(ROLES)}."
            )
        if name not in table.columns:
            raise UserError(
                f"no column is called {name}",
                path=table.source,
                remedy=f"Columns: {', '.join(list(table.columns)[:20])}.",
            )
        chosen[role] = (name, Candidate(role, 0))
    taken = set(mapping.values())
    for name, column in table.columns.items():
        candidate = None if name in taken else read_name(name)
        if candidate is None or not column.present.any():
            continue
        known = chosen.get(candidate.role)
        if candidate.role in mapping or (
            known is not None and _order(known, table) <= _order((name, candidate), table)
        ):
            continue
        chosen[candidate.role] = (name, candidate)
    _one_column(table, chosen)
    _score_of_validation(table, chosen, mapping)
    _sum_components(table, chosen, mapping)
    return chosen


def _order(choice: tuple[str, Candidate], table: Table) -> tuple[bool, int]:
    """Columns with a handful of values come before emptier ones, then by rank."""
    return int(table.columns[choice[0]].present.sum()) < 5, choice[1].rank


def _one_column(table: Table, chosen: Chosen) -> None:
    """A nameless list of numbers, or one unknown column, is taken for the training loss."""
    if any(role in chosen for role in _SCORES):
        return
    numeric = [
        name
        for name, column in table.columns.items()
        if column.texts is None
        and column.present.any()
        and read_name(name) is None
        and not _counts_rows(column)
    ]
    if len(numeric) == 1 and (
        len(table.columns) == 1 or numeric[0].lower() in ("value", "values")
    ):
        chosen["train_loss"] = (numeric[0], Candidate("train_loss", 0))
        table.notes.append(f"the only column ({numeric[0]}) is taken for the training loss")


def _counts_rows(column: Column) -> bool:
    steps = np.diff(column.values)
    return len(steps) > 1 and bool((steps == 1).all())


def _score_of_validation(table: Table, chosen: Chosen, mapping: Mapping[str, str]) -> None:
    """Beside ``train_loss`` and ``valid_loss`` (fastai) a bare ``accuracy`` is of validation."""
    if "train_metric" in mapping or "val_metric" in chosen or "val_loss" not in chosen:
        return
    loss, score = (chosen.get(role, ("", None))[0] for role in ("train_loss", "train_metric"))
    if score and part_of(score) is None and loss and part_of(loss) == "train":
        chosen["val_metric"] = chosen.pop("train_metric")
        table.notes.append(f"{score} names no part and is taken for the validation score")


def _sum_components(table: Table, chosen: Chosen, mapping: Mapping[str, str]) -> None:
    """Detectors log parts of a loss (box, cls, dfl): their sum is the loss that is judged."""
    parts: dict[str, list[str]] = {"train_loss": [], "val_loss": []}
    for name, column in table.columns.items():
        candidate = read_name(name)
        if candidate is None or candidate.role not in parts or not column.present.any():
            continue
        words = set(tokens(name))
        if {"train", "val"} & words and {"box", "cls", "dfl", "obj", "seg", "giou"} & words:
            parts[candidate.role].append(name)
    for role, names in parts.items():
        if role in mapping or len(names) < 2:
            continue
        columns = [table.columns[name] for name in names]
        total = Column(
            np.sum([column.values for column in columns], axis=0),
            np.all([column.present for column in columns], axis=0),
        )
        label = " + ".join(names)
        table.columns[label] = total
        chosen[role] = (label, Candidate(role, 0))
        table.notes.append(f"{role} is the sum of {len(names)} parts")


def _first_score(table: Table, chosen: Chosen) -> Column | None:
    for role in _SCORES:
        if role in chosen:
            return table.columns[chosen[role][0]]
    return None


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
            made = _series(name, positions, column, notes)
            if made is not None:
                series[role] = made
    notes += _interleaved(table, chosen, series)
    metric = chosen.get("val_metric") or chosen.get("train_metric")
    for role in ("train_metric", "val_metric"):
        if role in series:
            _percent(series[role], notes)
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
    )
    record.refusal_kind, record.refusal = _refusal(table, series)
    return record


def _refusal(table: Table, series: Mapping[str, Series]) -> tuple[Refusal, str]:
    """Why supervised rules do not apply: as one of a few names, and in words."""
    if table.refusal is not None:
        return table.refusal
    kind = unsupervised_kind(list(table.columns))
    if kind:
        return kind, f"{KINDS[kind]}: its losses do not measure progress"
    if not any(role in series for role in _SCORES):
        return "no_scores", _without_scores(table)
    return "", ""


def _without_scores(table: Table) -> str:
    """Why no loss was found: the columns have other names, or hold no numbers."""
    for name, column in table.columns.items():
        candidate = read_name(name)
        if candidate is not None and candidate.role in _SCORES and not column.present.any():
            said = next((text for text in column.texts or () if text), "")
            return f"{name} holds no numbers" + (f", but cells such as {said!r}" if said else "")
    names = ", ".join(list(table.columns)[:12])
    return f"no column is a loss or a score (columns: {names}); say --map train_loss=COLUMN"


def _interleaved(table: Table, chosen: Chosen, series: dict[str, Series]) -> list[str]:
    """Say where training and validation are logged on rows of their own, or not as often."""
    if "train_loss" not in series or "val_loss" not in series:
        return []
    train, validation = (table.columns[chosen[role][0]].present for role in _SCORES[:2])
    if not (train & validation).any():
        return ["training and validation stand on different rows and were put on one axis"]
    often, seldom = len(series["train_loss"].y), len(series["val_loss"].y)
    if often >= 2 * seldom:
        return [f"validation was logged {seldom:,} times, training {often:,} times"]
    return []


def _series(name: str, positions: Floats, column: Column, notes: list[str]) -> Series | None:
    rows = column.present.copy()
    rows &= ~blank_nans(column)
    if not rows.any():
        return None
    x, y = ordered(positions[rows], column.values[rows], name, notes)
    return Series(name, x, y)


def _percent(series: Series, notes: list[str]) -> None:
    finite = series.y[np.isfinite(series.y)]
    words = set(tokens(series.column))
    bounded = words & {"acc", "accuracy", "f1", "map", "iou", "auc", "precision", "recall", "top1"}
    if len(finite) and bounded and 1.5 < float(finite.max()) <= 100.5 and float(finite.min()) >= 0:
        series.y = series.y / 100
        notes.append(f"{series.column} is read as a percentage")
