"""The command line: one app, and what every command shares when something goes wrong."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from hpadvisor.errors import ExitCode, UserError
from hpadvisor.report.terminal import prepare_streams, say

COMMANDS = ("plan", "diagnose", "audit", "explain", "check", "rules", "schema")
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


_FULL = (errno.ENOSPC, errno.EDQUOT)


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
            app.command(name, help=module.HELP)(getattr(module, name))
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
    prepare_streams()
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
    asked = [name for name in sys.argv[1:2] if name in COMMANDS]
    try:
        app = build_app(asked or COMMANDS)
        code = app(prog_name="hpadvisor", standalone_mode=False) or ExitCode.OK
        sys.stdout.flush()  # a full disk is said here, not by Python after its end
        sys.exit(code)
    except UserError as error:
        for line in str(error).splitlines():
            print(f"hpadvisor: {line}", file=sys.stderr)  # noqa: T201
        sys.exit(ExitCode.CANNOT_JUDGE)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone (`| head`): point stdout nowhere, so that closing it is quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            print(f"hpadvisor: {error.strerror}. Free some space.", file=sys.stderr)  # noqa: T201
            sys.exit(ExitCode.CANNOT_JUDGE)
        if hasattr(error, "format_message"):  # typer's own: a wrong flag or argument
            _report_usage(error)
            sys.exit(ExitCode.CANNOT_JUDGE)
        _report_bug(error)
        sys.exit(ExitCode.BUG)


def _report_usage(error: Any) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":  # a bare command shows its help
        error.show()
        return
    message = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    command = "hpadvisor" if context is None else context.command_path
    print(  # noqa: T201
        f"hpadvisor: {message[:1].lower()}{message[1:]}. See: {command} --help", file=sys.stderr
    )


def _report_bug(error: Exception) -> None:
    import tempfile
    import traceback

    from hpadvisor import __version__

    handle, name = tempfile.mkstemp(prefix="hpadvisor-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"hpadvisor {__version__}, Python {sys.version}\n")
        stream.write(f"arguments: {sys.argv[1:]}\n\n{''.join(traceback.format_exception(error))}")
    print(  # noqa: T201
        f"hpadvisor: a bug in hpadvisor ({type(error).__name__}: {error}). "
        f"Please report it with {name}.",
        file=sys.stderr,
    )
