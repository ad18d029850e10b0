"""Tables of numbers with gaps, as every log format is read, and how cells become numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.spellings import spelled_number

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

Refusal: TypeAlias = Literal[
    "",
    "reinforcement_learning",
    "gan",
    "run_table",
    "evaluation_pass",
    "no_scores",
    "unreadable",
]
"""Why a log is not judged as the training of one model; empty where it is."""

MISSING = frozenset(("", "null", "none", "na", "n/a", "-", "--", "undefined", "<na>", "no log"))
"""Cells (lower case) that mean "nothing was logged here"; ``nan`` is a value."""


_NAN = float("nan")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?%?$")
_THOUSANDS_OF_POINTS = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+%?$")
"""``1,234.5``, and with a decimal comma ``1.234,5``."""


_MARKED = re.compile(
    r"(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s?%?[*_`]{0,2}\s*"
    r"(?:[\u2190-\u21ff\u2605\u2713\u2714\u00b1]|\(best\)|<-|\+/-|\([-+]?[0-9.]+%?\)$)",
    re.IGNORECASE,
)


def median(y: Floats) -> float:
    """The median of (n,); numpy's own would import its masked arrays, a fifth of numpy's start."""
    ordered = np.sort(y)
    middle = len(ordered) // 2
    return float(ordered[middle] if len(ordered) % 2 else ordered[middle - 1 : middle + 1].mean())


@dataclass(slots=True)
class Column:
    """One column: values (n,), where one was logged (n,), texts where it holds no numbers.

    ``foreign`` counts the cells of a column of numbers that are none.
    """

    values: Floats
    present: Mask
    texts: list[str] | None = None
    foreign: int = 0


@dataclass(slots=True)
class Table:
    """One table of a log.

    Attributes:
        source: Where it comes from, for messages.
        format: Name of the format that was recognised.
        columns: Columns by name, in order, all of one length.
        notes: What was assumed or repaired while reading.
        config: Hyperparameters that stand beside the log.
        planned_epochs: Epochs that the training was to run, where the log says so.
        planned_steps: Steps that the training was to run, where the log says so.
        told: Settings that the log itself prints, by the field's name: value, key and place.
        left_out: What stands in the log and was not taken for a curve, and why.
        unclear: Columns whose part or measure nobody can tell: no role without a word of the user.
        rounds: Whether its steps are rounds of boosting.
        refusal: Why this is not the log of one training: its kind and the words for it.
    """

    source: str
    format: str
    columns: dict[str, Column]
    notes: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    planned_epochs: float | None = None
    planned_steps: float | None = None
    told: dict[str, tuple[float | str, str, str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)
    rounds: bool = False
    refusal: tuple[Refusal, str] | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return max((len(column.values) for column in self.columns.values()), default=0)


def number(cell: str, decimal_comma: bool = False) -> float | None:
    """Read one cell as a number; None where it is a text.

    Percent signs, separated thousands and the decimal comma are understood; emphasis, arrows and
    words around the number of a printed table are no part of it.
    """
    text = cell.strip().strip("\"'*`~ \u2191\u2193\u2192\u2190\u2713\u2714\u2605")
    if text.startswith("__") and text.endswith("__"):
        text = text[2:-2]
    if not text.isascii():  # an Arabic digit is one, a non-breaking blank parts thousands
        text = text.replace("\u00a0", "").replace("\u202f", "")
    thousands = _THOUSANDS_OF_POINTS if decimal_comma else _THOUSANDS
    if "," in text and thousands.match(text):
        text = text.replace("." if decimal_comma else ",", "")
    if text.startswith("tensor("):  # tensor(0.42, device='cuda:0')
        text = text[7:].rstrip(")").partition(",")[0]
    if decimal_comma and text.count(",") == 1:
        text = text.replace(",", ".")
    if text.endswith("%"):
        text = text[:-1]
    if "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        spelled = spelled_number(text)
        return _marked(text) if spelled is None else spelled


def _marked(text: str) -> float | None:
    """A number that is pointed out: ``0.66%** ← best``, ``0.91 (best)``, ``0.52 ± 0.01``."""
    match = _MARKED.match(text)
    return float(match["number"]) if match else None


def column_of_cells(cells: Sequence[str], decimal_comma: bool = False) -> Column:
    """Turn text cells into a column, quickly where all are plain numbers."""
    present = np.ones(len(cells), dtype=bool)
    if not decimal_comma:
        try:
            return Column(np.fromiter(map(float, cells), np.float64, len(cells)), present)
        except ValueError:
            pass
        try:
            numbers = [float(cell) if cell else _NAN for cell in cells]
        except ValueError:
            pass
        else:
            logged = np.fromiter(map(bool, cells), np.bool_, len(cells))
            return Column(np.asarray(numbers, dtype=np.float64), logged)
    return _column_slowly(cells, decimal_comma)


def _column_slowly(cells: Sequence[str], decimal_comma: bool) -> Column:
    values = np.full(len(cells), np.nan)
    present = np.zeros(len(cells), dtype=bool)
    foreign = 0
    for place, cell in enumerate(cells):
        if cell.strip().lower() in MISSING:
            continue
        value = number(cell, decimal_comma)
        if value is None:
            foreign += 1
            continue
        values[place], present[place] = value, True
    texts = [cell.strip() for cell in cells] if foreign > present.sum() else None
    return Column(values, present, texts, foreign)


def joined(parts: Iterable[Column]) -> Column:
    """Join the pieces of one column that was read in chunks."""
    pieces = list(parts)
    if len(pieces) == 1:
        return pieces[0]
    texts: list[str] | None = None
    if any(piece.texts is not None for piece in pieces):
        texts = [
            text
            for piece in pieces
            for text in (piece.texts or [f"{value:g}" for value in piece.values])
        ]
    values = np.concatenate([piece.values for piece in pieces])
    present = np.concatenate([piece.present for piece in pieces])
    return Column(values, present, texts, sum(piece.foreign for piece in pieces))


def appended(table: Table, rows: Table) -> Table:
    """Put the rows of a second table under those of a first; columns need not be the same."""
    columns = {}
    for name in dict.fromkeys((*table.columns, *rows.columns)):
        parts = (one.columns.get(name) or _blank(one.rows) for one in (table, rows))
        columns[name] = joined(parts)
    notes = list(dict.fromkeys((*table.notes, *rows.notes)))
    return replace(table, columns=columns, notes=notes)


def stacked(pieces: Sequence[Table]) -> Table:
    """Put the rows of tables under each other; columns need not be the same, nor their notes."""
    if len(pieces) == 1:
        return pieces[0]
    columns = {}
    for name in dict.fromkeys(name for piece in pieces for name in piece.columns):
        told = any(one.columns[name].texts for one in pieces if name in one.columns)
        columns[name] = joined(
            one.columns.get(name) or _blank(one.rows, [""] * one.rows if told else None)
            for one in pieces
        )
    notes = list(dict.fromkeys(note for piece in pieces for note in piece.notes))
    return replace(pieces[0], columns=columns, notes=notes)


def _blank(rows: int, texts: list[str] | None = None) -> Column:
    return Column(np.full(rows, np.nan), np.zeros(rows, dtype=bool), texts)


MOST_COLUMNS, MOST_CELLS = 2_000, 4_000_000
"""Beyond both a table of records takes gigabytes."""


def table_of_records(records: Sequence[Mapping[str, Any]], source: str, format_name: str) -> Table:
    """Build a table from records that need not have the same keys; nested ones are flattened."""
    flat = [flattened(record) for record in records]
    names = dict.fromkeys(name for record in flat for name in record)
    if len(names) > MOST_COLUMNS and len(names) * len(flat) > MOST_CELLS:
        raise UserError(
            f"{len(names):,} different names in {len(flat):,} records",
            path=source,
            remedy=f"Give a log with at most {MOST_COLUMNS:,} of them.",
        )
    columns = {name: _column_of_values([record.get(name) for record in flat]) for name in names}
    return Table(source, format_name, columns)


def flattened(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Flatten nested mappings with ``/``; lists and deep nests are left out."""
    flat: dict[str, Any] = {}
    if not depth and type(record) is dict and _SIMPLE.issuperset(map(type, record.values())):
        return {str(key): value for key, value in record.items()}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            if depth < 3:
                flat.update(flattened(value, f"{name}/", depth + 1))
        elif not isinstance(value, (list, tuple)):
            flat[name] = value
    return flat


_NUMBERS = frozenset((int, float, type(None)))
_SIMPLE = _NUMBERS | {str, bool}
"""Types of JSON that hold nothing else."""


def _column_of_values(cells: Sequence[Any]) -> Column:
    if _NUMBERS.issuperset(map(type, cells)):
        numbers = np.asarray([_value(cell) for cell in cells], dtype=np.float64)
        return Column(numbers, np.asarray([cell is not None for cell in cells], dtype=bool))
    values = np.full(len(cells), np.nan)
    present = np.zeros(len(cells), dtype=bool)
    texts: list[str] = []
    foreign = 0
    for place, cell in enumerate(cells):
        value = _value(cell)
        if value is not None:
            values[place], present[place] = value, True
        elif isinstance(cell, str) and cell.strip().lower() not in MISSING:
            foreign += 1
        texts.append("" if cell is None else str(cell))
    return Column(values, present, texts if foreign > present.sum() else None, foreign)


def _value(cell: Any) -> float | None:
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        try:
            return float(cell)
        except OverflowError:
            return float("inf")
    if isinstance(cell, str) and cell.strip().lower() not in MISSING:
        return number(cell)
    return None
