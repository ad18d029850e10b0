"""Real searches of every engine, where the sibling folder with them is there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hpadvisor.readers.searches import ReadOptions, State, read_search

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "searches"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the collection of real searches is not beside the repository"
)

CASES = [
    ("optuna/study.db", "", {"complete": 24, "pruned": 36}, 0.9821826),
    ("optuna/study.journal.log", "", {"complete": 24, "pruned": 36}, 0.9821826),
    ("optuna/four_workers.journal.log", "", {"complete": 19, "pruned": 24}, 0.9592234),
    ("ray", "val_acc", {"complete": 11, "pruned": 39}, 0.9710468),
    ("smac", "", {"complete": 21, "pruned": 17}, 0.0222717),
    ("syne_tune", "", {"complete": 5, "pruned": 18, "running": 2}, 0.9732739),
    ("keras_tuner", "", {"complete": 30}, 0.9688196),
    ("mlflow/mlflow.db", "val_acc", {"complete": 25}, 0.9710468),
    ("mlflow/mlruns", "val_acc", {"complete": 15}, 0.9710468),
    ("sklearn/cv_results.csv", "", {"complete": 40}, 0.9304333),
    ("sklearn/halving_cv_results.csv", "", {"complete": 2, "pruned": 27}, 0.9222222),
    ("nni/nni.sqlite", "", {"complete": 6}, 0.9621381),
]


@pytest.mark.parametrize(("name", "objective", "states", "best"), CASES)
def test_counts_and_best(name: str, objective: str, states: dict[str, int], best: float) -> None:
    study = read_search(FOLDER / name, ReadOptions(objective=objective))
    assert Counter(str(trial.state) for trial in study.trials) == states
    values = [t.value for t in study.trials if t.state is State.COMPLETE and t.value is not None]
    found = max(values) if study.direction == "maximize" else min(values)
    assert found == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("name", ["study.db", "study.journal.log", "four_workers.journal.log"])
def test_equals_what_optuna_says(name: str, tmp_path: Path) -> None:
    import shutil

    import optuna
    from optuna.storages.journal import JournalFileBackend

    copy = tmp_path / name
    shutil.copy(FOLDER / "optuna" / name, copy)
    copy.chmod(0o644)
    if name.endswith(".db"):
        storage: optuna.storages.BaseStorage = optuna.storages.RDBStorage(f"sqlite:///{copy}")
    else:
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(copy)))
    theirs = optuna.load_study(study_name=None, storage=storage)
    ours = read_search(FOLDER / "optuna" / name)
    assert [t.params for t in ours.trials] == [t.params for t in theirs.trials]
    assert [t.value for t in ours.trials] == [t.value for t in theirs.trials]
