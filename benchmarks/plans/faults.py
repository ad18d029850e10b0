"""Faults that a mean regret hides: near-copies, budget left over, advice that is not followed.

    python -m benchmarks.plans faults --family lcbench --runs 2 --budget 10 --budget 20

- ``copies``: proposals of the model within .05 of the range of an earlier trial in every number,
  the choices equal.
- ``spent``: full trainings paid, confirmation included, as a share of the budget.
- ``chosen``, ``printed``: regret of what ``choose`` returns, and of what the words of the
  confirmation advise: the baseline wherever they do not name a finalist.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import optuna

from benchmarks.plans.loading import load_family
from benchmarks.plans.meter import Meter, Report
from benchmarks.plans.planned import plan_for
from benchmarks.plans.tasks import Params, Task
from hpadvisor.planning.search_data import search_data
from hpadvisor.search import compare, confirm, run
from hpadvisor.search.encoding import features_of, rows_of
from hpadvisor.search.job import Job
from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.space import configuration
from hpadvisor.search.trials import ranked, values_of

NEAR = 0.05


def measure(
    family: str, runs: int, budgets: Sequence[int], names: Sequence[str] = (), first: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield the figures of a run of each task and budget."""
    for task in load_family(family):
        if names and task.name not in names:
            continue
        for budget in budgets:
            data = search_data(plan_for(task, budget))
            if not data["space"]:
                continue
            for number in range(first, first + runs):
                found = _run(task, read_plan(data), budget, number)
                yield {"task": task.name, "budget": budget, "run": number, **found}


def _run(task: Task, plan: SearchPlan, budget: int, number: int) -> dict[str, float]:
    seeds, judges = task.split(number)
    meter = Meter(task, seeds)

    def train(params: Params, report: Report, seed: int) -> float:
        fresh = 0 if seed == number else seed - number - 1000 + 1
        folds = plan.trainings_per_trial
        if folds == 1:
            return meter.train(params, report, fresh=fresh)
        return sum(meter.train(params, fresh=fresh + fold) for fold in range(folds)) / folds

    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = run(plan, train, storage=None, seed=number)
        best = ranked(study)
        chosen = printed = _params(plan, best[0]) if best else {}
        if plan.confirm and best:
            job = Job(plan, train, None, number, None, plan.trials, None, confirm=True)
            rows = confirm(job, 1, study, baseline=bool(plan.confirm.get("baseline")))
            if rows:
                chosen = _params(plan, rows[0].trial)
                words = compare(rows, task.maximize)
                rivals = [row for row in rows if not row.baseline]
                stays = "eep the baseline" in words or "Fewer than two" in words
                printed = dict(task.default) if stays else _params(plan, rivals[0].trial)
    return {
        "copies": _copies(plan, study),
        "spent": meter.paid / budget,
        "chosen": task.regret({**task.default, **chosen}, judges),
        "printed": task.regret({**task.default, **printed}, judges),
    }


def _params(plan: SearchPlan, trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
    return configuration(plan.space, trial.params, trial.user_attrs)


def _copies(plan: SearchPlan, study: optuna.Study) -> float:
    """Return the share of the proposed trials that lie beside an earlier one; NaN for none."""
    trials = study.get_trials(deepcopy=False)
    points = [configuration(plan.space, values_of(t), t.user_attrs) for t in trials]
    features = features_of(plan.space, rows_of(plan.space, points))
    near = []
    for place, trial in enumerate(trials):
        if str(trial.user_attrs.get("origin")).startswith(("model-", "filling-", "again-")):
            apart = np.abs(features[:place] - features[place]).max(axis=1)
            near.append(bool((apart < NEAR).any()))
    return float(np.mean(near)) if near else float("nan")


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the means by budget."""
    lines = [f"{'budget':>6}  {'runs':>4}  copies  spent  chosen  printed"]
    for budget in sorted({row["budget"] for row in rows}):
        own = [row for row in rows if row["budget"] == budget]
        means = [float(np.nanmean([row[name] for row in own])) if own else float("nan")
                 for name in ("copies", "spent", "chosen", "printed")]  # fmt: skip
        lines.append(
            f"{budget:>6}  {len(own):>4}  {means[0]:6.3f}  {means[1]:5.3f}  {means[2]:6.3f}  "
            f"{means[3]:7.3f}"
        )
    return "\n".join(lines)
