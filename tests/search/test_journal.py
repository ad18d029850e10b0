"""Journals that were damaged, locks that were left behind, disks that are full."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from hpadvisor.emit.optuna import emit_optuna
from hpadvisor.search import locks
from hpadvisor.search.problems import TuneError
from tests.emit import toy
from tests.emit.plans import plan, search

from .loading import Loaded

PLANNED = 6


@pytest.fixture
def loaded() -> Loaded:
    return Loaded(plan(search(trials=PLANNED, trainings=PLANNED, sampler={"startup_trials": 3})))


@pytest.fixture
def journal(loaded: Loaded, tmp_path: Path) -> Path:
    """A search that has four of its six trials."""
    path = tmp_path / "journal.log"
    loaded.run(toy.silent, storage=str(path), trials=4)
    return path


def _cut(lines: list[bytes]) -> bytes:
    return lines[0][: len(lines[0]) // 2]


def _with(part: bytes, place: int) -> Callable[[list[bytes]], bytes]:
    return lambda lines: b"".join([*lines[:place], part, *lines[place:]])


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        (_cut, 0),
        (lambda lines: b"", 0),
        (lambda lines: b"".join(lines) + lines[-1][:9], 4),
        (lambda lines: b"".join(lines) + b"\0" * 4096, 4),
        (lambda lines: b"".join(lines)[:-1], 4),
        (_with(b"\0" * 40 + b"\n", 9), 4),
        (_with(b"\n", 9), 4),
        (_with(b'{"op_code": 5, "wor\n', 9), 4),
        (_with(b"\xff\xfe not text\n", 9), 4),
        (_with(b'{"op_code": 99, "worker_id": "x"}\n', 9), 4),
        (_with(b"[1, 2]\n", 0), 4),
    ],
    ids=["first line halved", "empty", "last line halved", "NULs at the end", "no last newline",
         "NULs and newline", "blank line", "half a line inside", "no text", "unknown operation",
         "another first line"],
)  # fmt: skip
def test_a_damaged_journal_goes_on(
    loaded: Loaded, journal: Path, damage: Callable[[list[bytes]], bytes], kept: int
) -> None:
    whole = journal.read_bytes()
    damaged = damage(whole.splitlines(keepends=True))
    journal.write_bytes(damaged)
    study = loaded.run(toy.silent, storage=str(journal), trials=PLANNED)
    done = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
    assert len(done) == PLANNED
    assert sum(t.user_attrs.get("origin") == "baseline" for t in done) == 1
    beside = list(journal.parent.glob("journal.log.damaged-*"))
    inside = kept == 4 and whole not in (damaged[: len(whole)], damaged + b"\n")
    assert [path.read_bytes() for path in beside] == ([damaged] if inside else [])


@pytest.mark.parametrize("content", ["import os\n", "{}\n", "a", '{"op": 1}', "1\n2\n"])
def test_what_is_no_journal_is_left_alone(loaded: Loaded, tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)
    with pytest.raises(TuneError, match="cannot be used as a journal"):
        loaded.make_study(str(path), 0)
    assert path.read_text() == content


def test_a_lock_of_another_program_is_not_waited_for_long(
    loaded: Loaded,
    journal: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(locks, "FOREIGN_SECONDS", 0.3)
    monkeypatch.setattr(locks, "SAY_SECONDS", 0.1)
    (journal.parent / "journal.log.lock").write_text("")
    began = time.monotonic()
    study = loaded.run(toy.silent, storage=str(journal), trials=PLANNED)
    assert 0.3 < time.monotonic() - began < 5
    assert len(study.trials) == PLANNED
    assert "waiting for journal.log.lock, held by another program" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["1", "3"])
def test_a_full_disk_is_told_in_a_line_and_nothing_is_lost(tmp_path: Path, workers: str) -> None:
    made = plan(search(trials=PLANNED, trainings=PLANNED))
    (tmp_path / "tune.py").write_text(emit_optuna(made, created_by="a test"))
    (tmp_path / "toy.py").write_text(Path(toy.__file__).read_text())
    command = [sys.executable, "tune.py", "--target", "toy:train", "--workers", workers]

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, resource.RLIM_INFINITY))

    full = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, preexec_fn=small
    )
    assert full.returncode == 1, full.stderr
    assert "Traceback" not in full.stderr
    assert "File too large" in full.stderr
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"All {PLANNED} trials are finished." in done.stdout
