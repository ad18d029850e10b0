"""A PostgreSQL server for the tests, where the package that brings one is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


def running_postgres(folder: Path) -> Iterator[tuple[str, Path]]:
    """Start a server in a folder; yield its URL and its data folder; stop it afterwards."""
    pgserver = pytest.importorskip("pgserver", reason="pgserver (PostgreSQL) is not installed")
    pytest.importorskip("psycopg2", reason="psycopg2 is not installed")
    server = pgserver.get_server(folder)
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg2://"), folder
    finally:
        server.cleanup()


def run_sql(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements, each in a transaction of its own; return the rows of the last."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    rows: list[tuple[object, ...]] = []
    with engine.connect() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows
