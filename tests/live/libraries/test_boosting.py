"""Callbacks in real trainings of XGBoost and LightGBM."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from hpadvisor.readers.curves.tables import Floats

ROUNDS = 120


def need(name: str) -> None:
    """Skip, visibly, where a library is missing."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"needs {name}; .ci/engines live runs it")


def noisy(count: int = 300) -> tuple[Floats, Floats]:
    """Inputs (count, 10), and labels (count,) of which a third are random."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(count, 10))
    labels = (x[:, 0] + x[:, 1] > 0).astype(np.float64)
    wrong = rng.random(count) < 0.33
    labels[wrong] = rng.integers(0, 2, int(wrong.sum()))
    return x, labels


@pytest.mark.parametrize("stop", [False, True])
def test_xgboost(stop: bool) -> None:
    need("xgboost")
    import xgboost

    from hpadvisor.live import XGBoostCallback

    x, y = noisy()
    parts = [xgboost.DMatrix(x[a:b], label=y[a:b]) for a, b in ((0, 200), (200, 300))]
    callback = XGBoostCallback(
        steps=ROUNDS, show="none", stop_on={"overfitting"} if stop else set()
    )
    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 8, "eta": 0.3}, parts[0], ROUNDS,
        evals=[(parts[0], "train"), (parts[1], "heldout")], callbacks=[callback],
        verbose_eval=False,
    )  # fmt: skip
    assert callback.advisor.verdict == "overfitting", callback.advisor.diagnosis
    assert (booster.num_boosted_rounds() < ROUNDS) is stop


@pytest.mark.parametrize("stop", [False, True])
def test_lightgbm(stop: bool) -> None:
    need("lightgbm")
    import lightgbm

    from hpadvisor.live import LightGBMCallback

    x, y = noisy()
    train = lightgbm.Dataset(x[:200], y[:200])
    held_out = lightgbm.Dataset(x[200:], y[200:], reference=train)
    callback = LightGBMCallback(show="none", stop_on={"overfitting"} if stop else set())
    booster = lightgbm.train(
        {"objective": "binary", "verbose": -1, "learning_rate": 0.3, "min_data_in_leaf": 2},
        train, ROUNDS, valid_sets=[train, held_out], callbacks=[callback],
    )  # fmt: skip
    assert callback.advisor.verdict == "overfitting", callback.advisor.diagnosis
    assert callback.advisor.steps == ROUNDS
    assert (booster.current_iteration() < ROUNDS) is stop


def test_estimators_of_scikit_learn() -> None:
    need("xgboost")
    need("sklearn")
    import xgboost

    from hpadvisor.live import XGBoostCallback

    x, y = noisy()
    callback = XGBoostCallback(steps=ROUNDS, show="none")
    model = xgboost.XGBClassifier(n_estimators=ROUNDS, callbacks=[callback])
    sets = [(x[:200], y[:200]), (x[200:], y[200:])]
    model.fit(x[:200], y[:200], eval_set=sets, verbose=False)
    assert callback.advisor.verdict == "overfitting"
