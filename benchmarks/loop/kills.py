"""``python -m benchmarks.loop.kills``: a run is killed at random moments, again and again.

Each time a worker, the command itself, or all of its processes (as when the machine goes down) get
SIGKILL; then the same command is given again. At the end every finished training must still be
there, none may be in the study twice, and the baseline must have come through once. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PROGRAM = """
import math, sys, time
lr, seed = float(sys.argv[1]), int(sys.argv[2])
for epoch in range(1, 6):
    time.sleep(0.06)
    score = (1 - 0.15 * abs(math.log10(lr) + 2)) * (1 - 0.6 ** epoch) + 0.001 * (seed % 3)
    print(f"epoch {epoch}/5 train_loss {2 - score:.5f} val_acc {score:.5f}", flush=True)
"""
WHAT = ("worker", "command", "all")


def main() -> None:
    """Kill, go on, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--trainings", type=int, default=150)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator = random.Random(options.seed)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "train.py").write_text(PROGRAM, encoding="utf-8")
        command = [
            sys.executable, "-m", "hpadvisor", "run", "--training", "vision-from-scratch",
            "--metric", "val_acc", "--epochs", "5", "--trainings", str(options.trainings),
            "--workers", str(options.workers), "--whole-search", "--max-failures", "1000", "--",
            sys.executable, "train.py", "{learning_rate}", "{seed}",
        ]  # fmt: skip
        killed = dict.fromkeys(WHAT, 0)
        lost: set[str] = set()
        for number in range(options.times):
            before = finished(folder)
            what = WHAT[number % len(WHAT)]
            killed[what] += kill_once(command, folder, what, generator.uniform(1.5, 4.5))
            lost |= before - finished(folder)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        report(folder, killed, lost, done)


def kill_once(command: Sequence[str], folder: Path, what: str, after: float) -> int:
    """Start the command, kill a part of it after some seconds, and let the rest end."""
    process = subprocess.Popen(
        command, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(after)
    family = descendants(process.pid)
    workers = [pid for pid in children(process.pid) if _is_worker(pid)]
    targets = {"worker": workers[:1], "command": [process.pid], "all": [process.pid, *family]}[
        what
    ]
    hit = 0
    for pid in targets:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            hit = 1
    if what == "worker":
        time.sleep(1.0)
        process.send_signal(signal.SIGTERM)
    process.wait()
    return hit


def _is_worker(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def children(pid: int) -> list[int]:
    """The processes that a process has started, and that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(path.parent.name))
    return found


def descendants(pid: int) -> list[int]:
    """All that a process has started, and what those have."""
    own = children(pid)
    return own + [deeper for child in own for deeper in descendants(child)]


def finished(folder: Path) -> set[str]:
    """The configurations that came through, each with its seed."""
    return set(_complete(folder))


def _complete(folder: Path) -> list[str]:
    found = []
    for path in folder.glob("hpadvisor-run/trials/*/result.json"):
        one = json.loads(path.read_text(encoding="utf-8"))
        if one["status"] == "complete":
            found.append(json.dumps(one["values"], sort_keys=True))
    return found


def report(
    folder: Path, killed: dict[str, int], lost: set[str], done: subprocess.CompletedProcess[str]
) -> None:
    """Print what became of the trainings."""
    import optuna
    from optuna.trial import TrialState

    from hpadvisor.search.storage import open_storage

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = open_storage(str(folder / "hpadvisor-run" / "journal.log"))
    study = optuna.load_study(study_name="search", storage=storage)
    trials = study.get_trials(deepcopy=False)
    ended = [t for t in trials if t.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    keys = [json.dumps([t.params, t.user_attrs.get("seed")], sort_keys=True) for t in ended]
    baselines = [t for t in ended if t.user_attrs.get("origin") == "baseline"]
    running = sum(t.state == TrialState.RUNNING for t in trials)
    whole = _complete(folder)
    print(f"killed: {killed}; exit code of the last command {done.returncode}")
    print(f"trainings that came through: {len(whole)}; again: {len(whole) - len(set(whole))}; "
          f"lost: {len(lost)}")  # fmt: skip
    print(f"trials of the study: {len(ended)} ended; twice: {len(keys) - len(set(keys))}; "
          f"baseline: {len(baselines)}; still running: {running}")  # fmt: skip
    if done.returncode:
        print(done.stderr[-2000:])


if __name__ == "__main__":
    main()
