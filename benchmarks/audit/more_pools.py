"""Two further pools, made after the rules were written: they only report.

========  =================================================  ==================================
pool      data                                               model, score
========  =================================================  ==================================
shades    two photographs: a pixel's brightness from a ring  boosted trees, regression, R²
transfer  handwritten digits: six classes first, then the    a network that is fine-tuned,
          four others from few examples                      accuracy
========  =================================================  ==================================

Like the others: 300 random configurations, ten seeds each, configuration 0 the usual default.

Run: ``OMP_NUM_THREADS=1 python -m benchmarks.audit.more_pools shades 0 150 >> shades.jsonl``: the
configurations from one number up to another, so that a long run can be made in parts.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.datasets import load_digits, load_sample_images
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score

CONFIGURATIONS, SEEDS = 300, 10
ROUNDS, EVERY = 40, 8
ROWS, TRAIN = 2400, 900
WIDTH, PRETRAINING = 48, 400
FEW, CHECKPOINTS = 60, 5

Params = dict[str, Any]


def draw_shades(rng: np.random.Generator) -> Params:
    """Draw a configuration of boosted trees."""
    return {
        "learning_rate": float(10 ** rng.uniform(-2.5, 0)),
        "max_leaf_nodes": round(2 ** rng.uniform(1, 7)),
        "min_samples_leaf": round(10 ** rng.uniform(0, 2.3)),
        "l2_regularization": float(10 ** rng.uniform(-3, 2)),
        "max_features": float(rng.uniform(0.1, 1.0)),
        "max_depth": int(rng.integers(1, 11)),
    }


DEFAULT_SHADES: Params = {
    "learning_rate": 0.1,
    "max_leaf_nodes": 31,
    "min_samples_leaf": 20,
    "l2_regularization": 1e-3,
    "max_features": 1.0,
    "max_depth": 10,
}


def shades() -> tuple[Any, Any]:
    """Pixels: the ring of sixteen at distance two, noisy; the target is the middle."""
    rng = np.random.default_rng(20264)
    images = [image.mean(axis=2) for image in load_sample_images().images]
    rows, target = [], []
    for _ in range(ROWS):
        image = images[rng.integers(0, 2)]
        top, left = rng.integers(0, image.shape[0] - 5), rng.integers(0, image.shape[1] - 5)
        patch = image[top : top + 5, left : left + 5]
        edge = np.concatenate([patch[0], patch[-1], patch[1:-1, 0], patch[1:-1, -1]])
        rows.append(edge + rng.normal(0, 15, 16))
        target.append(patch[2, 2])
    return np.array(rows), np.array(target) / 255


def train_shades(params: Params, data: Any) -> list[list[float]]:
    """Train with every seed: rows of checkpoints by seeds."""
    rows, target = data
    found = []
    for seed in range(SEEDS):
        chosen = np.random.default_rng(1000 + seed).permutation(TRAIN)[: TRAIN * 4 // 5]
        model = HistGradientBoostingRegressor(
            max_iter=ROUNDS, early_stopping=False, random_state=seed, **params
        )
        model.fit(rows[chosen], target[chosen])
        scores = [r2_score(target[TRAIN:], guess) for guess in model.staged_predict(rows[TRAIN:])]
        found.append(scores[EVERY - 1 :: EVERY])
    return np.round(np.array(found).T, 5).tolist()


def draw_transfer(rng: np.random.Generator) -> Params:
    """Draw a configuration of the fine-tuning."""
    return {
        "learning_rate": float(10 ** rng.uniform(-4, 0)),
        "epochs": round(10 ** rng.uniform(0.3, 1.6)),
        "weight_decay": float(10 ** rng.uniform(-6, -1)),
        "batch_size": int(rng.choice([4, 8, 16, 32])),
        "dropout": float(rng.uniform(0, 0.6)),
        "frozen_layers": int(rng.integers(0, 3)),
    }


DEFAULT_TRANSFER: Params = {
    "learning_rate": 0.01,
    "epochs": 5,
    "weight_decay": 1e-4,
    "batch_size": 8,
    "dropout": 0.0,
    "frozen_layers": 0,
}


class Net:
    """A network of two hidden layers, one copy a seed: weights of shape (seeds, in, out)."""

    def __init__(self, sizes: list[int], rng: np.random.Generator, copies: int) -> None:
        self.weights = [rng.normal(0, np.sqrt(2 / a), (copies, a, b)) for a, b in pairwise(sizes)]
        self.biases = [np.zeros((copies, 1, b)) for b in sizes[1:]]

    def forward(self, rows: Any) -> list[Any]:
        """Activations of every layer, the scores of the classes last."""
        found = [rows]
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            out = found[-1] @ weight + bias
            found.append(out if place == len(self.weights) - 1 else np.maximum(out, 0))
        return found


def _softmax(scores: Any) -> Any:
    moved = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return moved / moved.sum(axis=-1, keepdims=True)


def step(net: Net, rows: Any, onehot: Any, params: Params, state: Any, rng: Any) -> None:
    """One step of gradient descent with momentum; frozen layers stay."""
    layers = net.forward(rows)
    if params["dropout"] > 0:
        keep = 1 - params["dropout"]
        layers[-2] = layers[-2] * (rng.random(layers[-2].shape) < keep) / keep
        layers[-1] = layers[-2] @ net.weights[-1] + net.biases[-1]
    delta = (_softmax(layers[-1]) - onehot) / rows.shape[1]
    for place in range(len(net.weights) - 1, params["frozen_layers"] - 1, -1):
        weight = net.weights[place]
        slope = layers[place].swapaxes(1, 2) @ delta
        bias = delta.sum(axis=1, keepdims=True)
        delta = (delta @ weight.swapaxes(1, 2)) * (layers[place] > 0)
        for kind, values, gradient in (
            (0, net.weights, slope + params["weight_decay"] * weight),
            (1, net.biases, bias),
        ):
            state[kind][place] = 0.9 * state[kind][place] + gradient
            values[place] = values[place] - params["learning_rate"] * state[kind][place]


def fit(net: Net, rows: Any, onehot: Any, params: Params, seed: int) -> Any:
    """Train all copies at once; yields after every epoch."""
    rng = np.random.default_rng(seed)
    state = [[np.zeros_like(w) for w in values] for values in (net.weights, net.biases)]
    count = rows.shape[1]
    for _ in range(params["epochs"]):
        order = np.argsort(rng.random(rows.shape[:2]), axis=1)
        for start in range(0, count, params["batch_size"]):
            some = order[:, start : start + params["batch_size"], None]
            step(
                net,
                np.take_along_axis(rows, some, axis=1),
                np.take_along_axis(onehot, some, axis=1),
                params,
                state,
                rng,
            )
        yield net


def transfer() -> Any:
    """The pretrained network, and the digits of the four classes that it has not seen."""
    rows, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(20265)
    rows = (rows - rows.mean()) / rows.std() + rng.normal(0, 0.7, rows.shape)
    known = labels < 6
    net = Net([64, WIDTH, WIDTH, 6], rng, 1)
    params = DEFAULT_TRANSFER | {"epochs": 15, "batch_size": 32, "learning_rate": 0.02}
    first = rows[known][:PRETRAINING]
    onehot = np.eye(6)[labels[known][:PRETRAINING]]
    with np.errstate(all="ignore"):
        for _ in fit(net, first[None], onehot[None], params, 0):
            pass
    order = rng.permutation(int((~known).sum()))
    return net, rows[~known][order], (labels[~known] - 6)[order]


def train_transfer(params: Params, data: Any) -> list[list[float]]:
    """Fine-tune with every seed at once: rows of checkpoints by seeds.

    A seed draws the examples, the head and the order.
    """
    old, rows, labels = data
    rng = np.random.default_rng(77)
    net = Net([64, WIDTH, WIDTH, 4], rng, SEEDS)
    for place in range(2):
        net.weights[place] = np.repeat(old.weights[place], SEEDS, axis=0)
        net.biases[place] = np.repeat(old.biases[place], SEEDS, axis=0)
    chosen = np.array([rng.permutation(2 * FEW)[:FEW] for _ in range(SEEDS)])
    held, truth = rows[2 * FEW :], labels[2 * FEW :]
    scores = []
    with np.errstate(all="ignore"):
        for _ in fit(net, rows[chosen], np.eye(4)[labels[chosen]], params, 5):
            guess = np.nan_to_num(net.forward(held[None])[-1], nan=0.0).argmax(axis=-1)
            scores.append((guess == truth).mean(axis=1))
    ends = np.linspace(0, len(scores) - 1, CHECKPOINTS).round().astype(int)
    return np.round(np.array(scores)[ends], 5).tolist()


POOLS: dict[str, Any] = {
    "shades": (20266, draw_shades, DEFAULT_SHADES, shades, train_shades),
    "transfer": (20267, draw_transfer, DEFAULT_TRANSFER, transfer, train_transfer),
}


def main(name: str, first: int, end: int) -> None:
    """Write the configurations of a pool from one number up to another."""
    seed, draw, default, data, train = POOLS[name]
    rng = np.random.default_rng(seed)
    configurations = [default] + [draw(rng) for _ in range(CONFIGURATIONS - 1)]
    given = data()
    for index in range(first, min(end, CONFIGURATIONS)):
        line = {"i": index, "params": configurations[index]}
        line["curve"] = train(configurations[index], given)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
