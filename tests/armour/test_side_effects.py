"""No command opens a connection, starts a program, or writes beside what was asked for."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.fuzz.running import run
from benchmarks.fuzz.seeds import SEEDS, Seed
from tests.readers.curves.test_formats import mlflow_database

WATCH = """
import json, os, sys
seen = []
def hook(event, args):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.exec",
                 "os.remove", "os.rename", "os.mkdir", "shutil.rmtree", "pickle.find_class"):
        seen.append([event, str(args[0])])
    elif event == "open" and isinstance(args[0], str):
        flags = args[2] if isinstance(args[2], int) else 0
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        if (args[1] and set(args[1]) & set("wax+")) or flags & writes:
            seen.append([event, args[0]])
sys.addaudithook(hook)
sys.argv = ["hpadvisor", *sys.argv[2:]]
from hpadvisor.cli.main import run
try:
    run()
except SystemExit:
    pass
finally:
    with open(os.environ["SEEN"], "w") as stream:
        json.dump(seen, stream)
"""
KINDS = {(seed.name, seed.command[0]): seed for seed in SEEDS if not seed.emits}


@pytest.mark.parametrize("seed", KINDS.values(), ids=lambda seed: f"{seed.command[0]}-{seed.name}")
def test_a_command_touches_nothing_else(seed: Seed, tmp_path: Path) -> None:
    folder, cache = tmp_path / "work", tmp_path / "cache"
    folder.mkdir()
    (folder / seed.name).write_text(seed.text, encoding="utf-8")
    environment = {
        **os.environ, "XDG_CACHE_HOME": str(cache), "SEEN": str(tmp_path / "seen.json"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    arguments = [part.format(seed.name) for part in seed.command]
    subprocess.run(
        [sys.executable, "-c", WATCH, "hpadvisor", *arguments],
        cwd=folder, env=environment, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    elsewhere = [
        (event, what) for event, what in seen
        if not what.startswith(str(cache)) and what != str(tmp_path / "seen.json")
        and what != os.devnull
    ]  # fmt: skip
    assert elsewhere == []
    assert [path.name for path in folder.iterdir()] == [seed.name]


def test_a_database_in_write_ahead_mode_is_left_alone(tmp_path: Path) -> None:
    """SQLite itself would leave two files beside it."""
    path = mlflow_database(tmp_path / "mlflow.db", {"loss": [2 / (n + 1) for n in range(12)]})
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    assert run(["diagnose", str(path)]).code in (0, 1)
    assert [one.name for one in tmp_path.iterdir()] == ["mlflow.db"]
    assert path.read_bytes() == before
