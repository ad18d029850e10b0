"""Ctrl-C and SIGTERM while commands are trained: nothing is left behind, twice ends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpadvisor.search.processes import started_at
from tests.running.programs import program

pytest.importorskip("optuna")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are seen by /proc")

STUBBORN = """
import os, pathlib, signal, sys, time
trial = pathlib.Path(sys.argv[1])
first = trial.name == "0000"
if not first:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
(trial / "pid").write_text(str(os.getpid()))
for epoch in range(1, 6):
    print(f"epoch {epoch} val_acc {0.5 + epoch / 100}", flush=True)
if not first:
    time.sleep(60)
"""


def listens() -> None:
    """Listen to interrupts, also where the tests run in the background of a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(tmp_path: Path, workers: int) -> subprocess.Popen[str]:
    """Start a run whose trials neither end nor listen; return it once they all run."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "hpadvisor", "run", "--training", "vision-from-scratch",
            "--trainings", "10", "--metric", "val_acc", "--workers", str(workers),
            "--repeats", "0", "--", *program(tmp_path, STUBBORN), "{trial_dir}", "{learning_rate}",
        ],
        cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, preexec_fn=listens,  # noqa: PLW1509 - no threads here
    )  # fmt: skip
    until = time.monotonic() + 30
    while len(trainings(tmp_path)) < workers and time.monotonic() < until:
        time.sleep(0.05)
    return process


def trainings(tmp_path: Path) -> list[int]:
    """Return the processes of the trials that do not end by themselves."""
    paths = sorted(tmp_path.glob("hpadvisor-run/trials/*/pid"))[1:]
    return [int(text) for text in (path.read_text() for path in paths) if text]


def alive(pids: list[int]) -> list[int]:
    """Return those that run still; one that nobody has waited for yet is dead all the same."""
    return [pid for pid in pids if started_at(pid) != "dead"]


def left_of(process: subprocess.Popen[str], pids: list[int]) -> list[int]:
    """Wait for the run's end; return its trainings that run still, and end those."""
    process.wait(timeout=20)
    time.sleep(0.2)  # what was killed is taken away
    left = alive(pids)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


@pytest.mark.parametrize(("workers", "all_of_it"), [(1, True), (2, True), (2, False)])
def test_twice_ends_at_once(tmp_path: Path, workers: int, all_of_it: bool) -> None:
    process = started(tmp_path, workers)
    pids = trainings(tmp_path)
    assert len(pids) == workers
    began = time.monotonic()
    for _ in range(2):
        (os.killpg if all_of_it else os.kill)(process.pid, signal.SIGINT)
        time.sleep(0.5)
    assert left_of(process, pids) == []
    assert time.monotonic() - began < 6
    assert process.returncode == 130
    assert process.stderr is not None
    assert "goes on" in process.stderr.read()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_told_to_end_ends_its_trainings(tmp_path: Path, workers: int) -> None:
    process = started(tmp_path, workers)
    pids = trainings(tmp_path)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)  # impatient, so that the test is quick
    assert left_of(process, pids) == []
    assert process.returncode == 143
