"""Listed values stay listed in every engine, under the names that it takes."""

from __future__ import annotations

import pytest
import yaml

from hpadvisor.api import plan
from hpadvisor.emit.engines import emit
from hpadvisor.planning.model import Plan

NAME = "optim.lr"


@pytest.fixture(scope="module")
def grid() -> Plan:
    return plan(
        {
            "training": {"kind": "transformer-from-scratch", "epochs": 5},
            "budget": {"trainings": 6, "parallel": 4},
            "task": {"metric": "val_loss", "direction": "minimize"},
            "hyperparameters": [
                {"name": NAME, "role": "learning_rate", "low": 1e-5, "high": 1e-2,
                 "scale": "log", "default": 1e-3},
            ],
        }
    )  # fmt: skip


def _values(of: Plan) -> list[float]:
    (step,) = of.search_steps
    (item,) = step.parameters
    assert step.strategy == "grid"
    return sorted({*map(float, item.values or []), 1e-3})


def test_katib_lists_them_as_texts(grid: Plan) -> None:
    spec = yaml.safe_load(emit(grid, "katib", created_by="a test"))["spec"]
    (item,) = spec["parameters"]
    assert item["parameterType"] == "discrete"
    assert [float(text) for text in item["feasibleSpace"]["list"]] == _values(grid)


def test_hydra_chooses_among_them_and_nests_the_name(grid: Plan) -> None:
    document = yaml.safe_load(emit(grid, "hydra-optuna", created_by="a test"))
    assert document["optim"] == {"lr": 0.001}
    domain = document["hydra"]["sweeper"]["params"][NAME]
    assert domain.startswith("choice(")
    assert [float(text) for text in domain[7:-1].split(",")] == _values(grid)


def test_wandb_lists_them_and_promises_no_early_end(grid: Plan) -> None:
    text = emit(grid, "wandb", created_by="a test")
    assert yaml.safe_load(text)["parameters"][NAME]["values"] == _values(grid)
    assert "early_terminate" not in text
