"""Hours that were given: a search starts no training after them, however long its trials take."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("optuna")

import optuna

from hpadvisor.running.clock import hours_taken
from tests.cli.running import hpadvisor
from tests.running.programs import program

SLOWER = """
import math, sys, time
rate = float(sys.argv[1])
time.sleep(0.05 if rate == 0.1 else 0.6)
print("val_acc", 1 - 0.1 * abs(math.log10(rate) + 2))
"""


def test_a_search_whose_trainings_take_longer_ends_with_its_hours(tmp_path: Path) -> None:
    command = (
        "run", "--training", "tabular-mlp", "--hours", "0.0009", "--repeats", "0", "--changes",
        "0", "--metric", "val_acc", "--set", "training.learning_rate=0.1", "--format", "json",
        "--", *program(tmp_path, SLOWER), "{learning_rate}",
    )  # fmt: skip
    done = hpadvisor(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ended"].startswith("the hours were over after")
    trained = len(list(tmp_path.glob("hpadvisor-run/trials/*")))
    assert 2 <= trained <= 8  # 3.2 s, and each takes more than 0.6
    again = hpadvisor(*command, cwd=tmp_path)  # what they took counts, too
    assert json.loads(again.stdout)["ended"].startswith("the hours were over after")
    assert len(list(tmp_path.glob("hpadvisor-run/trials/*"))) <= trained + 1


def test_hours_of_trials_side_by_side_count_once() -> None:
    start = datetime(2026, 3, 1, 12)

    def trial(state: str, after: float, minutes: float) -> optuna.trial.FrozenTrial:
        made = optuna.trial.create_trial(
            state=optuna.trial.TrialState[state], value=1.0 if state == "COMPLETE" else None
        )
        made.datetime_start = start + timedelta(minutes=after)
        made.datetime_complete = made.datetime_start + timedelta(minutes=minutes)
        return made

    trials = [
        trial("COMPLETE", 0, 30), trial("COMPLETE", 10, 30), trial("PRUNED", 15, 5),
        trial("COMPLETE", 100, 20), trial("FAIL", 130, 1000),  # killed, and found a day later
    ]  # fmt: skip
    assert hours_taken(trials) == pytest.approx(1.0)
    assert hours_taken([]) == 0
