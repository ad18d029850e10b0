"""The command: ``python -m benchmarks.plans run|report|show|small|importance|faults|samplers``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.plans.loading import FAMILIES, missing
from benchmarks.plans.tasks import VARIANTS


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plans", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run contenders and plans, write results")
    size = run.add_mutually_exclusive_group(required=True)
    size.add_argument("--quick", action="store_true", help="few runs")
    size.add_argument("--full", action="store_true", help="the runs of the committed results")
    size.add_argument("--runs", type=int, help="paired runs per task")
    run.add_argument("--family", choices=FAMILIES, action="append")
    run.add_argument("--variant", choices=list(VARIANTS), default="as-told")
    run.add_argument("--only", action="append", default=[], help="a contender")
    run.add_argument("--task", action="append", default=[], help="a task")
    run.add_argument("--most", type=int, default=100, help="largest budget")
    run.add_argument("--first", type=int, default=0, help="number of the first run")
    run.add_argument("--workers", type=int, default=1)
    run.add_argument("--out", type=Path, help="folder of the results")
    commands.add_parser("report", help="write docs/evidence.md from the committed results")
    commands.add_parser("small", help="measure what a search gains on few rows, keep the figures")
    commands.add_parser("importance", help="measure which hyperparameters matter")
    for name, said in (
        ("faults", "measure near-copies, budget left over, and the words of a confirmation"),
        ("samplers", "measure our process against GPSampler inside the same plan"),
    ):
        part = commands.add_parser(name, help=said)
        part.add_argument("--family", choices=FAMILIES, required=True)
        part.add_argument("--runs", type=int, default=1, help="runs of each task and budget")
        part.add_argument("--first", type=int, default=0, help="number of the first run")
        part.add_argument("--budget", type=int, action="append", help="full trainings")
        part.add_argument("--task", action="append", default=[], help="a task")
    show = commands.add_parser("show", help="print the tables of a folder of results")
    show.add_argument("folder", type=Path, nargs="?")
    options = parser.parse_args()
    if options.command == "run":
        return _run(options)
    if options.command in ("faults", "samplers"):
        from importlib import import_module

        module = import_module(f"benchmarks.plans.{options.command}")
        budgets = options.budget or [20, 50]
        found = module.measure(options.family, options.runs, budgets, options.task, options.first)
        sys.stdout.write(f"{module.table(list(found))}\n")
        return 0
    if options.command == "small":
        from benchmarks.plans.small import write_small

        write_small()
        return 0
    if options.command == "importance":
        from benchmarks.plans.importance import write_importance

        write_importance()
        return 0
    from benchmarks.plans import reporting

    if options.command == "show":
        reporting.show_results(options.folder)
    else:
        reporting.write_report()
    return 0


def _run(options: argparse.Namespace) -> int:
    from benchmarks.plans.running import FULL, QUICK, RESULTS, run_family, write

    for family in options.family or FAMILIES:
        reason = missing(family)
        if reason:
            sys.stderr.write(f"{family} is left out: {reason}\n")
            continue
        runs = options.runs or (FULL if options.full else QUICK)[family]
        result = run_family(
            family, runs, most=options.most, variant=options.variant, only=options.only,
            names=options.task, workers=options.workers, first=options.first,
        )  # fmt: skip
        default = RESULTS if options.full else Path("build/plans")
        sys.stdout.write(f"{write(result, options.out or default)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
