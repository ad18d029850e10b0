"""The confirmation: the best trials and the baseline, trained again on the same fresh seeds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.comparison import Finalist, judge
from hpadvisor.search.favouring import favoured
from hpadvisor.search.growing import grown
from hpadvisor.search.job import Job, Training
from hpadvisor.search.locks import locked
from hpadvisor.search.memory import CONFIRMATION, SEARCH
from hpadvisor.search.plan import Params, SearchPlan, read_plan
from hpadvisor.search.problems import TuneError
from hpadvisor.search.recovery import recover
from hpadvisor.search.repeats import curve_mark, seed_changes_nothing
from hpadvisor.search.space import Space, configuration
from hpadvisor.search.storage import shown
from hpadvisor.search.study import open_study
from hpadvisor.search.targets import function_of, takes_seed
from hpadvisor.search.trials import is_baseline, is_whole, maximizes
from hpadvisor.search.words import say
from hpadvisor.search.workers import run, spread


def confirm(
    job: Job,
    workers: int,
    search: optuna.Study | None = None,
    *,
    seeds: int | None = None,
    baseline: bool = True,
    supervised: bool = False,
) -> list[Finalist]:
    """Train the best trials and the baseline again on fresh seeds that they share.

    Args:
        job: What to train, and where it is kept.
        workers: Processes.
        search: The search; the one in the job's storage where None.
        seeds: Fresh seeds of each configuration; the plan's where None.
        baseline: Whether the baseline takes the last place, so that the cost is the planned one.
        supervised: Whether a single worker is a process of its own, too.

    Returns:
        The configurations, the best mean first.

    Raises:
        TuneError: There is no complete trial yet.
    """
    finalists, study = queue_confirmation(job, search, seeds=seeds, baseline=baseline)
    if not takes_seed(function_of(job)):
        say("The function takes no `seed`; the repeats differ only by its own randomness.")
    spread(job, workers, study, supervised=supervised)
    return confirmed(study, finalists)


def queue_confirmation(
    job: Job,
    search: optuna.Study | None = None,
    *,
    seeds: int | None = None,
    baseline: bool = True,
) -> tuple[list[FrozenTrial], optuna.Study]:
    """Queue the trainings of a confirmation, each once.

    Args:
        job: What to train, and where it is kept.
        search: The search; the one in the job's storage where None.
        seeds: Fresh seeds of each configuration; the plan's where None.
        baseline: Whether the baseline takes the last place.

    Returns:
        The trials of the search that are trained again, and the confirmation's study.

    Raises:
        TuneError: There is no complete trial yet.
    """
    search = search or open_study(job.plan, SEARCH, job.storage, job.seed, job.direction)
    plan = grown(job.plan, search)
    space = plan.space
    settings = plan.confirm or {"finalists": 3, "seeds": 2}
    finalists = contenders(plan, search, settings["finalists"], baseline)
    if not finalists:
        raise TuneError(f"{shown(job.storage)} holds no complete trial yet; search first")
    with locked(job.storage):
        study = open_study(plan, CONFIRMATION, job.storage, job.seed, job.direction)
        present = {trial.user_attrs["origin"] for trial in study.get_trials(deepcopy=False)}
        for number, trial in itertools.product(range(seeds or settings["seeds"]), finalists):
            attrs = _again(space, trial, job.seed + job.first_seed + number)
            if attrs["origin"] not in present:
                study.enqueue_trial({}, user_attrs=attrs)
        recover(study, job.storage, retry=True)
    return finalists, study


def contenders(
    plan: SearchPlan, search: optuna.Study, count: int, baseline: bool
) -> list[FrozenTrial]:
    """Return the best trials; the last place is the baseline's where it is not among them."""
    chosen = favoured(plan, search)[:count]
    default = _baseline_trial(plan.space, search)
    if not baseline or not chosen or default is None:
        return chosen
    if any(trial.number == default.number for trial in chosen):
        return chosen
    return [*chosen[: max(count - 1, 1)], default]


def choose(
    plan: SearchPlan | Mapping[str, Any], function: Training, seed: int = 0
) -> Params | None:
    """Search in memory, confirm where the plan does, and return the configuration to go on with.

    Args:
        plan: The plan, as plain data.
        function: Trains once, as for ``run``.
        seed: Seed of the search.

    Returns:
        The configuration; None where no training came through.
    """
    plan = read_plan(plan)
    study = run(plan, function, storage=None, seed=seed)
    best = favoured(grown(plan, study), study)
    if plan.confirm and best:
        job = Job(plan, function, None, seed, None, plan.trials, None, None, confirm=True)
        rows = confirm(job, 1, study, baseline=bool(plan.confirm.get("baseline")))
        best = [judge(rows, maximizes(study)).chosen.trial] if rows else best
    space = grown(plan, study).space
    return configuration(space, best[0].params, best[0].user_attrs) if best else None


def _baseline_trial(space: Space, search: optuna.Study) -> FrozenTrial | None:
    """Return the baseline's trial, a complete one first; None where none was started."""
    tried = [
        trial
        for trial in search.get_trials(deepcopy=False)
        if is_baseline(trial) and is_whole(space, trial)
    ]
    return min(tried, key=lambda t: (t.state != TrialState.COMPLETE, t.number), default=None)


def _again(space: Space, trial: FrozenTrial, seed: int) -> Params:
    """Return what is written beside a training of the confirmation."""
    before: Params = {"score": trial.values[0]} if trial.values else {}
    if trial.values and trial.intermediate_values:
        before["curve"] = curve_mark(trial)
    return {
        **before,
        "origin": f"{trial.number}/{seed}",
        "provenance": "confirmed",
        "finalist": trial.number,
        "role": "baseline" if is_baseline(trial) else "finalist",
        "seed": seed,
        "params": configuration(space, trial.params, trial.user_attrs),
    }


def confirmed(study: optuna.Study, finalists: Sequence[FrozenTrial]) -> list[Finalist]:
    """Return the configurations of a confirmation that have a score, the best mean first."""
    again = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    if seed_changes_nothing(again):  # then the search's own scores are as good as any other
        scored = [(t, t.values[0]) for t in finalists if t.values]
        rows = [Finalist(score, {0: score}, trial, exact=True) for trial, score in scored]
        return sorted(rows, key=lambda row: row.mean, reverse=maximizes(study))
    rows = []
    for trial in finalists:
        own = [t for t in again if t.user_attrs["finalist"] == trial.number]
        values = {t.user_attrs["seed"]: t.values[0] for t in own}
        if values:
            rows.append(Finalist(sum(values.values()) / len(values), values, trial))
    return sorted(rows, key=lambda row: row.mean, reverse=maximizes(study))
