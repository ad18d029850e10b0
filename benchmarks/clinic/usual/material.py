"""What a group trains on: examples of every net at every step, and what it is evaluated on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.clinic.usual.draw import FURTHER_READ, LANGUAGE_MODELS, READ, Group
from benchmarks.clinic.usual.sources import PIECES, SIDE, SYMBOLS

Array = Any
LONGEST = 3
"""The longest change trains this many times the steps."""
BLOCK = 4096


@dataclass(frozen=True)
class Material:
    """Examples of a group; a source is a setting with a seed (setting × 2 + seed).

    Attributes:
        inputs: Examples (n, …), or the codes (n,) of a text.
        targets: Targets (n,) or (n, values); of a text empty.
        noisy: Targets with label noise (settings, n), where there is any.
        steps: Rows (steps, sources, batch) of each step; of a text where windows begin.
        shifts: Shifts (steps, sources, batch) of pictures, 0 to 24; empty without augmentation.
        validation: Rows of the validation part.
        test: Rows of the test part.
        seen: Rows of the training part (evaluations, sources, examples) that are evaluated.
        fresh: Places in ``validation`` (evaluations, sources, examples) of each evaluation.
        length: Tokens of a window; 0 where examples are rows.
        vocabulary: Size of the vocabulary, channels or features.
        outputs: Classes, or values of a regression.
        classes: 0 for a regression.
        trivial: Test loss (settings,) of guessing shares or means of the training part.
    """

    inputs: Tensor
    targets: Tensor
    noisy: Tensor
    steps: Tensor
    shifts: Tensor
    validation: Tensor
    test: Tensor
    seen: Tensor
    fresh: Tensor
    length: int
    vocabulary: int
    outputs: int
    classes: int
    trivial: list[float]

    def examples(
        self, rows: Tensor, settings: Tensor | None = None, shifts: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Inputs and targets (nets, batch, …) of rows, of a setting's own noisy labels."""
        if self.length:
            reach = torch.arange(self.length + 1, device=rows.device)
            windows = self.inputs[rows[..., None] + reach].long()
            return windows[..., :-1], windows[..., 1:]
        inputs = self.inputs[rows]
        if inputs.dtype == torch.uint8 and inputs.dim() == 5:
            inputs = inputs.float().sub_(128).div_(64)
            if shifts is not None and len(self.shifts):
                inputs = _shifted(inputs, shifts)
        elif inputs.dtype == torch.uint8:
            inputs = inputs.long()
        if settings is not None and len(self.noisy):
            return inputs, self.noisy[settings[:, None], rows]
        return inputs, self.targets[rows]


def _shifted(pictures: Tensor, shifts: Tensor) -> Tensor:
    """Move (nets, batch, side, side, channels) by up to two pixels each way."""
    side = pictures.shape[2]
    reach = torch.arange(side, device=pictures.device)
    down = (reach + (shifts // 5 - 2)[..., None]).clamp_(0, side - 1)
    right = (reach + (shifts % 5 - 2)[..., None]).clamp_(0, side - 1)
    flat = (down[..., :, None] * side + right[..., None, :]).flatten(2)
    channels = pictures.shape[-1]
    index = flat[..., None].expand(*flat.shape, channels)
    return pictures.flatten(2, 3).gather(2, index).view(pictures.shape)


def gather(group: Group, data: dict[str, Array], device: Any) -> Material:
    """Load a group's data and draw which examples each net sees when."""
    text = group.task.kind in LANGUAGE_MODELS
    found = _text(group, data) if text else _rows(group, data)
    on = {
        key: torch.from_numpy(np.ascontiguousarray(value)).to(device)
        if isinstance(value, np.ndarray) else value
        for key, value in found.items()
    }  # fmt: skip
    return Material(**on)


def _seeds(group: Group) -> list[np.random.Generator]:
    return [
        np.random.default_rng([group.number, setting.subset, seed])
        for setting in group.settings for seed in (0, 1)
    ]  # fmt: skip


def _evaluations(group: Group, pool: int) -> tuple[Array, int]:
    """Places in the pool of the random evaluations, and how many evaluations there are."""
    count = LONGEST * group.steps // group.interval + 1
    size = min(group.fresh, pool)
    fresh = [
        np.stack([rng.choice(pool, size, replace=False) for _ in range(count)])
        for rng in _seeds(group)
    ]
    return np.stack(fresh, axis=1), count


def _text(group: Group, data: dict[str, Array]) -> dict[str, Any]:
    task, length = group.task, group.length
    codes = data[("pieces/" if task.kind == "gpt_pieces" else "text/") + task.data]
    blocks = codes[: len(codes) // BLOCK * BLOCK].reshape(-1, BLOCK)
    codes = blocks[np.random.default_rng(31).permutation(len(blocks))].reshape(-1)
    train, held = int(len(codes) * 0.8), int(len(codes) * 0.9)
    rng = np.random.default_rng(17)
    pool, total = 256, 512
    validation = train + rng.choice((held - train) // length - 1, pool, replace=False) * length
    test = held + rng.choice((len(codes) - held) // length - 1, total, replace=False) * length
    fresh, evaluations = _evaluations(group, pool)
    vocabulary = PIECES if task.kind == "gpt_pieces" else SYMBOLS
    steps, seen, trivial = [], [], []
    for source, rng in enumerate(_seeds(group)):
        setting = group.settings[source // 2]
        size = min(setting.size, train - 1)
        offset = setting.subset % (train - size)
        span = (offset, offset + size - length - 1)
        steps.append(rng.integers(*span, (LONGEST * group.steps, group.batch_size)))
        seen.append(rng.integers(*span, (evaluations, min(group.fresh, 64))))
        if source % 2 == 0:
            shares = np.bincount(codes[offset : offset + size], minlength=vocabulary) + 0.5
            trivial.append(float(-np.log(shares / shares.sum())[codes[held:]].mean()))
    return {
        "inputs": codes.astype(np.int32), "targets": np.zeros(0), "noisy": np.zeros(0),
        "steps": np.stack(steps, 1).astype(np.int64), "shifts": np.zeros(0),
        "validation": validation, "test": test, "seen": np.stack(seen, 1), "fresh": fresh,
        "length": length, "vocabulary": vocabulary, "outputs": vocabulary,
        "classes": vocabulary, "trivial": trivial,
    }  # fmt: skip


def _arrays(group: Group, data: dict[str, Array]) -> tuple[Array, Array]:
    name = group.task.data
    texts = (READ | FURTHER_READ).get(name)
    if texts is None:
        return data[f"inputs/{name}"], data[f"targets/{name}"]
    rows, labels = [], []
    for label, text in enumerate(texts):
        codes = data[f"text/{text}"]
        begin = np.random.default_rng(label).choice(len(codes) - group.length, 1500, replace=False)
        rows.append(codes[begin[:, None] + np.arange(group.length)])
        labels += [label] * 1500
    order = np.random.default_rng(9).permutation(len(labels))
    return np.concatenate(rows)[order], np.asarray(labels)[order]


def _rows(group: Group, data: dict[str, Array]) -> dict[str, Any]:
    inputs, targets = _arrays(group, data)
    classes = int(targets.max()) + 1 if targets.ndim == 1 else 0
    if not classes:
        targets = targets.astype(np.float32)
    pool = min(500, len(inputs) // 5)
    total = min(1200, len(inputs) // 3)
    validation, test = np.arange(pool), np.arange(pool, pool + total)
    fresh, evaluations = _evaluations(group, pool)
    shape: dict[str, list[Any]] = {"steps": [], "shifts": [], "seen": [], "noisy": []}
    trivial = []
    for source, rng in enumerate(_seeds(group)):
        setting = group.settings[source // 2]
        own = np.random.default_rng(setting.subset)
        rest = np.arange(pool + total, len(inputs))
        rows = own.permutation(rest)[: setting.size]
        count = LONGEST * group.steps * group.batch_size
        epochs = [rng.permutation(rows) for _ in range(-(-count // len(rows)))]
        per_epoch = group.interval * group.batch_size
        padded = [np.resize(epoch, per_epoch) for epoch in epochs]
        shape["steps"].append(np.concatenate(padded)[:count].reshape(-1, group.batch_size))
        shape["shifts"].append(rng.integers(0, 25, (LONGEST * group.steps, group.batch_size)))
        shape["seen"].append(np.stack(
            [rng.choice(rows, min(100, len(rows)), replace=False) for _ in range(evaluations)]
        ))  # fmt: skip
        if source % 2:
            continue
        if classes:
            noisy = np.where(own.random(len(targets)) < setting.label_noise,
                             own.integers(0, classes, len(targets)), targets)  # fmt: skip
            shape["noisy"].append(noisy)
            shares = np.bincount(noisy[rows], minlength=classes) + 0.5
            trivial.append(float(-np.log(shares / shares.sum())[targets[test]].mean()))
        else:
            trivial.append(float(((targets[test] - targets[rows].mean(0)) ** 2).mean()))
    return {
        "inputs": inputs, "targets": targets,
        "noisy": np.stack(shape["noisy"]) if classes else np.zeros(0),
        "steps": np.stack(shape["steps"], 1).astype(np.int64),
        "shifts": np.stack(shape["shifts"], 1) if group.augmented else np.zeros(0),
        "validation": validation, "test": test, "seen": np.stack(shape["seen"], 1),
        "fresh": fresh, "length": 0,
        "vocabulary": SYMBOLS if inputs.ndim == 2 and inputs.dtype == np.uint8
        else inputs.shape[-1],
        "outputs": classes or targets.shape[1], "classes": classes, "trivial": trivial,
    }  # fmt: skip


def length_of(group: Group) -> int:
    """Tokens or side that the nets of a group are built for."""
    return SIDE if group.task.kind in ("resnet", "convnet", "vit") else group.length
