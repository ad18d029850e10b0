"""Workers: each takes trial after trial from the study, until nothing is left to do."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import optuna
from optuna.trial import TrialState

from hpadvisor.search.budget import stop_reason, total_cost
from hpadvisor.search.filling import Part, next_part
from hpadvisor.search.growing import grown, opened_after
from hpadvisor.search.job import MAX_FAILURES, Job, Training, deadline_in
from hpadvisor.search.locks import locked
from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.preparing import prepare
from hpadvisor.search.problems import StoppedError, TuneError
from hpadvisor.search.processes import this_process
from hpadvisor.search.recovery import (
    asking_mark,
    lost_alone,
    others_run_here,
    recover,
    retry_alone,
)
from hpadvisor.search.storage import is_server, shown
from hpadvisor.search.study import make_study, open_study
from hpadvisor.search.supervising import INTERRUPTED, SAID, supervise
from hpadvisor.search.targets import function_of
from hpadvisor.search.training import train_once
from hpadvisor.search.trials import own_trials, values_of
from hpadvisor.search.words import say

WAIT: Final = "wait"


def run(  # noqa: PLR0913 - one argument for each flag of the command
    plan: SearchPlan | Mapping[str, Any],
    function: str | Training,
    *,
    trials: int | None = None,
    storage: str | None = "journal.log",
    seed: int = 0,
    workers: int = 1,
    timeout_hours: float | None = None,
    trial_seconds: float | None = None,
    direction: str | None = None,
    max_failures: int = MAX_FAILURES,
    pause: int | None = None,
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
        trial_seconds: A training that takes longer fails: where it reports, or, with several
            workers, wherever it hangs.
        direction: "maximize" or "minimize"; the plan's where None.
        max_failures: Trials that fail in a row until a worker stops.
        pause: Finished trials after which it returns, though more are planned; the same call
            without it goes on.

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
        trial_seconds=trial_seconds,
        max_failures=max_failures,
        pause=pause,
    )
    study = make_study(plan, storage, seed, direction)
    spread(job, workers, study)
    return study


def spread(job: Job, workers: int, study: optuna.Study, *, supervised: bool = False) -> None:
    """Work here, or in several processes; return when all have ended.

    Args:
        job: What to do.
        workers: Processes.
        study: The search, or the confirmation.
        supervised: Whether a single worker is a process of its own as well, so that one that is
            killed does not end the search.

    Raises:
        TuneError: Several workers have no storage that they could share.
        StoppedError: The search ended before its time.
    """
    if workers <= 1 and not supervised:
        work(job, 0, study)
        return
    if job.storage is None:
        raise TuneError("several workers need a journal; give --storage")
    supervise(job, workers, study, _worker)


def _worker(job: Job, index: int, workers: int, clock: Any) -> None:
    """Run as one of several processes; asked to end, it ends its training, too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if workers > 1:
        os.environ["TUNE_WORKER"] = str(index)
    os.environ.setdefault("TUNE_WORKER", str(index))
    try:
        study = open_study(job.plan, job.study, job.storage, job.seed, job.direction)
        work(job, index, study, clock)
    except (TuneError, OSError) as error:
        say(f"worker {index}: {error}")
        raise SystemExit(SAID) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def work(job: Job, index: int, study: optuna.Study, clock: Any = None) -> None:
    """Take trial after trial until none is left.

    Args:
        job: What to do.
        index: Number of this worker.
        study: The search, or the confirmation.
        clock: Shared with who supervises: when the training began, 0 between trainings.

    Raises:
        StoppedError: Several trials in a row failed, or the storage cannot be written.
    """
    function = function_of(job)
    parent = multiprocessing.parent_process()
    failures, pause = 0, 0.1
    while parent is None or parent.is_alive():
        with _writing(job.storage), locked(job.storage):
            job = replace(job, plan=grown(job.plan, study))
            trial = next_trial(job, study, index)
        if trial is None:
            return
        if trial == WAIT:
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
            continue
        pause = 0.1
        with _clocked(clock), _writing(job.storage):
            done = train_once(job, study, trial, function)
        failures = 0 if done else failures + 1
        if failures >= job.max_failures:
            last = study.get_trials(deepcopy=False)[trial.number].user_attrs["error"]
            raise StoppedError(
                f"{failures} trials in a row failed, the last with {last}; mend the training and "
                "give the same command again"
            )


@contextlib.contextmanager
def _clocked(clock: Any) -> Iterator[None]:
    if clock is not None:
        clock.value = time.time()
    yield
    if clock is not None:
        clock.value = 0.0


@contextlib.contextmanager
def _writing(storage: str | None) -> Iterator[None]:
    """Tell in one line that a storage cannot be written: its disk is full, for example."""
    try:
        yield
    except OSError as error:
        raise StoppedError(
            f"{shown(storage)}: cannot be written ({error.strerror or error}); the same command "
            "again goes on"
        ) from None


def next_trial(job: Job, study: optuna.Study, index: int) -> optuna.Trial | Literal["wait"] | None:
    """Choose the next trial, under the lock.

    Returns:
        The trial; :data:`WAIT` while one has to be alone; None when nothing is left to do.
    """
    plan = job.plan
    recover(study, job.storage)
    trials = study.get_trials(deepcopy=False)
    if stop_reason(job, trials):
        return None
    queue = any(trial.state == TrialState.WAITING for trial in trials)
    retry = not queue and bool(lost_alone(trials))
    if others_run_here(trials, alone=not retry):
        return WAIT
    part = next_part(job, trials)
    if retry:
        retry_alone(study, trials)
    elif not queue:
        prepare(job, study, index, trials, last=part.whole)
    enough = plan.pruner.get("trainings")
    if enough is not None and total_cost(plan, own_trials(trials)) >= enough:
        study.pruner = optuna.pruners.NopPruner()
    return _asked(job, study, part)


def _asked(job: Job, study: optuna.Study, part: Part) -> optuna.Trial:
    """Take the next trial from the study, and leave the marks on it."""
    if is_server(job.storage):
        study.set_user_attr(asking_mark(), this_process())
    trial = study.ask()
    given = values_of(study.get_trials(deepcopy=False)[trial.number])
    if given and opened_after(job.plan.space, given):
        trial.set_user_attr("given", list(given))
    mark = this_process()
    if job.supervisor is not None:
        mark = {**mark, "supervisor": job.supervisor}
    trial.set_user_attr("worker", mark)
    if "provenance" not in trial.user_attrs:
        trial.set_user_attr("provenance", "proposed")
    if part.most_steps is not None:
        trial.set_user_attr("most_steps", part.most_steps)
    if part.whole:
        trial.set_user_attr("whole", True)
    if is_server(job.storage):
        study.set_user_attr(asking_mark(), None)
    return trial
