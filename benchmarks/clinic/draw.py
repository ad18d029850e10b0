"""Settings drawn at random over wide ranges, in groups that share shape, batch size and epochs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.clinic.tasks import (
    MORE_TASKS,
    PART,
    SECOND_ROUND,
    TASKS,
    THIRD_ROUND,
    THIRD_TASKS,
)
from hpadvisor.facts.situation.relative import USUAL_RATE

SETTINGS_PER_GROUP = 5
MAX_STEPS = 1500

SCHEDULES = ("constant", "constant", "cosine", "linear", "step", "warmup-cosine")


@dataclass(frozen=True)
class Setting:
    """The hyperparameters in which the members of a group differ.

    ``weight_decay`` is L2 for sgd, momentum and adam, decoupled for adamw; ``label_noise`` is the
    share of labels drawn anew (classification) or the noise added in standard deviations.
    """

    optimizer: str
    learning_rate: float
    schedule: str
    weight_decay: float
    dropout: float
    label_noise: float
    subset: int

    def to_json(self) -> dict[str, Any]:
        """As plain data, floats with four digits."""
        return {
            key: float(f"{value:.4g}") if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


@dataclass(frozen=True)
class Group:
    """Settings that are trained as one stack."""

    number: int
    task: str
    part: str
    width: int
    depth: int
    activation: str
    train_examples: int
    batch_size: int
    epochs: int
    settings: list[Setting] = field(default_factory=list)


def draw_group(number: int) -> Group:
    """Draw group ``number``; the same number always gives the same group."""
    rng = np.random.default_rng([71, number])
    tasks = TASKS if number < SECOND_ROUND else MORE_TASKS
    if number >= THIRD_ROUND:
        tasks = THIRD_TASKS
    weights = np.asarray([task.weight for task in tasks])
    task = tasks[int(rng.choice(len(tasks), p=weights / weights.sum()))]
    size = int(rng.choice(task.sizes))
    while True:
        epochs = round(float(np.exp(rng.uniform(np.log(10), np.log(150)))))
        batch = int(rng.choice([8, 16, 32, 64, 128]))
        if batch <= size / 2 and 60 <= epochs * -(-size // batch) <= MAX_STEPS:
            break
    group = Group(
        number=number,
        task=task.name,
        part=PART[task.name],
        width=int(rng.choice(task.widths)),
        depth=int(rng.choice(task.depths)),
        activation=str(rng.choice(["relu", "tanh"])),
        train_examples=size,
        batch_size=batch,
        epochs=epochs,
    )
    dropping = rng.random() < 0.5  # whole groups without dropout train faster
    settings = [_draw_setting(rng, dropping) for _ in range(SETTINGS_PER_GROUP)]
    return replace(group, settings=settings)


def _draw_setting(rng: np.random.Generator, dropping: bool) -> Setting:
    optimizer = str(rng.choice(["sgd", "momentum", "adam", "adamw"]))
    decades = rng.normal(0, 0.4) if rng.random() < 0.55 else rng.uniform(-2.3, 1.5)
    decay = 10 ** rng.uniform(-5, -1.5) if rng.random() < 0.5 else 0.0
    if optimizer == "adamw":
        decay *= 30  # decoupled decay is multiplied with the small rate
    return Setting(
        optimizer=optimizer,
        learning_rate=USUAL_RATE[optimizer] * 10**decades,
        schedule=str(rng.choice(SCHEDULES)),
        weight_decay=float(decay),
        dropout=float(rng.choice([0.0, 0.1, 0.25, 0.5])) if dropping else 0.0,
        label_noise=float(rng.choice([0.0, 0.0, 0.1, 0.3])),
        subset=int(rng.integers(1 << 30)),
    )


CHANGES: tuple[str, ...] = (
    "lr_x0.1",
    "lr_x0.3",
    "lr_x3",
    "lr_x10",
    "regularization_up",
    "regularization_down",
    "capacity_x4",
    "epochs_x3",
    "stop_at_best",
)
"""The single changes, each tried on every setting."""


def changed(setting: Setting, change: str) -> Setting:
    """The setting with one change; changes of shape and length leave it as it is."""
    if change.startswith("lr_x"):
        return replace(setting, learning_rate=setting.learning_rate * float(change[4:]))
    decoupled = setting.optimizer == "adamw"
    if change == "regularization_up":
        floor = 0.1 if decoupled else 3e-3
        decay = max(setting.weight_decay * 10, floor)
        return replace(setting, weight_decay=decay, dropout=min(0.7, setting.dropout + 0.2))
    if change == "regularization_down":
        return replace(
            setting, weight_decay=setting.weight_decay / 10, dropout=setting.dropout / 3
        )
    return setting
