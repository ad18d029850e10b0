"""Shapes of JSON logs: records, histories of lists, ``trainer_state.json``, ``loss_curve_``."""

from __future__ import annotations

from typing import Any

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.roles import is_score, read_name
from hpadvisor.readers.curves.tables import Column, Table, flattened, table_of_records

_HISTORY_KEYS = ("history", "metrics", "log", "logs", "records", "results")


def table_of_document(document: Any, source: str) -> Table | None:
    """Turn a parsed JSON document into a table; None where no shape of a log is known in it."""
    if isinstance(document, list):
        return _of_list(document, source)
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("log_history"), list):
        return trainer_state(document, source)
    if isinstance(document.get("loss_curve_"), list):
        return _of_lists(document, source, "scikit-learn")
    if any(_is_curve(name, value) for name, value in document.items()):
        return _numbered_epochs(_of_lists(document, source, "history"))
    table = _whole(document, source) or _of_mappings(document, source) or _inside(document, source)
    if table is None and any(_is_numbers(value) for value in document.values()):
        return _of_lists(document, source, "history")  # --map may say what the lists are
    return table


def _whole(document: dict[str, Any], source: str) -> Table | None:
    """A history under any key (``training_history``) that holds both losses by their names.

    Lists under further keys are then no parts of it, such as those of metrics of a test.
    """
    for key, inner in document.items():
        if not isinstance(inner, dict) or key in _HISTORY_KEYS:
            continue
        names = [name for name, value in inner.items() if _is_curve(name, value)]
        roles = {known.role for name in names if (known := read_name(name)) is not None}
        if {"train_loss", "val_loss"} <= roles:
            table = _numbered_epochs(_of_lists(inner, source, "history"))
            rest = {name: value for name, value in document.items() if name != key}
            table.config.update(flattened(rest))
            return table
    return None


def _inside(document: dict[str, Any], source: str) -> Table | None:
    """A log under one of the usual keys; what stands beside it are settings."""
    for key in _HISTORY_KEYS:
        inner = table_of_document(document[key], source) if key in document else None
        if inner is not None:
            rest = {name: value for name, value in document.items() if name != key}
            inner.config.update(flattened(rest))
            epochs: Any = rest.get("epoch")  # Keras: {"epoch": […], "history": {…}}
            if _is_numbers(epochs) and len(epochs) == inner.rows:
                inner.columns |= table_of_records([{"epoch": e} for e in epochs], "", "").columns
            return inner
    return None


def _numbered_epochs(table: Table) -> Table:
    """A history with a training and a validation loss in each entry has an entry an epoch."""
    candidates = [(read_name(name), column) for name, column in table.columns.items()]
    roles = {one.role: column for one, column in candidates if one is not None}
    losses = [roles.get(role) for role in ("train_loss", "val_loss")]
    if not {"epoch", "step"} & set(roles) and all(
        column is not None and column.present.all() for column in losses
    ):
        numbers = np.arange(1, table.rows + 1, dtype=np.float64)
        table.columns["epoch"] = Column(numbers, np.ones(table.rows, dtype=bool))
    return table


def _of_mappings(document: dict[str, Any], source: str) -> Table | None:
    """Mappings in a mapping: records by epoch, or lists by part and name; pandas' two forms."""
    names, rows = document.get("columns"), document.get("data")
    if isinstance(names, list) and isinstance(rows, list):
        records = [
            dict(zip(map(str, names), row, strict=False)) for row in rows if isinstance(row, list)
        ]
        return table_of_records(records, source, "json") if records else None
    by_row = {name: _in_order(inner) for name, inner in document.items()}
    if any(_is_curve(name, values) for name, values in by_row.items()):
        return _of_lists(by_row, source, "history")
    if numbered := _numbered(document):
        return table_of_records(numbered, source, "json")
    parts = _parts(document)
    return _of_lists(parts, source, "history") if parts else None


def _in_order(inner: Any) -> list[Any]:
    """Values by row number, ``{"0": 2.3, "1": 1.9}``; empty where it is anything else."""
    if not isinstance(inner, dict) or not all(str(key).isdecimal() for key in inner):
        return []
    return [inner[key] for key in sorted(inner, key=int)]


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
        f"{part.removesuffix('_history')}/{name}": values
        for part, inner in document.items()
        if isinstance(inner, dict) and part not in _HISTORY_KEYS
        for name, values in inner.items()
        if _is_numbers(values)
    }


def table_of_json_records(records: list[dict[str, Any]], source: str, name: str) -> Table:
    """Build a table of records that are rows; with lists of losses in them each is a run."""
    whole = [
        place
        for place, record in enumerate(records)
        if any(_is_curve(key, value) for key, value in record.items())
    ]
    if len(whole) < max(2, 0.5 * len(records)):
        return table_of_records(records, source, name)
    rows: list[dict[str, Any]] = []
    for place in whole:
        record = records[place]
        curves = {key: value for key, value in record.items() if _is_numbers(value)}
        settings = {
            key: value
            for key, value in record.items()
            if key not in curves and not is_score(key)  # one number beside curves: the result
        }
        table = _of_lists(curves, source, name)
        for row in range(table.rows):
            cells = {
                key: float(column.values[row])
                for key, column in table.columns.items()
                if column.present[row]
            }
            rows.append({"run": str(place + 1), **settings, **cells})
    table = table_of_records(rows, source, name)
    table.notes.append(f"each of {len(whole)} records holds the curves of a run")
    return table


def _is_curve(name: str, value: Any) -> bool:
    return is_score(name) and _is_numbers(value) and len(value) > 1


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
        if len(items) == 1 and (inner := table_of_document(items[0], source)) is not None:
            return inner
        return table_of_json_records(items, source, "json")
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


MOST_PLANNED = 1e15
"""Steps or epochs that anybody plans; a larger number is an error of writing."""


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
        if isinstance(value, (int, float)) and 0 < value < MOST_PLANNED:
            setattr(table, name, float(value))
    for key in ("train_batch_size", "num_train_epochs", "max_steps", "trial_params"):
        if isinstance(document.get(key), (int, float)):
            table.config[key] = document[key]
    return table
