"""Ray Tune's experiment folders against ResultGrid and ExperimentAnalysis."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.readers.searches import ReadOptions, State, read_search
from tests.readers.searches.libraries.common import real

os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "0")
tune = pytest.importorskip("ray.tune", reason="Ray is not installed")
OPTIONS = ReadOptions(objective="score", direction="maximize")


def _train(config: dict[str, Any]) -> None:
    if config["kind"] == "broken":
        raise RuntimeError("on purpose")
    for step in range(4):
        tune.report({"score": config["x"] * (step + 1)})


def test_an_experiment_of_this_version(tmp_path: Path) -> None:
    import ray
    from ray.tune.schedulers import ASHAScheduler

    ray.init(num_cpus=1, log_to_driver=False, include_dashboard=False)
    try:
        grid = tune.Tuner(
            _train,
            param_space={
                "x": tune.uniform(0, 1),
                "net": {"width": tune.choice([8, 16])},
                "kind": tune.grid_search(["a", "b", "c", "d", "broken"]),
            },
            tune_config=tune.TuneConfig(
                metric="score", mode="max", scheduler=ASHAScheduler(max_t=4, reduction_factor=2)
            ),
            run_config=tune.RunConfig(name="mine", storage_path=str(tmp_path), verbose=0),
        ).fit()
        theirs = {r.config["kind"]: r for r in grid}
    finally:
        ray.shutdown()
    study = read_search(tmp_path / "mine", OPTIONS)
    assert len(study.trials) == len(grid) == 5
    failed = [trial for trial in study.trials if trial.state is State.FAILED]
    assert [trial.params["kind"] for trial in failed] == ["broken"]
    assert grid.num_errors == 1
    for trial in study.trials:
        if trial.state is State.FAILED:
            continue
        result = theirs[trial.params["kind"]]
        assert result.metrics is not None
        assert trial.value == result.metrics["score"]
        assert trial.params["x"] == result.config["x"]
        assert trial.params["net/width"] == result.config["net"]["width"]
        assert len(trial.values) == result.metrics["training_iteration"]
        whole = result.metrics["training_iteration"] == 4
        assert trial.state is (State.COMPLETE if whole else State.PRUNED)
    values = [t.value for t in study.trials if t.value is not None]
    assert max(values) == grid.get_best_result(scope="last").metrics["score"]


def test_real_searches(tmp_path: Path) -> None:
    path = real("ray/digits_asha", tmp_path)
    theirs = tune.ExperimentAnalysis(str(path))
    study = read_search(path, ReadOptions(objective="val_acc"))
    assert len(study.trials) == len(theirs.trials) == 50
    by_id = {int(t.trial_id.rsplit("_", 1)[1]): t for t in theirs.trials}
    for trial in study.trials:
        assert trial.value == by_id[trial.number].last_result["val_acc"]
        assert trial.params == by_id[trial.number].config
    chosen = theirs.get_best_trial("val_acc", "max", "last")
    top = max(study.trials, key=lambda trial: trial.value or 0.0)
    assert top.params == chosen.config
    assert top.value == chosen.last_result["val_acc"]
