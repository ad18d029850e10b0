"""``hpadvisor diagnose``: training logs in, the right change out."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpadvisor.cli import completion
from hpadvisor.cli.completion import offered
from hpadvisor.cli.options import (
    ForceOption,
    MappingOption,
    OutputOption,
    PageFormat,
    RulesOption,
    column_mapping,
    deliver,
    page_of,
)
from hpadvisor.cli.progress import LogProgress
from hpadvisor.errors import ExitCode, UserError
from hpadvisor.report.terminal import FILE, terminal

if TYPE_CHECKING:
    from hpadvisor.diagnosing.model import Diagnosis
    from hpadvisor.facts.facts import Facts


class FailOn(StrEnum):
    """The mildest finding that makes the command exit with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


_RANK = {"error": 3, "warning": 2, "note": 1}
_LIMIT = {FailOn.ERROR: 3, FailOn.WARNING: 2, FailOn.NOTE: 1, FailOn.NEVER: 9}


def diagnose(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Logs, folders of runs or globs; - reads standard input.", metavar="PATH..."
        ),
    ],
    format: Annotated[
        PageFormat, typer.Option("--format", help="Form of the diagnosis.")
    ] = PageFormat.TEXT,
    mapping: MappingOption = None,
    situation: Annotated[
        Path | None, typer.Option("--situation", help="A situation file that sharpens it.")
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            "--optimizer", help="Such as sgd.", autocompletion=offered(completion.optimizers)
        ),
    ] = None,
    lr: Annotated[str | None, typer.Option("--lr", help="Learning rate of the run.")] = None,
    epochs_planned: Annotated[
        str | None, typer.Option("--epochs-planned", help="Epochs the run was to last.")
    ] = None,
    classes: Annotated[
        str | None, typer.Option("--classes", help="Classes of a classification.")
    ] = None,
    pretrained: Annotated[
        bool | None, typer.Option("--pretrained/--from-scratch", help="How it started.")
    ] = None,
    lr_finder: Annotated[
        bool, typer.Option("--lr-finder", help="Read the log as a learning-rate range test.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Follow a growing log; speak when the verdict changes.")
    ] = False,
    every: Annotated[
        float, typer.Option("--every", help="Seconds between looks with --watch.", min=0.1)
    ] = 10.0,
    after: Annotated[
        list[Path] | None,
        typer.Option(
            "--after",
            help="Log of the same training after a change: did it win? Again for further ones.",
            metavar="LOG",
        ),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--change",
            help="What --after changed: learning_rate=×3.",
            metavar="NAME=×FACTOR",
        ),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 1 from this severity on.")
    ] = FailOn.WARNING,
    rules: RulesOption = None,
    why: Annotated[bool, typer.Option("--why", help="Show all evidence.")] = False,
    output: OutputOption = None,
    force: ForceOption = False,
) -> None:
    """Diagnose training logs."""
    # Curves are small arrays: a pool of threads would cost more than it computes.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from hpadvisor.api import diagnose as run_diagnose

    said = {
        "training.optimizer": ("--optimizer", optimizer),
        "training.learning_rate": ("--lr", lr),
        "training.epochs": ("--epochs-planned", epochs_planned),
        "data.classes": ("--classes", classes),
        "model.pretrained": ("--pretrained", pretrained),
    }
    options: dict[str, Any] = {
        "columns": column_mapping(mapping or []),
        "situation": _situation(situation, said, rules),
        "range_test": lr_finder,
        "rules": rules or [],
    }
    if after or change:
        _show_changes(paths, after or [], change or [], options, format, output, force=force)
        return
    if watch:
        if format is not PageFormat.TEXT:
            raise UserError(
                "a followed log speaks in lines of text", path="--watch", remedy="Leave --format."
            )
        from hpadvisor.api import watch as run_watch
        from hpadvisor.cli.watching import watch_logs

        watch_logs(run_watch(paths, **options), every)
        return
    from hpadvisor.cli.elsewhere import pointing

    with pointing(paths, "diagnose"), LogProgress() as progress:
        diagnosis = run_diagnose(paths, on_log=progress.step, **options)
    _show(diagnosis, format, output, why=why, force=force)
    raise typer.Exit(exit_code(diagnosis, fail_on))


def _show_changes(
    paths: list[str], after: list[Path], changes: list[str], options: dict[str, Any],
    format: PageFormat, output: Path | None, *, force: bool,
) -> None:  # fmt: skip
    """Judge changes that were made; exits with 1 where the last one lost or can be stopped."""
    if not after:
        raise UserError("names no run", path="--change", remedy="Add --after LOG.")
    if len(paths) != 1 or len(changes) > len(after):
        raise UserError(
            "one run before the changes, and a --change for each --after at most",
            path="--after", remedy="hpadvisor diagnose base.csv --after change.csv",
        )  # fmt: skip
    from hpadvisor.api import diagnose_changes

    named = {name: options[name] for name in ("columns", "situation", "rules")}
    report = diagnose_changes(paths[0], after, changes=changes, **named)
    if format is PageFormat.JSON:
        from hpadvisor.visible import json_text

        deliver(json_text(report.data()), "json", output, force=force)
    elif format is PageFormat.HTML:
        from hpadvisor.report.html.of_changes import changes_document

        deliver(page_of([changes_document(report)], output), "xml", output, force=force)
    else:
        from hpadvisor.report.changes import changes_text

        width, color, _ = terminal() if output is None else FILE
        deliver(changes_text(report, width=width, color=color), "text", output, force=force)
    last = report.verdicts[-1].outcome
    if last == "cannot_compare":
        raise typer.Exit(ExitCode.CANNOT_JUDGE)
    raise typer.Exit(ExitCode.FINDINGS if last in ("lost", "stop") else ExitCode.OK)


def exit_code(diagnosis: Diagnosis, fail_on: FailOn) -> int:
    """2 where no run could be judged, 1 for findings at the limit or above, else 0."""
    if not any(run.judged for run in diagnosis.runs):
        return ExitCode.CANNOT_JUDGE
    found = [
        _RANK[finding.severity]
        for run in diagnosis.runs
        for finding in run.findings
        if finding.explained_by is None
    ]
    if max(found, default=0) >= _LIMIT[fail_on]:
        return ExitCode.FINDINGS
    return ExitCode.OK


def _situation(
    path: Path | None, said: dict[str, tuple[str, Any]], rules: list[Path] | None
) -> Facts | None:
    """Facts of the situation file and the flags; None where nothing was said."""
    if path is None and all(value is None for _, value in said.values()):
        return None
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
    from hpadvisor.facts.situation.reading import build_situation, situation_facts
    from hpadvisor.facts.situation.statements import Statement, read_statements

    statements = read_statements(path) if path is not None else []
    statements += [
        Statement(name, value, flag) for name, (flag, value) in said.items() if value is not None
    ]
    knowledge = load_knowledge(rules or [], without=NOT_PLANNING)
    checked, provenance = build_situation(statements, knowledge.vocabulary())
    return situation_facts(checked, provenance)


def _show(
    diagnosis: Diagnosis, format: PageFormat, output: Path | None, *, why: bool, force: bool
) -> None:
    if format is PageFormat.HTML:
        from hpadvisor.report.html.of_diagnosis import diagnosis_document

        deliver(page_of([diagnosis_document(diagnosis)], output), "xml", output, force=force)
        return
    if format is PageFormat.JSON:
        from hpadvisor.visible import json_text

        deliver(json_text(diagnosis.to_dict()), "json", output, force=force)
        return
    from hpadvisor.report.diagnosis import diagnosis_text

    width, color, drawn = terminal() if output is None else FILE
    text = diagnosis_text(diagnosis, width=width, color=color, drawn=drawn, why=why)
    deliver(text, "text", output, force=force)
