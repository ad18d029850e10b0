"""The shape of the house: imports run one way, modules stay small, pages are fresh."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hpadvisor"
MOST_LINES = 400
MOST_TEMPLATE_LINES = 150
SHARED_LINES = 6
"""So many lines in a row that two templates share are one passage that stands twice.

The place for the user's own function, and the call below it, are five.
"""


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


def templates() -> dict[str, list[str]]:
    """The code lines of each template: no docstring, import or placeholder of the plan."""
    found = {}
    for path in sorted((PACKAGE / "emit" / "templates").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        head, _, rest = text.partition("# --- plan: begin ---")
        body = rest.partition("# --- plan: end ---")[2] if rest else head
        found[path.name] = [line.strip() for line in body.splitlines() if line.strip()]
    return found


def test_templates_are_short() -> None:
    folder = PACKAGE / "emit" / "templates"
    counts = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.iterdir()
        if path.is_file()
    }  # fmt: skip
    assert len(counts) >= 4
    assert max(counts.values()) <= MOST_TEMPLATE_LINES, counts


def test_nothing_stands_in_two_templates() -> None:
    seen: dict[tuple[str, ...], str] = {}
    twice = []
    for name, lines in templates().items():
        for start in range(len(lines) - SHARED_LINES + 1):
            passage = tuple(lines[start : start + SHARED_LINES])
            if seen.setdefault(passage, name) != name:
                twice.append((seen[passage], name, passage[0]))
    assert not twice


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
