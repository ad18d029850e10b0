"""Draws situations of every kind, sensible and odd ones, from a seed."""

from __future__ import annotations

import random
from typing import Any

from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.facts.vocabulary import OPTIMIZERS, SYMPTOMS

USUAL = ("sgd", "adam", "adamw", "rmsprop", "lion", "lars", "adafactor")
RATES = (1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.4, 10.0)
METRICS = ("accuracy", "val_loss", "macro_f1", "rmse", "fid", "wer", "mAP", "auc")


def draw(source: random.Random, knowledge: Knowledge) -> dict[str, Any]:
    """Return one situation as a user would write it; every part may be missing."""

    def maybe(share: float, value: Any) -> Any:
        return value if source.random() < share else None

    kinds = [training.id for training in knowledge.trainings]
    optimizer = source.choice(USUAL if source.random() < 0.9 else OPTIMIZERS)
    training = {
        "kind": maybe(0.95, source.choice(kinds)),
        "optimizer": maybe(0.8, optimizer),
        "learning_rate": maybe(0.6, source.choice(RATES)),
        "batch_size": maybe(0.4, source.choice((1, 8, 32, 128, 512))),
        "epochs": maybe(0.5, source.choice((1, 3, 10, 12, 50, 200, 1000))),
        "steps": maybe(0.1, source.choice((1000, 50000))),
        "weight_decay": maybe(0.3, source.choice((0, 1e-4, 0.01, 0.1))),
        "dropout": maybe(0.2, source.choice((0.0, 0.1, 0.5))),
        "warmup": maybe(0.2, source.choice((0.0, 0.05, 0.3))),
        "gradient_clipping": maybe(0.2, source.choice((1.0, 5.0))),
        "lora_rank": maybe(0.1, source.choice((8, 64))),
    }
    current = round(source.uniform(0.3, 0.99), 3)
    task = {
        "metric": maybe(0.7, source.choice(METRICS)),
        "current": maybe(0.6, current),
        "target": maybe(0.4, round(current + source.uniform(0.001, 0.1), 3)),
        "noise": maybe(0.2, source.choice((0.001, 0.006, 0.02))),
        "acceptable": maybe(0.5, source.random() < 0.1),
    }
    data = {
        "train_examples": maybe(0.6, source.choice((16, 140, 300, 800, 2000, 20000, 1200000))),
        "validation_examples": maybe(0.3, source.choice((60, 400, 5000))),
        "tokens": maybe(0.1, source.choice((1e6, 1e10))),
        "positive_share": maybe(0.1, source.choice((0.02, 0.4))),
    }
    model = {
        "pretrained": maybe(0.4, source.random() < 0.5),
        "parameters": maybe(0.4, source.choice((1e5, 11e6, 350e6, 7e9))),
        "name": maybe(0.1, source.choice(("whisper-small", "lightgbm", "resnet50"))),
    }
    budget = _budget(source)
    symptoms = source.sample(SYMPTOMS, source.choice((1, 1, 2))) if source.random() < 0.5 else []
    sections = {"task": task, "model": model, "training": training, "data": data, "budget": budget}
    told: dict[str, Any] = {
        name: {key: value for key, value in section.items() if value is not None}
        for name, section in sections.items()
    }
    told |= {"symptoms": symptoms} if symptoms else {}
    return told | ({"hyperparameters": _own(source, training)} if source.random() < 0.15 else {})


OWN: tuple[dict[str, Any], ...] = (
    {"name": "eta", "role": "learning_rate", "type": "float", "low": 1e-5, "high": 0.3,
     "scale": "log", "default": 1e-3},
    {"name": "decay", "role": "weight_decay", "type": "float", "low": 1e-6, "high": 0.1,
     "scale": "log"},
    {"name": "drop", "role": "dropout", "type": "float", "low": 0.0, "high": 0.6, "default": 0.1},
    {"name": "units", "role": "width", "type": "int", "low": 16, "high": 512, "default": 64},
    {"name": "bs", "role": "batch_size", "type": "categorical", "choices": [16, 32, 64]},
    {"name": "margin", "type": "float", "low": 0.1, "high": 2.0, "default": 0.5},
    {"name": "pooling", "type": "categorical", "choices": ["mean", "max", "cls"]},
)  # fmt: skip
"""Hyperparameters of a user's own, with and without a role."""


def _own(source: random.Random, training: dict[str, Any]) -> list[dict[str, Any]]:
    """Return some of them; today's value stands in one place, here or in the training."""
    drawn = source.sample(OWN, source.choice((1, 2, 4, len(OWN))))
    return [
        {key: value for key, value in item.items() if key != "default"}
        if training.get(item.get("role", "")) is not None
        else item
        for item in drawn
    ]


def _budget(source: random.Random) -> dict[str, Any]:
    parallel = {"parallel": source.choice((1, 2, 4, 8))} if source.random() < 0.3 else {}
    kind = source.random()
    if kind < 0.45:
        return {"trainings": source.choice((1, 2, 4, 6, 8, 12, 20, 36, 60, 110, 300))} | parallel
    if kind < 0.85:
        each = source.choice((0.02, 0.2, 1, 3, 10))
        return {"hours": source.choice((4, 24, 72, 240)), "hours_per_training": each} | parallel
    if kind < 0.93:
        return {"deadline": source.choice((14, 48)), "hours_per_training": 1} | parallel
    return parallel
