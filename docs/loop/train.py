"""The training of the worked example: a perceptron on handwritten digits, an epoch at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier


def train(params: dict[str, Any], report: Callable[[int, float], None], seed: int = 0) -> float:
    """Train for eight epochs; return the accuracy on held-out digits."""
    features, labels = load_digits(return_X_y=True)
    features = features / 16.0
    model = MLPClassifier(
        hidden_layer_sizes=(int(params.get("width", 64)),),
        solver="sgd",
        learning_rate_init=params["eta"],
        momentum=params.get("momentum", 0.9),
        alpha=params.get("alpha", 1e-4),
        random_state=seed,
    )
    score = 0.0
    for epoch in range(1, 9):
        model.partial_fit(features[:600], labels[:600], classes=np.arange(10))
        score = float(model.score(features[600:], labels[600:]))
        report(epoch, score)
    return score
