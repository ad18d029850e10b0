"""Opening a SQLite database of the user, read-only, also while it is being written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from hpadvisor.errors import UserError

MAGIC = b"SQLite format 3\0"
_ENGINES = {
    "optuna": {"studies", "trials", "version_info"},
    "mlflow": {"experiments", "runs", "params", "metrics"},
    "nni": {"TrialJobEvent", "MetricData"},
}
"""Engines by the tables that they make."""
_WAL = 2
_PATIENCE_SECONDS = 5.0


@contextmanager
def opened(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading, in one transaction, so that all tables are of one moment.

    A database in write-ahead mode without its log is opened as immutable: SQLite would otherwise
    make side files beside it.

    Raises:
        UserError: locked, torn, or no database.
    """
    file = Path(path)
    try:
        header = file.open("rb").read(20)
    except OSError as error:
        raise UserError(
            f"cannot be read ({error.strerror})", path=path, remedy="Check its permissions."
        ) from None
    mode = "mode=ro"
    if len(header) == 20 and header[18] == _WAL and not Path(f"{file}-wal").exists():
        mode = "mode=ro&immutable=1"
    uri = f"file:{quote(str(file.resolve()))}?{mode}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_SECONDS)
        connection.isolation_level = None
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise _explained(error, path) from None


def _explained(error: sqlite3.Error, path: str | Path) -> UserError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return UserError(
            "locked by a process that writes to it", path=path, remedy="Try again in a moment."
        )
    if "no such" in text:
        return UserError(
            f"lacks what this kind of database has ({text})",
            path=path,
            remedy="It comes from another version of the engine: export the trials as CSV.",
        )
    return UserError(
        f"a damaged or unfinished database ({text})",
        path=path,
        remedy="Copy it again, or restore it from a backup.",
    )


def tables(connection: sqlite3.Connection) -> set[str]:
    """Names of the tables."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {str(row[0]) for row in rows}


def engine_of(names: set[str]) -> str:
    """Return the engine that makes these tables, empty where it is none known here."""
    return next((engine for engine, made in _ENGINES.items() if made <= names), "")


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Names of the columns of a table."""
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return {str(row[0]) for row in rows}
