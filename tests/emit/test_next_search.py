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
from hpadvisor.readers.searches import ReadOptions, State, read_search

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
    assert len(own) == 8
    assert sum(t.user_attrs.get("origin") == "baseline" for t in own) == 1
    old = read_search(first)
    values = {trial.number: trial.value for trial in old.trials}
    assert all(t.value == values[int(t.user_attrs["origin"].split("-")[1])] for t in known)
    low, high = min(t.params["eta"] for t in own), max(t.params["eta"] for t in own)
    assert low > 1e-5
    assert high < 1.0  # narrowed around the good trials


def test_four_workers_one_killed(tmp_path: Path) -> None:
    """Every finished trial is kept, the baseline runs once, and no more than planned + workers."""
    import os
    import random
    import signal
    import time

    from hpadvisor.emit.engines import emit
    from tests.emit.plans import plan, search

    (tmp_path / "tune.py").write_text(
        emit(plan(search(trials=16, trainings=16)), "optuna", created_by="a test")
    )
    shutil.copy(HERE / "toy.py", tmp_path)
    command = [sys.executable, "tune.py", "--target", "toy:train", "--storage", "j.log"]
    workers = [
        subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, "TOY_SECONDS": "0.02"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(4)
    ]  # fmt: skip
    journal = tmp_path / "j.log"
    while not journal.exists() or journal.read_bytes().count(b'"op_code":6') < 8:
        time.sleep(0.02)
        assert any(worker.poll() is None for worker in workers)
    time.sleep(random.Random(4).random() * 0.2)  # noqa: S311
    before = {
        trial.number: trial.value
        for trial in read_search(journal, ReadOptions(study="search")).trials
        if trial.state is State.COMPLETE
    }
    workers[1].send_signal(signal.SIGKILL)
    for worker in workers:
        worker.wait(timeout=120)
    after = read_search(journal, ReadOptions(study="search"))
    complete = {t.number: t.value for t in after.trials if t.state is State.COMPLETE}
    assert before.items() <= complete.items()
    assert 16 <= len(complete) <= 16 + 4
    baselines = [t for t in after.trials if t.params.get("eta") == 0.01 and t.number in complete]
    assert len(baselines) == 1
