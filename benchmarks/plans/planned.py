"""The plan as a contender: the search that an emitted script runs, on recorded trainings."""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache
from typing import Any

import hpadvisor
from benchmarks.plans.contenders import BUDGETS, Choices
from benchmarks.plans.meter import Meter, Report, Trained
from benchmarks.plans.tasks import Params, Task
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.planning.model import Plan
from hpadvisor.planning.search_data import search_data
from hpadvisor.search import choose


@cache
def knowledge() -> Knowledge:
    """Return the rules that ship, loaded once."""
    return load_knowledge([])


def plan_for(task: Task, budget: int) -> Plan:
    """Plan a task for a budget of full trainings, from what its user tells."""
    situation: dict[str, Any] = {**task.situation, "budget": {"trainings": budget}}
    return hpadvisor.plan(situation, knowledge=knowledge())


def planned(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """Follow the plan of each budget."""
    return {b: follow(task, seeds, run, b, plan_for(task, b)) for b in BUDGETS if b <= most}


def follow(task: Task, seeds: list[int], run: int, budget: int, plan: Plan) -> Trained | None:
    """Do what a plan says; one without a search keeps the user's default."""
    meter = Meter(task, seeds)
    if not plan.search_steps:
        meter.train({})
        return meter.best(budget)
    folds = max(step.seeds for step in plan.search_steps)

    def train(params: Params, report: Report, seed: int) -> float:
        fresh = 0 if seed == run else seed - run - 1000 + 1
        if folds == 1:
            return meter.train(params, report, fresh=fresh)
        return sum(meter.train(params, fresh=fresh + fold) for fold in range(folds)) / folds

    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = choose(search_data(plan), train, seed=run)
    if meter.paid > budget + 1e-6:
        raise ValueError(f"{task.name}: {meter.paid} trainings paid of {budget}")
    params = {**task.default, **(chosen or {})}
    return Trained(params, float("nan"), meter.paid)
