"""The loop from Python: a command of the user's, or a function, tuned by the plan."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hpadvisor.said import nested, words_of

if TYPE_CHECKING:
    from hpadvisor.facts.situation.model import Situation
    from hpadvisor.facts.situation.statements import Statement
    from hpadvisor.planning.model import Plan
    from hpadvisor.running.loop import RunResult


def run(  # noqa: PLR0913 - one argument for each flag of the command
    situation: Situation | Plan | Mapping[str, Any] | str | Path | None = None,
    command: str | Sequence[str] = (),
    *,
    target: str | None = None,
    folder: str | Path = "hpadvisor-run",
    metric: str | None = None,
    direction: str | None = None,
    take: Literal["last", "best", "at-best-validation"] = "last",
    score_pattern: str | None = None,
    config: str | Path | None = None,
    derive: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    workers: int = 1,
    gpus: str | None = None,
    gpus_per_trial: int | None = None,
    cpus_per_trial: float = 1.0,
    engine: Literal["optuna", "ray"] = "optuna",
    trial_timeout: str | None = None,
    seed: int = 0,
    repeats: int | None = None,
    trials: int | None = None,
    changes: int = 1,
    max_failures: int = 3,
    stop_early: bool = False,
    widen: bool = True,
    storage: str | None = None,
    until: Literal["baseline", "changes", "search", "confirm"] = "confirm",
    rules: Sequence[str | Path] = (),
    say: Callable[[str], object] | None = None,
) -> RunResult:
    """Tune a training command as ``hpadvisor run`` does: baseline, search, audit, confirmation.

    Called again with the same folder it goes on where it was stopped.

    Args:
        situation: A situation, nested values of one, the path of a situation or a saved plan, or
            a plan.
        command: Program and arguments with placeholders: ``["python", "train.py", "--lr",
            "{learning_rate}"]``; no shell reads it.
        target: A function in place of a command: ``module:function``.
        folder: Where the run is kept.
        metric: The score, as it is logged.
        direction: ``maximize`` or ``minimize``; what the metric's name says when left out.
        take: Which of its values counts.
        score_pattern: A line of the output: ``"test accuracy: {score}"``.
        config: A config of which each trial gets a copy.
        derive: Values that hang on others: ``{"min_lr": "0.1 * learning_rate"}``.
        env: Variables of each training; placeholders allowed.
        workers: Trainings at the same time.
        gpus: GPUs to use: ``"0-7"``.
        gpus_per_trial: GPUs of one training (1 of ``gpus``; on a cluster 0).
        cpus_per_trial: CPU cores of one training, on a cluster.
        engine: Who places the trainings: processes of this machine, or a Ray cluster.
        trial_timeout: Time after which a training is stopped: ``"2h"``.
        seed: Seed of the search and its trainings.
        repeats: Further seeds of the baseline; by the budget when left out.
        trials: Trials of the search; the plan's when left out.
        changes: Changes of the diagnosis to try before the search.
        max_failures: Failures in a row that end the search.
        stop_early: Whether an audit may end the search, from three quarters of it on.
        widen: Whether it may widen the space within what is legal, and open what was held.
        storage: A journal, database URL or ``grpc://HOST:PORT``.
        until: The last step.
        rules: Folders or files of rules beside those that ship.
        say: Is told what happens, line by line; standard error when left out.

    Returns:
        Baseline, plan, winner with its command, audit; it shows itself in a notebook.

    Raises:
        UserError: something is wrong with what is asked, before anything is trained.
        TrainingFailedError: the baseline gave no score.
        StoppedError: too many trials in a row failed.
    """
    from hpadvisor.facts.situation.statements import Statement
    from hpadvisor.running.loop import RunOptions
    from hpadvisor.running.preparing import Asked, prepare

    options = RunOptions(
        root=Path(folder).resolve(), workers=workers, seed=seed, storage=storage, until=until,
        repeats=repeats, trials=trials, changes=changes, max_failures=max_failures,
        audits=stop_early, widens=widen, engine=engine,
        cpus_per_trial=cpus_per_trial, gpus_per_trial=gpus_per_trial or 0,
    )  # fmt: skip
    asked = Asked(
        arguments=words_of(command), target=target,
        config=None if config is None else Path(config), derive=dict(derive or {}),
        environment=dict(env or {}), gpus=gpus, gpus_per_trial=gpus_per_trial or 1, metric=metric,
        direction=direction, take=take, pattern=score_pattern, timeout=trial_timeout,
        rules=[Path(path) for path in rules],
    )  # fmt: skip
    said = _said(situation)
    for path, value in (("task.metric", metric), ("task.direction", direction)):
        if value is not None:
            said.append(Statement(path, value, "run(…)"))
    return prepare(asked, said, options, say or _to_standard_error).run()


def _said(
    situation: Situation | Plan | Mapping[str, Any] | str | Path | None,
) -> list[Statement]:
    from hpadvisor.facts.situation.model import Situation
    from hpadvisor.facts.situation.statements import read_statements, statements_of
    from hpadvisor.planning.as_statements import said_by_plan, statements_of_plan
    from hpadvisor.planning.model import Plan

    if situation is None:
        return []
    if isinstance(situation, str | Path):
        return statements_of_plan(Path(situation)) or read_statements(situation)
    if isinstance(situation, Plan):
        return said_by_plan(situation)
    if isinstance(situation, Situation):
        return statements_of(situation.model_dump(exclude_none=True), "the situation")
    return statements_of(nested(situation), "the situation")


def _to_standard_error(line: str) -> None:
    sys.stderr.write(f"{line}\n")
