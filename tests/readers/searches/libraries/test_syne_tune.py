"""Syne Tune's experiment folders against its own reader."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.readers.searches import Study, read_search
from tests.readers.searches.libraries.common import real

pytest.importorskip("syne_tune", reason="Syne Tune is not installed")

TRAIN = """
import argparse
from syne_tune import Reporter

parser = argparse.ArgumentParser()
for name in ("--lr", "--width", "--epochs"):
    parser.add_argument(name, type=float)
options, _ = parser.parse_known_args()
report = Reporter()
for epoch in range(1, int(options.epochs) + 1):
    report(epoch=epoch, acc=options.lr * epoch + options.width / 1000)
"""


def _compare(ours: Study, experiment: Any, metric: str) -> None:
    frame = experiment.results
    last = {int(key): rows.iloc[-1] for key, rows in frame.groupby("trial_id", sort=True)}
    scored = {trial.number: trial for trial in ours.trials if trial.value is not None}
    assert set(scored) == set(last)
    for number, row in last.items():
        assert scored[number].value == pytest.approx(row[metric])
        for name, value in scored[number].params.items():
            assert value == pytest.approx(row[f"config_{name}"]) or value == row[f"config_{name}"]
    # Its best is the best report of all, ours the best at the end: compare like with like.
    top = experiment.best_config()
    curves = {number: max(trial.values) for number, trial in scored.items()}
    assert max(curves.values()) == pytest.approx(top[metric])
    assert curves[int(top["trial_id"])] == pytest.approx(top[metric])


def test_a_search_of_this_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNETUNE_FOLDER", str(tmp_path / "out"))
    monkeypatch.chdir(tmp_path)  # it leaves a file where it runs
    from syne_tune import StoppingCriterion, Tuner
    from syne_tune.backend import LocalBackend
    from syne_tune.config_space import loguniform, randint
    from syne_tune.experiments import load_experiment
    from syne_tune.optimizer.baselines import ASHA

    script = tmp_path / "train.py"
    script.write_text(TRAIN)
    space = {"lr": loguniform(1e-4, 1e-1), "width": randint(8, 64), "epochs": 4}
    tuner = Tuner(
        trial_backend=LocalBackend(entry_point=str(script)),
        scheduler=ASHA(
            space, metric="acc", do_minimize=False, time_attr="epoch", max_t=4, random_seed=1
        ),
        stop_criterion=StoppingCriterion(max_num_trials_finished=3),
        n_workers=1, tuner_name="mine", sleep_time=0.1, print_update_interval=1000,
    )  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["train.py"])
    tuner.run()
    folder = next((tmp_path / "out").rglob("metadata.json")).parent
    ours = read_search(folder)
    assert (ours.metric, ours.direction) == ("acc", "maximize")
    assert {(p.name, p.scale) for p in ours.parameters} == {("lr", "log"), ("width", "linear")}
    _compare(ours, load_experiment(folder.name, local_path=folder.parent), "acc")


def test_real_searches(tmp_path: Path) -> None:
    from syne_tune.experiments import load_experiment

    folder = next(real("syne_tune", tmp_path).rglob("metadata.json")).parent
    _compare(
        read_search(folder), load_experiment(folder.name, local_path=folder.parent), "val_acc"
    )
