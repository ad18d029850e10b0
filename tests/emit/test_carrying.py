"""The trials of an earlier search, in the files of every engine: carried, or said to be left."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from hpadvisor.cli.main import app
from hpadvisor.emit.configurations import configurations
from hpadvisor.emit.engines import ENGINES, NOT_CARRYING, emit
from hpadvisor.planning.model import Parameter, Plan
from hpadvisor.readers.searches import ReadOptions, read_search
from tests.auditing.studies import make_study
from tests.support import load_module

from .plans import CONFIRM, plan, search

HERE = Path(__file__).parent
BASELINE = {"eta": 1e-2, "weight_decay": 1e-4, "momentum": 0.9, "width": 32, "activation": "relu"}
KNOWN: list[dict[str, Any]] = [
    {"number": 7, "value": 0.91, "params": {**BASELINE, "eta": 2e-2, "weight_decay": 0.0}},
    {"number": 0, "value": 0.85, "params": BASELINE},
]
WIDE = CONFIRM.model_copy(update={"trials": 3, "seeds": 3, "trainings": 9})


def _text(engine: str, of: Plan | None = None, known: list[dict[str, Any]] | None = None) -> str:
    carried = KNOWN if known is None else known
    return emit(of or plan(), engine, created_by="hpadvisor, a test", known=carried)


def _module(text: str, name: str, folder: Path) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(text)
    return load_module(path, name)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_file_carries_them_or_says_that_it_does_not(engine: str) -> None:
    text = _text(engine)
    assert "0.91" in text
    left = "2 trials of the earlier search lie in this space and are not carried along" in text
    assert left == (engine in NOT_CARRYING)
    assert "not carried along" not in _text(engine, known=[])
    if engine in NOT_CARRYING:
        assert yaml.safe_load(text) == yaml.safe_load(_text(engine, known=[]))  # comments only


@pytest.mark.parametrize("engine", ["wandb", "katib", "hydra-optuna", "json"])
def test_the_command_says_what_is_left_behind(engine: str, tmp_path: Path) -> None:
    study = make_study(40)
    table = tmp_path / "trials.csv"
    names = list(study.trials[0].params)
    rows = [",".join(str(v) for v in (*t.params.values(), t.value)) for t in study.trials]
    table.write_text("\n".join([",".join([*names, "acc"]), *rows]))
    arguments = ["audit", str(table), "--objective", "acc", "--noise", "0.01", "--emit", engine]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert ("old trials are not carried along:" in result.stderr) == (engine in NOT_CARRYING)


def test_json_lists_them_and_repeats_none() -> None:
    document = json.loads(_text("json"))
    assert [(item["role"], item["value"]) for item in document["known"]] == [
        ("known", 0.91),
        ("baseline", 0.85),
    ]
    params = [trial["params"] for trial in document["trials"]]
    assert BASELINE not in params  # it has run
    assert len(params) == 12
    fresh = json.loads(_text("json", known=[]))
    assert fresh["trials"][0] == {"number": 0, "role": "baseline", "params": BASELINE}


def test_no_configuration_comes_twice_in_a_small_space() -> None:
    small = [Parameter(name="a", type="categorical", choices=[1, 2, 3]),
             Parameter(name="b", type="categorical", choices=["x", "y"])]  # fmt: skip
    known = [{"number": k, "value": 0.1, "params": {"a": k, "b": "x"}} for k in (1, 2)]
    found = configurations(plan(search(parameters=small, trials=10, baseline={})), known)
    assert sorted((p["a"], p["b"]) for p in found) == [(1, "y"), (2, "y"), (3, "x"), (3, "y")]


def test_a_filled_table_knows_its_baseline(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(_text("csv"))))
    assert [row["val_accuracy"] for row in rows[-2:]] == ["0.91", "0.85"]
    for number, row in enumerate(rows[:-2]):
        row["val_accuracy"] = str(0.5 + number / 100)
    path = tmp_path / "filled.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    study = read_search(path)
    assert [trial.value for trial in study.trials if trial.enqueued] == [0.85]
    assert max(trial.value or 0 for trial in study.trials) == 0.91
    assert "role" not in study.trials[0].params


def test_scikit_learn_repeats_none_and_keeps_them_in_the_table(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from sklearn.datasets import load_iris
    from sklearn.neighbors import KNeighborsClassifier

    small = [
        Parameter(name="n_neighbors", type="categorical", choices=[1, 3, 5, 7]),
        Parameter(name="weights", type="categorical", choices=["uniform", "distance"]),
    ]
    known = [
        {"number": k, "value": 0.5, "params": {"n_neighbors": n, "weights": "uniform"}}
        for k, n in enumerate((3, 5))
    ]
    made = plan(search(parameters=small, trials=20, baseline={"n_neighbors": 7}))
    module = _module(_text("sklearn", made, known), "tune_sklearn_known", tmp_path)
    table = tmp_path / "cv.csv"
    found = module.search(KNeighborsClassifier(), *load_iris(return_X_y=True), results=str(table))
    tried = [(p["n_neighbors"], p["weights"]) for p in found.cv_results_["params"]]
    assert tried[0] == (7, "uniform")
    assert len(set(tried)) == len(tried) == 6  # eight, less the two that had run
    assert not {(3, "uniform"), (5, "uniform")} & set(tried)
    study = read_search(table)
    assert len(study.trials) == 8
    assert [trial.value for trial in study.trials[-2:]] == [0.5, 0.5]
    assert study.trials[-1].splits == ()
    assert len(study.trials[0].splits) == 5


def test_hugging_face_tells_the_sampler(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    module = _module(_text("huggingface"), "tune_hf_known", tmp_path)
    trial = module.SEARCH_BY_PLAN.known(KNOWN[0])
    assert trial.value == 0.91
    assert trial.params["learning_rate"] == 2e-2
    assert trial.params["use_weight_decay"] is False
    optuna.create_study(direction="maximize").add_trial(trial)


def test_ray_tells_the_sampler(tmp_path: Path) -> None:
    pytest.importorskip("ray.tune", reason="Ray is not installed")
    from hpadvisor.search import make_study

    module = _module(_text("ray"), "tune_ray_known", tmp_path)
    trials = make_study(module.PLAN, None, 0).trials
    told = [trial for trial in trials if trial.state.name == "COMPLETE"]
    assert [trial.value for trial in told] == [0.91, 0.85]
    assert told[0].params["eta"] == 2e-2
    assert told[0].params["use_weight_decay"] is False
    queued = [trial for trial in trials if trial.state.name == "WAITING"]
    assert queued[0].system_attrs["fixed_params"]["eta"] == 1e-2


def test_ray_searches_and_confirms_for_real(tmp_path: Path) -> None:
    pytest.importorskip("ray.tune", reason="Ray is not installed")
    made = plan(search(trials=6, trainings=6, baseline={"eta": 0.5, "width": 8}), WIDE)
    (tmp_path / "tune_ray.py").write_text(_text("ray", made))
    shutil.copy(HERE / "toy.py", tmp_path)
    command = [sys.executable, "tune_ray.py", "--target", "toy:train", "--storage", "results",
               "--workers", "1"]  # fmt: skip
    for further in ([], ["--confirm"]):
        done = subprocess.run(
            [*command, *further], cwd=tmp_path, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    journal = tmp_path / "results" / "search" / "journal.log"
    study = read_search(journal, ReadOptions(study="search"))
    assert len(study.trials) == len(KNOWN) + 6
    baseline = study.trials[len(KNOWN)]
    assert baseline.params["eta"] == 0.5  # as it is, though outside the range
    assert done.stdout.count("<- baseline") == 1


def test_hydra_runs_for_real(tmp_path: Path) -> None:
    """The sweeper pins an old Optuna, so this needs an environment of its own (.ci/engines)."""
    pytest.importorskip(
        "hydra_plugins.hydra_optuna_sweeper", reason="hydra-optuna-sweeper is not installed"
    )
    made = plan(search(trials=6, trainings=6))
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "tune.yaml").write_text(_text("hydra-optuna", made))
    (tmp_path / "train.py").write_text(
        "import hydra\n\n\n"
        "@hydra.main(version_base=None, config_path='conf', config_name='tune')\n"
        "def main(config):\n"
        "    with open('seen.txt', 'w') as stream:\n"
        "        stream.write(f'{config.eta} {config.use_weight_decay} {config.activation}')\n"
        "    return -abs(config.eta - 0.01)\n\n\nmain()\n"
    )
    for flags, count in (([], 1), (["--multirun"], 6)):
        done = subprocess.run(
            [sys.executable, "train.py", *flags],
            cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
            env={**os.environ, "HYDRA_FULL_ERROR": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        folder = tmp_path / ("multirun" if flags else "outputs")
        assert len(list(folder.rglob(".hydra"))) == count
    results = next((tmp_path / "multirun").rglob("optimization_results.yaml"))
    best = yaml.safe_load(results.read_text())
    assert 1e-4 <= best["best_params"]["eta"] <= 1e-1
    assert best["best_params"]["activation"] in ("relu", "tanh")
