"""JSON lines, JSON arrays, histories of lists, ``trainer_state.json`` and ``loss_curve_``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.tables import Column, Table, flattened, table_of_records

_HISTORY_KEYS = ("history", "metrics", "log", "logs", "records", "results")


def read_json_lines(lines: Iterable[str], source: str) -> Table:
    """Read one record a line; lines that are no JSON object are counted and said.

    Raises:
        UserError: no line holds a record.
    """
    records: list[dict[str, Any]] = []
    broken = 0
    for line in lines:
        text = line.strip().rstrip(",")
        if not text:
            continue
        value = _loads(text)
        if isinstance(value, dict):
            records.append(value)
        else:
            broken += 1
    if not records:
        raise UserError("no JSON records", path=source, remedy="Give a log of JSON lines.")
    table = table_of_records(records, source, "jsonl")
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
    table = _table(document, source)
    if table is None:
        raise UserError(
            "JSON without a training log",
            path=source,
            remedy="Give records, or lists by name, such as a Keras history.",
        )
    return table


def _mended(text: str, source: str, error: ValueError) -> Table:
    """Read what a cut-off array of records still holds, else say where it breaks."""
    lines = [line for line in text.strip().lstrip("[").splitlines() if line.strip()]
    if sum(isinstance(_loads(line.strip().rstrip(",")), dict) for line in lines) >= 2:
        return read_json_lines(lines, source)
    decoder, place, records = json.JSONDecoder(), text.find("{"), []
    while 0 <= place < len(text):
        try:
            record, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        records.append(record)
        place = text.find("{", end)
    if len(records) >= 2:
        table = table_of_records(records, source, "json")
        table.notes.append("the file is cut off; the complete records were read")
        return table
    line = getattr(error, "lineno", None)
    raise UserError(
        "not complete JSON", path=source, line=line, remedy="Is the file cut off?"
    ) from None


def _table(document: Any, source: str) -> Table | None:
    if isinstance(document, list):
        return _of_list(document, source)
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("log_history"), list):
        return trainer_state(document, source)
    if isinstance(document.get("loss_curve_"), list):
        return _of_lists(document, source, "scikit-learn")
    if any(_is_numbers(value) for value in document.values()):
        return _of_lists(document, source, "history")
    table = _of_mappings(document, source)
    if table is not None:
        return table
    for key in _HISTORY_KEYS:
        inner = _table(document[key], source) if key in document else None
        if inner is not None:
            rest = {name: value for name, value in document.items() if name != key}
            inner.config.update(flattened(rest))
            return inner
    return None


def _of_mappings(document: dict[str, Any], source: str) -> Table | None:
    """Mappings in a mapping: records by epoch, or lists by part and name."""
    if numbered := _numbered(document):
        return table_of_records(numbered, source, "json")
    parts = _parts(document)
    return _of_lists(parts, source, "history") if parts else None


def _numbered(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Records by epoch, ``{"0": {…}, "1": {…}}``; empty where they are none."""
    if not document or not all(
        isinstance(value, dict) and str(key).isdecimal() for key, value in document.items()
    ):
        return []
    return [{"epoch": int(key), **value} for key, value in document.items()]


def _parts(document: dict[str, Any]) -> dict[str, Any]:
    """Lists by part and name, ``{"train": {"loss": […]}, "val": {…}}``, named ``part/name``."""
    return {
        f"{part}/{name}": values
        for part, inner in document.items()
        if isinstance(inner, dict) and part not in _HISTORY_KEYS
        for name, values in inner.items()
        if _is_numbers(values)
    }


def _is_numbers(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    numbers = sum(
        item is None or isinstance(item, (int, float)) or str(item).lower() in ("nan", "inf")
        for item in value
    )
    return numbers == len(value)


def _of_list(items: list[Any], source: str) -> Table | None:
    if items and all(isinstance(item, dict) for item in items):
        if len(items) == 1 and (inner := _table(items[0], source)) is not None:
            return inner
        return table_of_records(items, source, "json")
    if _is_numbers(items):
        return _of_lists({"loss": items}, source, "list")
    return None


def table_of_lists(curves: dict[str, Any], source: str) -> Table:
    """Read lists of numbers by name that are in memory (arrays count as lists).

    Raises:
        UserError: no list of numbers is among them.
    """
    lists = {
        name: np.asarray(values, dtype=object).ravel().tolist() for name, values in curves.items()
    }
    kept = {name: values for name, values in lists.items() if _is_numbers(values)}
    if not kept:
        raise UserError("no list of numbers", path=source, remedy="Such as train_loss=[2.3, 1.9].")
    return _of_lists(kept, source, "lists")


def _of_lists(document: dict[str, Any], source: str, name: str) -> Table:
    """Lists by name: the longest sets the rows; shorter ones are spread over the same span."""
    lists = {key: value for key, value in document.items() if _is_numbers(value)}
    table = table_of_records([], source, name)
    rows = max(len(values) for values in lists.values())
    for key, items in lists.items():
        column = table_of_records([{"value": item} for item in items], source, name)
        piece = column.columns["value"]
        values, present = np.full(rows, np.nan), np.zeros(rows, dtype=bool)
        places = np.linspace(0, rows - 1, len(items)).round().astype(int)
        values[places], present[places] = piece.values, piece.present
        table.columns["train_loss" if key == "loss_curve_" else key] = Column(values, present)
        if len(items) not in (rows, 0):
            table.notes.append(f"{key} has {len(items)} values, spread over {rows} rows")
    others = {key: value for key, value in document.items() if key not in lists}
    table.config.update(flattened(others))
    return table


def trainer_state(document: dict[str, Any], source: str) -> Table:
    """Read Hugging Face's ``trainer_state.json``; the closing summary record is left out."""
    history = [record for record in document["log_history"] if isinstance(record, dict)]
    records = [record for record in history if "train_runtime" not in record]
    if not records:
        raise UserError(
            "a trainer state without logged steps", path=source, remedy="Set logging_steps."
        )
    table = table_of_records(records, source, "trainer_state")
    for key, name in (("max_steps", "planned_steps"), ("num_train_epochs", "planned_epochs")):
        value = document.get(key)
        if isinstance(value, (int, float)) and value > 0:
            setattr(table, name, float(value))
    for key in ("train_batch_size", "num_train_epochs", "max_steps", "trial_params"):
        if isinstance(document.get(key), (int, float)):
            table.config[key] = document[key]
    return table
