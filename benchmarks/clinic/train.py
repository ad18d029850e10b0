"""Training of a group: the settings and all their changed copies as stacks of models."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.clinic.data import DataSet
from benchmarks.clinic.draw import CHANGES, Group, Setting, changed
from benchmarks.clinic.loading import load
from benchmarks.clinic.models import Dropout, Shape, Stack

SEEDS = (1, 2)
SHAPE_CHANGES = ("capacity_x4", "epochs_x3", "stop_at_best")
_TEST_LIMIT, _VALIDATION_LIMIT = 1500, 400


class Split:
    """One setting's data: the training subset is its own, validation and test are the task's.

    Labels are made noisy in all three parts alike, so that validation speaks for the test part.
    """

    def __init__(self, data: DataSet, setting: Setting, size: int) -> None:
        total = len(data.inputs)
        test = min(_TEST_LIMIT, total * 3 // 10)
        validation = min(_VALIDATION_LIMIT, total // 5)
        rng = np.random.default_rng(setting.subset)
        pool = np.arange(test + validation, total)
        chosen = rng.permutation(pool)[:size]
        targets = _noisy(data, setting, rng)
        self.train = _tensors(data, targets, chosen)
        self.validation = _tensors(data, targets, np.arange(test, test + validation))
        self.test = _tensors(data, targets, np.arange(test))


def _tensors(data: DataSet, targets: Any, rows: Any) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(data.inputs[rows]), torch.from_numpy(targets[rows])


def _noisy(data: DataSet, setting: Setting, rng: np.random.Generator) -> Any:
    targets = data.targets.copy()
    if data.classes:
        hit = rng.random(len(targets)) < setting.label_noise
        targets[hit] = rng.integers(0, data.classes, int(hit.sum()))
        return targets
    noise = rng.standard_normal(targets.shape).astype(np.float32)
    return targets + noise * np.float32(2 * setting.label_noise)


def rate_factor(schedule: str, share: float) -> float:
    """The rate at ``share`` of the training, as a share of the peak."""
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * share))
    if schedule == "linear":
        return 1 - share
    if schedule == "step":
        return 0.1 ** ((share >= 0.5) + (share >= 0.75))
    if schedule == "warmup-cosine":
        return share / 0.1 if share < 0.1 else rate_factor("cosine", (share - 0.1) / 0.9)
    return 1.0


class Trainer:
    """One stack of models under training: parameters, optimizer state, data.

    ``members`` are (setting, seed); models of SGD kinds stand first, so that each kind of update
    runs on one contiguous block.
    """

    def __init__(
        self,
        group: Group,
        width: int,
        members: list[tuple[Setting, int]],
        splits: dict[int, Split],
    ) -> None:
        data = load(group.task.rsplit("-", 1)[0])
        outputs = data.classes or data.targets.shape[1]
        kind = group.task.rsplit("-", 1)[1]
        shape = Shape(kind, data.inputs.shape[1], outputs, width, group.depth, group.activation)
        self.classes = data.classes
        self.stack = Stack(shape)
        self.members = members
        self.splits = [splits[setting.subset] for setting, _ in members]
        self.flat = self.stack.initial([seed for _, seed in members]).requires_grad_()
        self.first = torch.zeros_like(self.flat)
        self.second = torch.zeros_like(self.flat)
        self.step_number = 0
        self.rate = _column(setting.learning_rate for setting, _ in members)
        self.decay = _column(setting.weight_decay for setting, _ in members)
        self.coupled = _column(float(s.optimizer != "adamw") for s, _ in members)
        self.momentum = _column(0.9 * (s.optimizer == "momentum") for s, _ in members)
        self.plain = sum(s.optimizer in ("sgd", "momentum") for s, _ in members)
        drop = _column(setting.dropout for setting, _ in members)[:, :, None]
        self.drop = Dropout(drop) if bool((drop > 0).any()) else None
        self.x = torch.stack([split.train[0] for split in self.splits])
        self.y = torch.stack([split.train[1] for split in self.splits])
        self.orders = [torch.Generator().manual_seed(1000 + seed) for _, seed in members]

    def epoch(self, batch: int, factors: list[list[float]]) -> tuple[Any, Any]:
        """Train one epoch; ``factors[step][member]`` scales the rate.

        Returns:
            Mean training loss and accuracy of each model over the epoch's batches, as a progress
            bar would show them.
        """
        size = self.x.shape[1]
        order = torch.stack([torch.randperm(size, generator=g) for g in self.orders])
        rows = torch.arange(len(self.members))[:, None]
        losses = torch.zeros(len(self.members))
        hits = torch.zeros(len(self.members))
        for number, start in enumerate(range(0, size, batch)):
            index = order[:, start : start + batch]
            share = index.shape[1] / size
            loss, hit = self._step(self.x[rows, index], self.y[rows, index], factors[number])
            losses += loss * share
            hits += hit * share
        return losses.numpy(), hits.numpy()

    def _step(self, x: Tensor, y: Tensor, factors: list[float]) -> tuple[Tensor, Tensor]:
        output = self.stack.forward(self.flat, x, self.drop)
        loss = self._loss(output, y)
        (gradient,) = torch.autograd.grad(loss.sum(), self.flat)
        with torch.no_grad():
            self._update(gradient, self.rate * _column(factors))
            hit = (output.argmax(-1) == y).float().mean(1) if self.classes else torch.zeros(len(y))
        return loss.detach(), hit

    def _loss(self, output: Tensor, y: Tensor) -> Tensor:
        if self.classes:
            return functional.cross_entropy(output.transpose(1, 2), y, reduction="none").mean(1)
        return (output - y).square().mean((1, 2))

    def _update(self, gradient: Tensor, rate: Tensor) -> None:
        self.step_number += 1
        gradient.addcmul_(self.flat, self.decay * self.coupled)
        cut = self.plain
        if cut:
            self.first[:cut].mul_(self.momentum[:cut]).add_(gradient[:cut])
            self.flat[:cut].addcmul_(self.first[:cut], rate[:cut], value=-1)
        if cut < len(self.members):
            part = gradient[cut:]
            self.first[cut:].lerp_(part, 0.1)
            self.second[cut:].mul_(0.999).addcmul_(part, part, value=0.001)
            size = rate[cut:] / (1 - 0.9**self.step_number)
            root = self.second[cut:].div(1 - 0.999**self.step_number).sqrt_().add_(1e-8)
            self.flat[cut:].mul_(1 - rate[cut:] * self.decay[cut:] * (1 - self.coupled[cut:]))
            self.flat[cut:].sub_(self.first[cut:].div(root).mul_(size))

    @torch.no_grad()
    def evaluate(self, part: str, members: list[int]) -> tuple[Any, Any]:
        """Loss and accuracy of some members on ``validation`` or ``test``."""
        x = torch.stack([getattr(self.splits[m], part)[0] for m in members])
        y = torch.stack([getattr(self.splits[m], part)[1] for m in members])
        output = self.stack.forward(self.flat[members], x, None)
        loss = self._loss(output, y)
        hit = (output.argmax(-1) == y).float().mean(1) if self.classes else torch.zeros(len(y))
        return loss.numpy(), hit.numpy()


def _column(values: Any) -> Tensor:
    return torch.tensor(list(values), dtype=torch.float32)[:, None]


def train_group(group: Group, seeds: tuple[int, int] = SEEDS) -> list[dict[str, Any]]:
    """Train a group with all its changes.

    Args:
        group: As drawn.
        seeds: Of the initial weights and the order of the data.

    Returns:
        For each setting its curves (both seeds) and the test loss of every change and seed.
    """
    data = load(group.task.rsplit("-", 1)[0])
    ordered = sorted(group.settings, key=lambda s: s.optimizer not in ("sgd", "momentum"))
    splits = {s.subset: Split(data, s, group.train_examples) for s in ordered}
    same_shape = ["reference", *(c for c in CHANGES if c not in SHAPE_CHANGES)]
    members = [(s, seed, c) for s in ordered for c in same_shape for seed in seeds]
    results: dict[tuple[int, str], list[float]] = {}
    curves = _run(group, group.width, members, group.epochs, splits, results)
    for change, width, epochs in (
        ("capacity_x4", group.width * 4, group.epochs),
        ("epochs_x3", group.width, group.epochs * 3),
    ):
        wider = [(s, seed, change) for s in ordered for seed in seeds]
        _run(group, width, wider, epochs, splits, results)
    trivial = _trivial_losses(data, splits)
    return [
        _record(group, number, setting, curves, results, trivial[setting.subset])
        for number, setting in enumerate(group.settings)
    ]


def _run(
    group: Group,
    width: int,
    members: list[tuple[Setting, int, str]],
    epochs: int,
    splits: dict[int, Split],
    results: dict[tuple[int, str], list[float]],
) -> dict[int, list[list[list[float]]]]:
    """Train one stack; fill ``results``; return the reference members' curves by subset."""
    trained = [(changed(s, c), seed) for s, seed, c in members]
    trainer = Trainer(group, width, trained, splits)
    shown = [place for place, (_, _, change) in enumerate(members) if change == "reference"]
    per_epoch = -(-group.train_examples // group.batch_size)
    curves: list[list[list[float]]] = [[] for _ in shown]
    tests = []
    for epoch in range(epochs):
        steps = [(epoch * per_epoch + k) / (epochs * per_epoch) for k in range(per_epoch)]
        factors = [[rate_factor(s.schedule, share) for s, _ in trained] for share in steps]
        losses, hits = trainer.epoch(group.batch_size, factors)
        if shown:
            val_losses, val_hits = trainer.evaluate("validation", shown)
            tests.append(trainer.evaluate("test", shown)[0])
            for row, place in enumerate(shown):
                rate = float(trainer.rate[place, 0]) * factors[-1][place]
                values = (losses[place], val_losses[row], hits[place], val_hits[row], rate)
                curves[row].append([float(value) for value in values])
    final, _ = trainer.evaluate("test", list(range(len(members))))
    for place, (setting, _, change) in enumerate(members):
        results.setdefault((setting.subset, change), []).append(float(final[place]))
    by_subset: dict[int, list[list[list[float]]]] = {}
    for row, place in enumerate(shown):
        subset = members[place][0].subset
        by_subset.setdefault(subset, []).append(curves[row])
        validation = np.asarray([point[1] for point in curves[row]])
        best = int(np.nanargmin(np.where(np.isfinite(validation), validation, 1e30)))
        results.setdefault((subset, "stop_at_best"), []).append(float(tests[best][row]))
    return by_subset


def _trivial_losses(data: DataSet, splits: dict[int, Split]) -> dict[int, float]:
    """Test loss of guessing the training split's class shares or mean."""
    losses = {}
    for subset, split in splits.items():
        train, test = split.train[1], split.test[1]
        if data.classes:
            shares = torch.bincount(train, minlength=data.classes).float() + 0.5
            losses[subset] = float(-(shares / shares.sum()).log()[test].mean())
        else:
            losses[subset] = float((test - train.mean(0)).square().mean())
    return losses


def _record(
    group: Group,
    number: int,
    setting: Setting,
    curves: dict[int, list[list[list[float]]]],
    results: dict[tuple[int, str], list[float]],
    trivial: float,
) -> dict[str, Any]:
    about = {key: value for key, value in vars(replace(group)).items() if key != "settings"}
    about.pop("number")
    return {
        "id": f"{group.number:04d}-{number}",
        **about,
        **setting.to_json(),
        "classes": load(group.task.rsplit("-", 1)[0]).classes,
        "trivial": _short(trivial),
        "curves": [
            [[_short(value) for value in column] for column in zip(*seed, strict=True)]
            for seed in curves[setting.subset]
        ],
        "test": {
            change: [_short(value) for value in results[(setting.subset, change)]]
            for change in ("reference", *CHANGES)
        },
    }


def _short(value: float) -> float | None:
    """Four significant digits; None for what is not finite."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
