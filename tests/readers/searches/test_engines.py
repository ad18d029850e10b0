"""Small searches of every other engine, written here in the form that the engine leaves."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import ReadOptions, State, Study, read_search


def _states(study: Study) -> list[str]:
    return [trial.state.value for trial in study.trials]


def _dump(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def _ray(folder: Path) -> None:
    for index, steps in enumerate((3, 1, 3)):
        trial = folder / f"train_ab_{index:05d}"
        _dump(
            trial / "params.json", {"lr": 10.0 ** -(index + 1), "net": {"width": 8 * (index + 1)}}
        )
        lines = [
            {"acc": 0.5 + 0.1 * step, "training_iteration": step, "trial_id": f"ab_{index:05d}",
             "timestamp": 1000 + step, "time_total_s": 2.0 * step, "config": {}}
            for step in range(1, steps + 1)
        ]  # fmt: skip
        (trial / "result.json").write_text(
            "\n".join(json.dumps(line) for line in lines) + '\n{"ac'
        )
    (folder / "experiment_state-1.json").write_text('{"trial_data": []}')


def test_ray(tmp_path: Path) -> None:
    _ray(tmp_path)
    study = read_search(tmp_path)
    assert study.engine == "ray"
    assert study.direction == "maximize"
    assert _states(study) == ["complete", "pruned", "complete"]
    assert study.trials[2].params == {"lr": 1e-3, "net/width": 24}
    assert study.trials[0].value == pytest.approx(0.8)
    assert study.trials[0].duration == 6.0
    assert study.space_observed


def test_ray_without_a_known_direction(tmp_path: Path) -> None:
    _ray(tmp_path)
    for file in tmp_path.glob("*/result.json"):
        file.write_text(file.read_text().replace('"acc"', '"thing"'))
    with pytest.raises(UserError, match="--direction maximize"):
        read_search(tmp_path)
    assert read_search(tmp_path, ReadOptions(direction="minimize")).direction == "minimize"


def test_keras_tuner(tmp_path: Path) -> None:
    space = [
        {"class_name": "Float",
         "config": {"name": "lr", "min_value": 1e-4, "max_value": 1e-1, "step": None,
                    "sampling": "log"}},
        {"class_name": "Boolean", "config": {"name": "bn"}},
        {"class_name": "Fixed", "config": {"name": "epochs", "value": 3}},
    ]  # fmt: skip
    _dump(tmp_path / "oracle.json", {"hyperparameters": {"space": space}, "run_times": {"0": 7}})
    for index, status in enumerate(("COMPLETED", "FAILED")):
        entry: dict[str, Any] = {
            "trial_id": str(index),
            "hyperparameters": {"space": space, "values": {"lr": 0.01, "bn": True}},
            "metrics": {"metrics": {"val_loss": {"direction": "min", "observations": [
                {"value": [0.4 + index], "step": 2}]}}},
            "score": 0.4 if index == 0 else None,
            "status": status,
        }  # fmt: skip
        _dump(tmp_path / f"trial_{index}" / "trial.json", entry)
    study = read_search(tmp_path)
    assert (study.engine, study.direction, study.metric) == ("keras-tuner", "minimize", "val_loss")
    assert _states(study) == ["complete", "failed"]
    assert [p.name for p in study.parameters] == ["lr", "bn"]
    assert study.trials[0].duration == 7


def test_smac(tmp_path: Path) -> None:
    _dump(
        tmp_path / "configspace.json",
        {"hyperparameters": [
            {"type": "uniform_float", "name": "lr", "lower": 1e-5, "upper": 0.1, "log": True},
            {"type": "categorical", "name": "act", "choices": ["relu", "tanh"]},
            {"type": "constant", "name": "c", "value": 3},
        ]},
    )  # fmt: skip

    def run(config: int, seed: int, budget: float, cost: float, status: int = 1) -> dict[str, Any]:
        return {"config_id": config, "seed": seed, "budget": budget, "cost": cost, "time": 1.0,
                "status": status, "starttime": 10.0, "endtime": 11.0}  # fmt: skip

    runs = [
        run(1, 0, 5.0, 0.5), run(1, 0, 15.0, 0.3), run(1, 1, 15.0, 0.5), run(2, 0, 5.0, 0.9),
        run(3, 0, 5.0, float("inf"), 2),
    ]  # fmt: skip
    configs = {str(i): {"lr": 0.01 * i, "act": "relu"} for i in (1, 2, 3)}
    _dump(tmp_path / "runhistory.json", {"data": runs, "configs": configs})
    study = read_search(tmp_path)
    assert study.direction == "minimize"
    assert _states(study) == ["complete", "pruned", "failed"]
    assert study.trials[0].value == pytest.approx(0.4)
    assert study.trials[0].replicates == (0.3, 0.5)
    assert [p.name for p in study.parameters] == ["lr", "act"]


def test_syne_tune(tmp_path: Path) -> None:
    space = {
        "lr": {"domain_cls": "Float", "domain_kwargs": {"lower": 1e-4, "upper": 1.0},
               "sampler_cls": "LogUniform"},
        "epochs": 3,
    }  # fmt: skip
    _dump(
        tmp_path / "metadata.json",
        {"config_space": json.dumps(space), "metric_names": ["acc"], "metric_mode": "max",
         "scheduler_kwargs": {"time_attr": "epoch"}},
    )  # fmt: skip
    rows = ["epoch,acc,st_decision,st_status,trial_id,config_lr,st_worker_time"]
    rows += [f"{e},{0.5 + e / 10},CONTINUE,InProgress,0,0.01,{e}" for e in (1, 2, 3)]
    rows += ["1,0.2,STOP,InProgress,1,0.5,1"]
    with zipfile.ZipFile(tmp_path / "results.csv.zip", "w") as archive:
        archive.writestr("results.csv", "\n".join(rows))
    _dump(tmp_path / "2" / "config.json", {"lr": 0.3})
    study = read_search(tmp_path)
    assert _states(study) == ["complete", "pruned", "running"]
    assert study.trials[0].value == pytest.approx(0.8)
    assert [(p.name, p.scale) for p in study.parameters] == [("lr", "log")]
    (tmp_path / "results.csv.zip").write_bytes(b"PK\x03\x04torn")
    with pytest.raises(UserError, match="missing or unfinished"):
        read_search(tmp_path)


def _mlflow(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE experiments (experiment_id INTEGER, name TEXT);"
            "CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, start_time INTEGER,"
            " end_time INTEGER, experiment_id INTEGER, lifecycle_stage TEXT);"
            "CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);"
            "CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);"
            "CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT,"
            " step INTEGER, is_nan INTEGER);"
            "INSERT INTO experiments VALUES (1, 'mine');"
            "INSERT INTO runs VALUES ('p', 'search', 'FINISHED', 0, 9000, 1, 'active');"
        )
        for index in range(3):
            row = (f"r{index}", f"t{index}", "FINISHED", 1000, 3000, 1, "active")
            db.execute("INSERT INTO runs VALUES (?,?,?,?,?,?,?)", row)
            db.execute("INSERT INTO params VALUES ('lr', ?, ?)", (f"1e-{index + 1}", f"r{index}"))
            db.execute("INSERT INTO params VALUES ('act', 'relu', ?)", (f"r{index}",))
            db.execute("INSERT INTO tags VALUES ('mlflow.parentRunId', 'p', ?)", (f"r{index}",))
            for step in (2, 1):
                db.execute(
                    "INSERT INTO metrics VALUES ('val_loss', ?, ?, ?, ?, ?)",
                    (1.0 / step + index, step, f"r{index}", step, int(index == 2)),
                )


def test_mlflow_database(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    _mlflow(path)
    study = read_search(path)
    assert (study.name, study.direction) == ("mine/search", "minimize")
    assert len(study.trials) == 3  # the parent is no trial
    assert [trial.value for trial in study.trials[:2]] == [0.5, 1.5]
    assert study.trials[2].value != study.trials[2].value  # NaN is kept as such
    assert [p.name for p in study.parameters] == ["lr"]  # a constant is no dimension


def test_mlflow_folders(tmp_path: Path) -> None:
    experiment = tmp_path / "1"
    experiment.mkdir()
    (experiment / "meta.yaml").write_text("name: mine\n")
    for index in range(3):
        run = experiment / f"r{index}"
        (run / "params").mkdir(parents=True)
        (run / "metrics").mkdir()
        (run / "meta.yaml").write_text(
            f"run_id: r{index}\nstatus: {3 + index % 2}\nstart_time: {index}000\nend_time: 9000\n"
        )
        (run / "params" / "lr").write_text(str(0.1 * (index + 1)))
        (run / "metrics" / "val_acc").write_text("10 0.5 1\n20 0.7 2\n30")
    study = read_search(tmp_path)
    assert _states(study) == ["complete", "failed", "complete"]
    assert study.trials[0].value == 0.7


def test_nni(tmp_path: Path) -> None:
    path = tmp_path / "nni.sqlite"
    profile = {
        "searchSpace": {
            "lr": {"_type": "loguniform", "_value": [1e-5, 0.1]},
            "n": {"_type": "randint", "_value": [8, 256]},
        },
        "tuner": {"classArgs": {"optimize_mode": "minimize"}},
    }
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE TrialJobEvent (timestamp INTEGER, trialJobId TEXT, event TEXT,"
            " data TEXT);"
            "CREATE TABLE MetricData (timestamp INTEGER, trialJobId TEXT, type TEXT,"
            " sequence INTEGER, data TEXT);"
            "CREATE TABLE ExperimentProfile (params TEXT, id TEXT, revision INTEGER);"
        )
        db.execute("INSERT INTO ExperimentProfile VALUES (?, 'abc', 1)", (json.dumps(profile),))
        for job, event in (("a", "SUCCEEDED"), ("b", "FAILED")):
            data = json.dumps({"parameters": {"lr": 0.01, "n": 9}})
            db.execute("INSERT INTO TrialJobEvent VALUES (1000, ?, 'RUNNING', ?)", (job, data))
            db.execute("INSERT INTO TrialJobEvent VALUES (4000, ?, ?, NULL)", (job, event))
        final = json.dumps(json.dumps({"default": 0.25, "other": 3}))
        db.execute("INSERT INTO MetricData VALUES (3, 'a', 'FINAL', 0, ?)", (final,))
    study = read_search(path)
    assert (study.direction, _states(study)) == ("minimize", ["complete", "failed"])
    assert study.trials[0].value == 0.25
    assert study.trials[0].duration == 3.0
    assert study.parameters[1].high == 255


def test_katib(tmp_path: Path) -> None:
    def trial(index: int, condition: str) -> dict[str, Any]:
        return {
            "apiVersion": "kubeflow.org/v1beta1", "kind": "Trial",
            "metadata": {"name": f"t{index}", "creationTimestamp": f"2026-01-01T00:0{index}:00Z",
                         "labels": {"katib.kubeflow.org/experiment": "exp"}},
            "spec": {"objective": {"type": "maximize", "objectiveMetricName": "acc"},
                     "parameterAssignments": [{"name": "lr", "value": f"0.0{index + 1}"}]},
            "status": {"conditions": [{"type": "Running", "status": "False"},
                                      {"type": condition, "status": "True"}],
                       "startTime": "2026-01-01T00:00:00Z",
                       "completionTime": "2026-01-01T00:01:00Z",
                       "observation": {"metrics": [
                           {"name": "acc", "latest": "0.7", "max": "0.8", "min": "0.1"}]}},
        }  # fmt: skip

    path = tmp_path / "trials.json"
    _dump(path, {"items": [trial(1, "EarlyStopped"), trial(0, "Succeeded")]})
    study = read_search(path)
    assert (study.name, study.direction, study.metric) == ("exp", "maximize", "acc")
    assert _states(study) == ["complete", "pruned"]
    assert study.trials[0].value == 0.8
    assert study.trials[0].duration == 60


def test_sklearn_against_sklearn(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    import csv

    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.01, 0.1, 1.0, 10.0]}, cv=3)
    search.fit(*load_iris(return_X_y=True))
    path = tmp_path / "cv.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(search.cv_results_)
        writer.writerows(zip(*search.cv_results_.values(), strict=True))
    study = read_search(path)
    assert study.engine == "scikit-learn"
    assert max(t.value or 0 for t in study.trials) == pytest.approx(search.best_score_)
    assert len(study.trials[0].splits) == 3
    assert [trial.params["C"] for trial in study.trials] == [0.01, 0.1, 1.0, 10.0]


WANDB = """\
Name,State,Runtime,ID,lr,batch,val_loss
r1,finished,10,a,0.1,16,0.5
r2,crashed,5,b,0.2,32,
"""


def test_wandb_table(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(WANDB)
    study = read_search(path)
    assert study.trials[0].params == {"lr": 0.1, "batch": 16}
    assert study.metric == "val_loss"
    assert read_search(path, ReadOptions(params=("lr", "batch"), objective="val_loss")) == study
    assert (study.engine, study.direction) == ("wandb", "minimize")
    assert _states(study) == ["complete", "failed"]
    assert study.trials[0].duration == 10


def test_wandb_chart_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chart.csv"
    path.write_text('"Step","r1 - loss","r1 - loss__MIN","r1 - loss__MAX"\n0,1,1,1\n')
    with pytest.raises(UserError, match="a chart of Weights & Biases"):
        read_search(path)


def test_table_with_seeds_becomes_replicates(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    rows = [f"{lr},{seed},{lr + seed / 100}" for lr in (0.1, 0.2) for seed in (1, 2, 3)]
    path.write_text("lr,seed,score\n" + "\n".join(rows))
    study = read_search(path, ReadOptions(params=("lr",), objective="score"))
    assert [len(trial.replicates) for trial in study.trials] == [3, 3]
    assert study.trials[0].value == pytest.approx(0.12)


def test_optuna_data_frame(tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    path.write_text(
        "number,value,datetime_start,datetime_complete,params_lr,state\n"
        "0,0.5,2026-01-01 00:00:00,2026-01-01 00:00:09,0.1,COMPLETE\n"
        "1,,2026-01-01 00:00:00,2026-01-01 00:00:01,0.2,FAIL\n"
    )
    study = read_search(path, ReadOptions(direction="maximize"))
    assert _states(study) == ["complete", "failed"]
    assert study.trials[0].params == {"lr": 0.1}
    assert study.trials[0].duration == 9


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,a\n1,2\n", "stands twice"),
        ("just a text\nwithout columns\n", "not a search"),
        ("lr,acc\n", "no trials"),
        ('{"some": "json"}', "JSON of a kind"),
        ('{"some": ', "broken or unfinished JSON"),
    ],
)
def test_foreign_texts(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_search(path, ReadOptions(objective="acc"))


def test_a_stated_space_replaces_observed_ranges(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("lr,acc\n" + "\n".join(f"{0.01 * i},{i}" for i in range(1, 9)))
    space = tmp_path / "space.yaml"
    space.write_text("- {name: lr, type: float, low: 1e-4, high: 1, scale: log}\n")
    options = ReadOptions(objective="acc", space=space)
    study = read_search(table, options)
    assert (study.parameters[0].low, study.parameters[0].high) == (1e-4, 1.0)
    assert not study.space_observed
    space.write_text("- {name: lr, type: float, low: 0, high: 1, scale: log}\n")
    with pytest.raises(UserError, match=r"log scale from 0"):
        read_search(table, options)


def test_a_folder_with_several_searches(tmp_path: Path) -> None:
    for name in ("a", "b"):
        _mlflow(tmp_path / f"{name}.db")
    with pytest.raises(UserError, match="holds 2 searches"):
        read_search(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no search"):
        read_search(tmp_path / "empty")


def test_state_names_are_stable() -> None:
    assert {state.value for state in State} == {
        "complete", "pruned", "failed", "running", "waiting",
    }  # fmt: skip
