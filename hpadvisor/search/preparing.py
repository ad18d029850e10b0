"""What a trial trains that nobody has planned: the next step of the phase that it belongs to."""

from __future__ import annotations

import random
from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.budget import phase_of
from hpadvisor.search.growing import has_grown
from hpadvisor.search.job import Job
from hpadvisor.search.plan import Params, SearchPlan
from hpadvisor.search.proposals import proposal
from hpadvisor.search.pruning import sampler_of
from hpadvisor.search.space import configuration
from hpadvisor.search.start_points import box_of_best, quasirandom
from hpadvisor.search.study import enqueue
from hpadvisor.search.trials import (
    FINISHED,
    is_lost,
    last_score,
    maximizes,
    may_go_on,
    own_trials,
    queued,
    ranked,
    values_of,
)

FILL_EVERY = 6
"""Each so many proposals of the model, one is a quasi-random point: no region is left out."""


def prepare(
    job: Job,
    study: optuna.Study,
    index: int,
    trials: Sequence[FrozenTrial],
    *,
    last: bool = False,
) -> None:
    """Choose the sampler of the next trial, and queue what it does not propose itself.

    Args:
        job: The search.
        study: Its study.
        index: Number of the worker.
        trials: The trials so far.
        last: Whether one full training is left of the budget.
    """
    plan, space = job.plan, job.plan.space
    started = sum(t.state != TrialState.WAITING and not is_lost(t) for t in own_trials(trials))
    phase, number = phase_of(plan, started)
    # The seed hangs on what was started, so that a resumed search goes on as it would have.
    generator = random.Random(f"{job.seed}/{index}/{started}")  # noqa: S311 - no secret
    study.sampler = sampler_of(
        plan, phase["strategy"], generator.randrange(2**31), has_grown=has_grown(study)
    )
    if phase["strategy"] == "quasirandom":
        before = queued(trials, f"phase-{number}")
        box = box_of_best(space, ranked(study)) if number else {}
        offset = 0 if number else plan.start_points
        point = quasirandom(space, before + offset, job.seed + number, box)
        enqueue(space, study, point, f"phase-{number}-{before}")
    elif phase["strategy"] == "bayesian" and plan.model:
        origin, point = _modelled(job, study, trials, generator.randrange(2**31), last)
        enqueue(space, study, point, origin)
    elif phase["strategy"] == "bayesian" and last:
        promising = _pruned_late(plan, study, trials)
        if promising is not None:
            enqueue(space, study, promising, f"again-{queued(trials, 'again-')}")


def _modelled(
    job: Job, study: optuna.Study, trials: Sequence[FrozenTrial], seed: int, last: bool
) -> tuple[str, Params]:
    """Return origin and configuration of what the model proposes, or of what fills the space."""
    plan = job.plan
    proposed, filled = queued(trials, "model-"), queued(trials, "filling-")
    few = sum(trial.state in FINISHED for trial in trials) < 2
    turn = (proposed + filled) % FILL_EVERY == FILL_EVERY - 1
    if few or (turn and not last):
        return f"filling-{filled}", quasirandom(
            plan.space, plan.start_points + filled, job.seed, {}
        )
    point, again = proposal(plan, study, trials, seed, last=last)
    if again:
        return f"again-{queued(trials, 'again-')}", point
    return f"model-{proposed}", point


def _pruned_late(
    plan: SearchPlan, study: optuna.Study, trials: Sequence[FrozenTrial]
) -> Params | None:
    """Return the pruned configuration that came the farthest, the best of those."""
    sign = 1 if maximizes(study) else -1
    pruned = [t for t in trials if may_go_on(t)]
    best = max(pruned, key=lambda t: (t.last_step or 0, sign * last_score(t)), default=None)
    if best is None:
        return None
    return configuration(plan.space, values_of(best), best.user_attrs)
