"""Time of check against yamllint, as ratios from one run: one file, and a thousand files.

    python -m benchmarks.speed check [--corpus DIR] [--rounds N]

Each measurement is a process of its own; the two programs take turns, and the least time of each
counts. Needs yamllint beside hpadvisor. Exits 1 when a target is missed: one file within twice
yamllint's time, a thousand files in less than yamllint's.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import time
from pathlib import Path

DEFAULT_CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "configs"
HERE = Path(sys.executable).parent


def seconds(command: list[str]) -> float:
    """Return the wall-clock time of a command."""
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode not in (0, 1):  # a program that does not run is quick
        raise SystemExit(f"{command[0]} failed: {done.stderr.decode()[-300:]}")
    return elapsed


def compare(files: list[str], rounds: int) -> tuple[float, float]:
    """Return the least times of check and of yamllint over the same files."""
    ours = [str(HERE / "hpadvisor"), "check", "--isolated", "--format", "concise", *files]
    theirs = [str(HERE / "yamllint"), *files]
    times = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    return min(t[0] for t in times), min(t[1] for t in times)


def yaml_files(corpus: Path) -> list[str]:
    """Return the YAML files of the corpus, in the order of its index."""
    with (corpus / "INDEX.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    paths = [corpus / row["repo"].replace("/", "+") / row["path"] for row in rows]
    return [str(path) for path in paths if path.suffix in (".yaml", ".yml")]


def main(arguments: list[str]) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed check", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    if not (options.corpus / "INDEX.tsv").is_file():
        print(f"skipped: no corpus at {options.corpus}")
        return 0
    files = yaml_files(options.corpus)
    sizes = sorted(files, key=lambda name: Path(name).stat().st_size)
    held = True
    for label, chosen, limit, rounds in (
        ("one file, median size", [sizes[len(sizes) // 2]], 2.0, options.rounds * 3),
        ("one file, 95th percentile", [sizes[len(sizes) * 95 // 100]], 2.0, options.rounds * 3),
        ("1,000 files", files[:1000], 1.0, options.rounds),
    ):
        ours, theirs = compare(chosen, rounds)
        ratio = ours / theirs
        held = held and ratio <= limit
        times = f"check {ours:.3f} s, yamllint {theirs:.3f} s"
        print(f"{label}: {times}, ratio {ratio:.2f} (limit {limit})")
    return 0 if held else 1
