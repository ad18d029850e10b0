"""A published training, as it stands in ``recipes.csv``, and the half that it belongs to."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
VALUES = (
    "learning_rate", "weight_decay", "batch_size", "warmup", "epochs", "dropout", "lora_rank",
    "discount", "entropy_coefficient", "clip_range", "gae_lambda", "max_depth", "num_leaves",
    "colsample", "subsample",
)  # fmt: skip
"""Columns that hold what a training used; the others describe the training."""
CALIBRATED = frozenset({
    "speechbrain/speechbrain", "pytorch/torchtune", "huggingface/alignment-handbook",
    "pyg-team/pytorch_geometric",
})  # fmt: skip
"""Sources whose files were among those that ranges were measured on: development only."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One published training.

    Attributes:
        source: Repository on GitHub.
        locator: File in it, and which training of the file.
        kind: Kind of training.
        facts: What a user would say of it: dotted path to value.
        values: What it used, by canonical hyperparameter.
    """

    source: str
    locator: str
    kind: str
    facts: dict[str, Any]
    values: dict[str, float]

    @property
    def half(self) -> str:
        """``test`` or ``development``, by a hash of the source alone."""
        return half_of(self.source)


def half_of(source: str) -> str:
    """Return the half that all recipes of a source belong to."""
    if source in CALIBRATED:
        return "development"
    return "test" if int(hashlib.sha256(source.encode()).hexdigest(), 16) % 2 else "development"


def read_recipes() -> list[Recipe]:
    """Read every recipe."""
    with (FOLDER / "recipes.csv").open(encoding="utf-8", newline="") as file:
        return [_recipe(row) for row in csv.DictReader(file)]


def _recipe(row: dict[str, str]) -> Recipe:
    facts: dict[str, Any] = {"training.kind": row["kind"]}
    if row["pretrained"]:
        facts["model.pretrained"] = row["pretrained"] == "yes"
    for column, name in (
        ("family", "model.family"), ("model", "model.name"), ("optimizer", "training.optimizer"),
    ):  # fmt: skip
        if row[column]:
            facts[name] = row[column]
    for column, name in (("parameters", "model.parameters"),
                         ("train_examples", "data.train_examples")):  # fmt: skip
        if row[column]:
            facts[name] = float(row[column])
    values = {name: float(row[name]) for name in VALUES if row[name]}
    return Recipe(row["source"], row["locator"], row["kind"], facts, values)
