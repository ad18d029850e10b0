"""CSV and TSV in any dialect, read in chunks so that memory stays bounded."""

from __future__ import annotations

import csv
import itertools
import re
import warnings
from collections.abc import Iterable, Iterator

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.digits import table_of_digits
from hpadvisor.readers.curves.roles import read_name
from hpadvisor.readers.curves.tables import Column, Table, column_of_cells, joined, number
from hpadvisor.records import Record

CHUNK_ROWS = 10_000
"""Few, so that what is made of them is given back early."""

_DELIMITERS = (",", ";", "\t", "|")
_ASIDE = ("#", "sep=")
"""Lines that are no rows: comments, and the separator that Excel writes on top."""

_RULED = re.compile(r"^[|:+=\s]*-{2,}[-|:+=\s]*$")
"""The line between the header and the rows of a printed table."""

_PLAIN = b"0123456789eE.,+-\n"
_DECIMAL_COMMA = re.compile(r"^[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][-+]?\d+)?$")
_DECIMAL_POINT = re.compile(r"^[-+]?(0|\d+,\d{3})\.\d+$")
"""``0.45`` and ``1,234.5``: commas beside them part thousands."""


class Dialect(Record):
    """How a delimited file is written. A delimiter of a blank stands for runs of blanks."""

    delimiter: str
    decimal_comma: bool
    header: bool


def sniff(lines: list[str]) -> Dialect | None:
    """Find the dialect from the first lines; None where they are no table.

    A delimiter qualifies when it splits nearly all lines into the same number of cells, two at
    least; of those that qualify, the one with the most cells wins. A single column of numbers
    qualifies too.
    """
    lines = [
        line
        for line in lines
        if line.strip() and not line.startswith(_ASIDE) and not _RULED.match(line)
    ][:50]
    if not lines:
        return None
    best: tuple[int, str] | None = None
    for delimiter in (*_DELIMITERS, " "):
        width = _common_width(lines, delimiter)
        if width >= 2 and (best is None or width > best[0]):
            best = (width, delimiter)
        if best is not None and best[1] == "|":
            break  # the blanks around the bars of a printed table are no separators
    if best is None:
        numbers = sum(number(line) is not None for line in lines)
        return Dialect(",", False, number(lines[0]) is None) if _mostly(numbers, lines) else None
    return _dialect(lines, best[1])


def _mostly(count: int, lines: list[str]) -> bool:
    return count >= max(1, len(lines) - 1) and (len(lines) > 1 or count == 1)


def _common_width(lines: list[str], delimiter: str) -> int:
    widths = [len(_split(line, delimiter)) for line in lines]
    first = widths[0]
    agreeing = sum(width == first for width in widths)
    return first if agreeing >= 0.9 * len(widths) - 1 else 0


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a cell longer than any table has
        return []


def cells_of(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line.

    Args:
        line: As written.
        dialect: How it is written.
    """
    return [cell.strip() for cell in _split(line, dialect.delimiter)]


def _dialect(lines: list[str], delimiter: str) -> Dialect | None:
    rows = [_split(line, delimiter) for line in lines]
    cells = [cell.strip() for row in rows[1:] for cell in row if cell.strip()]
    comma = delimiter != "," and any(_DECIMAL_COMMA.match(cell) for cell in cells)
    comma = comma and not any(_DECIMAL_POINT.match(cell) for cell in cells)
    numeric = sum(number(cell, comma) is not None for cell in cells)
    header = not any(number(cell, comma) is not None for cell in rows[0] if cell.strip())
    if delimiter == " ":  # blanks split prose as well
        needed = 0.5 if any(_names_a_loss(cell) for cell in rows[0]) else 0.9
        if not header or not cells or numeric < needed * len(cells):
            return None
    if cells and numeric < 0.2 * len(cells):
        return None
    return Dialect(delimiter, comma, header)


def _names_a_loss(cell: str) -> bool:
    candidate = read_name(cell)
    return candidate is not None and candidate.role.endswith("loss")


def read_delimited(lines: Iterable[str], dialect: Dialect, source: str) -> Table:
    """Read a table; short rows are filled, a truncated last line and wide rows are said.

    Raises:
        UserError: the file holds a header and nothing else.
    """
    stream = iter(lines)
    head = next((line for line in stream if _says(line)), None)
    first = None if head is None else next(_rows([head], dialect), None)
    if head is None or first is None:
        raise UserError("empty", path=source, remedy="Give a log with rows of numbers.")
    body = stream if dialect.header else itertools.chain([head], stream)
    table = read_body(body, dialect, _names(first, dialect), source)
    if not table.rows:
        raise UserError("a header without rows", path=source, remedy="Nothing was logged yet.")
    return table


def _says(line: str) -> bool:
    """Whether a line is a header or a row: not blank, no comment, no rule of a printed table."""
    return bool(line.strip()) and not line.startswith(_ASIDE) and not _RULED.match(line)


def read_body(lines: Iterable[str], dialect: Dialect, names: list[str], source: str) -> Table:
    """Read the rows that follow a header, or that were appended to a table later.

    Args:
        lines: Rows as written.
        dialect: How they are written.
        names: Names of the columns.
        source: For the table.
    """
    stream = iter(lines)
    chunks: list[list[Column]] = []
    odd = total = 0
    while raw := list(itertools.islice(stream, CHUNK_ROWS)):
        quick = plain_columns(raw, dialect, len(names))
        if quick is not None:
            total += len(raw)
            chunks.append(quick)
            continue
        chunk = list(_rows(raw, dialect))
        if not chunk:
            continue
        bad = [place for place, row in enumerate(chunk) if len(row) != len(names)]
        odd += len(bad)
        for place in bad:
            chunk[place] = (chunk[place] + [""] * len(names))[: len(names)]
        total += len(chunk)
        columns = zip(*chunk, strict=True)
        chunks.append([column_of_cells(cells, dialect.decimal_comma) for cells in columns])
    table = Table(source, "csv", {})
    for place, name in enumerate(names if chunks else ()):
        table.columns[name] = joined(chunk[place] for chunk in chunks)
    table.notes += _notes(dialect, odd, total)
    return table


def plain_columns(lines: list[str], dialect: Dialect, width: int) -> list[Column] | None:
    """Read lines of plain numbers and empty cells in one go; None where anything else is there.

    Args:
        lines: Rows as read.
        dialect: How they are written.
        width: Cells of each row.

    Returns:
        A column for each cell, or None: quotes, texts, ``nan``, comments, blank or ragged rows.
    """
    if dialect.decimal_comma or dialect.delimiter == " ":
        return None
    text = "".join(lines)
    if not text.isascii():
        return None
    text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    quick = table_of_digits(text.encode(), dialect.delimiter.encode(), len(lines), width)
    if quick is not None:  # as they lie in the rows: joining the chunks copies them once
        return [Column(one, ~np.isnan(one)) for one in quick.T]
    text = text.replace(dialect.delimiter, ",").rstrip("\n")
    if "\n\n" in text or not _is_plain(text, len(lines), width):
        return None
    text = text.replace(",,", ",nan,").replace(",,", ",nan,").replace(",\n", ",nan\n")
    text = text.replace("\n,", "\nnan,").replace("\n", ",")
    text = f"nan{text}" if text.startswith(",") else text
    text = f"{text}nan" if text.endswith(",") else text
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            values = np.fromstring(text, dtype=np.float64, sep=",")
        except (DeprecationWarning, ValueError):
            return None
    if values.size != len(lines) * width:
        return None
    table = values.reshape(len(lines), width)
    return [Column(np.ascontiguousarray(one), ~np.isnan(one)) for one in table.T]


def _is_plain(text: str, rows: int, width: int) -> bool:
    """Whether text is nothing but numbers and as many cells in each of its rows."""
    raw = text.encode("ascii")
    if raw.translate(None, _PLAIN):
        return False
    letters = np.frombuffer(raw, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    commas = np.flatnonzero(letters == ord(","))
    if len(ends) != rows - 1 or len(commas) != rows * (width - 1):
        return False
    return bool((np.searchsorted(commas, ends) == np.arange(1, rows) * (width - 1)).all())


def _rows(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    kept = (
        line.replace("\0", "")
        for line in lines
        if not line.startswith(_ASIDE) and not _RULED.match(line)
    )
    if dialect.delimiter == " ":
        rows: Iterator[list[str]] = (line.split() for line in kept)
    else:
        rows = csv.reader(kept, delimiter=dialect.delimiter, skipinitialspace=True)
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            continue  # an over-long field in a damaged file: the row is lost, not the run
        if row is None:
            return
        if row:
            yield row


def _names(first: list[str], dialect: Dialect) -> list[str]:
    if not dialect.header:
        return [str(place + 1) for place in range(len(first))]
    names: list[str] = []
    for place, cell in enumerate(first):
        name = cell.strip().strip("\ufeff") or f"column {place + 1}"
        names.append(name if name not in names else f"{name} ({place + 1})")
    return names


def _notes(dialect: Dialect, odd: int, total: int) -> list[str]:
    notes = []
    if dialect.decimal_comma:
        notes.append("numbers are written with a decimal comma")
    if not dialect.header:
        notes.append("no header: columns are named by their number")
    if odd:
        notes.append(f"{odd} of {total} rows have too few or too many cells")
    return notes
