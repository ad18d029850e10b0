"""Places that are written as words: ``epoch 7``, ``7/50``, ``E07``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np

from hpadvisor.readers.curves.roles import read_name
from hpadvisor.readers.curves.tables import MISSING, Column, Table

_COUNTED: Final = re.compile(
    r"(?P<word>[A-Za-z]{0,12})[ .:#_=-]{0,3}(?P<place>\d{1,9})(?: ?(?:/|of) ?(?P<end>\d{1,9}))?"
)
"""A word, a number, and how many there are to be."""


def counted(table: Table) -> Table:
    """Read the numbers of places whose cells hold a word or an end beside them.

    Args:
        table: As read; returned as it is where no column of epochs or steps holds texts.
    """
    columns, planned = dict(table.columns), table.planned_epochs
    for name, column in table.columns.items():
        candidate = None if column.texts is None else read_name(name)
        if candidate is None or candidate.role not in ("epoch", "step"):
            continue
        found = _places(column.texts or [])
        if found is None:
            continue
        columns[name], end = found
        if candidate.role == "epoch":
            planned = planned or end
    if all(columns[name] is column for name, column in table.columns.items()):
        return table
    return replace(table, columns=columns, planned_epochs=planned)


def _places(texts: list[str]) -> tuple[Column, float | None] | None:
    """The numbers of cells and their common end; None where one is anything else."""
    values = np.full(len(texts), np.nan)
    ends: set[str] = set()
    words: set[str] = set()
    for row, text in enumerate(texts):
        if text.strip().lower() in MISSING:
            continue
        match = _COUNTED.fullmatch(text.strip())
        if match is None:
            return None
        values[row] = float(match["place"])
        ends.add(match["end"] or "")
        words.add(match["word"].lower())
    if len(words) != 1 or len(ends) != 1:
        return None
    end = ends.pop()
    return Column(values, np.isfinite(values)), float(end) if end else None
