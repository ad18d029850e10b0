"""JSON lines and JSON documents to tables; what is cut off is read as far as it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.json_shapes import table_of_document, table_of_json_records
from hpadvisor.readers.curves.tables import Table, stacked, table_of_records

CHUNK_RECORDS: Final = 10_000
"""How many records are in memory at once."""


def read_json_lines(lines: Iterable[str], source: str) -> Table:
    """Read one record a line; lines that are no JSON object are counted and said.

    Raises:
        UserError: no line holds a record.
    """
    broken = 0

    def records_of(some: Iterable[str]) -> Iterator[dict[str, Any]]:
        nonlocal broken
        for line in some:
            text = line.strip().rstrip(",")
            value = _loads(text) if text else None
            if isinstance(value, dict):
                yield value
            else:
                broken += bool(text)

    records = records_of(lines)
    first = list(islice(records, CHUNK_RECORDS))
    if not first:
        raise UserError("no JSON records", path=source, remedy="Give a log of JSON lines.")
    if len(first) < CHUNK_RECORDS or any(isinstance(one, list) for one in first[0].values()):
        table = table_of_json_records([*first, *records], source, "jsonl")
    else:  # piece by piece: a record in memory takes ten times its numbers
        pieces = [table_of_json_records(first, source, "jsonl")]
        while first := list(islice(records, CHUNK_RECORDS)):
            pieces.append(table_of_json_records(first, source, "jsonl"))
        table = stacked(pieces)
    if broken:
        table.notes.append(f"{broken} lines are not JSON records and were left out")
    return table


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_json(text: str, source: str) -> Table:
    """Read a JSON document: records, lists by name, a trainer state, or a list of losses.

    Raises:
        UserError: not JSON, or no training log in it.
    """
    try:
        document = json.loads(text)
    except RecursionError:
        raise UserError("nested too deeply", path=source, remedy="Give a training log.") from None
    except ValueError as error:
        return _mended(text, source, error)
    table = table_of_document(document, source)
    if table is None:
        raise UserError(
            "JSON without a training log",
            path=source,
            remedy="Give records, or lists by name, such as a Keras history.",
        )
    return table


def read_pieces(text: str, source: str) -> Table:
    """Read the whole records of an excerpt from the middle of a JSON document.

    Raises:
        UserError: most of it is no whole record, such as lines out of order.
    """
    start, last = text.find("{"), text.rfind("}") + 1
    records, end = _records_from(text, start)
    if len(records) < 2 or end - start < 0.8 * (last - start):
        raise UserError(
            "pieces of JSON that make no records", path=source, line=text[:start].count("\n") + 1,
            remedy="Give the whole file.",
        )  # fmt: skip
    table = table_of_records(records, source, "json")
    table.notes.append("an excerpt of a JSON document; its complete records were read")
    return table


def _records_from(text: str, place: int) -> tuple[list[Any], int]:
    """The records from a place on, as far as they are whole, and where the last one ends."""
    decoder, records, end = json.JSONDecoder(), [], place
    while 0 <= place < len(text):
        try:
            record, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        records.append(record)
        place = text.find("{", end)
    return records, end


def _mended(text: str, source: str, error: ValueError) -> Table:
    """Read what a cut-off array of records still holds, else say where it breaks."""
    lines = [line for line in text.strip().lstrip("[").splitlines() if line.strip()]
    if sum(isinstance(_loads(line.strip().rstrip(",")), dict) for line in lines) >= 2:
        return read_json_lines(lines, source)
    records, _ = _records_from(text, text.find("{"))
    if len(records) >= 2:
        table = table_of_records(records, source, "json")
        table.notes.append("the file is cut off; the complete records were read")
        return table
    line = getattr(error, "lineno", None)
    raise UserError(
        "not complete JSON", path=source, line=line, remedy="Is the file cut off?"
    ) from None
