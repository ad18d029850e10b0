"""A small training as a program of its own: ``python training.py --task digits --lr 0.05 …``.

It knows nothing of hpadvisor: flags go in, a line an epoch comes out. Rows are split once into
training, validation and test; the seed draws weights, batches and dropout (of trees: their rows).
``--judge`` prints the score on the test rows at the end, which no search ever sees.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
EPOCHS = 12
TREES = "trees"
"""Tasks whose name begins so are trained by boosted trees."""


@dataclass
class Settings:
    """What can be set; the defaults are those that a person writes down first."""

    lr: float = 0.05
    wd: float = 1e-4
    dropout: float = 0.0
    momentum: float = 0.9
    width: int = 64
    batch: int = 64
    depth: int = 6
    rows: float = 20.0
    columns: float = 1.0
    l2: float = 0.0
    iterations: int = 100


@dataclass
class Rows:
    """Inputs and targets of training, validation and test; ``classes`` is 0 for a regression."""

    inputs: list[Array]
    targets: list[Array]
    classes: int


def load(folder: Path, task: str) -> Rows:
    """Read a task's rows, as ``benchmarks.loop`` has written them."""
    with np.load(folder / f"{task}.npz") as found:
        parts = ("train", "val", "test")
        return Rows(
            [found[f"x_{part}"] for part in parts], [found[f"y_{part}"] for part in parts],
            int(found["classes"]),
        )  # fmt: skip


def train(rows: Rows, settings: Settings, seed: int, *, show: bool = True) -> tuple[float, float]:
    """Train once; return the last validation score and the test score.

    Both are accuracies of classes, and root mean squared errors of numbers.
    """
    if rows.classes == 0:
        return _boost(rows, settings, seed, show)
    return _network(rows, settings, seed, show)


def _network(rows: Rows, s: Settings, seed: int, show: bool) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    x, y = rows.inputs[0], np.eye(rows.classes, dtype=np.float32)[rows.targets[0]]
    sizes = [(x.shape[1], s.width), (s.width, s.width), (s.width, rows.classes)]
    weights = [random.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in sizes]
    biases = [np.zeros(b, np.float32) for _, b in sizes]
    moving = [np.zeros_like(one) for one in (*weights, *biases)]
    batch, total = min(s.batch, len(x)), 0
    steps = max(len(x) // batch, 1) * EPOCHS
    accuracy = 0.0
    for epoch in range(1, EPOCHS + 1):
        order = random.permutation(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            chosen = order[start : start + batch]
            gradients = _gradients(weights, biases, x[chosen], y[chosen], s.dropout, random)
            rate = s.lr * 0.5 * (1 + np.cos(np.pi * total / steps))
            total += 1
            for place, gradient in enumerate(gradients):
                one = (*weights, *biases)[place]
                decayed = gradient + s.wd * one if place < len(weights) else gradient
                moving[place] = s.momentum * moving[place] + decayed
                np.subtract(one, rate * moving[place], out=one, casting="same_kind")
        loss, _ = _scores(weights, biases, x, rows.targets[0])
        lost, accuracy = _scores(weights, biases, rows.inputs[1], rows.targets[1])
        if show:
            print(f"epoch {epoch}/{EPOCHS} train_loss {loss:.5f} val_loss {lost:.5f} "
                  f"val_acc {accuracy:.5f}", flush=True)  # fmt: skip
    return accuracy, _scores(weights, biases, rows.inputs[2], rows.targets[2])[1]


def _forward(weights: list[Array], biases: list[Array], x: Array) -> Array:
    for place, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        x = x @ weight + bias
        x = np.maximum(x, 0) if place < len(weights) - 1 else x
    return x


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def _scores(
    weights: list[Array], biases: list[Array], x: Array, targets: Array
) -> tuple[float, float]:
    shares = _softmax(_forward(weights, biases, x))
    own = np.maximum(shares[np.arange(len(x)), targets], 1e-12)
    return float(-np.log(own).mean()), float((shares.argmax(1) == targets).mean())


def _gradients(
    weights: list[Array], biases: list[Array], x: Array, y: Array, dropout: float,
    random: np.random.Generator,
) -> list[Array]:  # fmt: skip
    layers, masks = [x], []
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        inside = np.maximum(layers[-1] @ weight + bias, 0)
        kept = (random.random(inside.shape) >= dropout).astype(np.float32) / (1 - dropout)
        masks.append(kept)
        layers.append(inside * kept)
    error = (_softmax(layers[-1] @ weights[-1] + biases[-1]) - y) / len(x)
    down, flat = [], []
    for place in range(len(weights) - 1, -1, -1):
        down.append(layers[place].T @ error)
        flat.append(error.sum(0))
        if place:
            error = (error @ weights[place].T) * (layers[place] > 0) * masks[place - 1]
    return [*down[::-1], *flat[::-1]]


def _boost(rows: Rows, s: Settings, seed: int, show: bool) -> tuple[float, float]:
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        learning_rate=s.lr, max_depth=s.depth, min_samples_leaf=max(round(s.rows), 1),
        l2_regularization=s.l2, max_iter=s.iterations, max_features=s.columns, random_state=seed,
        early_stopping=False, max_leaf_nodes=None,
    )  # fmt: skip
    model.fit(rows.inputs[0], rows.targets[0].ravel())
    errors = [
        float(np.sqrt(np.mean((model.predict(x) - y.ravel()) ** 2)))
        for x, y in zip(rows.inputs[1:], rows.targets[1:], strict=True)
    ]
    if show:
        print(f"iteration {s.iterations} val_rmse {errors[0]:.5f}", flush=True)
    return errors[0], errors[1]


def main() -> None:
    """Train once, by flags."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--judge", action="store_true")
    defaults = asdict(Settings())
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    given = vars(parser.parse_args())
    settings = Settings(**{name: given[name] for name in defaults})
    _, test = train(load(given["data"], given["task"]), settings, given["seed"])
    if given["judge"]:
        print(f"test {test:.5f}")


if __name__ == "__main__":
    main()
