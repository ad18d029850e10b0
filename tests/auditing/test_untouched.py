"""Past runs that differ in a choice alone still have a next training: a setting never changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import hpadvisor as command


def following(folder: Path, names: str, fixed: str) -> list[dict[str, Any]]:
    """What comes next after two runs that differ in the optimizer alone."""
    table = folder / "runs.csv"
    table.write_text(
        f"run,optimizer,{names},val_accuracy\na,adam,{fixed},0.81\nb,sgd,{fixed},0.74\n",
        encoding="utf-8",
    )
    document = json.loads(command("audit", table, "--format", "json").stdout)
    found: list[dict[str, Any]] = document["history"]["next"]
    return found


def test_settings_that_no_run_changed_are_opened_the_rate_first(tmp_path: Path) -> None:
    found = following(tmp_path, "batch_size,dropout,lr", "32,0.1,0.001")
    assert [one["changes"] for one in found] == [{"lr": 0.003}, {"dropout": 0.2},
                                                 {"batch_size": 64}]  # fmt: skip
    assert all(one["settings"]["optimizer"] == "adam" for one in found)
    assert all("no run changed it" in one["reason"] for one in found)


@pytest.mark.parametrize(("names", "fixed"), [
    ("frobs,zeta", "3,0.4"),  # of names that nobody knows no usual range is known
    ("weight_decay,zeta", "0,0.4"),  # no factor leads on from zero
])  # fmt: skip
def test_nothing_is_opened_without_a_usual_range(tmp_path: Path, names: str, fixed: str) -> None:
    assert following(tmp_path, names, fixed) == []


@pytest.mark.parametrize(("value", "expected"), [("0.6", 0.7), ("0.9", 0.8)])
def test_the_step_ends_in_the_usual_range(tmp_path: Path, value: str, expected: float) -> None:
    found = following(tmp_path, "dropout,zeta", f"{value},0.4")
    assert [one["changes"] for one in found] == [{"dropout": expected}]
