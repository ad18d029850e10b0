"""What a run keeps of its budget for the finalists, and with which seeds they are trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")

from hpadvisor.running.baseline import Baseline
from hpadvisor.running.confirming import with_confirmation
from hpadvisor.running.training import Outcome
from tests.cli.running import hpadvisor

NOISY = """
import math, random
def train(params, report, seed=0):
    noise = random.Random(f"{seed}{sorted(params.items())}").gauss(0, 0.01)
    return 1 - 0.1 * abs(math.log10(params['learning_rate']) + 1) + noise
"""


def baseline(*scores: float) -> Baseline:
    return Baseline([Outcome(Path(), "complete", {}, score) for score in scores], {})


def search(trainings: float, confirm: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "trainings": trainings, "confirm": confirm, "memory": {"budget": {"trainings": 40}},
        "phases": [{"name": "Search", "strategy": "bayesian", "trials": 45}],
    }  # fmt: skip


def test_some_trainings_are_kept_where_the_seed_moves_the_score() -> None:
    found = with_confirmation(search(37), baseline(0.5, 0.51, 0.49))
    assert found["trainings"] == 31
    assert found["phases"][0]["trials"] == 45 - round(6 * 45 / 37)
    # The baseline has had both seeds, so that three finalists can be paid.
    assert found["confirm"] == {"finalists": 4, "seeds": 2, "baseline": True}
    assert found["first_seed"] == 1


def test_a_change_that_won_is_trained_with_its_finalists() -> None:
    changed = Baseline(baseline(0.6).outcomes, {}, before=baseline(0.5, 0.51, 0.49))
    found = with_confirmation(search(37), changed)
    assert found["trainings"] == 31
    assert found["confirm"] == {"finalists": 3, "seeds": 2, "baseline": True}
    assert "first_seed" not in found


@pytest.mark.parametrize(("trainings", "scores"), [(23, (0.5, 0.6)), (37, (0.5,))])
def test_nothing_is_kept_of_little_or_without_noise(
    trainings: float, scores: tuple[float, ...]
) -> None:
    assert with_confirmation(search(trainings), baseline(*scores)) == search(trainings)


def test_the_plans_own_confirmation_gets_another_finalist_for_what_is_known() -> None:
    planned = search(30, {"finalists": 3, "seeds": 2})
    found = with_confirmation(planned, baseline(0.5, 0.51, 0.49))
    assert found["trainings"] == 30
    assert found["confirm"] == {"finalists": 4, "seeds": 2, "baseline": True}
    assert found["first_seed"] == 1


def test_a_run_pays_its_budget_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(NOISY)
    done = hpadvisor(
        "run", "--training", "tabular-mlp", "--trainings", "34", "--target", "mine:train",
        "--direction", "maximize", "--format", "json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    trained = [
        json.loads(path.read_text())
        for path in sorted(tmp_path.glob("hpadvisor-run/trials/*/result.json"))
    ]
    assert 30 <= len(trained) <= 34
    again = [one for one in trained if one["values"]["seed"] > 0]
    assert {one["values"]["seed"] for one in again} == {1, 2}
    assert len(again) == 2 + 6  # the baseline's repeats, and three finalists
    assert "on the same 2 fresh seeds" in json.loads(done.stdout)["winner"]["verdict"]
