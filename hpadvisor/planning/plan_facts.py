"""The facts of a plan, for rules that judge it: interactions, pitfalls, stop rules, tools."""

from __future__ import annotations

from collections.abc import Sequence

from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.derived import top5_chance
from hpadvisor.planning.model import Step
from hpadvisor.planning.search import Search


def total_hours(steps: Sequence[Step]) -> float | None:
    """Return the wall-clock hours of all steps, None where one is unknown."""
    costs = [step.cost_hours for step in steps]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def plan_facts(facts: Facts, verdict: str, search: Search, steps: Sequence[Step]) -> Facts:
    """Return the facts with those of a plan.

    Args:
        facts: What is known of the situation.
        verdict: The plan's.
        search: What it searches.
        steps: All its steps, fixes and confirmation included.
    """
    known = facts.copy()
    searched, grid, hours = search.parameters, search.grid, total_hours(steps)
    searching = [step for step in steps if step.kind == "search"]
    values: dict[str, object] = {
        "plan.verdict": verdict,
        "plan.parameters": [p.role or p.name for p in searched],
        "plan.dimensions": len(searched),
        "plan.trials": sum(step.trials for step in searching),
        "plan.trainings": sum(step.trainings for step in steps),
        "plan.phases": len(steps),
        "plan.hours": None if hours is None else round(hours, 1),
        "plan.grid_size": grid.configurations if grid else None,
        "plan.grid_days": round(grid.days, 1) if grid and grid.days is not None else None,
        "plan.log_parameters": [p.role or p.name for p in searched if p.scale == "log"],
        "plan.off_choices": [p.role or p.name for p in searched if p.off is not None],
    }
    if searching:
        last = searching[-1]
        values |= {
            "plan.strategy": last.strategy,
            "plan.sampler": str(last.sampler.get("name", last.strategy)),
            "plan.pruner": str(last.pruner.get("name", "none")),
            "plan.parallel": max(step.parallel for step in searching),
            "plan.top5_chance": round(top5_chance(sum(step.trials for step in searching)), 2),
        }
    for name, value in values.items():
        known.put(name, value, "computed: this plan")
    return known
