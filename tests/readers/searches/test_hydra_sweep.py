"""Multirun folders of Hydra's Optuna sweeper are searches: their space, numbers and direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.hydra_sweep import dimension
from hpadvisor.readers.searches.record import Parameter, Study

SETTINGS = """hydra:
  sweeper:
    _target_: hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper
    direction: maximize
    n_trials: 30
    params:
      optim.lr: tag(log, interval(0.001, 0.5))
      optimizer: choice(sgd, adam)
  mode: MULTIRUN
  job:
    num: {number}
"""


def sweep(root: Path, count: int = 12, settings: str = SETTINGS) -> Study:
    for number in range(count):
        rate = 0.001 * 1.5**number
        folder = root / "multirun" / "2026-01-02" / "03-04-05" / str(number)
        (folder / ".hydra").mkdir(parents=True)
        (folder / ".hydra" / "hydra.yaml").write_text(settings.format(number=number))
        kind = ("sgd", "adam")[number % 2]
        (folder / ".hydra" / "overrides.yaml").write_text(
            f"- optim.lr={rate}\n- optimizer={kind}\n"
        )
        (folder / ".hydra" / "config.yaml").write_text(
            f"optim:\n  lr: {rate}\n  momentum: 0.9\nmodel:\n  dropout: 0.1\n"
        )
        lines = [f"{e},{1 / e:.4f},{0.5 + number / 100 + e / 100:.4f}\n" for e in range(1, 6)]
        (folder / "log.csv").write_text("epoch,train_loss,val_acc\n" + "".join(lines))
    return read_search(root / "multirun")


def test_a_sweep_has_its_space_its_numbers_and_its_plan(tmp_path: Path) -> None:
    found = sweep(tmp_path)
    assert (found.engine, found.direction, found.metric) == ("hydra", "maximize", "val_acc")
    assert not found.history
    assert found.parameters == [
        Parameter("optim.lr", "float", 0.001, 0.5, "log"),
        Parameter("optimizer", "categorical", choices=("sgd", "adam")),
    ]
    assert [trial.number for trial in found.trials] == list(range(12))  # not 0, 1, 10, 11, 2
    assert found.trials[10].params == {"optim.lr": 0.001 * 1.5**10, "optimizer": "sgd"}
    assert found.trials[10].value == pytest.approx(0.65)
    assert found.memory.planned == 30


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS.replace("optuna", "other").replace("Optuna", "Other"),
        SETTINGS.replace("MULTIRUN", "RUN"),
        SETTINGS.replace("interval(0.001, 0.5)", "normal(0, 1)"),
    ],
)
def test_other_runs_of_hydra_are_past_runs(tmp_path: Path, settings: str) -> None:
    found = sweep(tmp_path, settings=settings)
    assert found.engine == "runs"
    assert found.history


def test_two_sweeps_in_a_folder_are_past_runs(tmp_path: Path) -> None:
    first = sweep(tmp_path)
    for place in sorted((tmp_path / "multirun" / "2026-01-02").iterdir()):
        (tmp_path / "multirun" / "2026-01-03").mkdir()
        place.rename(tmp_path / "multirun" / "2026-01-03" / "old")
    assert first.engine == "hydra"
    assert sweep(tmp_path).engine == "runs"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("interval(0, 1)", Parameter("x", "float", 0.0, 1.0, "linear")),
        ("tag(log, int(interval(8, 64)))", Parameter("x", "int", 8.0, 64.0, "log")),
        ("range(1, 5)", Parameter("x", "int", 1.0, 4.0, "linear")),
        ("range(0, 1, 0.25)", Parameter("x", "float", 0.0, 0.75, "linear", step=0.25)),
        ("choice(16, 32)", Parameter("x", "categorical", choices=(16, 32))),
        ("a,b", Parameter("x", "categorical", choices=("a", "b"))),
        ("0.1", None),
        ("interval(0)", None),
    ],
)
def test_the_language_of_the_sweeper(text: str, expected: Parameter | None) -> None:
    assert dimension("x", text) == expected
