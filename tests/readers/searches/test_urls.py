"""Optuna storages behind a URL: a real PostgreSQL server, and everything that can be wrong."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import ReadOptions, optuna_url, read_search
from tests.readers.searches.test_optuna import _make
from tests.servers import run_sql, running_postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[str, Path]]:
    """A server with one study in it; its URL and its data folder."""
    # The socket's path must be short, so not in pytest's own folder.
    with tempfile.TemporaryDirectory() as folder:
        for url, data in running_postgres(Path(folder)):
            _make(optuna.storages.RDBStorage(url), trials=20)
            yield url, data


def _as(url: str, user: str, password: str) -> str:
    return url.replace("postgres:@", f"{user}:{password}@")


def _state(url: str) -> list[tuple[object, ...]]:
    tables = run_sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    counts = [run_sql(url, f"SELECT count(*) FROM {name}")[0][0] for (name,) in tables]  # noqa: S608
    return [*tables, tuple(counts)]


def test_postgresql_equals_what_optuna_says(postgres: tuple[str, Path]) -> None:
    url = postgres[0]
    theirs = optuna.load_study(study_name="one", storage=url).trials
    ours = read_search(url)
    assert [t.params for t in ours.trials] == [t.params for t in theirs]
    assert [t.value for t in ours.trials] == [t.value for t in theirs]
    assert ours.metric == "score"
    assert ours.source.startswith("postgresql+psycopg2://postgres:***@")


def test_nothing_is_written_and_rights_to_read_are_enough(postgres: tuple[str, Path]) -> None:
    url = postgres[0]
    run_sql(
        url,
        "CREATE ROLE reader LOGIN PASSWORD 'a secret'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    before = _state(url)
    assert len(read_search(_as(url, "reader", "a%20secret")).trials) == 20
    assert _state(url) == before
    storage: Any = optuna_url._storage(url)
    with pytest.raises(Exception, match="commit") as caught:
        storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], "made")
    assert "read-only transaction" in str(optuna_url._first(caught.value))


def _until_refused(url: str) -> None:
    for _ in range(50):  # the server takes a moment to read its rules again
        read_search(url)


def test_wrong_password(postgres: tuple[str, Path]) -> None:
    url, data = postgres
    rules = data / "pg_hba.conf"
    whole = rules.read_text()
    run_sql(url, "CREATE ROLE locked LOGIN PASSWORD 'right'")
    rules.write_text(f"local all locked scram-sha-256\n{whole}")
    run_sql(url, "SELECT pg_reload_conf()")
    with pytest.raises(UserError, match="password authentication failed") as caught:
        _until_refused(_as(url, "locked", "hunter2"))
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_database_stays_empty(postgres: tuple[str, Path]) -> None:
    url = postgres[0]
    run_sql(url, "CREATE DATABASE nothing")
    other = url.replace("/postgres?", "/nothing?")
    with pytest.raises(UserError, match="without a study of Optuna"):
        read_search(other)
    assert _state(other) == [()]


def test_a_database_that_is_not_there(postgres: tuple[str, Path]) -> None:
    with pytest.raises(UserError, match='database "absent" does not exist'):
        read_search(postgres[0].replace("/postgres?", "/absent?"))


def test_an_older_schema_is_not_brought_up_to_date(postgres: tuple[str, Path]) -> None:
    url = postgres[0]
    run_sql(url, "CREATE DATABASE old")
    old = url.replace("/postgres?", "/old?")
    _make(optuna.storages.RDBStorage(old), trials=2)
    run_sql(old, "UPDATE alembic_version SET version_num = 'v2.4.0.a'")
    before = _state(old)
    with pytest.raises(UserError, match=r"another version of Optuna.*Nothing was changed"):
        read_search(old)
    assert _state(old) == before
    assert run_sql(old, "SELECT version_num FROM alembic_version") == [("v2.4.0.a",)]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql+psycopg2://joe:hunter2@127.0.0.1:1/x", r"cannot be read|driver is not"),
        ("postgresql+absent://joe:hunter2@host/x", r"cannot be read|driver is not"),
        ("http://joe:hunter2@host/x", r"not the URL of a database.*postgresql://"),
        ("postgresql://joe:hunter2@@host:port/x", r"cannot be read|driver is not"),
        ("grpc://joe:hunter2@host", r"no host and port.*grpc://HOST:PORT"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_without_the_password(url: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read_search(url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_driver_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(UserError, match=r"driver is not installed \(pymysql\). pip install py"):
        read_search("mysql+pymysql://joe:hunter2@127.0.0.1:1/x")


def test_without_optuna_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UserError, match=r"needs Optuna. pip install 'hpadvisor\[optuna\]'"):
        read_search("postgresql://joe:hunter2@host/x")


def test_a_grpc_proxy_is_read(tmp_path: Path) -> None:
    pytest.importorskip("grpc", reason="grpcio is not installed")
    pytest.importorskip("google.protobuf", reason="protobuf is not installed")
    import socket
    import threading

    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    _make(storage, trials=8)
    serve = optuna.storages.run_grpc_proxy_server
    settings = {"host": "localhost", "port": port}
    threading.Thread(target=serve, args=(storage,), kwargs=settings, daemon=True).start()
    by_proxy = read_search(f"grpc://localhost:{port}", ReadOptions(study="one"))
    by_file = read_search(tmp_path / "study.db")
    assert [t.value for t in by_proxy.trials] == [t.value for t in by_file.trials]
