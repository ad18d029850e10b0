"""What a study remembers of its plan, and each trial of where it comes from."""

from __future__ import annotations

import hpadvisor
from hpadvisor.search.memory import KEY, PROVENANCE, legal_values, read_memory, roles
from tests.emit.plans import CONFIRM, plan, search

from .loading import Load, Loaded

SITUATION = {
    "task": {"metric": "val_accuracy", "direction": "maximize", "noise": 0.01},
    "training": {"kind": "tabular-mlp", "optimizer": "sgd", "epochs": 40},
    "data": {"train_examples": 5000},
    "budget": {"trainings": 8},
    "hyperparameters": [
        {"name": "eta", "role": "learning_rate", "type": "float", "low": 1e-4, "high": 0.5,
         "scale": "log", "default": 0.1},
        {"name": "rows", "role": "batch_size", "type": "int", "low": 16, "high": 512,
         "scale": "log", "default": 128},
        {"name": "gate", "type": "categorical", "choices": ["soft", "hard"], "default": "soft"},
        {"name": "open", "type": "float", "low": 0.0},
    ],
}  # fmt: skip


def test_the_study_remembers_what_the_user_told() -> None:
    loaded = Loaded(hpadvisor.plan(SITUATION))
    study = loaded.make_study(None, 7)
    memory = read_memory(study.user_attrs)
    assert memory is not None
    assert memory["metric"] == "val_accuracy"
    assert memory["direction"] == "maximize"
    assert memory["noise"] == 0.01
    assert memory["seed"] == 7
    assert memory["baseline"]["rows"] == 128
    assert memory["budget"]["trainings"] == 8
    assert memory["situation"]["training.epochs"] == 40
    assert not [path for path in memory["situation"] if path == "training.steps_per_epoch"]
    assert roles(memory) == {"eta": "learning_rate", "rows": "batch_size"}
    assert legal_values(memory) == {
        "eta": (1e-4, 0.5), "rows": (16, 512), "gate": ["soft", "hard"], "open": (0.0, None),
    }  # fmt: skip


def test_a_study_of_somebody_else_has_no_memory() -> None:
    assert read_memory({}) is None
    assert read_memory({KEY: 3}) is None
    assert read_memory({KEY: {"version": 99}}) is None


def test_every_trial_says_where_it_comes_from(load: Load) -> None:
    loaded = load(plan(search(starts=[{"width": 16}], trials=9, trainings=9), CONFIRM))
    study = loaded.run(lambda params, report: params["eta"], storage=None)
    found = [trial.user_attrs["provenance"] for trial in study.trials]
    assert found == ["baseline", "recommended", *["start"] * 4, *["proposed"] * 3]
    assert set(found) <= set(PROVENANCE)
