"""What a list of values leaves of a budget: it is spent where the list says that it tells most."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

pytest.importorskip("optuna")

from hpadvisor.running.beyond import next_value, unspent
from tests.cli.running import hpadvisor
from tests.running.programs import program

RATE = {"name": "lr", "type": "float", "low": 0.01, "high": 1.0, "scale": "log",
        "legal": [0.001, 2.0]}  # fmt: skip


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        ([(0.1, 0.9), (0.2, 0.8), (0.4, 0.7)], 0.05),  # the best at the low end: beyond it
        ([(0.1, 0.7), (0.2, 0.8), (0.4, 0.9)], 0.8),
        ([(0.1, 0.7), (1.0, 0.8)], 2.0),  # no farther than is legal
        ([(0.1, 0.7), (2.0, 0.8)], None),
        ([(0.1, 0.8), (0.2, 0.9), (0.8, 0.7)], 0.14),  # else towards the better neighbour
        ([(0.1, 0.7), (0.2, 0.9), (0.8, 0.8)], 0.4),
        ([(0.1, 0.8), (0.2, 0.9), (0.4, -math.inf)], 0.14),  # never beyond what failed
        ([(0.18, 0.8), (0.2, 0.9), (0.22, 0.7)], None),  # too close to tell
        ([(0.1, -math.inf), (0.2, -math.inf)], None),
        ([(0.1, 0.9)], None),
        # one that was killed and done again: its score counts, so that the best is at the end
        ([(0.1, -math.inf), (0.1, 0.9), (0.2, 0.8), (0.4, 0.7)], 0.05),
    ],
)
def test_the_next_value(tried: list[tuple[float, float]], expected: float | None) -> None:
    assert next_value(RATE, tried) == expected


def test_what_is_left() -> None:
    told = {"confirm": None, "baseline_score": 0.5, "trainings": 6.0}
    assert unspent(10, 1, told) == 3
    assert unspent(10, 1, {**told, "baseline_score": None}) == 4  # the baseline is one of the six
    assert unspent(6, 1, told) == 0
    assert unspent(None, 1, told) == 0
    assert unspent(10, 1, {**told, "confirm": {"finalists": 2, "seeds": 1}}) == 0


def test_a_run_spends_what_its_list_leaves(tmp_path: Path) -> None:
    command = (
        "run", "--training", "vision-from-scratch", "--epochs", "5", "--metric", "val_acc",
        "--set", "training.learning_rate=0.1", "--trainings", "10", "--format", "json", "--",
        *program(tmp_path), "--lr", "{learning_rate}", "--epochs", "{epochs}",
    )  # fmt: skip
    done = hpadvisor(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    planned = json.loads((tmp_path / "hpadvisor-run" / "search.json").read_text())
    assert planned["unspent"] == 3
    assert "3 trainings are left: learning_rate 0.0065 comes next." in done.stderr
    results = list(tmp_path.glob("hpadvisor-run/trials/*/result.json"))
    rates = [json.loads(path.read_text())["values"]["learning_rate"] for path in results]
    assert len(rates) == 10
    assert min(rates) < min(point["learning_rate"] for point in planned["points"])
    again = hpadvisor(*command, cwd=tmp_path)  # nothing is trained twice
    assert json.loads(again.stdout)["winner"] == json.loads(done.stdout)["winner"]
    assert len(list(tmp_path.glob("hpadvisor-run/trials/*/result.json"))) == 10
