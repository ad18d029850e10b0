"""Emitted files of every engine: read back, checked against a model, and run where it can be."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hpadvisor.cli.options import Engine
from hpadvisor.emit.configurations import configurations
from hpadvisor.emit.engines import ENGINES, emit
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter, Plan
from tests.emit.plans import plan, search
from tests.support import load_module

HERE = Path(__file__).parent
PRUNED = plan(
    search(pruner={"name": "asha", "min_epochs": 1, "reduction_factor": 3}, parallel=3, trials=24)
)


def _text(engine: str, of: Plan = PRUNED) -> str:
    return emit(of, engine, created_by="hpadvisor, a test")


def _module(text: str, name: str, folder: Path) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(text)
    return load_module(path, name)


def test_the_command_offers_every_engine() -> None:
    assert [engine.value for engine in Engine] == list(ENGINES)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_file_says_its_plan_and_is_the_same_again(engine: str) -> None:
    text = _text(engine)
    assert text == _text(engine)
    if engine != "csv":
        assert "hpadvisor, a test" in text
        assert PRUNED.headline in text


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_with_a_sampler_of_their_own_say_what_they_lack(engine: str) -> None:
    modelled = plan(search(sampler={"name": "gaussian-process", "startup_trials": 3}))
    says = "Gaussian process is in the scripts for Optuna and Ray" in _text(engine, modelled)
    assert says == (engine not in ("optuna", "ray", "slurm", "json", "csv"))
    assert "Gaussian process is in the scripts" not in _text(engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_plan_without_a_search_is_refused(engine: str) -> None:
    empty = PRUNED.model_copy(update={"steps": [], "verdict": "leave_defaults"})
    with pytest.raises(UserError, match="nothing to search"):
        emit(empty, engine, created_by="x")


@pytest.mark.parametrize("engine", ["optuna", "ray", "huggingface", "sklearn"])
def test_python_parses(engine: str) -> None:
    ast.parse(_text(engine))


class Strict(BaseModel):
    """Refuses what it does not know: the real schemas keep unknown fields."""

    model_config = ConfigDict(extra="forbid")


class SweepParameter(Strict):
    """A parameter of a W&B sweep."""

    distribution: (
        Literal["log_uniform_values", "uniform", "int_uniform", "q_log_uniform_values"] | None
    ) = None
    min: float | int | None = None
    max: float | int | None = None
    q: int | None = None
    values: list[Any] | None = None

    @model_validator(mode="after")
    def _range_or_values(self) -> SweepParameter:
        if self.values is None:
            assert self.distribution is not None
            assert self.min is not None
            assert self.max is not None
            assert self.min < self.max
            if "log" in self.distribution:
                assert self.min > 0
        return self


class SweepMetric(Strict):
    """What a sweep optimises."""

    name: str
    goal: Literal["maximize", "minimize"]


class EarlyTerminate(Strict):
    """Hyperband of a sweep."""

    type: Literal["hyperband"]
    min_iter: int
    eta: int


class Sweep(Strict):
    """A sweep."""

    program: str
    method: Literal["bayes", "random", "grid"]
    metric: SweepMetric
    run_cap: int
    early_terminate: EarlyTerminate | None = None
    parameters: dict[str, SweepParameter]


def test_wandb() -> None:
    sweep = Sweep(**yaml.safe_load(_text("wandb")))
    assert sweep.parameters["eta"].min == 1e-4
    assert sweep.parameters["use_weight_decay"].values == [True, False]
    assert isinstance(sweep.parameters["weight_decay"].min, float)  # 1e-06 would be a text
    assert sweep.parameters["width"].q == 1
    assert sweep.early_terminate is not None
    assert (sweep.run_cap, sweep.metric.goal) == (24, "maximize")


def test_wandb_by_its_own_schema() -> None:
    sweeps = pytest.importorskip("sweeps", reason="the sweeps package of W&B is not installed")
    sweeps.SweepConfig(yaml.safe_load(_text("wandb")))


def test_hydra_reads_back() -> None:
    config = yaml.safe_load(_text("hydra-optuna"))
    sweeper = config["hydra"]["sweeper"]
    assert sweeper["storage"] is None
    assert sweeper["n_trials"] == 24
    assert sweeper["params"]["eta"] == "tag(log, interval(0.0001, 0.1))"
    assert config["eta"] == 0.01
    assert set(sweeper["params"]) <= set(config)


def test_hydra_by_its_own_grammar() -> None:
    pytest.importorskip("hydra", reason="hydra-core is not installed")
    from hydra.core.override_parser.overrides_parser import OverridesParser

    params = yaml.safe_load(_text("hydra-optuna"))["hydra"]["sweeper"]["params"]
    parsed = OverridesParser.create().parse_overrides([f"{k}={v}" for k, v in params.items()])
    assert all(item.is_sweep_override() for item in parsed)


class Feasible(Strict):
    """A feasible space of Katib: texts throughout."""

    min: str | None = None
    max: str | None = None
    choices: list[str] | None = Field(None, alias="list")
    distribution: Literal["logUniform", "uniform"] | None = None


class KatibParameter(Strict):
    """A parameter of an experiment."""

    name: str
    parameterType: Literal["double", "int", "categorical"]  # noqa: N815
    feasibleSpace: Feasible  # noqa: N815


def test_katib() -> None:
    document = yaml.safe_load(_text("katib"))
    assert (document["apiVersion"], document["kind"]) == ("kubeflow.org/v1beta1", "Experiment")
    spec = document["spec"]
    assert set(spec) == {
        "objective", "algorithm", "maxTrialCount", "parallelTrialCount", "maxFailedTrialCount",
        "earlyStopping", "parameters", "trialTemplate",
    }  # fmt: skip
    parameters = [KatibParameter(**item) for item in spec["parameters"]]
    names = {item.name for item in parameters}
    template = spec["trialTemplate"]
    assert {item["reference"] for item in template["trialParameters"]} == names
    command = template["trialSpec"]["spec"]["template"]["spec"]["containers"][0]["command"]
    used = {found for part in command for found in re.findall(r"trialParameters\.(\w+)", part)}
    assert used == names
    assert template["primaryContainerName"] == "training"


def test_katib_takes_dotted_names_by_place_holders_without_dots() -> None:
    space = [
        Parameter(name=name, type="float", low=0.1, high=0.5, scale="linear")
        for name in ("optim.lr", "optim_lr", "model/drop-out")
    ]
    spec = yaml.safe_load(_text("katib", plan(search(parameters=space))))["spec"]
    template = spec["trialTemplate"]
    places = {item["reference"]: item["name"] for item in template["trialParameters"]}
    assert places == {
        "optim.lr": "optim_lr_", "optim_lr": "optim_lr", "model/drop-out": "model_drop_out",
    }  # fmt: skip
    assert [item["name"] for item in spec["parameters"]] == list(places)
    command = template["trialSpec"]["spec"]["template"]["spec"]["containers"][0]["command"]
    assert "--optim.lr=${trialParameters.optim_lr_}" in command


def test_slurm_is_valid_bash_and_runs_as_an_array(tmp_path: Path) -> None:
    script = tmp_path / "search.sh"
    small = plan(search(trials=6, trainings=6, parallel=2))
    script.write_text(_text("slurm", small))
    subprocess.run(["bash", "-n", str(script)], check=True)
    directives = [line for line in script.read_text().splitlines() if line.startswith("#SBATCH")]
    assert "#SBATCH --array=0-1" in directives
    shutil.copy(HERE / "toy.py", tmp_path)
    base = {**os.environ, "SLURM_ARRAY_JOB_ID": "7", "STAGGER_SECONDS": "0"}
    folder = str(Path(sys.executable).parent)
    base["PATH"] = f"{folder}{os.pathsep}{base['PATH']}"
    tasks = [
        subprocess.Popen(
            ["bash", str(script), "toy:train"],
            cwd=tmp_path, env={**base, "SLURM_ARRAY_TASK_ID": str(task)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for task in (1, 0)
    ]  # fmt: skip
    said = [task.communicate(timeout=120)[0] for task in tasks]
    assert [task.returncode for task in tasks] == [0, 0], said

    from hpadvisor.readers.searches import ReadOptions, State, read_search

    study = read_search(tmp_path / "journal.log", ReadOptions(study="search"))
    complete = [trial for trial in study.trials if trial.state is State.COMPLETE]
    assert 6 <= len(complete) <= 6 + 2


def test_huggingface_space_by_optuna(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna")
    module = _module(_text("huggingface"), "tune_hf", tmp_path)
    study = optuna.create_study()
    by_plan = module.SEARCH_BY_PLAN
    study.enqueue_trial(by_plan.fixed(by_plan.plan.baseline))
    fields, rest = [], []
    for _ in range(20):
        trial = study.ask()
        fields.append(module.hp_space(trial))
        rest.append(module.model_space(trial))
        study.tell(trial, 0.0)
    assert set(fields[0]) == {"learning_rate", "weight_decay"}  # eta is the learning rate here
    assert fields[0] == {"learning_rate": 0.01, "weight_decay": 0.0001}
    assert set(rest[0]) == {"momentum", "width", "activation"}
    assert any(found["weight_decay"] == 0.0 for found in fields)
    assert all(1e-4 <= found["learning_rate"] <= 1e-1 for found in fields)
    assert "seed" not in fields[0]


def test_sklearn_runs_for_real(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.datasets import load_iris

    class Toy(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def __init__(
            self, eta: float = 0.1, weight_decay: float = 0.0, momentum: float = 0.9,
            width: int = 8, activation: str = "relu",
        ) -> None:  # fmt: skip
            self.eta, self.weight_decay, self.momentum = eta, weight_decay, momentum
            self.width, self.activation = width, activation

        def fit(self, rows: Any, labels: Any) -> Toy:
            self.classes_ = sorted(set(labels))
            return self

        def predict(self, rows: Any) -> Any:
            return [0 if self.eta < 0.01 else int(row[2] > 2.5) for row in rows]

    module = _module(_text("sklearn"), "tune_sklearn", tmp_path)
    table = tmp_path / "cv_results.csv"
    found = module.search(Toy(), *load_iris(return_X_y=True), cv=3, results=str(table))
    assert found.best_score_ >= found.baseline_score_

    from hpadvisor.readers.searches import read_search

    study = read_search(table)
    assert len(study.trials) == 24  # the baseline is one of them
    first = study.trials[0].params
    assert first == {
        "eta": 0.01, "weight_decay": 0.0001, "momentum": 0.9, "width": 32, "activation": "relu",
    }  # fmt: skip
    assert all(trial.params["weight_decay"] in (0.0,) or
               1e-6 <= trial.params["weight_decay"] <= 1e-2 for trial in study.trials)  # fmt: skip


def test_configurations_lie_in_the_space_and_spread() -> None:
    found = configurations(plan(search(trials=64)))
    assert len(found) == 64
    assert len({json.dumps(item, sort_keys=True) for item in found}) == 64
    assert found[0]["eta"] == 0.01
    for item in found:
        assert 1e-4 <= item["eta"] <= 1e-1
        assert item["weight_decay"] == 0.0 or 1e-6 <= item["weight_decay"] <= 1e-2
        assert isinstance(item["width"], int)
        assert 8 <= item["width"] <= 64
        assert item["activation"] in ("relu", "tanh")
    low = sum(item["eta"] < 10**-2.5 for item in found)
    assert 26 <= low <= 38  # an even spread on the log scale
    assert 8 <= sum(item["weight_decay"] == 0.0 for item in found) <= 24


def test_json_and_csv_hold_the_same() -> None:
    document = json.loads(_text("json"))
    rows = list(csv.DictReader(io.StringIO(_text("csv"))))
    assert len(document["trials"]) == len(rows) == 24
    assert document["trials"][0]["role"] == "baseline"
    for trial, row in zip(document["trials"], rows, strict=True):
        assert float(row["params_eta"]) == trial["params"]["eta"]
        assert row["val_accuracy"] == ""


def test_a_filled_table_can_be_audited(tmp_path: Path) -> None:
    from hpadvisor.readers.searches import State, read_search

    lines = _text("csv").splitlines()
    path = tmp_path / "filled.csv"
    filled = [f"{line}{k / 100}" if k % 4 else line for k, line in enumerate(lines[1:], start=1)]
    path.write_text("\n".join([lines[0], *filled]))
    study = read_search(path)
    states = [trial.state for trial in study.trials]
    assert states.count(State.WAITING) == 6
    assert states.count(State.COMPLETE) == 18
    assert study.metric == "val_accuracy"


def test_ray_runs_for_real(tmp_path: Path) -> None:
    pytest.importorskip("ray.tune", reason="Ray is not installed")
    (tmp_path / "tune_ray.py").write_text(_text("ray", plan(search(trials=5, trainings=5))))
    shutil.copy(HERE / "toy.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "tune_ray.py", "--target", "toy:train", "--storage", "results",
         "--workers", "1"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    from hpadvisor.readers.searches import ReadOptions, read_search

    options = ReadOptions(objective="score", direction="maximize")
    study = read_search(tmp_path / "results" / "search", options)
    assert len(study.trials) == 5
    assert study.trials[0].params["eta"] == 0.01  # the baseline comes first
