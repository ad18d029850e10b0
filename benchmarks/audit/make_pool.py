"""Make the second pool of trainings: gradient boosting on patches of two photographs.

The photographs come with scikit-learn (``load_sample_images``); the task is to tell from which of
the two a 5 x 5 patch comes. 300 random configurations are trained with 10 seeds each; a seed
draws four fifths of the training patches and the features of each split. Configuration 0 is the
library's default, the baseline. One JSON line a configuration::

    {"i": 0, "params": {…}, "curve": [[score of each seed] of each checkpoint]}

Run: ``OMP_NUM_THREADS=1 python benchmarks/audit/make_pool.py > patches.jsonl``, with scikit-learn
and Pillow (three minutes on one core).
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from sklearn.datasets import load_sample_images
from sklearn.ensemble import HistGradientBoostingClassifier

CONFIGURATIONS, SEEDS, ITERATIONS, EVERY = 300, 10, 48, 4
TRAIN, VALIDATION, WIDTH = 1200, 1500, 5


def patches(rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw grey patches, with noise, from both photographs: rows of 25 values and their labels."""
    images = [image.mean(axis=2) for image in load_sample_images().images]
    count = TRAIN + VALIDATION
    labels = rng.integers(0, 2, count)
    rows = np.empty((count, WIDTH * WIDTH))
    for index, label in enumerate(labels):
        image = images[label]
        top = rng.integers(0, image.shape[0] - WIDTH)
        left = rng.integers(0, image.shape[1] - WIDTH)
        patch = image[top : top + WIDTH, left : left + WIDTH]
        rows[index] = patch.ravel() + rng.normal(0, 12, WIDTH * WIDTH)
    return rows, labels


def draw(rng: np.random.Generator) -> dict[str, Any]:
    """Draw one configuration of the search space."""
    return {
        "learning_rate": float(10 ** rng.uniform(-3, 0)),
        "max_leaf_nodes": round(2 ** rng.uniform(1, 6)),
        "min_samples_leaf": round(10 ** rng.uniform(0, 2.3)),
        "l2_regularization": float(10 ** rng.uniform(-4, 2)),
        "max_features": float(rng.uniform(0.1, 1.0)),
        "max_bins": int(rng.choice([16, 64, 255])),
    }


DEFAULT = {
    "learning_rate": 0.1,
    "max_leaf_nodes": 31,
    "min_samples_leaf": 20,
    "l2_regularization": 1e-4,
    "max_features": 1.0,
    "max_bins": 255,
}


def train(params: dict[str, Any], seed: int, data: tuple[Any, Any]) -> list[float]:
    """Train once; the validation accuracy at each checkpoint."""
    rows, labels = data
    chosen = np.random.default_rng(seed).permutation(TRAIN)[: TRAIN * 4 // 5]
    model = HistGradientBoostingClassifier(
        max_iter=ITERATIONS, early_stopping=False, random_state=seed, **params
    )
    model.fit(rows[chosen], labels[chosen])
    staged = model.staged_predict(rows[TRAIN:])
    scores = [float(np.mean(guess == labels[TRAIN:])) for guess in staged]
    return [round(score, 5) for score in scores[EVERY - 1 :: EVERY]]


def main() -> None:
    """Write the pool to standard output."""
    rng = np.random.default_rng(20260)
    data = patches(rng)
    for index in range(CONFIGURATIONS):
        params = DEFAULT if index == 0 else draw(rng)
        curves = [train(params, 1000 + seed, data) for seed in range(SEEDS)]
        line = {"i": index, "params": params, "curve": np.array(curves).T.tolist()}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
