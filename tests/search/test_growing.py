"""A search whose space grows on its way: one record, read by every worker and every reader."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

optuna = pytest.importorskip("optuna")

from hpadvisor.search import confirmation, growing, workers  # noqa: E402
from hpadvisor.search.job import Job, Report  # noqa: E402
from hpadvisor.search.plan import read_plan  # noqa: E402
from hpadvisor.search.study import make_study, open_study  # noqa: E402

RATE = {"name": "rate", "type": "float", "low": 1e-4, "high": 1e-2, "scale": "log"}
WIDER = {**RATE, "high": 1.0}
DEPTH = {"name": "depth", "type": "int", "low": 1, "high": 9, "scale": "linear", "held": 2}
DECAY = {"name": "decay", "type": "float", "low": 0.1, "high": 1.0, "scale": "linear"}
OFF = {**DECAY, "off": 0.0, "switch": "use_decay", "held": 0.0}
HALF = 12


def plan_of(model: str | None) -> dict[str, Any]:
    return {
        "space": [RATE], "baseline": {"rate": 1e-3}, "direction": "maximize", "model": model,
        "phases": [{"name": "search", "strategy": "bayesian", "trials": 40}], "trainings": 40.0,
        "start_points": 4, "confirm": {"finalists": 2, "seeds": 2, "baseline": True},
    }  # fmt: skip


def train(params: dict[str, Any], report: Report, seed: int = 0) -> float:
    """Best at a rate of 0.3 and a depth of 6; without a depth it is 2."""
    assert set(params) <= {"rate", "depth", "decay"}
    far = abs(math.log10(params["rate"] / 0.3)) + 0.3 * abs(params.get("depth", 2) - 6)
    return float(1 - 0.1 * far - 0.05 * params.get("decay", 0.0) + 1e-4 * seed)


def widen(storage: str, model: str | None, after: int = HALF) -> None:
    space = [WIDER, DEPTH, OFF]
    study = open_study(read_plan(plan_of(model)), "search", storage, 0)
    made: growing.Audited = {"after": after, "changes": ["wider"], "space": space, "stop": None}
    assert growing.write_audit(study, storage, made) == made


def searched(storage: str, model: str | None, trials: int, count: int = 1) -> list[Any]:
    study = workers.run(plan_of(model), "tests.search.test_growing:train", storage=storage,
                        trials=trials, workers=count)  # fmt: skip
    return study.get_trials(deepcopy=False)


@pytest.mark.parametrize("model", ["gaussian-process", None])
def test_both_models_learn_from_trials_before_and_use_the_new_space(
    tmp_path: Path, model: str | None
) -> None:
    storage = str(tmp_path / "journal.log")
    before = searched(storage, model, HALF)
    assert all(trial.params["rate"] <= 1e-2 for trial in before)
    widen(storage, model)
    after = searched(storage, model, 36)[HALF:]
    assert len(after) == 24
    assert all({"rate", "depth", "decay", "use_decay"} == set(trial.params) for trial in after)
    assert max(trial.values[0] for trial in after) > max(t.values[0] for t in before) + 0.1
    # What was known before is not searched again: low rates were seen to be bad.
    assert sum(trial.params["rate"] > 1e-3 for trial in after) >= 18


def test_a_trial_from_before_keeps_what_was_held(tmp_path: Path) -> None:
    storage = str(tmp_path / "journal.log")
    plan = read_plan(plan_of(None))
    make_study(plan, storage, 0)  # baseline and start points wait
    widen(storage, None, after=0)
    first, second = searched(storage, None, 2)[:2]
    for trial in (first, second):
        assert set(trial.params) == {"rate"}
        assert trial.user_attrs["given"] == ["rate"]
    assert first.values[0] == pytest.approx(train({"rate": 1e-3}, lambda *_: None))


def test_the_confirmation_trains_configurations_of_both_spaces(tmp_path: Path) -> None:
    storage = str(tmp_path / "journal.log")
    model = "gaussian-process"
    searched(storage, model, HALF)
    widen(storage, model)
    searched(storage, model, 30)
    plan = read_plan(plan_of(model))
    job = Job(plan, "tests.search.test_growing:train", storage, 0, None, 30, None, confirm=True)
    rows = confirmation.confirm(job, 1)
    study = open_study(plan, "confirm", storage, 0)
    given = {t.user_attrs["role"]: t.user_attrs["params"] for t in study.get_trials()}
    assert given["baseline"] == {"rate": 1e-3, "depth": 2, "decay": 0.0}
    assert not rows[0].baseline
    assert set(given["finalist"]) == {"rate", "depth", "decay"}


def test_workers_beside_each_other_take_the_same_space(tmp_path: Path) -> None:
    storage = str(tmp_path / "journal.log")
    searched(storage, "gaussian-process", HALF)
    widen(storage, "gaussian-process")
    after = searched(storage, "gaussian-process", HALF + 8, count=2)[HALF:]
    highs = {trial.distributions["rate"].high for trial in after}
    assert highs == {1.0}
    assert len(after) == 8


def test_of_two_audits_at_one_place_the_first_counts(tmp_path: Path) -> None:
    storage = str(tmp_path / "journal.log")
    plan = read_plan(plan_of(None))
    study = make_study(plan, storage, 0)
    first: growing.Audited = {"after": 9, "changes": ["a"], "space": [WIDER], "stop": None}
    second: growing.Audited = {"after": 9, "changes": [], "space": None, "stop": "done"}
    growing.write_audit(study, storage, first)
    other = make_study(plan, storage, 0)  # the space of the plan is that of the study still
    assert growing.write_audit(other, storage, second) == first
    later: growing.Audited = {"after": 20, "changes": [], "space": None, "stop": None}
    growing.write_audit(other, storage, later)
    again = make_study(plan, storage, 0)
    assert growing.audits_of(again) == [first, later]
    assert growing.grown(plan, again).space == [WIDER]
    assert growing.grown(plan, again).baseline == plan.baseline
