"""What engines leave of rounds, of trials that never reported, and beside databases of others."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.record import ReadOptions


def _dump(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_rounds_of_few_epochs_count_as_pruned(tmp_path: Path) -> None:
    space = [{"class_name": "Float", "config": {"name": "rate", "min_value": 0.1,
              "max_value": 0.9, "step": None, "sampling": "linear"}}]  # fmt: skip
    _dump(tmp_path / "oracle.json", {"hyperparameters": {"space": space}})
    for index, (epochs, score) in enumerate(((4, 0.5), (4, 0.6), (12, 0.7))):
        values = {"rate": 0.2 + index / 10, "tuner/epochs": epochs, "tuner/round": 1}
        observed = [{"value": [score], "step": 2}]
        _dump(tmp_path / f"trial_{index:02}" / "trial.json", {
            "trial_id": f"{index:02}", "status": "COMPLETED", "score": score,
            "hyperparameters": {"space": space, "values": values},
            "metrics": {"metrics": {"val_acc": {"direction": "max", "observations": observed}}},
        })  # fmt: skip
    study = read_search(tmp_path)
    assert [trial.state.value for trial in study.trials] == ["pruned", "pruned", "complete"]
    assert [list(trial.steps) for trial in study.trials] == [[4], [4], [12]]
    assert all(set(trial.params) == {"rate"} for trial in study.trials)


def test_trials_of_ray_that_reported_nothing_are_counted(tmp_path: Path) -> None:
    for index in range(3):
        folder = tmp_path / f"train_a{index}_0000{index}_{index}_lr=1"
        _dump(folder / "params.json", {"lr": 0.1 * index})
        (folder / "result.json").write_text("")
    with pytest.raises(UserError, match="3 trials, none of which reported a score"):
        read_search(tmp_path)


def test_a_run_history_without_its_space_says_what_is_missing(tmp_path: Path) -> None:
    _dump(tmp_path / "runhistory.json", {"data": [], "configs": {}})
    with pytest.raises(UserError, match=r"without its space.*configspace\.json"):
        read_search(tmp_path)


def test_a_database_of_something_else_in_a_folder_is_no_search(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "users.db") as db:
        db.execute("CREATE TABLE visits (day TEXT)")
    for index, rate in enumerate((0.1, 0.2, 0.4)):
        _dump(tmp_path / f"run{index}" / "config.json", {"lr": rate})
        _dump(tmp_path / f"run{index}" / "metrics.json", {"val_acc": 0.6 + rate / 10})
    study = read_search(tmp_path)
    assert (study.engine, len(study.trials)) == ("runs", 3)
    with pytest.raises(UserError, match="no engine known here"):
        read_search(tmp_path / "users.db")


def test_states_by_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{i},{0.4 + i / 10},{0.1 * (i + 1)},{state}" for i, state in enumerate("1231")]
    path.write_text("\n".join(["number,value,params_lr,state", *rows]) + "\n")
    study = read_search(path, ReadOptions(direction="maximize"))
    states = [trial.state.value for trial in study.trials]
    assert states == ["complete", "pruned", "failed", "complete"]
