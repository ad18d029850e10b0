"""Stores of runs: MLflow folders and databases (read-only), Parquet files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.tables import Column, Table, number
from hpadvisor.readers.searches.sqlite import opened

SQLITE_HEAD = b"SQLite format 3\0"


def read_mlflow_run(folder: Path) -> Table:
    """Read one run folder: ``metrics/NAME`` holds lines of time, value and step.

    Raises:
        UserError: the run has no metrics.
    """
    series: dict[str, list[tuple[float, float]]] = {}
    for path in sorted(p for p in (folder / "metrics").rglob("*") if p.is_file()):
        name = path.relative_to(folder / "metrics").as_posix()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            cells = line.split()
            value = number(cells[1]) if len(cells) >= 2 else None
            step = number(cells[2]) if len(cells) >= 3 else None
            if value is not None:
                series.setdefault(name, []).append((step or 0.0, value))
    if not series:
        raise UserError("an MLflow run without metrics", path=folder, remedy="Log some.")
    name = _run_name(folder)
    table = _by_step(series, f"{folder}#{name}" if name else str(folder), "mlflow")
    if (folder / "params").is_dir():
        for path in sorted(p for p in (folder / "params").iterdir() if p.is_file()):
            table.config[path.name] = path.read_text(encoding="utf-8", errors="replace")[:500]
    return table


def _run_name(folder: Path) -> str:
    """The name that MLflow shows for a run, empty where it has none."""
    path = folder / "tags" / "mlflow.runName"
    if not path.is_file():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")[:100].partition("\n")[0].strip()


def _by_step(series: dict[str, list[tuple[float, float]]], source: str, name: str) -> Table:
    """One row a step; metrics that were all logged at step 0 keep their order instead."""
    for key, points in series.items():
        if len(points) > 1 and len({step for step, _ in points}) == 1:
            series[key] = [(float(place), value) for place, (_, value) in enumerate(points)]
    steps = sorted({step for points in series.values() for step, _ in points})
    rows = {step: row for row, step in enumerate(steps)}
    columns = {"step": Column(np.asarray(steps, np.float64), np.ones(len(steps), dtype=bool))}
    for key, points in series.items():
        column = Column(np.full(len(steps), np.nan), np.zeros(len(steps), dtype=bool))
        places = [rows[step] for step, _ in points]
        column.values[places] = [value for _, value in points]
        column.present[places] = True
        columns[key if key != "step" else "step value"] = column
    return Table(source, name, columns)


def read_mlflow_database(path: Path, wanted: str = "") -> Iterator[Table]:
    """Read every run of an ``mlflow.db``; nothing is left beside it, not even by SQLite.

    Args:
        path: The database.
        wanted: The id or name of the only run to read.

    Raises:
        UserError: not a database of MLflow, locked, damaged, without runs, or without that one.
    """
    with opened(path) as database:
        yield from _database_runs(database, path, wanted)


def database_holds(path: Path, run: str) -> bool:
    """Whether a database of MLflow holds a run of that id.

    Raises:
        UserError: not a database of MLflow, locked or damaged.
    """
    with opened(path) as database:
        found = database.execute("SELECT 1 FROM runs WHERE run_uuid = ?", (run,)).fetchone()
    return found is not None


def finite_or_none(value: object) -> float | None:
    """Return a number of a database as a float; None for what is no number."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return found if np.isfinite(found) else None


def _database_runs(database: sqlite3.Connection, path: Path, wanted: str = "") -> Iterator[Table]:
    runs = database.execute("SELECT run_uuid, name FROM runs ORDER BY start_time").fetchall()
    if not runs:
        raise UserError("no runs in it", path=path, remedy="Log a run first.")
    if wanted:
        runs = [run for run in runs if wanted in run]
        if not runs:
            raise UserError(
                f"no run '{wanted}' in it",
                path=path,
                remedy="Give a run's id or name behind the #.",
            )
    for run, name in runs:
        series: dict[str, list[tuple[float, float]]] = {}
        for key, value, step, broken in database.execute(
            "SELECT key, value, step, is_nan FROM metrics WHERE run_uuid = ? "
            "ORDER BY step, timestamp",
            (run,),
        ):
            place, score = finite_or_none(step), np.nan if broken else finite_or_none(value)
            if place is not None:
                series.setdefault(str(key), []).append((place, np.nan if score is None else score))
        if series:
            table = _by_step(series, f"{path}#{name or run}", "mlflow")
            table.config.update(
                database.execute("SELECT key, value FROM params WHERE run_uuid = ?", (run,))
            )
            yield table


def read_parquet(path: Path) -> Table:
    """Read a Parquet file.

    Raises:
        UserError: pyarrow is not installed, or the file is damaged.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UserError(
            "Parquet needs pyarrow", path=path, remedy="pip install 'hpadvisor[parquet]'"
        ) from None
    try:
        data = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise UserError(f"damaged Parquet ({error})", path=path, remedy="Write it anew.") from None
    columns = {}
    for name in data.column_names:
        made = _arrow_column(data.column(name).to_pylist())
        if made is not None:
            columns[name] = made
    return Table(str(path), "parquet", columns)


def _arrow_column(cells: list[object]) -> Column | None:
    present = np.asarray([cell is not None for cell in cells], dtype=bool)
    if all(cell is None or isinstance(cell, str) for cell in cells) and present.any():
        values = np.full(len(cells), np.nan)
        return Column(values, np.zeros(len(cells), dtype=bool), [str(c or "") for c in cells])
    try:
        values = np.asarray([np.nan if cell is None else cell for cell in cells], np.float64)
    except (TypeError, ValueError):
        return None
    return Column(values, present)
