"""The command line: one app, and what every command shares when something goes wrong."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from hpadvisor.cli import audit, check, diagnose, explain, plan, rules, schema
from hpadvisor.errors import ExitCode, UserError

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


def _show_version(value: bool) -> None:
    if value:
        from hpadvisor import __version__

        typer.echo(f"hpadvisor {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and leave.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Hold the options of the whole program."""


app.command("plan", help=plan.HELP)(plan.plan)
app.command("diagnose", help=diagnose.HELP)(diagnose.diagnose)
app.command("audit", help=audit.HELP)(audit.audit)
app.command("explain", help=explain.HELP)(explain.explain)
app.command("check", help=check.HELP)(check.check)
app.add_typer(rules.app, name="rules")
app.command("schema", help=schema.HELP)(schema.schema)


def run() -> None:
    """Run the program: one line for what the user can mend, a report file for what they cannot."""
    try:
        sys.exit(app(prog_name="hpadvisor", standalone_mode=False) or ExitCode.OK)
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
    from hpadvisor import __version__

    handle, name = tempfile.mkstemp(prefix="hpadvisor-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"hpadvisor {__version__}, Python {sys.version}\n")
        stream.write(f"arguments: {sys.argv[1:]}\n\n{''.join(traceback.format_exception(error))}")
    print(  # noqa: T201
        f"hpadvisor: a bug in hpadvisor ({type(error).__name__}: {error}). "
        f"Please report it with {Path(name)}.",
        file=sys.stderr,
    )
