"""``hpadvisor audit``: what a search showed, whether to go on, and what to search next."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpadvisor.cli.options import (
    STANDALONE_HELP,
    Engine,
    PageFormat,
    RulesOption,
    deliver,
    page_of,
    write_emitted,
)
from hpadvisor.errors import ExitCode, UserError
from hpadvisor.report.terminal import FILE, say, terminal

if TYPE_CHECKING:
    from hpadvisor.auditing.model import Audit
    from hpadvisor.facts.searches.review import Review


class Direction(StrEnum):
    """Whether a score should rise or fall."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


class FailOn(StrEnum):
    """The least severity of a finding that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


READING, JUDGING, OUTPUT = "Reading", "Judging", "Output"


def audit(
    path: Annotated[
        str,
        typer.Argument(
            help="A search: an Optuna database, journal or URL, a folder of Ray Tune, MLflow, "
            "Keras Tuner, SMAC, Syne Tune or W&B, an nni.sqlite, Katib JSON, cv_results_ or a "
            "table as CSV; - reads standard input.",
            metavar="PATH",
        ),
    ],
    study: Annotated[
        str, typer.Option("--study", help="Which study, where there are several.",
                          rich_help_panel=READING)
    ] = "",
    objective: Annotated[
        str, typer.Option("--objective", help="Name of the score, or number of the objective.",
                          rich_help_panel=READING)
    ] = "",
    direction: Annotated[
        Direction | None, typer.Option("--direction", help="Whether the score should rise.",
                                       rich_help_panel=READING)
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", help="A column that is a hyperparameter.",
                                       rich_help_panel=READING)
    ] = None,
    space: Annotated[
        Path | None, typer.Option("--space", help="The search space, as YAML or JSON, or a plan.",
                                  rich_help_panel=READING)
    ] = None,
    noise: Annotated[
        float | None, typer.Option("--noise", help="Deviation of the score between seeds.",
                                   rich_help_panel=JUDGING)
    ] = None,
    chance: Annotated[
        float | None, typer.Option("--chance", help="The score of guessing.",
                                   rich_help_panel=JUDGING)
    ] = None,
    baseline: Annotated[
        int | None, typer.Option("--baseline", help="Number of the trial with the default.",
                                 rich_help_panel=JUDGING)
    ] = None,
    planned: Annotated[
        int | None, typer.Option("--planned", help="Trials planned in all.",
                                 rich_help_panel=JUDGING)
    ] = None,
    worth: Annotated[
        float | None, typer.Option("--worth", help="The least gain worth having; else the noise.",
                                   rich_help_panel=JUDGING)
    ] = None,
    rules: RulesOption = None,
    format: Annotated[
        PageFormat, typer.Option("--format", help="Form of the output.", rich_help_panel=OUTPUT)
    ] = PageFormat.TEXT,
    why: Annotated[
        bool, typer.Option("--why", help="Under each finding the rule, what matched, the source.",
                           rich_help_panel=OUTPUT)
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Show every check, those that passed, too.",
                           rich_help_panel=OUTPUT)
    ] = False,
    plots: Annotated[
        bool, typer.Option("--plots/--no-plots", help="Draw small plots.", rich_help_panel=OUTPUT)
    ] = True,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Least severity that makes the exit code 1.",
                             rich_help_panel=OUTPUT)
    ] = FailOn.ERROR,
    emit: Annotated[
        Engine | None, typer.Option("--emit", help="Write the next search for an engine.",
                                    rich_help_panel=OUTPUT)
    ] = None,
    standalone: Annotated[
        bool, typer.Option("--standalone", help=STANDALONE_HELP, rich_help_panel=OUTPUT)
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write it.",
                                  rich_help_panel=OUTPUT)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite existing files.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:  # fmt: skip
    """Read a search, review it and show the audit."""
    from hpadvisor.api import audit_with_statistics
    from hpadvisor.facts.searches.review import ReviewOptions
    from hpadvisor.readers.searches.record import ReadOptions

    _check_number("--noise", noise, "a standard deviation")
    _check_number("--worth", worth, "a gain")
    if planned is not None and planned < 1:
        raise UserError("not a number of trials", path="--planned", remedy="Give 1 or more.")
    options = ReadOptions(
        study, objective, "" if direction is None else direction.value, tuple(param or ()), space
    )
    judging = ReviewOptions(noise, chance, baseline, planned, worth)
    from hpadvisor.cli.elsewhere import pointing
    from hpadvisor.cli.pipes import held_standard_input

    if path == "-":
        path = str(held_standard_input())
    with pointing([path], "audit"):
        result, found = audit_with_statistics(path, options, judging, rules=rules or [])
    if emit is not None:
        _emit(result, found, emit, output, force, standalone)
        if output is None:
            return
        output = None
    _show(result, found, format, output, why=why, plots=plots, every=every, force=force)
    raise typer.Exit(_exit_code(result, fail_on))


def _emit(
    result: Audit,
    found: Review,
    engine: Engine,
    output: Path | None,
    force: bool,
    standalone: bool,
) -> None:
    from hpadvisor.auditing.as_plan import known_trials, plan_of
    from hpadvisor.emit.engines import NOT_CARRYING
    from hpadvisor.emit.engines import emit as written

    created_by = f"hpadvisor audit of the search '{result.study.name}'"
    known = known_trials(result, found)
    text = written(
        plan_of(result, found),
        engine.value,
        created_by=created_by,
        known=known,
        standalone=standalone,
    )
    if known and engine.value in NOT_CARRYING:
        why = NOT_CARRYING[engine.value]
        say(f"{len(known)} old trials are not carried along: {why}.", error=True)
    write_emitted(text, engine, output, force=force)


def _check_number(flag: str, value: float | None, what: str) -> None:
    if value is not None and not 0 < value < float("inf"):
        raise UserError(f"not {what}", path=flag, remedy="Give a number above 0.")


def _show(
    result: Audit,
    found: Review,
    format: PageFormat,
    output: Path | None,
    *,
    why: bool,
    plots: bool,
    every: bool,
    force: bool,
) -> None:
    if format is PageFormat.HTML:
        from hpadvisor.report.html.of_audit import audit_document

        deliver(page_of([audit_document(result, found)], output), "xml", output, force=force)
        return
    if format is PageFormat.JSON:
        from hpadvisor.report.searches.json import render_json

        deliver(render_json(result), "json", output, force=force)
        return
    from hpadvisor.report.searches.text import render_audit
    from hpadvisor.report.terminal import carries_unicode

    width, color, _ = terminal() if output is None else FILE
    braille = output is not None or carries_unicode()
    text = render_audit(
        result, found, width=width, color=color, why=why, show_plots=plots, braille=braille,
        every=every,
    )  # fmt: skip
    deliver(text, "text", output, force=force)


def _exit_code(result: Audit, fail_on: FailOn) -> ExitCode:
    if result.decision == "cannot_judge":
        return ExitCode.CANNOT_JUDGE
    order = [FailOn.NOTE, FailOn.WARNING, FailOn.ERROR]
    if fail_on is FailOn.NEVER:
        return ExitCode.OK
    least = order.index(fail_on)
    for check in result.checks:
        if check.severity is not None and order.index(FailOn(check.severity)) >= least:
            return ExitCode.FINDINGS
    return ExitCode.OK
