"""Command line of the clinic: ``python -m benchmarks.clinic generate | report``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.clinic.generate import DATA, generate


def main() -> None:
    """Run one of the clinic's commands."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinic")
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("generate", help="train settings and their changes")
    maker.add_argument("--groups", type=int, default=300)
    maker.add_argument("--first", type=int, default=0)
    maker.add_argument("--out", type=Path, default=DATA / "settings.jsonl")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    generate(range(options.first, options.first + options.groups), options.out)


if __name__ == "__main__":
    main()
