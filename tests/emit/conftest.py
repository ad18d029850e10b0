"""Emitted scripts as modules and as commands."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hpadvisor.emit.optuna import emit_optuna
from hpadvisor.planning.model import Plan

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
def load(emit: Emit) -> Iterator[Callable[[Plan], Any]]:
    """Write a plan's script and import it."""

    def imported(plan: Plan) -> ModuleType:
        spec = importlib.util.spec_from_file_location("emitted_tune", emit(plan))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["emitted_tune"] = module
        spec.loader.exec_module(module)
        return module

    yield imported
    sys.modules.pop("emitted_tune", None)


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
