"""What the steps of the clinic's runs showed: training losses and gradient norms.

``python -m benchmarks.clinic steps`` trains the settings themselves again, without their changes
(about six minutes for all), with the same seeds and the same dropout as when they were trained
among their changed copies. The training losses must come out as they were committed. Up to
``VALUES`` rows of a run are kept, as the Hugging Face trainer logs every n-th step: the mean loss
since the last row, and the norm of that step's gradient.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.clinic.draw import CHANGES, Group, draw_group
from benchmarks.clinic.generate import prepare
from benchmarks.clinic.loading import load
from benchmarks.clinic.models import Dropout
from benchmarks.clinic.train import SEEDS, SHAPE_CHANGES, Split, Trainer, rate_factor

VALUES = 100
ALIKE = 2e-3
"""Largest relative difference from the committed training losses, which have four digits."""


class _Watched(Trainer):
    """Keeps the loss of each batch and the norm of its gradient, weight decay left out."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.losses: list[Tensor] = []
        self.norms: list[Tensor] = []

    def _loss(self, output: Tensor, y: Tensor) -> Tensor:
        loss = super()._loss(output, y)
        self.losses.append(loss.detach())
        return loss

    def _update(self, gradient: Tensor, rate: Tensor) -> None:
        self.norms.append(gradient.norm(dim=1))
        super()._update(gradient, rate)


def observe(records: list[dict[str, Any]], out: Path) -> None:
    """Train the settings of ``records`` again and write their steps (JSON lines, gzip).

    Raises:
        ValueError: A training loss differs from what was committed.
    """
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        groups[int(record["id"].split("-")[0])].append(record)
    with out.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as stream:
        for number, members in sorted(groups.items()):
            print(number, file=sys.stderr, flush=True)
            prepare(number)
            for line in _observed(draw_group(number), members):
                stream.write((json.dumps(line, separators=(",", ":")) + "\n").encode())


def _observed(group: Group, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(group.settings, key=lambda s: s.optimizer not in ("sgd", "momentum"))
    members = [(setting, seed) for setting in ordered for seed in SEEDS]
    data = load(group.task.rsplit("-", 1)[0])
    splits = {s.subset: Split(data, s, group.train_examples) for s in ordered}
    trainer = _Watched(group, group.width, members, splits)
    trainer.drop = _dropout(members)
    per_epoch = -(-group.train_examples // group.batch_size)
    means = []
    for epoch in range(group.epochs):
        shares = [(epoch + step / per_epoch) / group.epochs for step in range(per_epoch)]
        factors = [[rate_factor(s.schedule, share) for s, _ in members] for share in shares]
        means.append(trainer.epoch(group.batch_size, factors)[0])
    seen = torch.stack((torch.stack(trainer.losses), torch.stack(trainer.norms))).numpy()
    lines = []
    for record in records:
        subset = group.settings[int(record["id"].split("-")[1])].subset
        places = [place for place, (s, _) in enumerate(members) if s.subset == subset]
        for seed, place in enumerate(places):
            _check(record, seed, np.asarray(means)[:, place])
        lines.append(_line(record["id"], seen[:, :, places], group.epochs))
    return lines


def _dropout(members: list[Any]) -> Dropout:
    """Random numbers as in the stack that held every setting with its changed copies."""
    copies = 1 + len(CHANGES) - len(SHAPE_CHANGES)
    pairs = range(len(members) // 2)
    rows = [2 * copies * pair + seed for pair in pairs for seed in range(2)]
    rates = torch.tensor([setting.dropout for setting, _ in members])[:, None, None]
    return Dropout(rates, torch.tensor(rows), copies * len(members))


def _check(record: dict[str, Any], seed: int, losses: Any) -> None:
    old = np.asarray(record["curves"][seed][0], dtype=np.float64)
    both = np.isfinite(old) & np.isfinite(losses)
    far = np.abs(old - losses)[both] > ALIKE * np.abs(old[both]) + 1e-6
    if far.any():
        raise ValueError(f"{record['id']}, seed {seed}: the training loss differs")


def _line(name: str, seen: Any, epochs: int) -> dict[str, Any]:
    """Rows of (loss and norm, steps, seeds); ``at`` is their position in epochs."""
    steps = seen.shape[1]
    every = -(-steps // VALUES)
    kept = np.arange(every - 1, steps, every)
    losses = seen[0, : len(kept) * every].reshape(len(kept), every, -1).mean(axis=1)
    return {
        "id": name,
        "at": [float(f"{epochs * (place + 1) / steps:.5g}") for place in kept],
        "train_loss": [[_short(value) for value in row] for row in losses.T],
        "grad_norm": [[_short(value) for value in row] for row in seen[1, kept].T],
    }


def _short(value: float) -> float | None:
    return float(f"{value:.3g}") if np.isfinite(value) else None
