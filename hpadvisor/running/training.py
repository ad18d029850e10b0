"""One training as a call: a command is filled, started, watched, and its score returned.

An object of :class:`CommandTraining` is what the search takes for the user's function. It can be
sent to other processes. Everything that it learns stands in the run's folder::

    trials/0007/command.json    what was started, with which values
    trials/0007/output.log      what it printed
    trials/0007/result.json     how it ended
    trials/0007/…               whatever the command wrote there ({trial_dir})

A configuration that came through with the same seed is not trained twice: its scores are
reported again. So a run goes on where it was stopped, and the baseline is trained once.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hpadvisor.running.children import PROCESS, Child, start
from hpadvisor.running.config_copies import ConfigTemplate
from hpadvisor.running.derived import Derived, with_derived
from hpadvisor.running.documents import read_json, write_json
from hpadvisor.running.failures import Failure, failure_of
from hpadvisor.running.gpus import VARIABLE
from hpadvisor.running.placeholders import CommandLine
from hpadvisor.running.scores import ScoreReader, Scores, Wanted
from hpadvisor.search.problems import TrainingError

TRIALS = "trials"
COMMAND, RESULT, PROGRESS = "command.json", "result.json", "progress.json"
KEPT = (COMMAND, RESULT, PROGRESS, PROCESS)
"""Files of a trial's folder that the run writes itself: no logs."""
COMPLETE, PRUNED, FAILED, STOPPED = "complete", "pruned", "failed", "stopped"
SHORTEST, LONGEST = 0.05, 2.0
"""Seconds between two looks at a training; short ones are looked at more often."""
SHARE_OF_LOOKING = 0.01
"""Share of the time that reading logs may take."""

Report = Callable[[int, float], None]


class TrainingFailedError(TrainingError):
    """A training that gave no score; the message is one line."""

    def __init__(self, failure: Failure, folder: Path) -> None:
        super().__init__(f"{failure.message} ({folder})")
        self.failure, self.folder = failure, folder
        self.of_configuration = failure.of_configuration

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.failure, self.folder)


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes:
        folder: Where everything of it stands.
        status: ``complete``, ``pruned``, ``failed`` or ``stopped``.
        values: What filled the placeholders.
        score: The score that counts; NaN where there is none.
        seconds: How long it took.
        positions: Where scores were logged, in epochs or counts (n,).
        scores: The scores (n,).
        error: Why it failed; empty where it did not.
        column: What the score is called in its log; empty for a function's.
        maximize: Whether the log says that higher is better; None where nobody says it.
    """

    folder: Path
    status: str
    values: dict[str, Any]
    score: float = math.nan
    seconds: float = 0.0
    positions: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    error: str = ""
    column: str = ""
    maximize: bool | None = None

    def document(self) -> dict[str, Any]:
        """Return what is written of it."""
        names = ("status", "values", "score", "seconds", "positions", "scores", "error", "column",
                 "maximize")  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class CommandTraining:
    """A command as the function that trains once.

    Attributes:
        command: The command with its placeholders.
        root: The run's folder.
        wanted: Which score.
        held: Values of hyperparameters that are not searched, by placeholder.
        derived: Values that hang on others.
        config: The config of which each trial gets a copy; None for none.
        written: Path in the config to the parameter's name.
        epochs: What fills ``{epochs}``; the plan's epochs otherwise counted by.
        environment: Variables of every trial, which may hold placeholders.
        gpus: GPUs of each worker.
        timeout: Seconds that a training may take; None for any.
        cwd: Where commands run.
    """

    command: CommandLine
    root: Path
    wanted: Wanted = field(default_factory=Wanted)
    held: dict[str, Any] = field(default_factory=dict)
    derived: list[Derived] = field(default_factory=list)
    config: Path | None = None
    written: dict[str, str] = field(default_factory=dict)
    epochs: float | None = None
    environment: dict[str, str] = field(default_factory=dict)
    gpus: list[list[str]] = field(default_factory=list)
    timeout: float | None = None
    cwd: Path | None = None

    def __call__(self, params: Mapping[str, Any], report: Report, seed: int = 0) -> float:
        """Train once.

        Raises:
            TrainingFailedError: it gave no score.
        """
        return self.train(params, report, seed).score

    def train(self, params: Mapping[str, Any], report: Report, seed: int = 0) -> Outcome:
        """Train once, or report again what the same training gave before.

        Args:
            params: Value of each hyperparameter by the plan's name.
            report: Called with position and score as they are logged; may raise to end it.
            seed: Fills ``{seed}``.

        Raises:
            TrainingFailedError: it gave no score.
        """
        values = self.values(params, seed)
        known = known_outcome(self.root, values)
        if known is not None:
            for position, score in zip(known.positions, known.scores, strict=True):
                report(max(round(position), 1), score)
            return known
        return self._train(values, report)

    def values(self, params: Mapping[str, Any], seed: int) -> dict[str, Any]:
        """Return what fills the placeholders, but for those of the trial itself."""
        values: dict[str, Any] = {**self.held, **params, "seed": seed}
        if self.epochs is not None and "epochs" not in values:
            values["epochs"] = int(self.epochs) if self.epochs == int(self.epochs) else self.epochs
        return with_derived(values, self.derived)

    def with_held(self, held: Mapping[str, Any]) -> CommandTraining:
        """Return the same training with the values of what is not searched."""
        return replace(self, held={**self.held, **held})

    def with_score_of(self, outcome: Outcome) -> CommandTraining:
        """Return the same training, its score that of another one, where nobody named it.

        A log that begins with the training's loss has no score yet, and not that loss for one.
        """
        if self.wanted.metric is not None or self.wanted.pattern is not None or not outcome.column:
            return self
        return replace(self, wanted=replace(self.wanted, metric=outcome.column))

    def arguments(self, values: Mapping[str, Any], folder: Path) -> list[str]:
        """Return the command of one trial, ready to start."""
        return self.command.fill(self._places(values, folder))

    def prepared(self, values: Mapping[str, Any], folder: Path) -> list[str]:
        """Make a trial's folder and its copy of the config; return the command."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.config is not None:
            template = ConfigTemplate(self.config)
            searched = {path: values[n] for path, n in self.written.items() if n in values}
            template.write(searched, folder / self.config.name)
        return self.arguments(values, folder)

    def _places(self, values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        config = "" if self.config is None else folder / self.config.name
        own = {"trial": folder.name, "trial_dir": folder, "config": config,
               "gpu": ",".join(self._gpus())}  # fmt: skip
        return {**values, **own}

    def _gpus(self) -> list[str]:
        if not self.gpus:
            return []
        return self.gpus[int(os.environ.get("TUNE_WORKER", "0")) % len(self.gpus)]

    def _train(self, values: dict[str, Any], report: Report) -> Outcome:
        folder = new_folder(self.root)
        arguments = self.prepared(values, folder)
        write_json(folder / COMMAND, {"arguments": arguments, "values": values})
        places = self._places(values, folder)
        environment = {name: CommandLine((text,)).fill(places)[0]
                       for name, text in self.environment.items()}  # fmt: skip
        if self._gpus():
            environment[VARIABLE] = ",".join(self._gpus())
        child = start(arguments, folder, environment, self.cwd)
        watched = _Watched(child, ScoreReader(folder, self.wanted), report, self)
        try:
            return watched.to_the_end(values)
        finally:
            child.stop()
            child.close()


class _Watched:
    """A training that runs, and what was reported of it."""

    def __init__(
        self, child: Child, reader: ScoreReader, report: Report, training: CommandTraining
    ) -> None:
        self._child, self._reader, self._report = child, reader, report
        self._training = training
        self._reported = self._step = 0
        self._last: Scores | None = None
        self._positions: list[float] = []
        self._scores: list[float] = []

    def to_the_end(self, values: dict[str, Any]) -> Outcome:
        """Watch until it ends; write its result whatever happens."""
        status, error = STOPPED, ""
        try:
            code = self._watch()
            outcome = self._judged(code, values)
            status, error = outcome.status, outcome.error
        except TrainingFailedError as failed:
            status, error = FAILED, failed.failure.message
            raise
        except KeyboardInterrupt:
            raise
        except BaseException:  # the report ends it: pruned
            status = PRUNED
            raise
        else:
            return outcome
        finally:
            if status != COMPLETE:
                self._write(self._outcome(status, values, math.nan, error))

    def _watch(self) -> int:
        """Look at its logs until it ends; return its exit code."""
        pause = SHORTEST
        limit = self._training.timeout
        while (code := self._child.code()) is None:
            began = time.monotonic()
            self._look()
            took = time.monotonic() - began
            if limit is not None and self._child.seconds() > limit:
                self._child.stop()
                message = f"took longer than {limit:g} s and was stopped"
                raise TrainingFailedError(Failure("timeout", message), self._child.folder)
            pause = min(LONGEST, max(pause * 1.1, took / SHARE_OF_LOOKING))
            self._wait(min(pause, max(SHORTEST, self._child.seconds() / 20)))
        return code

    def _wait(self, seconds: float) -> None:
        import subprocess

        try:
            self._child.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def _look(self, *, ended: bool = False) -> None:
        """Report what was logged since the last look."""
        found = self._reader.look(ended=ended)
        if found is None:
            return
        if self._last is not None and self._last.column != found.column:
            self._reported = 0  # what came first was another column, read for want of this one
            self._positions.clear()
            self._scores.clear()
        self._last = found
        places = found.epochs(self._training.epochs)
        for index in range(self._reported, len(found.values)):
            position, score = float(places[index]), float(found.values[index])
            self._reported = index + 1
            self._positions.append(position)
            self._scores.append(score)
            write_json(
                self._child.folder / PROGRESS,
                {"position": position, "score": score, "column": found.column},
            )
            step = max(round(position), 1)
            if step > self._step:  # a second score of an epoch would only be warned of
                self._step = step
                self._report(step, score)

    def _judged(self, code: int, values: dict[str, Any]) -> Outcome:
        if code != 0:
            raise TrainingFailedError(failure_of(code, self._child.output), self._child.folder)
        self._look(ended=True)
        if self._last is None:
            failure = Failure("no_score", self._reader.missing())
            raise TrainingFailedError(failure, self._child.folder)
        score = self._last.score(self._training.wanted.take)
        outcome = self._outcome(COMPLETE, values, score, "")
        self._write(outcome)
        return outcome

    def _outcome(self, status: str, values: dict[str, Any], score: float, error: str) -> Outcome:
        column = "" if self._last is None else self._last.column
        return Outcome(
            self._child.folder, status, values, score, self._child.seconds(), self._positions,
            self._scores, error, column, None if self._last is None else self._last.maximize,
        )  # fmt: skip

    def _write(self, outcome: Outcome) -> None:
        write_json(self._child.folder / RESULT, outcome.document())


def outcomes(root: Path) -> Iterator[Outcome]:
    """Yield the trainings of a run that have ended, in the order of their folders."""
    for path in sorted((root / TRIALS).glob(f"*/{RESULT}")):
        found = read_json(path)
        if found is not None:
            yield _outcome_of(path.parent, found)


def _outcome_of(folder: Path, found: Mapping[str, Any]) -> Outcome:
    score = found.get("score")
    return Outcome(
        folder=folder,
        status=found.get("status", ""),
        values=found.get("values", {}),
        score=math.nan if score is None else float(score),
        seconds=float(found.get("seconds", 0.0)),
        positions=[_number(x) for x in found.get("positions", [])],
        scores=[_number(x) for x in found.get("scores", [])],
        error=found.get("error", ""),
        column=found.get("column", ""),
        maximize=found.get("maximize"),
    )


def known_outcome(root: Path, values: Mapping[str, Any]) -> Outcome | None:
    """Return the training of a run that came through with the same values; None for none."""
    wanted = json.loads(json.dumps(values, default=str))
    for path in sorted((root / TRIALS).glob(f"*/{RESULT}")):
        key = (path, path.stat().st_mtime_ns)
        if key not in _SEEN:
            _SEEN[key] = _values_if_complete(path)
        if _SEEN[key] == wanted:
            document = read_json(path)
            return None if document is None else _outcome_of(path.parent, document)
    return None


_SEEN: dict[tuple[Path, int], Any] = {}
"""Values of trainings that came through, None for others, by file and time: each is read once."""


def _values_if_complete(path: Path) -> Any:
    document = read_json(path) or {}
    return document.get("values") if document.get("status") == COMPLETE else None


def new_folder(root: Path) -> Path:
    """Make the next folder of a run; workers that ask at once get different ones."""
    trials = root / TRIALS
    trials.mkdir(parents=True, exist_ok=True)
    number = max((int(p.name) for p in trials.iterdir() if p.name.isdecimal()), default=-1) + 1
    while True:
        folder = trials / f"{number:04d}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
