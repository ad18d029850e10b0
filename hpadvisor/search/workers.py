"""Workers: each takes trial after trial from the study, until nothing is left to do."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.budget import phase_of, stop_reason, total_cost
from hpadvisor.search.job import Job, Training, deadline_in
from hpadvisor.search.locks import locked
from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.problems import StoppedError, TuneError
from hpadvisor.search.processes import this_process
from hpadvisor.search.proposals import proposal
from hpadvisor.search.pruning import sampler_of
from hpadvisor.search.recovery import asking_mark, recover
from hpadvisor.search.start_points import box_of_best, quasirandom
from hpadvisor.search.storage import is_server
from hpadvisor.search.study import enqueue, make_study, open_study
from hpadvisor.search.targets import function_of
from hpadvisor.search.training import train_once
from hpadvisor.search.trials import FINISHED, is_lost, own_trials, queued, ranked
from hpadvisor.search.words import say

MAX_FAILURES = 3
"""Failures in a row after which a worker stops: the function is broken."""


def run(
    plan: SearchPlan | Mapping[str, Any],
    function: str | Training,
    *,
    trials: int | None = None,
    storage: str | None = "journal.log",
    seed: int = 0,
    workers: int = 1,
    timeout_hours: float | None = None,
    direction: str | None = None,
) -> optuna.Study:
    """Search until enough trials are finished, the budget is spent or the time is over.

    Args:
        plan: The plan, as plain data.
        function: Trains once: ``function(params, report) -> score``; or "module:function". With
            several workers it must be importable by name.
        trials: Finished trials, complete or pruned, of all runs and workers. None means the
            plan's, and no more full trainings than it pays for.
        storage: Path of the journal; None for memory (one worker only).
        seed: Seed of the search, and of the trainings where the function takes one.
        workers: Processes.
        timeout_hours: No training starts after it.
        direction: "maximize" or "minimize"; the plan's where None.

    Raises:
        TuneError: The function, the storage or an argument cannot be used.
    """
    plan = read_plan(plan)
    job = Job(
        plan=plan,
        target=function,
        storage=storage,
        seed=seed,
        direction=direction,
        trials=trials or plan.trials,
        ceiling=None if trials else plan.trainings,
        deadline=deadline_in(timeout_hours),
    )
    study = make_study(plan, storage, seed, direction)
    spread(job, workers, study)
    return study


def spread(job: Job, workers: int, study: optuna.Study) -> None:
    """Work here, or in several processes; return when all have ended."""
    if workers <= 1:
        _work(job, 0, study)
        return
    if job.storage is None:
        raise TuneError("several workers need a journal; give --storage")
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_worker, args=(job, index)) for index in range(workers)]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join()
    except KeyboardInterrupt:
        for process in processes:
            process.join(10)
            process.terminate()
        raise
    codes = [process.exitcode or 0 for process in processes]
    if any(codes):
        ended = ", ".join(f"worker {i} with code {code}" for i, code in enumerate(codes) if code)
        raise StoppedError(f"ended early: {ended}; the same command again goes on")


def _worker(job: Job, index: int) -> None:
    """Run as one of several processes."""
    os.environ["TUNE_WORKER"] = str(index)
    try:
        study = open_study(job.plan, job.study, job.storage, job.seed, job.direction)
        _work(job, index, study)
    except TuneError as error:
        say(f"worker {index}: {error}")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _work(job: Job, index: int, study: optuna.Study) -> None:
    """Take trial after trial until none is left."""
    function = function_of(job)
    parent = multiprocessing.parent_process()
    failures = 0
    while parent is None or parent.is_alive():
        with locked(job.storage):
            trial = next_trial(job, study, index)
        if trial is None:
            return
        done = train_once(job, study, trial, function)
        failures = 0 if done else failures + 1
        if failures >= MAX_FAILURES:
            last = study.get_trials(deepcopy=False)[trial.number].user_attrs["error"]
            raise StoppedError(
                f"{failures} trials in a row failed, the last with {last}; mend the function and "
                "give the same command again"
            )


def next_trial(job: Job, study: optuna.Study, index: int) -> optuna.Trial | None:
    """Choose the next trial, under the lock; None when there is nothing left to do."""
    plan = job.plan
    recover(study, job.storage)
    trials = study.get_trials(deepcopy=False)
    if stop_reason(job, trials):
        return None
    if not any(trial.state == TrialState.WAITING for trial in trials):
        _prepare(job, study, index, trials)
    enough = plan.pruner.get("trainings")
    if enough is not None and total_cost(plan, own_trials(trials)) >= enough:
        study.pruner = optuna.pruners.NopPruner()
    if is_server(job.storage):
        study.set_user_attr(asking_mark(), this_process())
    trial = study.ask()
    trial.set_user_attr("worker", this_process())
    if "provenance" not in trial.user_attrs:
        trial.set_user_attr("provenance", "proposed")
    if is_server(job.storage):
        study.set_user_attr(asking_mark(), None)
    return trial


def _prepare(job: Job, study: optuna.Study, index: int, trials: Sequence[FrozenTrial]) -> None:
    """Choose the sampler of a trial that nobody has planned; queue the next quasi-random point."""
    plan, space = job.plan, job.plan.space
    started = sum(t.state != TrialState.WAITING and not is_lost(t) for t in own_trials(trials))
    phase, number = phase_of(plan, started)
    # The seed hangs on what was started, so that a resumed search goes on as it would have.
    generator = random.Random(f"{job.seed}/{index}/{started}")  # noqa: S311 - no secret
    study.sampler = sampler_of(plan, phase["strategy"], generator.randrange(2**31))
    if phase["strategy"] == "quasirandom":
        before = queued(trials, f"phase-{number}")
        box = box_of_best(space, ranked(study)) if number else {}
        offset = 0 if number else plan.start_points
        point = quasirandom(space, before + offset, job.seed + number, box)
        enqueue(space, study, point, f"phase-{number}-{before}")
    elif phase["strategy"] == "bayesian" and plan.model:
        if sum(trial.state in FINISHED for trial in trials) < 2:
            point = quasirandom(space, started, job.seed, {})
        else:
            point = proposal(plan, study, trials, generator.randrange(2**31))
        enqueue(space, study, point, f"model-{queued(trials, 'model-')}")
