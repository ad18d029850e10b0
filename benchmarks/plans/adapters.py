"""LoRA: a table of fine-tunings over model, learning rate and rank, beside the project."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.plans.tables import nearest
from benchmarks.plans.tasks import Curve, Params, Task, defaults_of, load_situation

FILE = Path(__file__).parents[3] / "shared" / "corpus" / "tuning" / "lora_sft_qwen.csv"
COMPLETE = 3
"""Rates that must be recorded at a rank for it to count as one of a model's legal ranks."""

Cells = dict[tuple[float, int], float]


def load_adapters() -> list[Task]:
    """Load a task for each model of the table.

    Raises:
        FileNotFoundError: the table does not lie beside the project.
    """
    models: dict[str, Cells] = defaultdict(dict)
    with FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            models[row["model"]][float(row["lr"]), int(row["rank"])] = float(row["Test NLL"])
    return [_task(name, cells) for name, cells in sorted(models.items())]


def _task(name: str, cells: Cells) -> Task:
    ranks = sorted({rank for _, rank in cells})
    ranks = [rank for rank in ranks if sum(r == rank for _, r in cells) >= COMPLETE]
    situation = load_situation("lora")
    for item in situation["hyperparameters"]:
        if item["name"] == "rank":
            item["choices"] = ranks
            item["default"] = ranks[nearest(list(ranks), item["default"])]
    scores = [score for (_, rank), score in cells.items() if rank in ranks]
    return Task(
        family="lora", name=name.rsplit("/", 1)[-1], situation=situation, epochs=1, seeds=1,
        curve=_Cells(cells), best=min(scores), typical=float(np.median(scores)),
        default=defaults_of(situation),
    )  # fmt: skip


class _Cells:
    """Answers with the nearest recorded rate; a missing cell is a training that diverged.

    Nearly all cells at the highest rate are missing or diverged, so that is what missing means.
    """

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._rates = sorted({rate for rate, _ in cells} | {3e-3})

    def __call__(self, params: Params, seed: int) -> Curve:
        rate = self._rates[nearest(list(self._rates), params["lr"])]
        return np.array([self._cells.get((rate, params["rank"]), float("nan"))])
