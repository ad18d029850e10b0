"""Running the installed command as a user does."""

from __future__ import annotations

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
