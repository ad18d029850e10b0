"""Training and validation on rows of their own, told apart by a column such as ``split``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hpadvisor.readers.curves.roles import is_score, part_of, read_name, tokens
from hpadvisor.readers.curves.tables import Column, Mask, Table

_PART_NAMES = frozenset(
    ("phase", "split", "mode", "set", "subset", "stage", "part", "partition", "name")
)
_AXES = ("step", "epoch")


def apart(table: Table) -> Table:
    """Give each part a column of its own where a column says which part a row is of.

    A column that only one part fills stays as it is. A table without such a column is returned.
    """
    found = _parts(table)
    if found is None:
        return table
    name, rows = found
    columns: dict[str, Column] = {}
    for key, column in table.columns.items():
        filled = {part: column.present & here for part, here in rows.items()}
        if key != name and _splits(key) and all(here.any() for here in filled.values()):
            for part, here in filled.items():
                values = np.where(here, column.values, np.nan)
                columns[f"{part}/{key}"] = Column(values, here)
        else:
            columns[key] = column
    if len(columns) == len(table.columns):
        return table
    note = f"the column {name} says which rows are of training and which of validation"
    return _by_position(replace(table, columns=columns, notes=[*table.notes, note]))


def _splits(name: str) -> bool:
    """Whether a column is a score that does not say itself of which part it is."""
    return is_score(name) and part_of(name) is None


def _parts(table: Table) -> tuple[str, dict[str, Mask]] | None:
    """The column that names the parts, and the rows of training and of validation."""
    for name, column in table.columns.items():
        flags = _flagged(name, column)
        if flags is not None:
            return name, {"train": flags, "val": ~flags}
        if column.texts is None or not _PART_NAMES & set(tokens(name)):
            continue
        said = np.asarray([part_of(text) or "" for text in column.texts], dtype=object)
        kinds = set(said.tolist()) - {""}
        seen = [part for part in ("val", "test") if part in kinds]
        if "train" in kinds and seen:
            return name, {"train": said == "train", "val": said == seen[0]}
    return None


def _flagged(name: str, column: Column) -> Mask | None:
    """Rows of training by a column ``train`` that holds True and False; None for any other."""
    if column.texts is None or tokens(name)[-1:] not in (["train"], ["training"]):
        return None
    said = [text.strip().lower() for text in column.texts]
    return np.asarray([text == "true" for text in said]) if {*said} == {"true", "false"} else None


def is_parts(texts: list[str]) -> bool:
    """Whether a column says of each row which part it is of, of more than one."""
    kinds = {part_of(text) for text in set(texts)}
    return None not in kinds and len(kinds) > 1 and "train" in kinds


def _by_position(table: Table) -> Table:
    """Put rows in order where all of training stands before all of validation."""
    axes: dict[str, str] = {}
    for name in table.columns:
        candidate = read_name(name)
        if candidate is not None and candidate.role in _AXES:
            axes.setdefault(candidate.role, name)
    if not axes:
        return table
    places = table.columns[axes.get("step", axes.get("epoch", ""))].values
    if not np.isfinite(places).all() or int((np.diff(places) < 0).sum()) != 1:
        return table
    order = np.argsort(places, kind="stable")
    for name, column in table.columns.items():
        texts = None if column.texts is None else [column.texts[row] for row in order]
        table.columns[name] = Column(column.values[order], column.present[order], texts)
    return table
