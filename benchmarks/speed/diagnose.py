"""Speed and memory of ``diagnose`` beside its peers, as ratios measured in one run.

    python -m benchmarks.speed diagnose [--peers DIR] [--rows 1000000] [--folders 1000]

Peers stand in environments of their own (``DIR/NAME/bin/NAME``, versions in
``docs/decisions-diagnose.md``); those that are not there are left out, visibly. CPU seconds count,
of a process of its own. A peer that takes twenty times as long as we do on a hundred thousand rows
is not asked for a million. Limits: a thousand rows within 3 × the fastest peer, a million faster
than each of them and below 300 MB, run folders in memory that does not grow with their number.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

PEERS = {
    "trainproof": ["doctor"],
    "runmedic": ["diagnose"],
    "losslint": ["check"],
    "trainspotter": ["analyze"],
    "finetune-doctor": ["diagnose"],
}
PATIENCE = 120
"""Seconds after which a tool is stopped; it then counts as slower than that."""

FAR_SLOWER = 20
"""Times our time on a hundred thousand rows, beyond which a peer is not asked for more."""

_MEASURE = """
import json, resource, subprocess, sys
try:
    subprocess.run(sys.argv[2:], stdout=-3, stderr=-3, timeout=float(sys.argv[1]))
except subprocess.TimeoutExpired:
    pass
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""

_CACHE = tempfile.TemporaryDirectory(prefix="compiled-")
"""Where the modules of all tools are compiled to."""

Measured = tuple[float, float]
"""CPU seconds, and the peak memory in MB."""


def rows_of(rows: int) -> Iterator[tuple[int, float, float | None]]:
    """Yield step, training loss and every hundredth step a validation loss: a noisy fall."""
    steps = np.arange(rows)
    noise = np.random.default_rng(0).standard_normal(rows)
    train = 2 * np.exp(-steps / (rows / 5)) + 0.3 + 0.05 * noise
    for step, loss in enumerate(train):
        yield step, float(loss), float(loss) + 0.1 if step % 100 == 99 else None


def write_table(path: Path, rows: int) -> None:
    """Write a CSV log: a step a row, validation every hundredth row."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write("step,epoch,train_loss,val_loss,lr\n")
        for step, loss, validation in rows_of(rows):
            cell = "" if validation is None else f"{validation:.6f}"
            stream.write(f"{step},{step // 100},{loss:.6f},{cell},0.001\n")


def write_state(path: Path, rows: int) -> None:
    """Write the same as a ``trainer_state.json``, for the tool that reads nothing else."""
    history: list[dict[str, float]] = []
    for step, loss, validation in rows_of(rows):
        place = {"step": step, "epoch": step / 100}
        history.append({"loss": loss, "learning_rate": 0.001, **place})
        if validation is not None:
            history.append({"eval_loss": validation, **place})
    state = {"log_history": history, "max_steps": rows, "global_step": rows, "epoch": rows / 100}
    path.write_text(json.dumps(state), encoding="utf-8")


def measure(command: list[str], times: int) -> Measured:
    """Least CPU seconds and peak memory of a command, in a process of its own.

    All are run from compiled modules, as they are once installed and used: the first run compiles.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": _CACHE.name}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    measured = [sys.executable, "-c", _MEASURE, str(PATIENCE), *command]
    found = [json.loads(subprocess.check_output(measured, env=environment)) for _ in range(times)]
    return min(cpu for cpu, _ in found), max(memory for _, memory in found)


def ours(path: Path) -> list[str]:
    """Our command on a path."""
    return [sys.executable, "-m", "hpadvisor", "diagnose", str(path)]


def beside_peers(
    folder: Path, rows: int, times: int, peers: Path | None, without: Collection[str] = ()
) -> tuple[Measured, dict[str, Measured]]:
    """Measure us and the peers on one log; print a line each."""
    print(f"{rows:,} rows")
    table, state = folder / f"{rows}.csv", folder / str(rows) / "trainer_state.json"
    write_table(table, rows)
    own = measure(ours(table), times)
    found: dict[str, Measured] = {}
    for name, words in PEERS.items():
        program = (peers or Path()) / name / "bin" / name
        if peers is None or not program.exists() or name in without:
            print(f"  {name}: {'far slower' if name in without else 'not there'}, left out")
            continue
        path = table
        if name == "finetune-doctor":
            state.parent.mkdir(exist_ok=True)
            write_state(state, rows)
            path = state
        found[name] = measure([str(program), *words, str(path)], times)
    fastest = min((cpu for cpu, _ in found.values()), default=None)
    for name, (cpu, memory) in {"hpadvisor": own, **found}.items():
        ratio = f"{cpu / fastest:6.2f} × the fastest peer" if fastest else ""
        stopped = f" (stopped after {PATIENCE} s)" if cpu >= 0.9 * PATIENCE else ""
        print(f"  {name:16} {cpu:7.3f} s CPU {memory:6.0f} MB {ratio}{stopped}")
    return own, found


def of_folders(folder: Path, count: int) -> Measured:
    """Measure us on a folder of runs of 200 rows each."""
    runs = folder / f"runs{count}"
    for number in range(count):
        (runs / f"run{number:04d}").mkdir(parents=True)
        write_table(runs / f"run{number:04d}" / "metrics.csv", 200)
    cpu, memory = measure(ours(runs), 1)
    print(f"  {count:>5} folders   {cpu:7.3f} s CPU {memory:6.0f} MB")
    return cpu, memory


def held(limits: dict[str, bool | None]) -> bool:
    """Print each limit as met, missed or not measured; whether none is missed."""
    words = {True: "met", False: "MISSED", None: "not measured"}
    for name, outcome in limits.items():
        print(f"{name}: {words[outcome]}")
    return False not in limits.values()


def main(arguments: list[str]) -> int:
    """Print tables of CPU time, ratio and memory; 1 where a limit is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed diagnose", description=__doc__
    )
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folders", type=int, default=1_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short, short_peers = beside_peers(folder, 1_000, 5, options.peers)
        middle, middle_peers = beside_peers(folder, 100_000, 1, options.peers)
        slow = {name for name, (cpu, _) in middle_peers.items() if cpu > FAR_SLOWER * middle[0]}
        long, long_peers = beside_peers(folder, options.rows, 1, options.peers, slow)
        print("run folders of 200 rows")
        _, few = of_folders(folder, max(1, options.folders // 10))
        _, many = of_folders(folder, options.folders)
    fastest = min((cpu for cpu, _ in short_peers.values()), default=None)
    limits: dict[str, bool | None] = {
        "1,000 rows within 3 × the fastest peer": (
            None if fastest is None else short[0] <= 3 * fastest
        ),
        f"{options.rows:,} rows faster than every peer": (
            all(long[0] < cpu for cpu, _ in long_peers.values()) if long_peers else None
        ),
        f"{options.rows:,} rows below 300 MB": long[1] < 300,
        "ten times the folders in 1.5 times the memory": many <= 1.5 * few,
    }
    return 0 if held(limits) else 1
