"""Four worker processes on one journal, one of them killed at a random moment."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpadvisor.emit.engines import emit
from hpadvisor.readers.searches import ReadOptions, State, read_search

from .plans import plan, search

HERE = Path(__file__).parent
PLANNED, WORKERS = 16, 4
FINISHED = b'"op_code":6'


def _finished(journal: Path) -> int:
    return journal.read_bytes().count(FINISHED) if journal.exists() else 0


def _complete(journal: Path) -> dict[int, float | None]:
    trials = read_search(journal, ReadOptions(study="search")).trials
    return {trial.number: trial.value for trial in trials if trial.state is State.COMPLETE}


# Each seed is another moment: how many state changes to wait for, how long then, whom to kill.
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_nothing_finished_is_lost(seed: int, tmp_path: Path) -> None:
    """Every finished trial is kept, the baseline ends once, at most planned + workers trials."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    (tmp_path / "tune.py").write_text(
        emit(plan(search(trials=PLANNED, trainings=PLANNED)), "optuna", created_by="a test")
    )
    shutil.copy(HERE / "toy.py", tmp_path)
    command = [sys.executable, "tune.py", "--target", "toy:train", "--storage", "j.log"]
    workers = [
        subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, "TOY_SECONDS": "0.02"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(WORKERS)
    ]  # fmt: skip
    journal = tmp_path / "j.log"
    moment = rng.randrange(1, 2 * PLANNED - 6)  # a trial changes its state twice
    while _finished(journal) < moment:
        time.sleep(0.01)
        assert any(worker.poll() is None for worker in workers)
    time.sleep(rng.random() * 0.2)
    before = _complete(journal)
    workers[rng.randrange(WORKERS)].send_signal(signal.SIGKILL)
    for worker in workers:
        worker.wait(timeout=120)
    assert sorted(worker.returncode for worker in workers) == [-signal.SIGKILL, 0, 0, 0]
    after = _complete(journal)
    assert before.items() <= after.items()
    assert PLANNED <= len(after) <= PLANNED + WORKERS
    trials = read_search(journal, ReadOptions(study="search")).trials
    assert sum(trial.enqueued for trial in trials if trial.number in after) == 1  # the baseline
    assert not [trial for trial in trials if trial.state is State.RUNNING]
