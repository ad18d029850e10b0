"""``hpadvisor run plan.json``: a saved plan is carried out, and what was edited in it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpadvisor.planning.as_statements import statements_of_plan
from tests.cli.running import hpadvisor

COMMAND = ("--", "python", "train.py", "--lr", "{learning_rate}", "--wd", "{weight_decay}")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    done = hpadvisor(
        "plan", "--training", "tabular", "--trainings", "30", "--no-input", "--set",
        "task.metric=val_loss", "--set", "training.learning_rate=0.002", "--format", "json",
        "-o", path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return path


def test_the_situation_of_a_plan_is_that_of_the_run(plan: Path) -> None:
    said = {one.path: one.value for one in statements_of_plan(plan) or []}
    assert said["training.learning_rate"] == 0.002
    assert said["budget.trainings"] == 30
    assert "budget.trainings_that_fit" not in said  # follows from the rest
    assert {item["name"] for item in said["hyperparameters"]} >= {"learning_rate", "weight_decay"}


def test_ranges_that_were_edited_hold(plan: Path, tmp_path: Path) -> None:
    document = json.loads(plan.read_text(encoding="utf-8"))
    for step in document["steps"]:
        for item in step["parameters"]:
            if item["name"] == "learning_rate":
                item["low"], item["high"] = 0.0015, 0.003
    plan.write_text(json.dumps(document), encoding="utf-8")
    shown = hpadvisor("run", plan, "--dry-run", *COMMAND, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "learning_rate: 0.0015 to 0.003" in shown.stdout


def test_a_file_that_is_no_plan_is_read_as_a_situation(tmp_path: Path) -> None:
    path = tmp_path / "situation.json"
    path.write_text('{"training": {"kind": "tabular"}}', encoding="utf-8")
    assert statements_of_plan(path) is None
    assert statements_of_plan(tmp_path / "missing.json") is None


def test_a_broken_plan_is_one_line(plan: Path, tmp_path: Path) -> None:
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["steps"][0]["trials"] = "many"
    plan.write_text(json.dumps(document), encoding="utf-8")
    done = hpadvisor("run", plan, "--dry-run", *COMMAND, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "steps.0.trials" in done.stderr
