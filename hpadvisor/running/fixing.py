"""What a plan keeps for fixing by hand: a run fixes by itself, so its search gets that part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hpadvisor.facts.situation.statements import Statement
from hpadvisor.planning.model import Plan, Step

BUDGETS = ("budget.trainings", "budget.hours")


def searched_in_full(
    plan: Plan, left: Sequence[Statement], composed: Callable[[Sequence[Statement]], Plan]
) -> Plan:
    """Return the plan whose search has all that is left, and no step that fixes first.

    Args:
        plan: After the baseline, and after what its diagnosis advised was tried.
        left: Statements of the budget that is left.
        composed: Composes the same plan with another budget.
    """
    fixes = [step for step in plan.steps if step.kind == "fix"]
    budgets = {one.path: float(one.value) for one in left if one.path in BUDGETS}
    if not fixes or not budgets:
        return plan
    kept = {"budget.trainings": sum(step.trainings for step in fixes),
            "budget.hours": sum(step.cost_hours or 0.0 for step in fixes)}  # fmt: skip
    wider = composed([
        Statement(one.path, budgets[one.path] + kept[one.path], one.source)
        if one.path in budgets else one for one in left
    ])  # fmt: skip
    steps = [step for step in wider.steps if step.kind != "fix"]
    if not steps or not _fits(steps, budgets):
        return plan
    return wider.model_copy(
        update={"steps": steps, "trainings": sum(step.trainings for step in steps)}
    )


def _fits(steps: Sequence[Step], budgets: dict[str, float]) -> bool:
    trainings = sum(step.trainings for step in steps)
    hours = sum(step.cost_hours or 0.0 for step in steps)
    enough = trainings <= budgets.get("budget.trainings", trainings) + 1e-6
    return enough and hours <= budgets.get("budget.hours", hours) + 1e-6
