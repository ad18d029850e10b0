"""The command line: one app, and what every command shares when something goes wrong."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from hpadvisor.cli.bugs import report_bug
from hpadvisor.cli.interrupts import interruptible
from hpadvisor.cli.streams import ReaderLeft, guard_streams, silence_output
from hpadvisor.errors import ExitCode, UserError
from hpadvisor.report.terminal import prepare_streams, say
from hpadvisor.visible import shortened

COMMANDS = (
    "plan", "diagnose", "audit", "explain", "check", "run", "report", "rules", "schema", "mcp",
    "skill", "init",
)  # fmt: skip
"""Every command; each stands in a module of its name."""


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


def build_app(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """Build the app with some of its commands: importing and reading each takes milliseconds."""
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
        module = import_module(f"hpadvisor.cli.{name}")
        if hasattr(module, "app"):  # a command with commands of its own
            app.add_typer(module.app, name=name)
        else:
            kind = getattr(module, "CLASS", None)
            app.command(name, help=module.HELP, cls=kind)(getattr(module, name))
    return app


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
        asked = [name for name in sys.argv[1:2] if name in COMMANDS]
        code = build_app(asked or COMMANDS)(prog_name="hpadvisor", standalone_mode=False)
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
        if hasattr(error, "format_message"):  # typer's own: a wrong flag or argument
            _report_usage(error)
            return ExitCode.CANNOT_JUDGE
        report_bug(error)
        return ExitCode.BUG


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
