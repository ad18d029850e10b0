"""Speed and memory of ``diagnose`` beside its peers, as ratios measured in one run.

``python benchmarks/diagnose_speed.py [--peers DIR] [--rows 1000000] [--folders 1000]``. Peers
stand in environments of their own (``DIR/NAME/bin/NAME``); those that are not there are left out.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PEERS = {
    "trainproof": ["doctor"],
    "runmedic": ["diagnose"],
    "losslint": ["check"],
}
"""The peers that finish a million rows within minutes."""


def write_log(path: Path, rows: int) -> None:
    """Write a noisy falling loss: a step a row, validation every hundredth row."""
    steps = np.arange(rows)
    noise = np.random.default_rng(0).standard_normal(rows)
    train = 2 * np.exp(-steps / (rows / 5)) + 0.3 + 0.05 * noise
    with path.open("w", encoding="utf-8") as stream:
        stream.write("step,epoch,train_loss,val_loss,lr\n")
        for step in range(rows):
            validation = f"{train[step] + 0.1:.6f}" if step % 100 == 99 else ""
            stream.write(f"{step},{step // 100},{train[step]:.6f},{validation},0.001\n")


def measure(command: list[str], times: int) -> tuple[float, float]:
    """Least CPU seconds and the peak memory in MB of a command, in a process of its own."""
    code = (
        "import json, resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))\n"
    )
    found = [
        json.loads(subprocess.check_output([sys.executable, "-c", code, *command]))
        for _ in range(times)
    ]
    return min(cpu for cpu, _ in found), max(memory for _, memory in found)


def main() -> None:
    """Print a table of CPU time, ratio and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folders", type=int, default=1_000)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows, times in ((1_000, 5), (options.rows, 1)):
            path = folder / f"{rows}.csv"
            write_log(path, rows)
            compare(path, f"{rows:,} rows", times, options.peers)
        runs = folder / "runs"
        for number in range(options.folders):
            (runs / f"run{number:04d}").mkdir(parents=True)
            write_log(runs / f"run{number:04d}" / "metrics.csv", 200)
        compare(runs, f"{options.folders:,} run folders of 200 rows", 1, None)


def compare(path: Path, label: str, times: int, peers: Path | None) -> None:
    """Measure us and the peers on one path; ratios are over the fastest peer."""
    commands = {"hpadvisor": [sys.executable, "-m", "hpadvisor", "diagnose", str(path)]}
    for name, words in PEERS.items():
        program = (peers or Path()) / name / "bin" / name
        if peers and program.exists():
            commands[name] = [str(program), *words, str(path)]
    found = {name: measure(command, times) for name, command in commands.items()}
    fastest = min((cpu for name, (cpu, _) in found.items() if name != "hpadvisor"), default=None)
    print(label)
    for name, (cpu, memory) in found.items():
        ratio = f"{cpu / fastest:5.2f} × the fastest peer" if fastest else ""
        print(f"  {name:12} {cpu:7.3f} s CPU {memory:6.0f} MB  {ratio}")


if __name__ == "__main__":
    main()
