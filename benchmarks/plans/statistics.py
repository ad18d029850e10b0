"""What the regrets say: means, wins, and a paired test, per family and budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Comparison:
    """The plan against a contender at one budget.

    Attributes:
        plan: Mean regret of the plan.
        other: Mean regret of the contender.
        wins: Share of paired runs in which the plan is better; ties count half.
        p_value: Two-sided Wilcoxon signed-rank test over the tasks' paired runs; 1 where all tie.
        tasks_won: Tasks on which the plan's mean is better.
        tasks: Tasks in all.
        runs: Paired runs of each task.
    """

    plan: float
    other: float
    wins: float
    p_value: float
    tasks_won: int
    tasks: int
    runs: int = 0

    @property
    def verdict(self) -> str:
        """Return "ahead", "behind" or "level", at p < 0.05."""
        if self.p_value >= 0.05:
            return "level"
        return "ahead" if self.plan < self.other else "behind"


def mean(result: dict[str, Any], name: str, budget: int) -> float | None:
    """Return a contender's mean regret over tasks; None where it was not run."""
    cells = result["regret"].get(name, {}).values()
    values = [np.mean(cell[str(budget)]) for cell in cells if str(budget) in cell]
    return float(np.mean(values)) if values else None


def compare(
    result: dict[str, Any], other: str, budget: int, other_budget: int | None = None
) -> Comparison | None:
    """Compare the plan with a contender, at the same budget or at another one of the contender.

    A contender that was run less often (GP) is compared on its own tasks and runs.

    Args:
        result: A family's results.
        other: The contender.
        budget: The plan's budget.
        other_budget: The contender's budget where it differs.
    """
    from scipy.stats import wilcoxon

    ours, theirs = result["regret"]["plan"], result["regret"].get(other, {})
    key, other_key = str(budget), str(other_budget or budget)
    tasks = [task for task in ours if other_key in theirs.get(task, {})]
    if not tasks:
        return None
    runs = min(len(theirs[task][other_key]) for task in tasks)
    a = np.array([ours[task][key][:runs] for task in tasks], dtype=float)
    b = np.array([theirs[task][other_key][:runs] for task in tasks], dtype=float)
    differences = (a - b).ravel()
    p_value = 1.0
    if np.any(differences != 0):
        p_value = float(wilcoxon(differences, zero_method="zsplit").pvalue)
    wins = float(np.mean((differences < 0) + 0.5 * (differences == 0)))
    won = int(np.sum(a.mean(axis=1) < b.mean(axis=1)))
    return Comparison(float(a.mean()), float(b.mean()), wins, p_value, won, len(a), runs)


def within(result: dict[str, Any], name: str, budget: int, share: float) -> float:
    """Return the share of runs whose true score is within a share of the best score."""
    close: list[bool] = []
    for task, cell in result["regret"][name].items():
        best, typical = result["scale"][task]
        gaps = np.abs(np.array(cell[str(budget)], dtype=float) * (typical - best))
        close.extend(gaps <= share * abs(best))
    return float(np.mean(close))
