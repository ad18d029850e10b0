"""Command line: ``python -m benchmarks.clinic.usual COMMAND``; --help lists them."""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Prepare the data, or train settings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinic.usual")
    commands = parser.add_subparsers(dest="command", required=True)
    first = commands.add_parser("prepare", help="write texts and pictures of packages to a file")
    first.add_argument("--packages", type=Path, required=True)
    first.add_argument("--out", type=Path, required=True)
    first.add_argument("--only-further", action="store_true", help="sets of groups from 3000 on")
    trainer = commands.add_parser("train", help="train groups and tables")
    trainer.add_argument("--data", type=Path, required=True)
    trainer.add_argument("--out", type=Path, required=True)
    trainer.add_argument("--groups", default="", help="numbers, such as 0-65,70")
    trainer.add_argument("--tables", default="", help="numbers of groups, such as 0-20")
    trainer.add_argument("--processes", type=int, default=1)
    trainer.add_argument("--seconds", type=float, default=1e9, help="none begins later")
    trainer.add_argument("--eager", action="store_true", help="no CUDA graphs")
    trainer.add_argument("--small", action="store_true", help="a few steps, to try things out")
    judge = commands.add_parser("report", help="judge the advice")
    judge.add_argument("--part", choices=("development", "test"), default="development")
    judge.add_argument("--peers", type=Path, help="folder of environments, one a tool")
    test = commands.add_parser("half", help="the first change as the test")
    test.add_argument("--part", choices=("development", "test"), default="development")
    test.add_argument("--write", action="store_true", help="fit the chances and write them")
    commands.add_parser("guided", help="the manual tuning loop, played on tables")
    options = parser.parse_args()
    if options.command == "prepare":
        from benchmarks.clinic.usual.sources import prepare

        prepare(options.packages, options.out, only_further=options.only_further)
    elif options.command == "report":
        from benchmarks.clinic.usual.report import report

        print(report(options.part, options.peers))
    elif options.command == "half":
        from benchmarks.clinic.usual import half

        if options.write:
            half.write()
        print(half.report(options.part))
    elif options.command == "guided":
        from benchmarks.clinic.usual import guided

        print(guided.report())
    else:
        from benchmarks.clinic.usual.drive import drive

        options.out.mkdir(parents=True, exist_ok=True)
        jobs = [("group", n) for n in _numbers(options.groups)]
        jobs += [("table", n) for n in _numbers(options.tables)]
        drive(options.data, options.out, jobs, processes=options.processes,
              seconds=options.seconds, captured=not options.eager,
              small=options.small)  # fmt: skip


def _numbers(text: str) -> list[int]:
    """``0-2,5`` as 0, 1, 2, 5."""
    found: list[int] = []
    for piece in filter(None, text.split(",")):
        first, _, last = piece.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


if __name__ == "__main__":
    main()
