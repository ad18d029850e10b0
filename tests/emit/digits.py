"""A small real training: a perceptron on a part of the digits, an epoch at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier


def train(params: dict[str, Any], report: Callable[[int, float], None], seed: int = 0) -> float:
    """Train for 20 epochs; return the accuracy on held-out digits."""
    features, labels = load_digits(return_X_y=True)
    features = features / 16.0
    model = MLPClassifier(
        hidden_layer_sizes=(params["width"],),
        activation=params["activation"],
        solver="sgd",
        learning_rate_init=params["eta"],
        alpha=params["weight_decay"],
        momentum=params["momentum"],
        random_state=seed,
    )
    score = 0.0
    for epoch in range(1, 21):
        model.partial_fit(features[:600], labels[:600], classes=np.arange(10))
        score = float(model.score(features[600:1000], labels[600:1000]))
        report(epoch, score)
    return score
