"""``hpadvisor run``: a training command of the user's, tuned by the plan."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpadvisor.cli import completion
from hpadvisor.cli.completion import offered
from hpadvisor.cli.options import (
    PageFormat,
    RememberingCommand,
    RulesOption,
    deliver,
    page_of,
    print_json,
)
from hpadvisor.errors import ExitCode, UserError
from hpadvisor.report.terminal import say, terminal, write

if TYPE_CHECKING:
    from hpadvisor.planning.model import Plan
    from hpadvisor.running.loop import Loop, RunOptions, RunResult

SITUATION, CARRYING, SCORE = "Situation", "Carrying out", "Score"


class RunCommand(RememberingCommand):
    """A command whose arguments after ``--`` are another program's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Set the other program's arguments aside before any flag is read."""
        ctx.obj = []
        if "--" in args:
            place = args.index("--")
            args, ctx.obj = args[:place], args[place + 1 :]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Show the other program in the usage line."""
        return [*super().collect_usage_pieces(ctx), "-- COMMAND {learning_rate} …"]


CLASS = RunCommand


class TakeOption(StrEnum):
    """Which of a training's scores counts."""

    LAST = "last"
    BEST = "best"
    AT_BEST_VALIDATION = "at-best-validation"


class EngineOption(StrEnum):
    """Who places the trainings."""

    OPTUNA = "optuna"
    RAY = "ray"
    SLURM = "slurm"


class UntilOption(StrEnum):
    """The last step."""

    BASELINE = "baseline"
    CHANGES = "changes"
    SEARCH = "search"
    CONFIRM = "confirm"


def _flag(help_text: str, *names: str, panel: str = SITUATION, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, show_default=False, rich_help_panel=panel, **more)


Text = str | None


def run(
    ctx: typer.Context,
    situation: Annotated[
        Path | None, typer.Argument(help="A situation file (YAML or JSON), or a plan (JSON).")
    ] = None,
    training: Annotated[
        Text,
        _flag(
            "Kind of training, such as vision-from-scratch.",
            autocompletion=offered(completion.kinds),
        ),
    ] = None,
    optimizer: Annotated[
        Text,
        _flag("Optimizer, such as sgd or adamw.", autocompletion=offered(completion.optimizers)),
    ] = None,
    epochs: Annotated[Text, _flag("Epochs of one training; fills {epochs}.")] = None,
    hours: Annotated[Text, _flag("Wall-clock budget: 48, 2d, 90min.")] = None,
    trainings: Annotated[Text, _flag("Trainings that may be run at most.")] = None,
    assignments: Annotated[
        list[str] | None,
        _flag("Set any field: --set data.train_examples=50k.", "--set", metavar="PATH=VALUE"),
    ] = None,
    config: Annotated[
        Path | None, _flag("A config of which each trial gets a copy; {config} is its path.")
    ] = None,
    derive: Annotated[
        list[str] | None,
        _flag("A value that hangs on others: min_lr='0.1 * learning_rate'.", metavar="NAME=FORM"),
    ] = None,
    target: Annotated[
        Text, _flag("A function in place of a command: module:function.", metavar="M:F")
    ] = None,
    metric: Annotated[Text, _flag("The score, as it is logged.", panel=SCORE)] = None,
    direction: Annotated[Text, _flag("maximize or minimize it.", panel=SCORE)] = None,
    take: Annotated[
        TakeOption, typer.Option(help="Which of its values counts.", rich_help_panel=SCORE)
    ] = TakeOption.LAST,
    score_pattern: Annotated[
        Text, _flag("A line of the output: 'test accuracy: {score}'.", panel=SCORE)
    ] = None,
    folder: Annotated[
        Path, typer.Option("-o", "--folder", help="Where the run is kept and goes on.",
                           rich_help_panel=CARRYING)
    ] = Path("hpadvisor-run"),
    workers: Annotated[
        int, typer.Option(help="Trainings at the same time.", min=1, rich_help_panel=CARRYING)
    ] = 1,
    gpus: Annotated[Text, _flag("GPUs to use: 0-7 or 0,2.", panel=CARRYING)] = None,
    gpus_per_trial: Annotated[
        int | None, _flag("GPUs of one training (1 of --gpus; on a cluster 0).", panel=CARRYING,
                          min=1)
    ] = None,
    cpus_per_trial: Annotated[
        float, typer.Option(help="CPU cores of one training, on a cluster.", min=0.1,
                            rich_help_panel=CARRYING)
    ] = 1.0,
    engine: Annotated[
        EngineOption, typer.Option(help="Who places the trainings.", rich_help_panel=CARRYING)
    ] = EngineOption.OPTUNA,
    slurm: Annotated[
        list[str] | None,
        _flag("A flag for sbatch: --slurm=--time=8:00:00.", panel=CARRYING, metavar="FLAG"),
    ] = None,
    environment: Annotated[
        list[str] | None,
        _flag("A variable of each training.", "--env", panel=CARRYING, metavar="NAME=VALUE"),
    ] = None,
    trial_timeout: Annotated[
        Text, _flag("Time after which a training is stopped: 2h, 30min.", panel=CARRYING)
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Seed of the search and its trainings.", min=0,
                          rich_help_panel=CARRYING)
    ] = 0,
    repeats: Annotated[
        int | None, _flag("Further seeds of the baseline, for its noise.", panel=CARRYING, min=0)
    ] = None,
    trials: Annotated[
        int | None, _flag("Trials of the search; else the plan's.", panel=CARRYING, min=1)
    ] = None,
    changes: Annotated[
        int, typer.Option(help="Changes of the diagnosis to try before the search, at most.",
                          min=0, rich_help_panel=CARRYING)
    ] = 1,
    max_failures: Annotated[
        int, typer.Option(help="Failures in a row that end the search.", min=1,
                          rich_help_panel=CARRYING)
    ] = 3,
    stop_early: Annotated[
        bool, typer.Option("--stop-early/--whole-search",
                           help="End the search from three quarters on where an audit says stop.",
                           rich_help_panel=CARRYING)
    ] = False,
    widen: Annotated[
        bool, typer.Option("--widen/--keep-space",
                           help="Let an audit on the way widen the space, within what is legal.",
                           rich_help_panel=CARRYING)
    ] = True,
    storage: Annotated[
        Text, _flag("Where the study is kept: a journal, database URL or grpc://HOST:PORT.",
                    panel=CARRYING)
    ] = None,
    until: Annotated[
        UntilOption, typer.Option(help="The last step.", rich_help_panel=CARRYING)
    ] = UntilOption.CONFIRM,
    report: Annotated[
        Path | None, _flag("Write all of it as one HTML page, too.", panel=CARRYING,
                           metavar="FILE")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show plan and commands, and train nothing.",
                           rich_help_panel=CARRYING)
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Start without asking.", rich_help_panel=CARRYING)
    ] = False,
    rules: RulesOption = None,
    format: Annotated[PageFormat, typer.Option("--format", help="Form of the result.")] = (
        PageFormat.TEXT
    ),
) -> None:  # fmt: skip
    """Prepare the run, show it, carry it out."""
    from hpadvisor.cli.plan import statements_of_flags
    from hpadvisor.report.running import document, run_text
    from hpadvisor.running.loop import RunOptions
    from hpadvisor.running.preparing import Asked, prepare

    given = {
        "training": training,
        "optimizer": optimizer,
        "epochs": epochs,
        "hours": hours,
        "trainings": trainings,
        "metric": metric,
        "direction": direction,
    }
    options = RunOptions(
        root=folder.resolve(), workers=workers, seed=seed, storage=storage, until=until.value,
        repeats=repeats, trials=trials, changes=changes, max_failures=max_failures,
        audits=stop_early, widens=widen, engine="ray" if engine is EngineOption.RAY else "optuna",
        cpus_per_trial=cpus_per_trial, gpus_per_trial=gpus_per_trial or 0,
    )  # fmt: skip
    asked = Asked(
        arguments=list(ctx.obj or []), target=target, situation=situation, config=config,
        derive=_pairs(derive, "--derive"), environment=_pairs(environment, "--env"), gpus=gpus,
        gpus_per_trial=gpus_per_trial or 1, metric=metric, direction=direction, take=take.value,
        pattern=score_pattern, timeout=trial_timeout, rules=list(rules or []),
    )  # fmt: skip
    from hpadvisor.planning.as_statements import statements_of_plan

    planned = None if situation is None else statements_of_plan(situation)
    said = statements_of_flags(None if planned else situation, given, assignments or [])
    loop = prepare(asked, [*(planned or []), *said], options, _say)
    if dry_run:
        _show_dry_run(loop)
        return
    if not yes and not _agreed(loop):
        raise typer.Exit(ExitCode.OK)
    if engine is EngineOption.SLURM:
        if gpus and not gpus_per_trial:
            options = replace(options, gpus_per_trial=1)
        _submit(ctx, options, slurm or [], loop.plan())
        return
    if report is not None or format is PageFormat.HTML:
        _check_pages(report if format is not PageFormat.HTML else None)
    result = _carry_out(loop)
    if report is not None:
        deliver(_page(result), "xml", report, force=True)
    if format is PageFormat.HTML:
        write(_page(result), "xml")
        return
    if format is PageFormat.JSON:
        print_json(document(result))
        return
    width, color, _ = terminal()
    write(run_text(result, width=width, color=color))


def _submit(ctx: typer.Context, options: RunOptions, flags: list[str], plan: Plan) -> None:
    from hpadvisor.running.on_slurm import (
        says_time,
        submissions,
        submit,
        time_limits,
        write_script,
    )

    script = write_script(ctx.meta["words"], ctx.obj or [], options)
    limits = time_limits(plan, options, flags)
    numbers = submit(submissions(script, options, flags, limits))
    if not limits and not says_time(flags):
        _say("The jobs have your cluster's usual time limit: say budget.hours_per_training, or "
             "--slurm=--time=8:00:00.")  # fmt: skip
    if not options.gpus_per_trial and not any("gpu" in flag or "gres" in flag for flag in flags):
        _say("The jobs ask for no GPU: --gpus-per-trial 1 asks for one each.")
    say(f"Submitted: {', '.join(numbers)}. The same command without --engine shows what came of "
        f"it; the logs are in {options.root}.")  # fmt: skip


def _check_pages(output: Path | None) -> None:
    """Find out before hours of training that pages cannot be written."""
    from hpadvisor.report.html.document import Document

    if output is None and sys.stdout.isatty():
        raise UserError(
            "a page is for a browser, not for a terminal",
            path="--format html", remedy="Name a file: --report page.html.",
        )  # fmt: skip
    page_of([Document("run", "", "", "plain", ())], output)


def _page(result: RunResult) -> str:
    from hpadvisor.report.html.of_run import run_documents
    from hpadvisor.report.html.rendering import html_page

    return html_page(run_documents(result))


def _carry_out(loop: Loop) -> RunResult:
    from hpadvisor.cli.interrupts import TERMINATED, TerminatedError, terminable
    from hpadvisor.cli.screen import shown_while
    from hpadvisor.running.training import TrainingFailedError
    from hpadvisor.search.problems import StoppedError, TuneError

    try:
        with terminable(), shown_while(loop):
            return loop.run()
    except KeyboardInterrupt as interrupt:
        say("Interrupted; the same command goes on.", error=True)
        if isinstance(interrupt, TerminatedError):
            raise SystemExit(TERMINATED) from None
        raise
    except TrainingFailedError as failed:
        say(failed.failure.tail, error=True)
        raise UserError(
            f"the baseline gave no score: {failed.failure.message}", path=failed.folder,
            remedy="Mend the command and give it again.",
        ) from None  # fmt: skip
    except StoppedError as error:
        say(f"hpadvisor: {error}", error=True)
        raise typer.Exit(ExitCode.FINDINGS) from None
    except TuneError as error:
        raise UserError(str(error)) from None


def _show_dry_run(loop: Loop) -> None:
    from hpadvisor.report.running import dry_run_text
    from hpadvisor.running.holding import held_words

    plan = loop.plan()
    for line in filter(None, (loop.todays, held_words(plan, loop.training.command))):
        say(line, error=True)
    width, color, _ = terminal()
    write(dry_run_text(plan, loop.certain(plan), width=width, color=color))


def _agreed(loop: Loop) -> bool:
    """Ask before anything is trained; where nobody can answer, the command itself is the yes."""
    import sys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    _show_dry_run(loop)
    return typer.confirm("Start?", default=True)


def _say(line: str) -> None:
    say(line, error=True)


def _pairs(given: list[str] | None, flag: str) -> dict[str, str]:
    pairs = {}
    for item in given or []:
        name, sign, value = item.partition("=")
        if not sign or not name.strip():
            raise UserError(f"'{item}' is no NAME=VALUE", path=flag)
        pairs[name.strip()] = value.strip()
    return pairs
