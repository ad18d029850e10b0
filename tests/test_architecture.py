"""The shape of the house: imports run one way, modules stay small, pages are fresh."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hpadvisor"
MOST_LINES = 400


def test_imports_run_one_way() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_modules_stay_small() -> None:
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in PACKAGE.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long


def test_generated_pages_are_fresh() -> None:
    run = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md"])
def test_top_level_has(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_every_command_stands_in_the_readme() -> None:
    import typer

    from hpadvisor.cli.main import app

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = getattr(typer.main.get_command(app), "commands", {})
    assert commands
    missing = [name for name in commands if f"hpadvisor {name}" not in text]
    assert not missing
