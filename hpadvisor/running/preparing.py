"""From what was asked to a run: everything is read and checked before anything is trained."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
from hpadvisor.errors import UserError
from hpadvisor.facts.situation.reading import build_situation, situation_facts
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.readers.quantities import hours
from hpadvisor.running.config_copies import ConfigTemplate
from hpadvisor.running.derived import read_derived
from hpadvisor.running.functions import FunctionTraining
from hpadvisor.running.gpus import read_gpus, shares
from hpadvisor.running.loop import Loop, RunOptions
from hpadvisor.running.placeholders import OWN, command_line
from hpadvisor.running.scores import Take, Wanted, check_pattern
from hpadvisor.running.script_defaults import (
    Declared,
    declared_defaults,
    statements_of,
    words_of,
)
from hpadvisor.running.training import KEPT, CommandTraining, Outcome
from hpadvisor.running.understanding import settable

if TYPE_CHECKING:
    from hpadvisor.diagnosing.change import Change, ChangeReport
    from hpadvisor.diagnosing.model import RunDiagnosis
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.facts import Facts
    from hpadvisor.facts.situation.model import Situation
    from hpadvisor.readers.curves.record import RunRecord
    from hpadvisor.running.loop import Training


@dataclass(frozen=True)
class Asked:
    """What a user asks of a run; see ``hpadvisor run --help``."""

    arguments: list[str] = field(default_factory=list)
    target: str | None = None
    situation: Path | None = None
    config: Path | None = None
    derive: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    gpus: str | None = None
    gpus_per_trial: int = 1
    metric: str | None = None
    direction: str | None = None
    take: Take = "last"
    pattern: str | None = None
    timeout: str | None = None
    rules: list[Path] = field(default_factory=list)


def prepare(
    asked: Asked,
    statements: Sequence[Statement],
    options: RunOptions,
    say: Callable[[str], object],
) -> Loop:
    """Read the command, the config and the situation, and return the run.

    Args:
        asked: What was asked.
        statements: What is said of the situation.
        options: How to carry it out.
        say: Is told what happens.

    Raises:
        UserError: anything that is wrong with it, before a training is started.
    """
    if bool(asked.arguments) == bool(asked.target):
        raise UserError(
            "give a command behind --, or --target with a function", path="run",
            remedy="hpadvisor run … -- python train.py --lr {learning_rate}",
        )  # fmt: skip
    knowledge = load_knowledge(asked.rules, without=NOT_PLANNING)
    declared = declared_defaults(asked.arguments, Path.cwd())
    todays = statements_of(declared, statements, knowledge.vocabulary())
    statements = [*todays, *statements]
    situation, provenance = build_situation(statements, knowledge.vocabulary())
    facts = situation_facts(situation, provenance)
    said = list(statements)
    training: Training
    if asked.target:
        training = FunctionTraining(asked.target, options.root)
    else:
        training, statement = _command(asked, situation, knowledge, options, declared)
        said.append(statement)
    if not any(statement.path == "task.direction" for statement in said):
        said += _direction(asked, facts)
    if asked.target and not any(statement.path == "task.direction" for statement in said):
        raise UserError(
            "nobody says whether the function's score shall rise or fall", path="run",
            remedy="Add --direction maximize, or minimize.",
        )  # fmt: skip
    if options.workers > 1 and "budget.parallel" not in facts:
        said.append(Statement("budget.parallel", options.workers, "--workers"))
    loop = Loop(
        training, said, knowledge, options, judge=_Judge(facts, asked.rules), say=say,
    )  # fmt: skip
    loop.todays = words_of(todays)
    return loop


def _command(
    asked: Asked,
    situation: Situation,
    knowledge: Knowledge,
    options: RunOptions,
    declared: Mapping[str, Declared],
) -> tuple[CommandTraining, Statement]:
    if asked.pattern is not None:
        check_pattern(asked.pattern)
    command = command_line(asked.arguments)
    derived = read_derived(asked.derive)
    config = None if asked.config is None else ConfigTemplate(asked.config)
    described = [item.model_dump(exclude_none=True) for item in situation.hyperparameters or []]
    found = settable(
        command, described, knowledge.vocabulary(), config, [one.name for one in derived]
    )
    for entry in found.hyperparameters:  # of names of the user's own nothing else knows a value
        if (
            entry.get("role") is None
            and entry.get("default") is None
            and entry["name"] in declared
        ):
            entry["default"] = declared[entry["name"]].value
    direction = asked.direction or situation.task.direction
    training = CommandTraining(
        command=command,
        root=options.root,
        wanted=Wanted(asked.metric or situation.task.metric, direction, asked.take, asked.pattern),
        derived=derived,
        config=None if asked.config is None else asked.config.resolve(),
        written=found.written,
        epochs=situation.training.epochs,
        environment=asked.environment,
        gpus=[] if asked.gpus is None else shares(read_gpus(asked.gpus), asked.gpus_per_trial),
        timeout=None if asked.timeout is None else 3600 * hours(asked.timeout),
    )
    _check_filled(training, found.hyperparameters, situation)
    return training, found.statement()


def _check_filled(
    training: CommandTraining, hyperparameters: Sequence[dict[str, Any]], situation: Situation
) -> None:
    """Refuse placeholders that no trial could fill, while nothing has been trained yet."""
    names = training.command.names
    if "epochs" in names and situation.training.epochs is None:
        raise UserError("{epochs} has no value", path="command", remedy="Say --epochs.")
    if "config" in names and training.config is None:
        raise UserError("{config} has no value", path="command", remedy="Say --config FILE.")
    if training.config is not None and "config" not in names:
        raise UserError(
            "the command does not name the copy of the config", path="command",
            remedy="Put {config} where its path goes.",
        )  # fmt: skip
    if "gpu" in names and not training.gpus:
        raise UserError("{gpu} has no value", path="command", remedy="Say --gpus 0-7.")
    known = {entry["name"] for entry in hyperparameters} | set(OWN)
    for one in training.derived:
        unknown = [name for name in one.needs if name not in known | _derived_names(training)]
        if unknown:
            raise UserError(
                f"hangs on {', '.join(unknown)}, which the command does not set", path=one.name
            )


def _derived_names(training: CommandTraining) -> set[str]:
    return {one.name for one in training.derived}


def _direction(asked: Asked, facts: Facts) -> list[Statement]:
    """Return the direction that the metric's name says, where nobody states one."""
    from hpadvisor.readers.curves.roles import read_name

    if asked.direction is not None:
        return []
    name = asked.metric or facts.get("task.metric") or (asked.pattern or "").partition("{")[0]
    read = read_name(str(name).strip(" :=")) if name else None
    if read is None or read.role not in ("val_loss", "train_loss", "val_metric", "train_metric"):
        return []
    up = read.higher_is_better and not read.role.endswith("loss")
    return [Statement("task.direction", "maximize" if up else "minimize", f"the name {name}")]


class _Judge:
    """Judges the logs of trainings by the rules of ``diagnose``; loaded when first asked."""

    def __init__(self, facts: Facts, rules: Sequence[Path]) -> None:
        self._facts, self._rules = facts, rules

    @functools.cached_property
    def _knowledge(self) -> Knowledge:
        from hpadvisor.diagnosing.composer import ELSEWHERE
        from hpadvisor.engine.judging import load_judging

        return load_judging("diagnose", self._rules, without=ELSEWHERE)

    def diagnosis(self, outcome: Outcome) -> RunDiagnosis | None:
        """Return what a training's curves say; None where they cannot be judged."""
        from hpadvisor.diagnosing.composer import diagnose_run

        runs = [diagnose_run(one, self._knowledge, self._facts) for one in _records(outcome)]
        judged = [run for run in runs if run.judged]
        return judged[-1] if judged else None

    def changes(self, outcomes: Sequence[Outcome], said: Sequence[Change]) -> ChangeReport | None:
        """Judge trainings after changes beside the first; None where a log cannot be read."""
        from hpadvisor.diagnosing.change import judge_changes
        from hpadvisor.diagnosing.composer import ELSEWHERE

        runs = [record for one in outcomes for record in _records(one)[-1:]]
        if len(runs) < len(outcomes):
            return None
        knowledge = load_knowledge(self._rules, without=ELSEWHERE)
        return judge_changes(runs[0], runs[1:], said, knowledge, self._facts)


def _records(outcome: Outcome) -> list[RunRecord]:
    """Return the runs that the logs in a training's folder hold."""
    from hpadvisor.readers.curves.discovery import find_logs
    from hpadvisor.readers.curves.reading import read_runs

    try:
        logs = [path for path in find_logs([str(outcome.folder)]) if path.name not in KEPT]
        return list(read_runs([str(path) for path in logs]))
    except UserError:
        return []
