"""The command line: one app, and what every command shares when something goes wrong."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from hpadvisor.cli.bugs import report_bug
from hpadvisor.cli.interrupts import interruptible
from hpadvisor.cli.pipes import hold_pipes
from hpadvisor.cli.streams import ReaderLeft, guard_streams, silence_output
from hpadvisor.errors import ExitCode, UserError
from hpadvisor.report.terminal import prepare_streams, say
from hpadvisor.visible import shortened

COMMANDS = {
    "plan": "From a described situation to a prioritised tuning plan, with reasons.",
    "diagnose": "From training curves to what is wrong, and the change that helps.",
    "audit": "Review a search: what it really showed, whether to go on, and what to search next.",
    "explain": "Explain a rule, a hyperparameter, a topic, or answer a claim.",
    "check": "Find mistakes in training configs and search spaces.",
    "run": "Tune your own training command: baseline, search, confirmation. It follows --.",
    "report": "Join logs, configs, searches, situations and plans into one HTML page.",
    "rules": "List, show, test and write the rules that every advice traces to.",
    "schema": "Print a JSON Schema: of a situation, plan, diagnosis, audit, check, or rules file.",
    "mcp": "Serve the commands that judge to coding agents, by MCP over stdio.",
    "skill": "Print the skill for coding agents, or install it below a folder of skills.",
    "init": "Write a situation to fill in, a CI job, and a pre-commit entry.",
}
"""Every command and its help; each stands in a module of its name.

The lines stand here, so that the program's own help needs none of the modules.
"""


def _show_version(value: bool) -> None:
    if value:
        from hpadvisor import __version__

        say(f"hpadvisor {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and leave.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Hold the options of the whole program."""


def build_app(names: Iterable[str] = COMMANDS, *, hollow: bool = False) -> typer.Typer:
    """Build the app with some of its commands: importing and reading each takes milliseconds.

    Args:
        names: The commands.
        hollow: Give them their names and help only; enough to list them.
    """
    app = typer.Typer(
        name="hpadvisor",
        help="Advice on hyperparameter tuning: what to tune, in which range, by which search, "
        "for how long, and why.",
        no_args_is_help=True,
        # rich help imports markdown and traceback: it would double the time of --help.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in names:
        if hollow:
            app.command(name, help=COMMANDS[name])(_nothing)
            continue
        module = import_module(f"hpadvisor.cli.{name}")
        if hasattr(module, "app"):  # a command with commands of its own
            app.add_typer(module.app, name=name, help=COMMANDS[name])
        else:
            kind = getattr(module, "CLASS", None)
            app.command(name, help=COMMANDS[name], cls=kind)(getattr(module, name))
    return app


def _nothing() -> None:
    """Stand for a command that is listed, not run."""


def __getattr__(name: str) -> Any:
    """Build the whole app when somebody asks for it: the program itself needs one command."""
    if name == "app":
        return build_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def run() -> None:
    """Run the program: one line for what the user can mend, a report file for what they cannot."""
    # Imports make no garbage: by default Python looks for it 30 times at start-up, and through
    # everything once more at the end, which takes a fifth of a short command's time.
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
    prepare_streams()
    guard_streams()
    try:
        with interruptible():
            code = _outcome()
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    sys.exit(code)


def _outcome() -> int:
    """Run the command; whatever goes wrong becomes its line and its exit code."""
    try:
        hold_pipes(sys.argv[1:])
        code = _app()(prog_name="hpadvisor", standalone_mode=False)
        sys.stdout.flush()  # a full disk is said here, not by Python after its end
        return int(code or ExitCode.OK)
    except UserError as error:
        return _refused(error)
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except ReaderLeft:
        silence_output()
        return ExitCode.OK
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else ExitCode.OK
    except MemoryError:
        say("hpadvisor: not enough memory for this input. Give a part of it.", error=True)
        return ExitCode.CANNOT_JUDGE
    except Exception as error:
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    """Tell a wrong flag, or a folder that went away, from a bug of ours."""
    if hasattr(error, "format_message"):  # typer's own: a wrong flag or argument
        _report_usage(error)
        return ExitCode.CANNOT_JUDGE
    if isinstance(error, OSError) and (reason := _lost_folder()):
        say(f"hpadvisor: .: the current folder {reason}. Go to another one.", error=True)
        return ExitCode.CANNOT_JUDGE
    report_bug(error)
    return ExitCode.BUG


def _app() -> typer.Typer:
    """Build what this call needs: the command that is named, all for a shell, else their names."""
    asked = [name for name in sys.argv[1:2] if name in COMMANDS]
    if asked or "_HPADVISOR_COMPLETE" in os.environ:
        return build_app(asked or COMMANDS)
    return build_app(hollow=True)


def _lost_folder() -> str:
    """Why the current folder cannot be used, on which relative paths hang; empty where it can."""
    try:
        next(Path.cwd().iterdir(), None)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""


def _refused(error: UserError) -> int:
    for line in str(error).splitlines():
        say(f"hpadvisor: {line}", error=True)
    try:
        sys.stdout.flush()
    except (UserError, ReaderLeft):
        silence_output()
    return ExitCode.CANNOT_JUDGE


def _report_usage(error: Any) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":  # a bare command shows its help
        error.show()
        return
    message = shortened(" ".join(error.format_message().split()).rstrip("."))
    context = getattr(error, "ctx", None)
    command = "hpadvisor" if context is None else context.command_path
    said = f"{message[:1].lower()}{message[1:]}. See: {command} --help"
    say(f"hpadvisor: {said}", error=True)
