"""``cv_results_`` against scikit-learn's own searches and a plain reading of the real ones."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.readers.searches import ReadOptions, State, read_search
from tests.readers.searches.libraries.common import best, real

sklearn = pytest.importorskip("sklearn", reason="scikit-learn is not installed")


def _save(results: dict[str, Iterable[Any]], path: Path) -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(results)
        writer.writerows(zip(*results.values(), strict=True))
    return path


def _data() -> Any:
    from sklearn.datasets import load_digits

    rows, labels = load_digits(return_X_y=True)
    return rows[:400], labels[:400]


def test_a_random_search_with_two_scorers(tmp_path: Path) -> None:
    from scipy.stats import loguniform
    from sklearn.linear_model import SGDClassifier
    from sklearn.model_selection import RandomizedSearchCV

    search = RandomizedSearchCV(
        SGDClassifier(loss="log_loss", max_iter=20, tol=None, random_state=0),
        {"alpha": loguniform(1e-6, 1e-1), "penalty": ["l2", None]},
        n_iter=8, cv=3, random_state=0, refit="accuracy",
        scoring={"accuracy": "accuracy", "loss": "neg_log_loss"},
        error_score=float("nan"),
    )  # fmt: skip
    search.fit(*_data())
    study = read_search(_save(search.cv_results_, tmp_path / "cv.csv"),
                        ReadOptions(objective="accuracy"))  # fmt: skip
    assert len(study.trials) == 8
    assert best(study) == pytest.approx(search.best_score_)
    top = max(study.trials, key=lambda trial: trial.value or 0.0)
    assert top.params == pytest.approx(search.best_params_)
    for k in range(3):
        theirs = search.cv_results_[f"split{k}_test_accuracy"]
        assert [trial.splits[k] for trial in study.trials] == pytest.approx(list(theirs))


def test_a_halving_search(tmp_path: Path) -> None:
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingRandomSearchCV
    from sklearn.tree import DecisionTreeClassifier

    search = HalvingRandomSearchCV(
        DecisionTreeClassifier(random_state=0), {"max_depth": list(range(1, 20))},
        n_candidates=9, factor=3, cv=3, random_state=0,
    )  # fmt: skip
    search.fit(*_data())
    study = read_search(_save(search.cv_results_, tmp_path / "cv.csv"))
    assert len(study.trials) == search.n_candidates_[0]
    complete = [trial for trial in study.trials if trial.state is State.COMPLETE]
    assert len(complete) == search.n_candidates_[-1]
    assert best(study) == pytest.approx(search.best_score_)
    assert {trial.steps[-1] for trial in complete} == {search.n_resources_[-1]}


def test_a_fit_that_failed_is_a_failed_trial(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(LogisticRegression(max_iter=5000), {"C": [0.1, -1.0]}, cv=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(*_data())
    study = read_search(_save(search.cv_results_, tmp_path / "cv.csv"))
    assert [trial.state.value for trial in study.trials] == ["complete", "failed"]


@pytest.mark.parametrize("name", ["cv_results.csv", "halving_cv_results.csv"])
def test_real_searches(name: str, tmp_path: Path) -> None:
    path = real(f"sklearn/{name}", tmp_path)
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    top = max(float(row.get("iter") or 0) for row in rows)
    last = [row for row in rows if float(row.get("iter") or 0) == top]
    study = read_search(path)
    assert best(study) == max(float(row["mean_test_score"]) for row in last)
    complete = [trial for trial in study.trials if trial.state is State.COMPLETE]
    assert len(complete) == len(last)
    assert len(study.trials) == len({row["params"] for row in rows})
