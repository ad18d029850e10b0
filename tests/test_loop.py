"""The worked example of docs/loop.md, by the commands that a user types."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"

pytest.importorskip("sklearn", reason="scikit-learn is not installed")
pytest.importorskip("optuna", reason="optuna is not installed")


def _commands() -> list[str]:
    """The commands of the page, in order; continued lines joined."""
    found = []
    blocks = (DOCS / "loop.md").read_text(encoding="utf-8").split("```")[1::2]
    for block in blocks:
        text = block.replace("\\\n", " ")
        found += [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return found


def _run(command: str, folder: Path) -> str:
    words = command.replace("hpadvisor ", "python -m hpadvisor ", 1).split()
    target = None
    if ">" in words:
        words, target = words[: words.index(">")], words[-1]
    if words[0] == "python":
        words[0] = sys.executable
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    if target is not None:
        (folder / target).write_text(done.stdout, encoding="utf-8")
    return done.stdout


def test_the_loop(tmp_path: Path) -> None:
    for file in (DOCS / "loop").iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    said = [_run(command, tmp_path) for command in _commands()]

    audit = json.loads((tmp_path / "audit.json").read_text())
    assert audit["study"]["n_complete"] >= 20
    with (tmp_path / "confirm.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    scores: dict[str, list[float]] = {}
    for row in rows:
        scores.setdefault(row["number"], []).append(float(row["accuracy"]))
    default = next(row["number"] for row in rows if row["role"] == "baseline")
    best = max(scores, key=lambda number: mean(scores[number]))
    assert best != default
    assert min(scores[best]) > max(scores[default])  # on every fresh seed
    assert "This is a confirmation" in said[-1]
    assert "Beaten by" in said[-1]
