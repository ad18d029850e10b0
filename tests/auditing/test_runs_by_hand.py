"""Runs set by hand: a baseline by its name, and no rate whose both sides lost elsewhere."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from hpadvisor.cli.main import app

BY_HAND = """run,learning_rate,batch_size,dropout,val_accuracy
first,0.002,32,0.0,0.71
faster,0.006,32,0.0,0.74
too fast,0.02,32,0.0,0.66
dropped,0.006,32,0.2,0.755
wide,0.006,64,0.2,0.742
"""


def audited(path: Path, text: str) -> str:
    """What audit says of a table."""
    path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["audit", str(path), "--no-plots"])
    assert result.exit_code == 0
    return result.output


def test_a_rate_whose_both_sides_lost_beside_other_settings_is_left(tmp_path: Path) -> None:
    said = audited(tmp_path / "runs.csv", BY_HAND)
    following = said.split("Trainings to do next")[1].split("Checks")[0]
    assert "learning_rate" not in following
    assert "dropout = " in following
    assert "batch_size = 16" in following


def test_a_run_that_is_called_baseline_is_one(tmp_path: Path) -> None:
    assert "No baseline was run" in audited(tmp_path / "runs.csv", BY_HAND)
    named = BY_HAND.replace("first,", "Baseline,")
    assert "No baseline was run" not in audited(tmp_path / "runs.csv", named)
