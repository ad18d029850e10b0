"""The worked example of docs/loop.md, by the commands that a user types."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hpadvisor.readers.searches import ReadOptions, State, read_search

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

    search = read_search(tmp_path / "second.log", ReadOptions(study="search"))
    assert sum(trial.state is State.COMPLETE for trial in search.trials) >= 20
    confirmed = read_search(tmp_path / "second.log", ReadOptions(study="confirm"))
    default = next(trial for trial in confirmed.trials if trial.enqueued)
    assert default.params == {"eta": 1e-3, "momentum": 0.9, "alpha": 1e-4, "width": 32}
    best = max(confirmed.trials, key=lambda trial: trial.value or 0.0)
    assert best is not default
    assert best.seeds == default.seeds
    assert len(best.seeds) >= 3
    assert min(best.replicates) > max(default.replicates)  # on every fresh seed
    assert f"Trial {best.number} beats the baseline by" in said[-2]
    report = " ".join(said[-1].split())
    assert "This is a confirmation" in report
    assert f"Trial {best.number} beats the baseline by" in report
