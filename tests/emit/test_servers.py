"""Emitted searches on a database server and on a gRPC proxy: machines without a shared disk."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import ReadOptions, State, read_search
from tests.servers import running_postgres

from .conftest import Command, Emit
from .plans import plan, search
from .test_running import baselines

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of a fresh PostgreSQL server."""
    with tempfile.TemporaryDirectory() as folder:
        for url, _ in running_postgres(Path(folder)):
            yield url


@pytest.fixture
def port() -> int:
    """A free port, where gRPC is installed."""
    pytest.importorskip("grpc", reason="grpcio is not installed")
    pytest.importorskip("google.protobuf", reason="protobuf is not installed")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def _start(folder: Path, *arguments: str, machine: int = 0) -> subprocess.Popen[str]:
    """Start the script; processes of other machines share no folder for locks."""
    locks = folder / f"machine-{machine}"
    locks.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "tune.py", *arguments], cwd=folder, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "TOY_SECONDS": "0.02", "TMPDIR": str(locks),
             "MACHINE": f"m{machine}"},
    )  # fmt: skip


def _finished(url: str) -> dict[int, float | None]:
    trials = read_search(url, ReadOptions(study="search")).trials
    return {trial.number: trial.value for trial in trials if trial.state is State.COMPLETE}


def _check(trials: list[FrozenTrial], planned: int, workers: int) -> None:
    done = [trial for trial in trials if trial.state in FINISHED]
    assert planned <= len(done) <= planned + workers
    assert baselines(trials) == 1


def test_workers_on_postgresql_one_killed(emit: Emit, postgres: str, tmp_path: Path) -> None:
    emit(plan(search(trials=12, trainings=12)))
    arguments = ("--target", "toy:train", "--storage", postgres)
    workers = [_start(tmp_path, *arguments) for _ in range(3)]
    before: dict[int, float | None] = {}
    for _ in range(1200):
        time.sleep(0.05)
        with contextlib.suppress(UserError):  # it is not there yet
            before = _finished(postgres)
        if len(before) >= 3:
            break
    workers[1].send_signal(signal.SIGKILL)
    said = [worker.communicate(timeout=300)[1] for worker in workers]
    codes = [worker.returncode for worker in workers]
    assert codes == [0, -signal.SIGKILL, 0], "\n".join(said)
    assert before.items() <= _finished(postgres).items()
    study = optuna.load_study(study_name="search", storage=postgres)
    _check(study.trials, 12, 3)
    assert len(read_search(postgres, ReadOptions(study="search")).trials) == len(study.trials)


def _several_machines(script: Path) -> None:
    """Let processes be of different machines: by name, and by the folder of their locks."""
    hosts = "import os, socket\nsocket.gethostname = lambda: os.environ['MACHINE']\n"
    text = script.read_text()
    future = "from __future__ import annotations\n"
    script.write_text(text.replace(future, future + hosts))


def test_machines_on_postgresql(emit: Emit, postgres: str, tmp_path: Path) -> None:
    """Three that begin at once on an empty database: the tables and the baseline come once."""
    _several_machines(emit(plan(search(trials=10, trainings=10))))
    arguments = ("--target", "toy:train", "--storage", postgres)
    workers = [_start(tmp_path, *arguments, machine=k) for k in range(3)]
    said = [worker.communicate(timeout=300)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], "\n".join(said)
    study = optuna.load_study(study_name="search", storage=postgres)
    _check(study.trials, 10, 3)
    origins = [trial.user_attrs.get("origin") for trial in study.trials]
    assert origins.count("start-1") == 1


def test_machines_on_a_grpc_proxy(emit: Emit, port: int, tmp_path: Path) -> None:
    _several_machines(emit(plan(search(trials=10, trainings=10))))
    server = _start(tmp_path, "--storage", "journal.log", "--serve", str(port))
    try:
        arguments = ("--target", "toy:train", "--storage", f"grpc://localhost:{port}")
        workers = [_start(tmp_path, *arguments, machine=k) for k in range(3)]
        said = [worker.communicate(timeout=300)[1] for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0, 0], "\n".join(said)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(tmp_path / "journal.log"))
    )
    _check(optuna.load_study(study_name="search", storage=storage).trials, 10, 3)


def test_no_server_is_told_in_one_line(
    emit: Emit, command: Command, port: int, tmp_path: Path
) -> None:
    script = emit(plan())
    text = script.read_text()
    future = "from __future__ import annotations\n"
    short = "import hpadvisor.search.storage as s\ns.SERVER_SECONDS = 1\n"
    script.write_text(text.replace(future, future + short))
    done = command("--target", "toy:train", "--storage", f"grpc://localhost:{port}")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"no server answers; start it with --serve {port}" in done.stderr


def test_a_password_is_never_printed(emit: Emit, command: Command) -> None:
    emit(plan())
    url = "postgresql+psycopg2://joe:hunter2@127.0.0.1:1/x"
    done = command("--target", "toy:train", "--storage", url)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "postgresql+psycopg2://joe:***@127.0.0.1:1/x: cannot be opened" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
