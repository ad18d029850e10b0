"""The rest of a budget: the last full training is kept for what promises most.

Where trials are pruned, less than two full trainings are left in the end. What is beyond one is
spent on trials that end at the pruner's first look, for one that gets farther and cannot end is
lost. The last one is spent on a whole training of what promises most, pruned before or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.budget import total_cost
from hpadvisor.search.job import Job
from hpadvisor.search.trials import own_trials


@dataclass(frozen=True)
class Part:
    """What the next trial may take of a budget.

    Attributes:
        most_steps: Epochs after which it ends; None for as many as the pruner lets it have.
        whole: Whether it runs to its end, whatever the pruner says.
    """

    most_steps: int | None = None
    whole: bool = False


def next_part(job: Job, trials: Sequence[FrozenTrial]) -> Part:
    """Return what the next trial may take.

    Args:
        job: The search; one without a ceiling has no rest.
        trials: Its trials.
    """
    plan = job.plan
    each, epochs = plan.trainings_per_trial, plan.epochs
    if job.confirm or job.ceiling is None or not plan.prunes or not epochs:
        return Part()
    running = sum(trial.state == TrialState.RUNNING for trial in trials)
    left = job.ceiling - total_cost(plan, own_trials(trials)) - running * each
    if left >= 2 * each - 1e-6:
        return Part()
    steps = (left / each - 1) * epochs + 1e-6
    first = plan.pruner.get("min_step", plan.pruner.get("warmup_steps", 0) + 1)
    return Part(most_steps=first) if steps >= first else Part(whole=True)
