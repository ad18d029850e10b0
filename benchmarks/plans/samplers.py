"""Our process against Optuna's GPSampler inside the same plan: same space, same first points.

    python -m benchmarks.plans samplers --family fcnet --runs 2 --budget 20 --budget 50

Both get the plan's baseline and start points; each goes on alone, without a pruner and without a
confirmation, until as many full trainings are paid. GPSampler needs torch.
"""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import optuna

from benchmarks.plans.loading import load_family
from benchmarks.plans.meter import Meter
from benchmarks.plans.planned import plan_for
from benchmarks.plans.tasks import Params, Task
from hpadvisor.planning.search_data import search_data
from hpadvisor.search import run
from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.space import split, suggest
from hpadvisor.search.start_points import planned_points

NAMES = ("ours", "GPSampler")


def measure(
    family: str, runs: int, budgets: Sequence[int], names: Sequence[str] = (), first: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield regret and seconds of both, for each task, budget and run."""
    for task in load_family(family):
        if names and task.name not in names:
            continue
        for budget in budgets:
            data = search_data(plan_for(task, budget))
            if not data["space"]:
                continue
            plan = replace(read_plan(data), confirm={}, pruner={"name": "none"}, known=())
            for number in range(first, first + runs):
                row: dict[str, Any] = {"task": task.name, "budget": budget, "run": number}
                for name, search in zip(NAMES, (_ours, _theirs), strict=True):
                    begun = time.process_time()
                    row[name] = _regret(task, plan, budget, number, search)
                    row[f"{name} seconds"] = time.process_time() - begun
                yield row


def _regret(task: Task, plan: SearchPlan, trials: int, number: int, search: Any) -> float:
    """Regret of the best trial of a search, on seeds that it has not seen."""
    seeds, judges = task.split(number)
    meter = Meter(task, seeds)
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search(plan, meter, trials, number)
    sign = 1.0 if task.maximize else -1.0
    best = max(meter.trained, key=lambda one: sign * one.score)
    return task.regret(best.params, judges)


def _ours(plan: SearchPlan, meter: Meter, trials: int, number: int) -> None:
    def train(params: Params, report: object, seed: int) -> float:
        return meter.train(params)

    run(plan, train, storage=None, seed=number, trials=trials)


def _theirs(plan: SearchPlan, meter: Meter, trials: int, number: int) -> None:
    sampler = optuna.samplers.GPSampler(seed=number, n_startup_trials=0)
    study = optuna.create_study(direction=plan.direction, sampler=sampler)
    for _, point in planned_points(plan, number):
        study.enqueue_trial(split(plan.space, point)[0])
    for _ in range(trials):
        trial = study.ask()
        study.tell(trial, meter.train(suggest(plan.space, trial)))


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the means by budget, and of the difference its standard error over tasks."""
    lines = [f"{'budget':>6}  {'runs':>4}  ours    GPSampler  difference  seconds"]
    for budget in sorted({row["budget"] for row in rows}):
        own = [row for row in rows if row["budget"] == budget]
        ours, theirs = (np.array([row[name] for row in own]) for name in NAMES)
        tasks = sorted({row["task"] for row in own})
        apart = [
            float(np.mean([row["ours"] - row["GPSampler"] for row in own if row["task"] == task]))
            for task in tasks
        ]
        error = (
            float(np.std(apart, ddof=1) / len(apart) ** 0.5) if len(apart) > 1 else float("nan")
        )
        took = [float(np.mean([row[f"{name} seconds"] for row in own])) for name in NAMES]
        lines.append(
            f"{budget:>6}  {len(own):>4}  {ours.mean():6.3f}  {theirs.mean():9.3f}  "
            f"{np.mean(apart):+.3f} ± {error:.3f}  {took[0]:.1f}, {took[1]:.1f}"
        )
    return "\n".join(lines)
