"""Make the pools of trainings that are part of the repository, on data that scikit-learn ships.

===========  ==============================  =================================================
pool         data                            model, score
===========  ==============================  =================================================
patches      two photographs                 gradient boosting, accuracy
diabetes     diabetes, 442 patients          support vector regression, R²
colours      two photographs, in colour      extremely randomised trees, regression, R²
strokes      handwritten digits, with noise  support vector classification, accuracy
===========  ==============================  =================================================

300 random configurations are trained with 10 seeds each; a seed draws four fifths of the training
rows, and what is random in the model. Configuration 0 is the library's default, the baseline. One
JSON line a configuration::

    {"i": 0, "params": {…}, "curve": [[score of each seed] of each checkpoint]}

Run: ``OMP_NUM_THREADS=1 python -m benchmarks.audit.make_pool patches > patches.jsonl``, with
scikit-learn and Pillow (one to five minutes on one core).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import load_diabetes, load_digits, load_sample_images
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingClassifier
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, StandardScaler
from sklearn.svm import SVC, SVR

CONFIGURATIONS, SEEDS = 300, 10
ITERATIONS, EVERY = 48, 4
TREES, EVERY_TREES = 32, 8
PATCHES_TRAIN, PATCHES_ALL, WIDTH = 1200, 2700, 5

Params = dict[str, Any]
Rows = tuple[Any, Any]


@dataclass(frozen=True)
class Task:
    """A data set and a model.

    Attributes:
        seed: Of the data and of the configurations.
        train: The first rows, that many, are for training, the others for validation; all of them
            where the fit cross-validates.
        data: Makes the rows and their targets.
        draw: Draws a configuration.
        default: The library's default.
        fit: Trains once; the score at each checkpoint.
    """

    seed: int
    train: int
    data: Callable[[np.random.Generator], Rows]
    draw: Callable[[np.random.Generator], Params]
    default: Params
    fit: Callable[[Params, int, Rows, Rows], list[float]]


def patches(rng: np.random.Generator) -> Rows:
    """Draw grey patches, with noise, from both photographs: rows of 25 values and their labels."""
    images = [image.mean(axis=2) for image in load_sample_images().images]
    labels = rng.integers(0, 2, PATCHES_ALL)
    rows = np.empty((PATCHES_ALL, WIDTH * WIDTH))
    for index, label in enumerate(labels):
        image = images[label]
        top = rng.integers(0, image.shape[0] - WIDTH)
        left = rng.integers(0, image.shape[1] - WIDTH)
        patch = image[top : top + WIDTH, left : left + WIDTH]
        rows[index] = patch.ravel() + rng.normal(0, 12, WIDTH * WIDTH)
    return rows, labels


def _draw_patches(rng: np.random.Generator) -> Params:
    return {
        "learning_rate": float(10 ** rng.uniform(-3, 0)),
        "max_leaf_nodes": round(2 ** rng.uniform(1, 6)),
        "min_samples_leaf": round(10 ** rng.uniform(0, 2.3)),
        "l2_regularization": float(10 ** rng.uniform(-4, 2)),
        "max_features": float(rng.uniform(0.1, 1.0)),
        "max_bins": int(rng.choice([16, 64, 255])),
    }


def _fit_patches(params: Params, seed: int, train: Rows, test: Rows) -> list[float]:
    model = HistGradientBoostingClassifier(
        max_iter=ITERATIONS, early_stopping=False, random_state=seed, **params
    )
    model.fit(*train)
    scores = [float(np.mean(guess == test[1])) for guess in model.staged_predict(test[0])]
    return scores[EVERY - 1 :: EVERY]


def diabetes(rng: np.random.Generator) -> Rows:
    """Return the patients in random order; the target in standard deviations."""
    rows, target = load_diabetes(return_X_y=True, scaled=False)
    order = rng.permutation(len(rows))
    return rows[order], ((target - target.mean()) / target.std())[order]


def _draw_diabetes(rng: np.random.Generator) -> Params:
    return {
        "C": float(10 ** rng.uniform(-2, 3)),
        "gamma": float(10 ** rng.uniform(-4, 1)),
        "epsilon": float(10 ** rng.uniform(-2, 0)),
        "kernel": str(rng.choice(["rbf", "linear", "sigmoid"])),
        "n_components": int(rng.integers(2, 11)),
        "scaler": str(rng.choice(["standard", "range", "quantile"])),
    }


def _scaler(name: str) -> Any:
    if name == "quantile":
        return QuantileTransformer(n_quantiles=50)
    return {"standard": StandardScaler(), "range": MinMaxScaler((-1, 1))}[name]


def _fit_diabetes(params: Params, seed: int, train: Rows, test: Rows) -> list[float]:
    """Cross-validate in five folds; the seed shuffles the rows."""
    rest = {name: params[name] for name in ("C", "gamma", "epsilon", "kernel")}
    model = make_pipeline(
        _scaler(params["scaler"]),
        PCA(params["n_components"], random_state=seed),
        SVR(**rest, max_iter=20_000),
    )
    folds = KFold(5, shuffle=True, random_state=seed)
    guess = cross_val_predict(model, *train, cv=folds)
    return [max(-1.0, float(r2_score(train[1], guess)))]


def colours(rng: np.random.Generator) -> Rows:
    """Draw pixels: red and green of nine neighbours, noisy; the target is the middle's blue."""
    images = load_sample_images().images
    count, rows, target = 1500, [], []
    for _ in range(count):
        image = images[rng.integers(0, 2)].astype(float)
        top = rng.integers(0, image.shape[0] - 3)
        left = rng.integers(0, image.shape[1] - 3)
        patch = image[top : top + 3, left : left + 3]
        rows.append((patch[:, :, :2] + rng.normal(0, 20, (3, 3, 2))).ravel())
        target.append(patch[1, 1, 2])
    return np.array(rows), np.array(target) / 255


def _draw_colours(rng: np.random.Generator) -> Params:
    return {
        "max_depth": round(2 ** rng.uniform(0, 5)),
        "min_samples_leaf": round(10 ** rng.uniform(0, 2)),
        "max_features": float(rng.uniform(0.05, 1.0)),
        "max_samples": float(rng.uniform(0.1, 1.0)),
        "min_impurity_decrease": float(10 ** rng.uniform(-7, -2)),
        "ccp_alpha": float(10 ** rng.uniform(-7, -2)),
    }


def _fit_colours(params: Params, seed: int, train: Rows, test: Rows) -> list[float]:
    model = ExtraTreesRegressor(TREES, bootstrap=True, random_state=seed, **params)
    model.fit(*train)
    each = np.array([tree.predict(test[0]) for tree in model.estimators_])
    means = each.cumsum(axis=0) / np.arange(1, TREES + 1)[:, None]
    return [float(r2_score(test[1], guess)) for guess in means[EVERY_TREES - 1 :: EVERY_TREES]]


def strokes(rng: np.random.Generator) -> Rows:
    """Return 1,400 of the 8 x 8 digits in random order, with noise."""
    rows, labels = load_digits(return_X_y=True)
    order = rng.permutation(len(rows))
    chosen = order[:1400]
    return rows[chosen] + rng.normal(0, 4, (1400, rows.shape[1])), labels[chosen]


def _draw_strokes(rng: np.random.Generator) -> Params:
    return {
        "C": float(10 ** rng.uniform(-2, 3)),
        "gamma": float(10 ** rng.uniform(-5, 0)),
        "kernel": str(rng.choice(["rbf", "poly", "linear"])),
        "degree": int(rng.integers(2, 6)),
        "coef0": float(rng.uniform(0, 2)),
        "n_components": round(2 ** rng.uniform(2, 6)),
    }


def _fit_strokes(params: Params, seed: int, train: Rows, test: Rows) -> list[float]:
    rest = {name: value for name, value in params.items() if name != "n_components"}
    model = make_pipeline(
        StandardScaler(),
        PCA(params["n_components"], random_state=seed),
        SVC(**rest, max_iter=20_000),
    )
    model.fit(*train)
    return [float(np.mean(model.predict(test[0]) == test[1]))]


TASKS = {
    "patches": Task(
        20260,
        PATCHES_TRAIN,
        patches,
        _draw_patches,
        {
            "learning_rate": 0.1,
            "max_leaf_nodes": 31,
            "min_samples_leaf": 20,
            "l2_regularization": 1e-4,
            "max_features": 1.0,
            "max_bins": 255,
        },
        _fit_patches,
    ),
    "diabetes": Task(
        20261,
        442,
        diabetes,
        _draw_diabetes,
        {
            "C": 1.0,
            "gamma": 0.1,
            "epsilon": 0.1,
            "kernel": "rbf",
            "n_components": 10,
            "scaler": "standard",
        },
        _fit_diabetes,
    ),
    "colours": Task(
        20262,
        500,
        colours,
        _draw_colours,
        {
            "max_depth": 32,
            "min_samples_leaf": 1,
            "max_features": 1.0,
            "max_samples": 1.0,
            "min_impurity_decrease": 1e-7,
            "ccp_alpha": 1e-7,
        },
        _fit_colours,
    ),
    "strokes": Task(
        20263,
        600,
        strokes,
        _draw_strokes,
        {
            "C": 1.0,
            "gamma": 1 / 64,
            "kernel": "rbf",
            "degree": 3,
            "coef0": 0.0,
            "n_components": 64,
        },
        _fit_strokes,
    ),
}


def train(task: Task, params: Params, seed: int, data: Rows) -> list[float]:
    """Train once; the validation score at each checkpoint."""
    rows, target = data
    count = task.train if task.train == len(rows) else task.train * 4 // 5
    chosen = np.random.default_rng(seed).permutation(task.train)[:count]
    fresh = (rows[task.train :], target[task.train :])
    scores = task.fit(params, seed, (rows[chosen], target[chosen]), fresh)
    return [round(score, 5) for score in scores]


def main(name: str) -> None:
    """Write a pool to standard output."""
    task = TASKS[name]
    rng = np.random.default_rng(task.seed)
    data = task.data(rng)
    for index in range(CONFIGURATIONS):
        params = task.default if index == 0 else task.draw(rng)
        curves = [train(task, params, 1000 + seed, data) for seed in range(SEEDS)]
        line = {"i": index, "params": params, "curve": np.array(curves).T.tolist()}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
