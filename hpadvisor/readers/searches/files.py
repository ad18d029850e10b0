"""Small guarded reads that the folder readers share: JSON, JSON lines, CSV rows."""

from __future__ import annotations

import csv
import gc
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from hpadvisor.errors import UserError

NO_HEADER: Final = "no header line"
"""What is wrong with a table that has no names of columns."""
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_NAME_COLUMNS = (
    "Write one above the first row, as: learning_rate,batch_size,val_accuracy. Without it nobody "
    "can tell which number is which."
)


@contextmanager
def paused_collection() -> Iterator[None]:
    """Pause the collector of cyclic garbage while records that hold no cycles pile up."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def load_json(path: Path) -> Any:
    """Load a JSON file of an engine (NaN and Infinity included).

    Raises:
        UserError: unreadable, empty or torn.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError(
            "cannot be read as text", path=path, remedy="Check the file and its permissions."
        ) from None
    if not text.strip():
        raise UserError("empty", path=path, remedy="The search has not written it yet.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise UserError(
            "broken or unfinished JSON",
            path=path,
            line=line,
            remedy="Wait until the search has written it, or copy it again.",
        ) from None


def json_lines(path: Path) -> list[dict[str, Any]]:
    """Load JSON lines; a last line that is being written is left out.

    Raises:
        UserError: unreadable, or a line before the last is broken.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            if place == len(lines):
                break
            raise UserError(
                "broken JSON", path=path, line=place, remedy="Copy the file again."
            ) from None
        if isinstance(entry, dict):
            found.append(entry)
    return found


MOST_COLUMNS = 5_000
"""Of a table of trials; each column is looked at for what it may be."""


def _is_row(cells: list[str]) -> bool:
    """Whether most cells of a first line are numbers, and not those of its columns."""
    numbers = [float(cell.replace(",", ".")) for cell in cells if _NUMBER.fullmatch(cell)]
    start = numbers[0] if numbers else 0.0
    counted = start in (0.0, 1.0) and numbers == [start + n for n in range(len(numbers))]
    return len(cells) > 1 and 2 * len(numbers) > len(cells) and not counted


def _delimiter(first: str) -> str:
    """What parts the cells of a line; a comma between digits may be one of a decimal number."""
    by_others = any(sign in first for sign in ";\t")
    line = re.sub(r"(?<=\d),(?=\d)", "", first) if by_others else first
    return max(",;\t", key=line.count)


def csv_rows(text: str, path: str | Path) -> tuple[list[str], Iterator[dict[str, str]]]:
    """Split a CSV (comma, semicolon or tab) into its header and its rows.

    Returns:
        The column names and an iterator over rows by name. A short last row is kept, without
        its missing cells.

    Raises:
        UserError: no header, or a name that stands twice.
    """
    delimiter = _delimiter(text.split("\n", 1)[0])
    stream = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        header = [name.strip().lstrip("\ufeff") for name in next(stream)]
    except (StopIteration, csv.Error):
        raise UserError(NO_HEADER, path=path, remedy=_NAME_COLUMNS) from None
    if _is_row(header):
        raise UserError(NO_HEADER, path=path, remedy=_NAME_COLUMNS)
    if len(header) > MOST_COLUMNS:
        raise UserError(
            f"{len(header):,} columns",
            path=path,
            line=1,
            remedy=f"Give a table of trials with at most {MOST_COLUMNS:,}.",
        )
    counts = Counter(name for name in header if name)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise UserError(
            f"the column '{twice[0]}' stands twice", path=path, line=1, remedy="Rename one."
        )
    commas = delimiter != "," and _has_decimal_commas(text, delimiter)
    return header, _rows(stream, header, path, commas=commas)


def _has_decimal_commas(text: str, delimiter: str) -> bool:
    """Whether numbers have a decimal comma: one that parts no thousands, and no decimal point."""
    ends = rf"(?=\s*(?:{delimiter}|$))"
    begins = rf"(?:^|{delimiter})\s*[-+]?"
    of_thousands = r"(?!0|\d{1,3}(?:,\d{3})+(?!\d))"
    number = rf"{begins}(?:{of_thousands}\d+|0),\d+(?:[eE][-+]?\d+)?{ends}"
    point = rf"{begins}\d*\.\d+(?:[eE][-+]?\d+)?{ends}"
    return bool(re.search(number, text, re.MULTILINE)) and not re.search(point, text, re.MULTILINE)


def _without_percent(cell: str) -> str:
    number = cell.strip().removesuffix("%").rstrip()
    return number if _NUMBER.fullmatch(number) else cell


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if _NUMBER.fullmatch(cell.strip()) else cell


def _rows(
    stream: Any, header: list[str], path: str | Path, *, commas: bool
) -> Iterator[dict[str, str]]:
    try:
        for cells in stream:
            if any("%" in cell for cell in cells):
                cells = list(map(_without_percent, cells))  # noqa: PLW2901
            if commas:
                cells = list(map(_with_point, cells))  # noqa: PLW2901
            if any(cell.strip() for cell in cells):
                yield dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise UserError(
            f"broken CSV ({error})", path=path, line=stream.line_num, remedy="Export it again."
        ) from None
