"""The weight of the core install: the wheel unpacked, and what it depends on.

    python -m benchmarks.speed weight --against CHECKOUT

Builds the wheel of this checkout and of another, and compares their files. Target: no dependency
more, and the wheel heavier by no more than 2 MB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

import hpadvisor

MOST = 2_000_000
"""Bytes that the core install may gain."""


def weight(checkout: Path) -> int:
    """Return the bytes of a checkout's wheel, unpacked."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder,
             str(checkout)],
            check=True, capture_output=True,
        )  # fmt: skip
        (wheel,) = Path(folder).glob("*.whl")
        return sum(entry.file_size for entry in zipfile.ZipFile(wheel).infolist())


def dependencies(checkout: Path) -> set[str]:
    """Return what the core of a checkout depends on."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    return set(project["project"]["dependencies"])


def main(arguments: list[str]) -> int:
    """Compare and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed weight", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", required=True)
    other = parser.parse_args(arguments).against.resolve()
    here = Path(hpadvisor.__file__).resolve().parent.parent
    before, now = weight(other), weight(here)
    more = dependencies(here) - dependencies(other)
    print(f"wheel unpacked: {now / 1e6:.2f} MB, the other's {before / 1e6:.2f} MB")
    print(f"gained: {(now - before) / 1e6:+.2f} MB (target at most {MOST / 1e6:g})")
    print(f"dependencies that are new or changed: {', '.join(sorted(more)) or 'none'}")
    return int(now - before > MOST or bool(more))
