"""The hours that a search may take, and those that it has taken, over all of its processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpadvisor.running.baseline import Baseline

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from hpadvisor.planning.model import Plan


def hours_for_search(hours: float | None, found: Baseline, plan: Plan) -> float | None:
    """Return the hours after which a search starts no training; None where nobody said hours.

    A plan counts trainings by what the baseline took, and others may take longer.

    Args:
        hours: What the user gave for the whole run.
        found: The baseline, whose trainings are paid.
        plan: Its confirmation is still to come.
    """
    if hours is None:
        return None
    confirming = [step.cost_hours or 0.0 for step in plan.steps if step.kind == "confirm"]
    return max(hours - found.spent - sum(confirming), found.hours)


def hours_taken(trials: Sequence[FrozenTrial]) -> float:
    """Return the wall-clock hours in which at least one of the finished trials was trained."""
    from hpadvisor.search.trials import FINISHED

    spans = sorted(
        (trial.datetime_start, trial.datetime_complete)
        for trial in trials
        if trial.state in FINISHED and trial.datetime_start and trial.datetime_complete
    )
    seconds, reached = 0.0, None
    for start, end in spans:
        begin = start if reached is None else max(start, reached)
        seconds += max((end - begin).total_seconds(), 0.0)
        reached = end if reached is None else max(end, reached)
    return seconds / 3600
