"""Who looks after the workers: starts them, again where one was killed, and ends what hangs."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from typing import Any

import optuna

from hpadvisor.search.job import Job
from hpadvisor.search.locks import locked
from hpadvisor.search.problems import StoppedError
from hpadvisor.search.processes import this_process
from hpadvisor.search.recovery import tell_killed
from hpadvisor.search.threads import shared_threads
from hpadvisor.search.trials import FINISHED
from hpadvisor.search.words import say

SAID, INTERRUPTED = 1, 130
"""Exit codes of a worker that has said why it ended, and of one that was interrupted."""
MAX_DEATHS = 10
"""Workers that die in a row, with no trial finished between them: then the function is broken."""
GRACE = 5.0
"""Seconds beyond its limit after which a training is ended from outside."""
TIDYING = 12.0
"""Seconds that a worker has to end: more than it gives the command that it trains by."""


@dataclass
class _Worker:
    index: int
    process: Any
    clock: Any
    late: bool = False


class _Team:
    """The workers of one command."""

    def __init__(
        self, job: Job, count: int, study: optuna.Study, target: Callable[..., None]
    ) -> None:
        self.job, self.count, self.study, self.target = job, count, study, target
        self.context = multiprocessing.get_context("spawn")
        self.workers: dict[int, _Worker] = {}
        self.ended: dict[int, int] = {}
        self.deaths, self.finished, self.reason = 0, self._finished(), ""

    def start(self, index: int) -> None:
        """Start a worker."""
        clock = self.context.Value("d", 0.0)
        arguments = (self.job, index, self.count, clock)
        process = self.context.Process(target=self.target, args=arguments)
        with shared_threads(self.count):
            process.start()
        self.workers[index] = _Worker(index, process, clock)

    def look(self) -> None:
        """Wait for a worker that ends, or one that is late, and do what it takes."""
        pause = None if self.job.trial_seconds is None else 0.5
        wait([worker.process.sentinel for worker in self.workers.values()], pause)
        for worker in list(self.workers.values()):
            if worker.process.exitcode is not None:
                self._after(worker)
            elif self._is_late(worker):
                worker.late = True
                worker.process.kill()

    def _is_late(self, worker: _Worker) -> bool:
        limit, begun = self.job.trial_seconds, worker.clock.value
        return limit is not None and begun > 0 and time.time() - begun > limit + GRACE

    def _after(self, worker: _Worker) -> None:
        """Leave an ended worker, or put another one in the place of one that was killed."""
        del self.workers[worker.index]
        code = worker.process.exitcode
        if code in (0, SAID, INTERRUPTED):
            self.ended[worker.index] = code
            return
        self.reason = _reason(code)
        if worker.late:
            self.reason = (
                f"TimeoutError: the training took longer than {self.job.trial_seconds:g} s"
            )
        say(f"worker {worker.index}: {self.reason}; another one takes its place")
        with locked(self.job.storage):
            tell_killed(self.study, worker.process.pid, self.reason, retry=not worker.late)
        finished = self._finished()
        self.deaths = 1 if finished > self.finished else self.deaths + 1
        self.finished = finished
        if self.deaths >= MAX_DEATHS:
            raise StoppedError(
                f"{self.deaths} workers in a row died, the last because {self.reason}; mend the "
                "function and give the same command again"
            )
        self.start(worker.index)

    def _finished(self) -> int:
        return len(self.study.get_trials(deepcopy=False, states=list(FINISHED)))

    def dismiss(self, patience: float) -> None:
        """End the workers that are left; an interrupt while they tidy up ends them at once."""
        processes = [worker.process for worker in self.workers.values()]
        try:
            _joined(processes, patience)
            _terminate(processes)
            _joined(processes, TIDYING)
        except KeyboardInterrupt:
            # Those that were interrupted twice, too, end by themselves; others are told twice.
            _joined(processes, 1.0)
            for _ in range(2):
                _terminate(processes)
                _joined(processes, 1.0)
            raise
        finally:
            for process in processes:
                if process.exitcode is None:
                    process.kill()


def supervise(job: Job, count: int, study: optuna.Study, target: Callable[..., None]) -> None:
    """Let workers do a job, each a process; return when all have ended.

    A worker that is killed takes nothing along: its configuration is tried once more when nothing
    else runs on this machine, then marked as failed with the reason; a new worker takes its place.

    Args:
        job: What to do.
        count: Workers.
        study: The search, or the confirmation.
        target: What a worker runs: (job, index, count, clock).

    Raises:
        StoppedError: A worker ended early, or workers died again and again.
    """
    job = replace(job, supervisor=this_process())
    team, patience = _Team(job, count, study, target), 0.0
    try:
        with _ended_by_signal():
            for index in range(count):
                team.start(index)
            while team.workers:
                team.look()
    except KeyboardInterrupt:
        patience = 10.0  # they were interrupted, too, and write down what they can
        raise
    finally:
        team.dismiss(patience)
    codes = {index: code for index, code in sorted(team.ended.items()) if code}
    if codes:
        ended = ", ".join(f"worker {index} with code {code}" for index, code in codes.items())
        raise StoppedError(f"ended early: {ended}; the same command again goes on")


def _terminate(processes: Sequence[Any]) -> None:
    for process in processes:
        process.terminate()


def _joined(processes: Sequence[Any], seconds: float) -> None:
    """Wait for processes, so many seconds for all of them together."""
    until = time.monotonic() + seconds
    for process in processes:
        process.join(max(until - time.monotonic(), 0.0))


@contextlib.contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let SIGTERM end the workers, too, and not this process alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _reason(code: int) -> str:
    if code >= 0:
        return f"its process ended with code {code}"
    memory = " (memory that ran out?)" if code == -signal.SIGKILL else ""
    return f"its process was killed by signal {-code}{memory}"
