"""What trials have cost, in full trainings, and whether another one may start."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.job import Job
from hpadvisor.search.plan import SearchPlan
from hpadvisor.search.recovery import lost_alone
from hpadvisor.search.repeats import seed_changes_nothing
from hpadvisor.search.trials import FINISHED, is_lost, own_trials

FEWEST_FAILURES = 5
"""Failures of configurations that a search bears, however small it is."""


def cost(plan: SearchPlan, trial: FrozenTrial) -> float:
    """Return what an ended trial has cost, in full trainings; nothing if its process died."""
    if not trial.state.is_finished() or is_lost(trial):
        return 0.0
    complete = trial.state == TrialState.COMPLETE
    if trial.last_step is None and "error" in trial.user_attrs:
        return 0.0
    if trial.last_step is None or not plan.epochs:
        return plan.trainings_per_trial
    # Where the plan searches the number of epochs, a trial may be longer than the usual training.
    share = trial.last_step / plan.epochs
    each = plan.trainings_per_trial
    return each * (max(share, 1.0) if complete and share < 10 else min(share, 1.0))


def total_cost(plan: SearchPlan, trials: Sequence[FrozenTrial]) -> float:
    """Return what trials have cost together, in full trainings."""
    return sum(cost(plan, trial) for trial in trials)


def stop_reason(job: Job, trials: Sequence[FrozenTrial]) -> str:
    """Say why no further trial may start; empty when one may."""
    plan, trials = job.plan, own_trials(trials)
    broken = sum("error" in trial.user_attrs for trial in trials)
    finished = sum(t.state in FINISHED and "error" not in t.user_attrs for t in trials)
    running = sum(trial.state == TrialState.RUNNING for trial in trials)
    if job.deadline is not None and time.time() >= job.deadline:
        return f"The time is over after {finished} of {job.trials} trials."
    if job.confirm and seed_changes_nothing(trials):
        return "The seed changes nothing: the scores of the search are exact, no repeat is needed."
    if job.confirm:
        left = any(trial.state == TrialState.WAITING for trial in trials)
        return "" if left or lost_alone(trials) else "All finalists are trained."
    # Where trials are pruned, the plan's number of them is a guess, and its trainings decide.
    if finished + running >= job.trials and not (plan.prunes and job.ceiling is not None):
        return f"All {job.trials} trials are finished."
    if job.pause is not None and finished + running >= job.pause and not lost_alone(trials):
        return f"Paused after {finished} trials."
    if broken >= max(job.trials, FEWEST_FAILURES):
        return f"{broken} trainings failed, as many as were planned; their errors say why."
    paid, each = total_cost(plan, trials), plan.trainings_per_trial
    usual = 0.0 if plan.prunes else plan.trainings / plan.trials
    reserved = (running + 1) * max(each, usual)
    if job.ceiling is not None and paid + reserved > max(job.ceiling, each) + 1e-6:
        return (
            f"The budget is spent: {paid:.1f} of {job.ceiling:g} full trainings, {finished} of "
            f"{job.trials} trials. --no-ceiling goes on."
        )
    return ""


def phase_of(plan: SearchPlan, started: int) -> tuple[dict[str, Any], int]:
    """Return the phase to which the next trial belongs; the last one goes on for ever."""
    for number, phase in enumerate(plan.phases):
        if started < phase["trials"]:
            return phase, number
        started -= phase["trials"]
    return plan.phases[-1], len(plan.phases) - 1
