"""Emitted scripts as modules and as commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hpadvisor.emit.optuna import emit_optuna
from hpadvisor.planning.model import Plan
from tests.search.loading import Load, Loaded

HERE = Path(__file__).parent
Emit = Callable[[Plan], Path]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def emit(tmp_path: Path) -> Emit:
    """Write a plan's script, and the toy trainings beside it."""

    def write(plan: Plan) -> Path:
        path = tmp_path / "tune.py"
        path.write_text(emit_optuna(plan, created_by="hpadvisor, a test"), encoding="utf-8")
        for name in ("toy.py", "digits.py"):
            shutil.copy(HERE / name, tmp_path / name)
        return path

    return write


@pytest.fixture
def load() -> Load:
    """Bind the library's functions to a plan."""
    return Loaded


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run the script that was written."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error::UserWarning", "tune.py", *arguments],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip

    return run
