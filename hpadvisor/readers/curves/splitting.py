"""Several runs in one table: by a column that names them, by prefixed columns, by restarts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hpadvisor.readers.curves.parts import apart, is_parts
from hpadvisor.readers.curves.roles import read_name, tokens
from hpadvisor.readers.curves.tables import Column, Mask, Table

_GROUP_NAMES = frozenset(
    (
        "run",
        "run_id",
        "run_name",
        "runid",
        "name",
        "experiment",
        "trial",
        "trial_id",
        "seed",
        "fold",
        "model",
        "config",
        "variant",
        "exp",
        "experiment_id",
        "group",
    )
)
_EXPORT = re.compile(r"^(?P<run>.+?) - (?P<metric>[^ ].*?)(?P<bound>__MIN|__MAX)?$")
MAX_RUNS = 10_000
_TAG_NAMES = frozenset(("tag", "metric", "metric_name", "name", "key", "variable"))


def split_runs(table: Table) -> Iterator[Table]:
    """Yield one table for each run that a table holds."""
    for part in _by_prefix(table):
        if _is_long(part):
            yield _pivoted(part)
            continue
        for run in _by_column(part):
            yield apart(_pivoted(run) if _is_long(run) else run)


def _by_prefix(table: Table) -> list[Table]:
    """W&B's chart export: a shared step and a column ``run - metric`` for each run."""
    shared: dict[str, Column] = {}
    runs: dict[str, dict[str, Column]] = {}
    for name, column in table.columns.items():
        match = _EXPORT.match(name)
        if match is None:
            shared[name] = column
        elif match["bound"] is None:
            runs.setdefault(match["run"], {})[match["metric"]] = column
    if not runs:
        return [table]
    return [
        _copy(table, {**{n: c for n, c in shared.items() if n not in own}, **own}, run, "wandb")
        for run, own in runs.items()
    ]


def _is_long(table: Table) -> bool:
    """Whether rows hold one value each and its name: ``step, tag, value``; one run of it.

    Several runs have a column that names them: they are split first.
    """
    names, values = _long_columns(table)
    return bool(names and values and _group_column(table) in (None, names))


def _long_columns(table: Table) -> tuple[str | None, str | None]:
    names = values = None
    for name, column in table.columns.items():
        plain = name.strip().lower()
        if plain in ("value", "values") and column.texts is None:
            values = name
        elif plain in _TAG_NAMES and column.texts is not None:
            roles = [read_name(text) for text in set(column.texts)]
            names = name if any(roles) else names
    return names, values


def _pivoted(table: Table) -> Table:
    """One column for each name, filled on its own rows."""
    names, values = _long_columns(table)
    columns = {n: c for n, c in table.columns.items() if n not in (names, values)}
    labels, value = _labels(table.columns[names or ""]), table.columns[values or ""]
    for label in dict.fromkeys(labels.tolist()):
        here = value.present & (labels == label)
        columns[label] = Column(np.where(here, value.values, np.nan), here)
    pivoted = _copy(table, columns, "")
    pivoted.notes.append(f"one value a row: the names of the curves stand in the column {names}")
    return pivoted


def _copy(table: Table, columns: dict[str, Column], label: str, name: str = "") -> Table:
    return replace(
        table,
        source=f"{table.source}#{label}" if label else table.source,
        format=name or table.format,
        columns=columns,
        notes=list(table.notes),
        config=dict(table.config),
    )


def _by_column(table: Table) -> Iterator[Table]:
    key = _group_column(table)
    if key is None:
        yield table
        return
    labels = _labels(table.columns[key])
    for label in list(dict.fromkeys(labels.tolist()))[:MAX_RUNS]:
        rows = labels == label
        part = _copy(table, rows_of(table, rows), f"{key}={label}")
        part.config.update(_settings(part))
        part.config[key] = label
        yield part


def _settings(part: Table) -> dict[str, float | str]:
    """Columns that stay the same over a whole run, such as ``lr`` beside its losses."""
    found: dict[str, float | str] = {}
    for name, column in part.columns.items():
        candidate = read_name(name)
        if candidate is not None and candidate.role != "learning_rate":
            continue
        values = set(column.values[column.present].tolist())
        if column.texts is not None and len(set(column.texts)) == 1:
            found[name] = column.texts[0]
        elif column.texts is None and len(values) == 1:
            found[name] = values.pop()
    return found


def _group_column(table: Table) -> str | None:
    """The column that names the runs: a known name, few values, several rows each."""
    for name, column in table.columns.items():
        if "_".join(tokens(name)) not in _GROUP_NAMES or read_name(name) is not None:
            continue
        if not (column.present.all() if column.texts is None else all(column.texts)):
            continue  # a setting that stands on some rows, such as the seed of a first record
        if column.texts is not None and is_parts(column.texts):
            continue  # "name": "validation"
        labels = _labels(column)
        kinds = len(set(labels.tolist()))
        if 1 < kinds <= max(2, table.rows // 3):
            return name
    return None


def _labels(column: Column) -> NDArray[np.object_]:
    if column.texts is not None:
        return np.asarray(column.texts, dtype=object)
    return np.asarray([f"{value:g}" for value in column.values], dtype=object)


def rows_of(table: Table, rows: Mask) -> dict[str, Column]:
    """The columns of a table, some rows only."""
    picked = {}
    for name, column in table.columns.items():
        texts = None
        if column.texts is not None:
            texts = [text for text, kept in zip(column.texts, rows, strict=True) if kept]
        picked[name] = Column(column.values[rows], column.present[rows], texts)
    return picked
