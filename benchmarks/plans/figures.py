"""The figures that plans quote, and the tasks that they are taken from."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.plans.contenders import BUDGETS
from benchmarks.plans.running import PLAN
from benchmarks.plans.statistics import compare, mean

KINDS = {"lcbench": "tabular-mlp", "fcnet": "tabular-mlp", "hpobench": "tabular-mlp",
         "lora": "lora"}  # fmt: skip
TITLES = {
    "lcbench": "LCBench, a surrogate of networks on tables trained by SGD with momentum",
    "fcnet": "FCNet, tables of regression networks trained by Adam",
    "hpobench": "HPOBench, noisy tables of classification networks trained by Adam",
    "lora": "LoRA, a table of adapters on language models",
}
REFERENCE = "TPE"
"""The search that a user gets who writes nothing but the legal space: Optuna as it comes."""


FEW_ROWS = 1000


def of_few_rows(result: dict[str, Any]) -> dict[str, Any]:
    """Return the results of the tasks with so few rows that a plan confirms its finalists."""
    from benchmarks.plans.surrogate import EXAMPLES as SURROGATE
    from benchmarks.plans.tables import EXAMPLES as TABLES

    rows = {**SURROGATE, **TABLES}
    few = [task for task in result["regret"][PLAN] if rows.get(task, FEW_ROWS) < FEW_ROWS]
    regret = {
        name: {task: cell for task, cell in cells.items() if task in few}
        for name, cells in result["regret"].items()
    }
    return {**result, "regret": regret}


def tuned(result: dict[str, Any], verdict: bool = True) -> dict[str, Any]:
    """Return the results of the tasks on which the plan searches (or of the others)."""
    kept = [task for task, v in result["verdicts"].items() if (v == "tune") == verdict]
    regret = {
        name: {task: cell for task, cell in cells.items() if task in kept}
        for name, cells in result["regret"].items()
    }
    return {**result, "regret": regret}


def family_figures(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a plan may quote: at each budget, the plan against Optuna as it comes."""
    budgets = [b for b in BUDGETS if b <= result["budgets_to"]]
    figures = []
    for budget in budgets:
        versus = compare(result, REFERENCE, budget)
        if versus is None:
            continue
        figure: dict[str, Any] = {
            "trainings": budget, "against": REFERENCE, "plan_regret": round(versus.plan, 3),
            "regret": round(versus.other, 3), "wins": round(versus.wins, 2),
            "tasks_won": versus.tasks_won, "verdict": versus.verdict,
        }  # fmt: skip
        reached = _as_good_as(result, versus.plan, budgets)
        if reached is not None and reached >= budget:
            figure["as_good_as"] = reached
        figures.append(figure)
    return figures


def _as_good_as(result: dict[str, Any], regret: float, budgets: list[int]) -> int | None:
    """Return the last budget before the reference is better than a regret for the first time."""
    reached = None
    for budget in budgets:
        other = mean(result, REFERENCE, budget)
        if other is None or other < regret:
            break
        reached = budget
    return reached


def expectations_text(told: list[dict[str, Any]]) -> str:
    """Return the data file of what plans may expect."""
    entries = [
        {
            "table": TITLES[result["family"]], "kind": KINDS[result["family"]],
            "tasks": len(result["regret"][PLAN]), "runs": result["runs"],
            "figures": family_figures(result),
        }
        for result in map(tuned, told)
    ]  # fmt: skip
    return json.dumps({"generated_by": "python -m benchmarks.plans report", "tables": entries},
                      indent=1) + "\n"  # fmt: skip
