"""Command line of the clinic: ``python -m benchmarks.clinic COMMAND``; --help lists them."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.clinic.generate import DATA, generate, pack


def main() -> None:
    """Run one of the clinic's commands."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinic")
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("generate", help="train settings and their changes")
    maker.add_argument("--groups", type=int, default=300)
    maker.add_argument("--first", type=int, default=0)
    maker.add_argument("--out", type=Path, default=DATA / "settings.jsonl")
    packer = commands.add_parser("pack", help="compress trained settings for committing")
    packer.add_argument("path", type=Path)
    commands.add_parser("fit", help="fit the scores to the development part, write them as rules")
    commands.add_parser("ceiling", help="how far other forms of model and gradient norms get")
    commands.add_parser("paces", help="scores fitted to logs of steps too, against those that are")
    again = commands.add_parser("repeat", help="train settings with other seeds, compare truths")
    again.add_argument("--groups", type=int, default=39)
    commands.add_parser("steps", help="train settings again for losses and norms of steps")
    judge = commands.add_parser("report", help="judge the advice on the test part")
    judge.add_argument("--peers", type=Path, help="folder of environments, one a tool")
    judge.add_argument("--write", action="store_true", help="docs/clinic.md and measured blocks")
    options = parser.parse_args()
    if options.command == "generate":
        options.out.parent.mkdir(parents=True, exist_ok=True)
        generate(range(options.first, options.first + options.groups), options.out)
    elif options.command == "pack":
        pack(options.path)
    elif options.command == "fit":
        from benchmarks.clinic.fit import frontier
        from benchmarks.clinic.truth import settings
        from benchmarks.clinic.writing import write_scores

        print(frontier(write_scores(settings("development"))))
    elif options.command == "ceiling":
        from benchmarks.clinic.ceiling import ceiling
        from benchmarks.clinic.truth import settings

        print(ceiling(settings("development")))
    elif options.command == "paces":
        from benchmarks.clinic.paces import paces
        from benchmarks.clinic.truth import settings

        print(paces(settings("development")))
    elif options.command == "repeat":
        from benchmarks.clinic.repeat import repeat
        from benchmarks.clinic.truth import settings

        print(repeat(settings("development"), options.groups))
    elif options.command == "steps":
        from benchmarks.clinic.steps import observe
        from benchmarks.clinic.truth import STEPS, settings

        observe(settings(), STEPS)
    else:
        from benchmarks.clinic.report import report

        print(report(options.peers, write=options.write))


if __name__ == "__main__":
    main()
