"""Running the installed command as a user does."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path


def hpadvisor(
    *arguments: str | Path,
    cwd: Path | None = None,
    stdin: str = "",
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command in a pipe and return what it printed and its exit code."""
    clean = {
        k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
    }
    return subprocess.run(
        [sys.executable, "-m", "hpadvisor", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        env=clean | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def complaint(run: subprocess.CompletedProcess[str]) -> str:
    """Return the one line with which a command refused; anything else fails the test."""
    lines = run.stderr.strip().splitlines()
    assert run.returncode == 2, run.stderr
    assert len(lines) == 1, run.stderr
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    return lines[0]


def called(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as :func:`hpadvisor` does, but in this process: ten times as fast.

    What the program does around a command (streams, signals, bugs) is left out.
    """
    from hpadvisor.cli.main import build_app
    from hpadvisor.errors import UserError

    words = [str(word) for word in arguments]
    out, err = io.StringIO(), io.StringIO()
    clean = {name: os.environ.pop(name, None) for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    try:
        with (
            contextlib.chdir(cwd or Path.cwd()),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = build_app(words[:1])(words, standalone_mode=False, prog_name="hpadvisor") or 0
    except UserError as error:
        code = 2
        err.write("".join(f"hpadvisor: {line}\n" for line in str(error).splitlines()))
    finally:
        os.environ.update({name: value for name, value in clean.items() if value is not None})
    return subprocess.CompletedProcess(words, int(code), out.getvalue(), err.getvalue())
