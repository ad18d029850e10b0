"""Keras Tuner's project folders against its oracle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.readers.searches import State, Study, read_search
from tests.readers.searches.libraries.common import best, real

os.environ.setdefault("KERAS_BACKEND", "torch")
kt = pytest.importorskip("keras_tuner", reason="Keras Tuner is not installed")
STATES = {"COMPLETED": State.COMPLETE, "FAILED": State.FAILED, "INVALID": State.FAILED}


def _compare(ours: Study, oracle: Any) -> None:
    assert len(ours.trials) == len(oracle.trials)
    for mine, key in zip(ours.trials, sorted(oracle.trials), strict=True):
        theirs = oracle.trials[key]
        assert mine.params == theirs.hyperparameters.values
        assert mine.state is STATES[theirs.status]
        assert mine.value == theirs.score
    assert best(ours) == oracle.get_best_trials(1)[0].score


def test_a_project_of_this_version(tmp_path: Path) -> None:
    class Tuner(kt.RandomSearch):  # type: ignore[misc, name-defined, unused-ignore]
        def run_trial(self, trial: Any, *args: Any, **settings: Any) -> dict[str, float]:
            hp = trial.hyperparameters
            rate = hp.Float("lr", 1e-4, 1e-1, sampling="log")
            width = hp.Int("width", 8, 64, step=8)
            hp.Boolean("norm")
            hp.Choice("act", ["relu", "tanh"])
            hp.Fixed("epochs", 3)
            if trial.trial_id == "3":
                raise RuntimeError("on purpose")
            for step in range(2):
                metrics = {"val_acc": rate + width * (step + 1) / 100}
                self.oracle.update_trial(trial.trial_id, metrics, step=step)
            return {"val_acc": rate + width / 50}

    tuner = Tuner(
        hypermodel=None, objective=kt.Objective("val_acc", "max"), max_trials=6, seed=1,
        directory=str(tmp_path), project_name="mine",
    )  # fmt: skip
    tuner.search(verbose=0)
    ours = read_search(tmp_path / "mine")
    _compare(ours, tuner.oracle)
    assert (ours.metric, ours.direction) == ("val_acc", "maximize")
    assert [t.state.value for t in ours.trials].count("failed") == 1
    space = {p.name: p for p in ours.parameters}
    assert set(space) == {"lr", "width", "norm", "act"}
    assert (space["lr"].scale, space["width"].step) == ("log", 8)


def test_real_searches(tmp_path: Path) -> None:
    folder = next(real("keras_tuner", tmp_path).rglob("oracle.json")).parent
    ours = read_search(folder)
    oracle = kt.oracles.RandomSearchOracle(
        objective=kt.Objective(ours.metric, "max"), max_trials=len(ours.trials)
    )
    oracle._set_project_dir(str(folder.parent), folder.name)
    oracle.reload()
    _compare(ours, oracle)
