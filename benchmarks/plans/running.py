"""Runs contenders on tasks, paired by run, and keeps the regrets as compact JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.plans.contenders import BUDGETS, CONTENDERS, Choices, contenders_for
from benchmarks.plans.loading import load_family
from benchmarks.plans.planned import plan_for, planned
from benchmarks.plans.tasks import VARIANTS, Task

RESULTS = Path(__file__).parent / "results"
PLAN = "plan"
QUICK = {"lcbench": 2, "fcnet": 4, "hpobench": 4, "lora": 2}
FULL = {"lcbench": 20, "fcnet": 20, "hpobench": 40, "lora": 20}
"""Paired runs per task."""
LEFT_OUT = ("GP",)
"""Contenders that run only when they are named: 50 trainings of it take half a minute."""

Cell = dict[str, list[float | None]]
"""Budget to one regret per run."""


def run_family(
    family: str,
    runs: int,
    *,
    most: int = 100,
    variant: str = "as-told",
    only: Sequence[str] = (),
    names: Sequence[str] = (),
    workers: int = 1,
    first: int = 0,
) -> dict[str, Any]:
    """Run every contender on every task of a family.

    Args:
        family: Name of the family.
        runs: Paired runs of each task; the run's number is every seed.
        most: Largest budget in full trainings.
        variant: A change to what the user tells.
        only: Contenders; all where empty.
        names: Tasks; all where empty.
        workers: Processes.
        first: Number of the first run, so that a long benchmark can be run in parts.

    Returns:
        The regrets by contender, task and budget, the rule behind each plan, and the mean
        processor seconds of a contender's run over all budgets.
    """
    tasks = [task for task in load_family(family) if not names or task.name in names]
    jobs = [(family, task.name, runs, most, variant, tuple(only), first) for task in tasks]
    parts: Iterable[dict[str, Any]]
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            parts = list(pool.map(_run_named, jobs))
    else:
        parts = [run_task(VARIANTS[variant](task), runs, most, only, first) for task in tasks]
    regrets: dict[str, dict[str, Cell]] = {}
    seconds: dict[str, list[float]] = {}
    for task, part in zip(tasks, parts, strict=True):
        for name, cell in part["regret"].items():
            regrets.setdefault(name, {})[task.name] = cell
            seconds.setdefault(name, []).append(part["seconds"][name])
    return {
        "family": family, "variant": variant, "runs": runs, "budgets_to": most,
        "scale": {task.name: [task.best, task.typical] for task in tasks},
        "verdicts": {task.name: plan_for(task, 10).verdict for task in tasks},
        "strategies": {task.name: _strategies(VARIANTS[variant](task), most) for task in tasks},
        "regret": regrets,
        "seconds": {name: round(sum(s) / len(s), 3) for name, s in seconds.items()},
    }  # fmt: skip


def _strategies(task: Task, most: int) -> dict[str, str]:
    """Return the rule that chose the search at each budget."""
    found = {}
    for budget in (b for b in BUDGETS if b <= most):
        reasons = [why.rule for step in plan_for(task, budget).steps for why in step.why]
        found[str(budget)] = next((rule for rule in reasons if rule.startswith("STR")), "")
    return found


def _run_named(job: tuple[str, str, int, int, str, tuple[str, ...], int]) -> dict[str, Any]:
    family, name, runs, most, variant, only, first = job
    task = next(task for task in load_family(family) if task.name == name)
    return run_task(VARIANTS[variant](task), runs, most, only, first)


def run_task(
    task: Task, runs: int, most: int, only: Sequence[str] = (), first: int = 0
) -> dict[str, Any]:
    """Run the contenders on a task; return regrets by contender and budget, and seconds."""
    functions = {PLAN: planned, **{name: CONTENDERS[name] for name in contenders_for(task)}}
    regrets: dict[str, Cell] = {}
    seconds: dict[str, float] = {}
    for name, function in functions.items():
        if name not in only if only else name in LEFT_OUT:
            continue
        started = time.process_time()
        cell: Cell = {}
        for run in range(first, first + runs):
            seeds, judges = task.split(run)
            for budget, regret in _regrets(task, function(task, seeds, run, most), judges).items():
                cell.setdefault(budget, []).append(regret)
        regrets[name] = cell
        seconds[name] = (time.process_time() - started) / runs
    sys.stderr.write(f"{task.family} {task.name}: {sum(seconds.values()) * runs:.0f} s\n")
    return {"regret": regrets, "seconds": seconds}


def _regrets(task: Task, choices: Choices, judges: list[int]) -> dict[str, float]:
    """Judge what was chosen; where every training failed, the typical configuration counts."""
    return {
        str(budget): 1.0 if chosen is None else round(task.regret(chosen.params, judges), 4)
        for budget, chosen in choices.items()
    }


def write(result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write a family's results, one line per contender and task."""
    folder.mkdir(parents=True, exist_ok=True)
    variant = "" if result["variant"] == "as-told" else f"-{result['variant']}"
    path = folder / f"{result['family']}{variant}.json"
    lines = ["{"]
    for key in (
        "family", "variant", "runs", "budgets_to", "seconds", "verdicts", "strategies", "scale",
    ):  # fmt: skip
        lines.append(f"  {json.dumps(key)}: {json.dumps(result[key])},")
    lines.append('  "regret": {')
    for i, (name, tasks) in enumerate(result["regret"].items()):
        lines.append(f"    {json.dumps(name)}: {{")
        rows = [f"      {json.dumps(t)}: {json.dumps(cell)}" for t, cell in tasks.items()]
        lines.append(",\n".join(rows))
        lines.append("    }" + ("," if i < len(result["regret"]) - 1 else ""))
    lines += ["  }", "}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
