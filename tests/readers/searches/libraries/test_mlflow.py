"""MLflow's databases and folders against MlflowClient."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.readers.searches import ReadOptions, State, Study, read_search
from tests.readers.searches.libraries.common import real

mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed")
STATES = {"FINISHED": State.COMPLETE, "FAILED": State.FAILED, "RUNNING": State.RUNNING}


def _theirs(uri: str) -> dict[str, Any]:
    from mlflow.tracking import MlflowClient

    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    client = MlflowClient(tracking_uri=uri)
    experiments = [found.experiment_id for found in client.search_experiments()]
    runs = client.search_runs(experiments, max_results=5000)
    return {run.info.run_name: run for run in runs if "mlflow.parentRunId" in run.data.tags}


def _compare(ours: Study, theirs: dict[str, Any], metric: str) -> None:
    assert len(ours.trials) == len(theirs)
    rows = sorted(theirs.values(), key=lambda run: (run.info.start_time, run.info.run_id))
    for mine, run in zip(ours.trials, rows, strict=True):
        assert {name: str(value) for name, value in mine.params.items()} == {
            name: str(type(mine.params[name])(value)) for name, value in run.data.params.items()
        }
        assert mine.value == pytest.approx(run.data.metrics[metric], nan_ok=True)
        assert mine.state is STATES[run.info.status] or mine.state is State.PRUNED


def _search(uri: str) -> None:
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("mine")
    with mlflow.start_run(run_name="search"):
        for k in range(5):
            child = mlflow.start_run(run_name=f"t{k}", nested=True)
            mlflow.log_params({"lr": 10.0**-k, "act": "relu", "width": 8 * k})
            for step in range(3):
                mlflow.log_metric("val_loss", math.nan if k == 3 else k + 1 / (step + 1), step)
            mlflow.end_run("FAILED" if k == 4 else "FINISHED")
            assert child is not None


def test_a_database_of_this_version(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    _search(f"sqlite:///{path}")
    ours = read_search(path)
    _compare(ours, _theirs(f"sqlite:///{path}"), "val_loss")
    assert [trial.state.value for trial in ours.trials] == ["complete"] * 4 + ["failed"]
    assert math.isnan(ours.trials[3].value or 0.0)
    assert list(ours.trials[1].values) == pytest.approx([2.0, 1.5, 4 / 3])


def test_folders_of_this_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "mlruns").as_uri()
    _search(uri)
    ours = read_search(tmp_path / "mlruns", ReadOptions(study="mine/search"))
    _compare(ours, _theirs(uri), "val_loss")


@pytest.mark.parametrize("name", ["mlflow.db", "mlruns"])
def test_real_searches(name: str, tmp_path: Path) -> None:
    path = real(f"mlflow/{name}", tmp_path)
    ours = read_search(path, ReadOptions(objective="val_acc"))
    uri = path.as_uri() if path.is_dir() else f"sqlite:///{path}"
    theirs = _theirs(uri)
    _compare(ours, theirs, "val_acc")
    values = [run.data.metrics["val_acc"] for run in theirs.values()]
    assert max(trial.value or 0 for trial in ours.trials) == max(values)
