"""``hpadvisor plan``: from a described situation to a tuning plan, and to a script."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpadvisor.cli import completion
from hpadvisor.cli.completion import offered
from hpadvisor.cli.options import (
    STANDALONE_HELP,
    Engine,
    MappingOption,
    RememberingCommand,
    RulesOption,
    column_mapping,
    write_emitted,
)
from hpadvisor.cli.plan_output import PlanFormat, again, show
from hpadvisor.errors import UserError
from hpadvisor.report.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.situation.statements import Statement
    from hpadvisor.planning.model import Plan
    from hpadvisor.readers.searches.record import Study


CLASS = RememberingCommand

FLAGS: dict[str, tuple[str, str]] = {
    "training": ("training.kind", "--training"),
    "optimizer": ("training.optimizer", "--optimizer"),
    "learning_rate": ("training.learning_rate", "--learning-rate"),
    "batch_size": ("training.batch_size", "--batch-size"),
    "epochs": ("training.epochs", "--epochs"),
    "model_parameters": ("model.parameters", "--model-parameters"),
    "pretrained": ("model.pretrained", "--pretrained"),
    "train_examples": ("data.train_examples", "--train-examples"),
    "classes": ("data.classes", "--classes"),
    "metric": ("task.metric", "--metric"),
    "direction": ("task.direction", "--direction"),
    "current": ("task.current", "--current"),
    "target": ("task.target", "--target"),
    "acceptable": ("task.acceptable", "--acceptable"),
    "hours": ("budget.hours", "--hours"),
    "gpu_hours": ("budget.gpu_hours", "--gpu-hours"),
    "hours_per_training": ("budget.hours_per_training", "--hours-per-training"),
    "trainings": ("budget.trainings", "--trainings"),
    "parallel": ("budget.parallel", "--parallel"),
    "machines": ("budget.machines", "--machines"),
    "deadline": ("budget.deadline", "--deadline"),
    "symptom": ("symptoms", "--symptom"),
    "tune": ("search.tune", "--tune"),
    "fixed": ("search.fixed", "--fixed"),
    "strategy": ("search.strategy", "--strategy"),
    "tool": ("search.tool", "--tool"),
}
"""Parameters of the command to paths of a situation, and the flags to name in messages."""


def _flag(help_text: str, *names: str, completed: Any = None) -> Any:
    return typer.Option(*names, help=help_text, show_default=False, autocompletion=completed)


Text = str | None


def plan(
    ctx: typer.Context,
    situation: Annotated[
        Path | None,
        typer.Argument(
            help="A situation file; or a training config, script, log or run folder. - is standard"
            " input."
        ),
    ] = None,
    example: Annotated[
        Text,
        _flag("A bundled situation; 'list' names them.", completed=offered(completion.examples)),
    ] = None,
    training: Annotated[
        Text,
        _flag(
            "Kind of training, such as vision-from-scratch or lora.",
            completed=offered(completion.kinds),
        ),
    ] = None,
    optimizer: Annotated[
        Text, _flag("Optimizer, such as sgd or adamw.", completed=offered(completion.optimizers))
    ] = None,
    learning_rate: Annotated[
        Text, _flag("Learning rate of today.", "--learning-rate", "--lr")
    ] = None,
    batch_size: Annotated[Text, _flag("Batch size of today.")] = None,
    epochs: Annotated[Text, _flag("Epochs of one training.")] = None,
    model_parameters: Annotated[Text, _flag("Trainable weights, such as 11M or 7B.")] = None,
    pretrained: Annotated[
        bool | None, _flag("Starts from pretrained weights.", "--pretrained/--from-scratch")
    ] = None,
    train_examples: Annotated[Text, _flag("Training examples, such as 50k.")] = None,
    classes: Annotated[Text, _flag("Classes of a classification.")] = None,
    metric: Annotated[Text, _flag("The score that trials are compared by.")] = None,
    direction: Annotated[Text, _flag("maximize or minimize the metric.")] = None,
    current: Annotated[Text, _flag("The score of today.")] = None,
    target: Annotated[Text, _flag("The score that is wanted.")] = None,
    acceptable: Annotated[
        bool | None, _flag("Whether today's score will do.", "--acceptable/--not-acceptable")
    ] = None,
    symptom: Annotated[
        list[str] | None,
        _flag(
            "What the curves show, such as overfitting; may be repeated.",
            completed=offered(completion.symptoms),
        ),
    ] = None,
    hours: Annotated[Text, _flag("Wall-clock budget: 48, 2d, 90min.")] = None,
    gpu_hours: Annotated[Text, _flag("Compute budget, added over all workers.")] = None,
    hours_per_training: Annotated[Text, _flag("Time of one full training.")] = None,
    trainings: Annotated[Text, _flag("Trainings that may be run at most.")] = None,
    parallel: Annotated[Text, _flag("Trainings that run at the same time.")] = None,
    machines: Annotated[Text, _flag("Machines they are spread over.")] = None,
    deadline: Annotated[Text, _flag("Time until the result must be there.")] = None,
    tune: Annotated[
        Text,
        _flag("Tune just these, comma-separated.", completed=offered(completion.hyperparameters)),
    ] = None,
    fixed: Annotated[
        Text, _flag("Leave these as they are.", completed=offered(completion.hyperparameters))
    ] = None,
    strategy: Annotated[
        Text,
        _flag(
            "manual, grid, random, quasirandom, bayesian or local.",
            completed=offered(completion.strategies),
        ),
    ] = None,
    tool: Annotated[
        Text,
        _flag(
            "manual, optuna, optuna-workers, ray or wandb.", completed=offered(completion.tools)
        ),
    ] = None,
    curves: Annotated[
        list[Path] | None,
        typer.Option("--curves", help="Training logs; what they show replaces --symptom."),
    ] = None,
    mapping: MappingOption = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", help="Set any field: --set budget.hours=48.", metavar="PATH=VALUE"),
    ] = None,
    rules: RulesOption = None,
    format: Annotated[
        PlanFormat, typer.Option("--format", help="Form of the plan.")
    ] = PlanFormat.TEXT,
    why: Annotated[
        bool, typer.Option("--why", help="Under each line the rule, what matched, the source.")
    ] = False,
    history: Annotated[
        str | None, typer.Option("--history", help="Past runs: it starts from the best of them.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="All of the plan, not one page of it.")
    ] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask.")] = False,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the situation, answers included.")
    ] = None,
    emit: Annotated[
        Engine | None, typer.Option("--emit", help="Write the search for an engine.")
    ] = None,
    standalone: Annotated[bool, typer.Option("--standalone", help=STANDALONE_HELP)] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write it, or the plan.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite existing files.")] = False,
) -> None:
    """Compose a plan and show, save or emit it."""
    from hpadvisor.api import plan as compose
    from hpadvisor.cli.interview import interview, is_interactive
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
    from hpadvisor.writing import refuse_existing

    if example == "list":
        _list_examples()
        return
    given = {name: value for name, value in locals().items() if name in FLAGS}
    knowledge = load_knowledge(rules or [], without=NOT_PLANNING)
    flags = _statements(None, example, given, assignments or [])
    told, logs = _told(situation, knowledge, flags)
    past, said = (None, []) if history is None else _past(history, knowledge)
    statements = [*said, *told, *flags]
    statements += _seen_in(
        [*logs, *(curves or [])], statements, knowledge, mapping or [], rules or []
    )
    asked = not no_input and is_interactive()
    if asked:
        keep = (
            None if save is None else partial(_save, knowledge=knowledge, path=save, force=force)
        )
        if save is not None:
            refuse_existing(save, force=force)  # before anything is asked
        statements = interview(statements, knowledge, keep)
    if save is not None:
        _save(statements, knowledge, save, force)
    result = compose(statements=statements, knowledge=knowledge)
    if emit is not None:
        _emit(result, emit, output, force, _origin(situation, example), standalone, past)
        if output is None:
            return
        output = None
    command = again(ctx.meta["words"], save, asked=asked)
    show(result, format, output, command, why=why, full=full, force=force)


def _told(
    situation: Path | None, knowledge: Knowledge, flags: Sequence[Statement]
) -> tuple[Sequence[Statement], list[Path]]:
    """Read a situation, or what is at hand in its place, and say what was understood."""
    if situation is None:
        return [], []
    from hpadvisor.at_hand import situation_of
    from hpadvisor.cli.understood import echo

    found = situation_of(situation, knowledge)
    if found.title:
        echo(situation, found, flags)
    return found.statements, [Path(log) for log in found.logs]


def _past(path: str, knowledge: Knowledge) -> tuple[Study, list[Statement]]:
    """Read past runs, and what they say of the training."""
    from hpadvisor.auditing.as_situation import said_by_history
    from hpadvisor.past import past_runs

    past = past_runs(path, knowledge)
    return past, said_by_history(past, knowledge.vocabulary(), f"--history {path}")


def statements_of_flags(
    situation: Path | None, given: dict[str, Any], assignments: list[str]
) -> list[Statement]:
    """Join what a situation file, the flags of a command and --set say; later ones win."""
    return _statements(situation, None, given, assignments)


def _statements(
    situation: Path | None, example: str | None, given: dict[str, Any], assignments: list[str]
) -> list[Statement]:
    """Join what a file or example, the flags and --set say; later ones win."""
    from hpadvisor.facts.situation.statements import Statement, parse_assignment, read_statements

    found: list[Statement] = []
    if example is not None:
        found += _example(example)
    if situation is not None:
        found += read_statements(situation)
    for name, value in given.items():
        path, flag = FLAGS[name]
        if value is None:
            continue
        said = ",".join(value) if name == "symptom" else value
        found.append(Statement(path, said, flag))
    return found + [parse_assignment(text) for text in assignments]


def _seen_in(
    curves: list[Path],
    statements: list[Statement],
    knowledge: Knowledge,
    mapping: list[str],
    rules: list[Path],
) -> list[Statement]:
    """Return what training logs show, and say so where they show nothing that can be judged."""
    columns = column_mapping(mapping)
    if not curves:
        if columns:
            raise UserError("there is no log to map", path="--map", remedy="Add --curves PATH.")
        return []
    from hpadvisor.api import symptoms_of

    found = symptoms_of(curves, statements, knowledge, columns=columns, rules=rules)
    if not found:
        say("The curves cannot be judged; hpadvisor diagnose says why.", error=True)
    return found


def examples() -> dict[str, Path]:
    """Return the bundled situations by name."""
    folder = Path(__file__).resolve().parent.parent / "examples"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _list_examples() -> None:
    for name, path in examples().items():
        first = path.read_text(encoding="utf-8").splitlines()[0]
        say(f"{name:<22}  {first.lstrip('# ')}")


def _example(name: str) -> list[Statement]:
    from hpadvisor.errors import nearest
    from hpadvisor.facts.situation.statements import Statement, read_statements

    path = examples().get(name)
    if path is None:
        raise UserError(
            f"no example is called '{name}'",
            path="--example",
            remedy=nearest(name, examples()) or f"One of: {', '.join(examples())}.",
        )
    source = f"example {name}"
    return [Statement(s.path, s.value, source, s.line) for s in read_statements(path)]


def _save(statements: list[Statement], knowledge: Knowledge, path: Path, force: bool) -> None:
    from hpadvisor.facts.situation.reading import build_situation
    from hpadvisor.visible import yaml_text
    from hpadvisor.writing import write_text

    situation, _ = build_situation(statements, knowledge.vocabulary())
    values = {
        key: value
        for key, value in situation.model_dump(exclude_none=True).items()
        if value not in ({}, [])
    }
    write_text(path, yaml_text(values), force=force)
    say(f"Wrote {path}. Again: hpadvisor plan {quote(str(path))}", error=True)


def _origin(situation: Path | None, example: str | None) -> str:
    """Say which program and situation a script comes from."""
    from hpadvisor import __version__

    told = f"example {example}" if example else "flags" if situation is None else str(situation)
    return f"hpadvisor {__version__} from {told}"


def _emit(
    result: Plan, engine: Engine, output: Path | None, force: bool, origin: str, standalone: bool,
    past: Study | None,
) -> None:  # fmt: skip
    from hpadvisor.emit.engines import NOT_CARRYING, emit

    known: list[dict[str, Any]] = []
    if past is not None:
        from hpadvisor.auditing.as_situation import runs_in_plan

        known = runs_in_plan(past, result)
        if known and engine.value in NOT_CARRYING:
            why = NOT_CARRYING[engine.value]
            say(f"{len(known)} past runs are not carried along: {why}.", error=True)
    text = emit(result, engine.value, created_by=origin, known=known, standalone=standalone)
    write_emitted(text, engine, output, force=force)
