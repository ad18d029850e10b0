"""An audit's next search as a script that carries the old trials along; the loop by commands."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend
from typer.testing import CliRunner

from hpadvisor.cli.main import app
from hpadvisor.readers.searches import read_search

HERE = Path(__file__).parent
optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A finished search in a journal, with its baseline."""
    path = tmp_path / "first.log"
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    study = optuna.create_study(
        storage=storage, study_name="first", direction="maximize",
        sampler=optuna.samplers.RandomSampler(seed=3),
    )  # fmt: skip
    study.enqueue_trial({"eta": 0.05, "width": 16})

    def objective(trial: optuna.Trial) -> float:
        import math

        eta = trial.suggest_float("eta", 1e-5, 1.0, log=True)
        return -((math.log10(eta) + 2) ** 2) - trial.suggest_int("width", 8, 64) / 1e4

    study.optimize(objective, n_trials=40)
    return path


def _emit(first: Path, script: Path) -> None:
    arguments = ["audit", str(first), "--noise", "0.01", "--emit", "optuna", "-o", str(script)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output


def test_the_next_search_learns_from_the_first(first: Path, tmp_path: Path) -> None:
    _emit(first, tmp_path / "second.py")
    shutil.copy(HERE / "toy.py", tmp_path)
    command = [sys.executable, "second.py", "--target", "toy:train", "--storage", "second.log"]
    for _ in range(2):  # the second time there is nothing left to do, and nothing doubles
        done = subprocess.run(
            [*command, "--trials", "8"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    study = optuna.load_study(
        study_name="search",
        storage=optuna.storages.JournalStorage(JournalFileBackend(str(tmp_path / "second.log"))),
    )
    known = [t for t in study.trials if t.user_attrs.get("origin", "").startswith("known-")]
    own = [t for t in study.trials if t not in known]
    assert len(known) >= 3
    old = read_search(first)
    values = {trial.number: trial.value for trial in old.trials}
    (baseline,) = (t for t in own if t.user_attrs.get("origin") == "baseline")
    assert baseline.value in values.values()  # told, not trained again
    own.remove(baseline)
    assert len(own) == 8
    assert all(t.value == values[int(t.user_attrs["origin"].split("-")[1])] for t in known)
    low, high = min(t.params["eta"] for t in own), max(t.params["eta"] for t in own)
    assert low > 1e-5
    assert high < 1.0  # narrowed around the good trials
