"""How long a cluster should let a step of a plan run."""

from __future__ import annotations

import math
from typing import Literal

from hpadvisor.planning.model import Plan

MARGIN = 1.5
"""A job that is ended by its limit loses a training, one that asks for more only waits longer."""
STARTING = 10 / 60
"""Hours beside: to load the data, to wait for a slow disk."""


def hours_of(plan: Plan, kind: Literal["search", "confirm"]) -> float | None:
    """Return the wall-clock hours of a plan's searches or confirmation, nothing pruned.

    Where no step says what it takes, all have what the budget has; None where nobody said that.
    """
    steps = [step for step in plan.steps if step.kind == kind]
    found = [
        step.cost_hours if step.cost_hours_unpruned is None else step.cost_hours_unpruned
        for step in steps
    ]
    known = [hours for hours in found if hours is not None]
    return plan.budget_hours if len(known) < len(found) or not found else sum(known)


def job_time(hours: float) -> str:
    """Return a time limit for so many hours as Slurm writes it, days-hours:minutes:seconds."""
    minutes = math.ceil(60 * (MARGIN * hours + STARTING))
    days, rest = divmod(minutes, 24 * 60)
    clock = f"{rest // 60:02d}:{rest % 60:02d}:00"
    return f"{days}-{clock}" if days else clock
