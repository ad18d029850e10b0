"""Start-up and planning time, as ratios taken in one run.

    python -m benchmarks.speed startup [--runs 15]
    python -m benchmarks.speed startup --against CHECKOUT    # of another commit: ratios to it

Each command is a fresh process; the runs of all commands are interleaved, so that a busy machine
slows them alike. Targets: ``--help`` under 3 × ``import typer``, ``plan`` under one second,
loading the rules under a fifth of the plan command's time.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hpadvisor

COMMANDS = {
    "import typer": [sys.executable, "-c", "import typer"],
    "hpadvisor --help": [sys.executable, "-m", "hpadvisor", "--help"],
    "hpadvisor plan": [sys.executable, "-m", "hpadvisor", "plan", "--example", "cifar10-resnet"],
    "hpadvisor explain": [sys.executable, "-m", "hpadvisor", "explain", "learning_rate"],
    "load the rules": [
        sys.executable,
        "-c",
        "from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge; "
        "load_knowledge(without=NOT_PLANNING)",
    ],
    "import the loader": [sys.executable, "-c", "import hpadvisor.engine.loading"],
}


AGAINST = {name: COMMANDS[name] for name in ("hpadvisor --help", "hpadvisor plan")}
"""What is held against another commit."""
SLOWER = 1.05
"""Ratio to another commit that is within the noise of some twenty runs."""


def against(checkout: Path, runs: int) -> int:
    """Compare with another checkout, interleaved; 1 where this one is slower.

    Args:
        checkout: The folder of the other commit.
        runs: Processes of each command and checkout.
    """
    compileall.compile_dir(str(checkout / "hpadvisor"), quiet=1)
    here = Path(hpadvisor.__file__).resolve().parent.parent
    slower = False
    with tempfile.TemporaryDirectory() as cache:
        # A cache of its own: in the user's one, other checkouts push each other out.
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        for name, command in AGAINST.items():
            slower = _compared(name, command, (here, checkout), runs, environment) or slower
    return int(slower)


def _compared(
    name: str, command: list[str], roots: tuple[Path, Path], runs: int, environment: dict[str, str]
) -> bool:
    """Run a command in two checkouts in turn; whether the first is slower."""
    here, checkout = roots
    times: dict[Path, list[float]] = {here: [], checkout: []}
    for number in range(-1, runs):  # the first one warms up
        for root in roots if number % 2 else (checkout, here):
            start = time.perf_counter()
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                cwd=root, env={**environment, "PYTHONPATH": str(root)},
            )  # fmt: skip
            if number >= 0:
                times[root].append(time.perf_counter() - start)
    ratio = statistics.median(times[here]) / statistics.median(times[checkout])
    best = min(times[here]) / min(times[checkout])
    print(f"{name}: {ratio:.3f} of the other's time by the median, {best:.3f} by the least")
    return min(ratio, best) > SLOWER


def measure(runs: int) -> dict[str, list[float]]:
    """Return seconds of each command, a list of ``runs`` each."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
            )
            times[name].append(time.perf_counter() - start)
    return times


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed startup", description=__doc__
    )
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT")
    asked = parser.parse_args(arguments)
    if asked.against is not None:
        return against(asked.against.resolve(), asked.runs)
    times = measure(asked.runs)
    print(f"{'command':<20} {'min':>8} {'median':>8} {'max':>8}")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:<20} {min(values):8.3f} {middle:8.3f} {max(values):8.3f}")
    median = {name: statistics.median(values) for name, values in times.items()}
    ratio = median["hpadvisor --help"] / median["import typer"]
    share = (median["load the rules"] - median["import the loader"]) / median["hpadvisor plan"]
    print(f"\n--help ÷ import typer: {ratio:.2f} (target under 3)")
    print(f"plan: {median['hpadvisor plan']:.2f} s (target under 1)")
    print(f"loading the rules ÷ plan: {share:.2f} (target under 0.2)")
    return 0 if ratio < 3 and median["hpadvisor plan"] < 1 and share < 0.2 else 1
