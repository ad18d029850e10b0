"""Stacks of nets of one shape: every weight carries the net as its first axis.

The weights of a stack lie in one tensor (nets, weights), so that an optimizer is a few operations;
layers are views into it. Pictures are (nets, batch, height, width, channels), sequences
(nets, batch, tokens, width).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchmarks.clinic.usual.passes import Dropout, Pass, Shape


@dataclass(frozen=True)
class Part:
    """A weight: how it starts (normal with ``spread`` around ``start``) and what optimizers do."""

    name: str
    size: tuple[int, ...]
    spread: float
    start: float = 0.0
    hidden: bool = False

    @property
    def count(self) -> int:
        """Number of values."""
        return math.prod(self.size)

    @property
    def decays(self) -> bool:
        """Whether weight decay acts on it: matrices alone."""
        return self.spread > 0


class Net:
    """A shape's weights and its forward pass."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.parts: list[Part] = []
        self.norms: list[tuple[str, int]] = []
        getattr(self, f"_declare_{_FORM[shape.kind]}")()
        self.size = sum(part.count for part in self.parts)

    def initial(self, seed: int, device: Any) -> Tensor:
        """First weights (weights,), the same for the same seed on every device."""
        generator = torch.Generator().manual_seed(seed)
        pieces = [
            part.start + part.spread * torch.randn(part.count, generator=generator)
            for part in self.parts
        ]
        return torch.cat(pieces).to(device)

    def statistics(self, nets: int, device: Any) -> dict[str, tuple[Tensor, Tensor]]:
        """Running means and variances of batch norms, each (nets, channels)."""
        return {
            name: (torch.zeros(nets, size, device=device), torch.ones(nets, size, device=device))
            for name, size in self.norms
        }

    def views(self, flat: Tensor) -> dict[str, Tensor]:
        """Name the weights of a flat (nets, weights) tensor."""
        pieces = flat.split([part.count for part in self.parts], dim=1)
        return {
            part.name: piece.view(-1, *part.size)
            for part, piece in zip(self.parts, pieces, strict=True)
        }

    def forward(
        self,
        flat: Tensor,
        inputs: Tensor,
        drop: Dropout,
        statistics: dict[str, tuple[Tensor, Tensor]],
        *,
        training: bool,
    ) -> Tensor:
        """Outputs (nets, batch, outputs), of a language model (nets, batch, tokens, outputs)."""
        call = Pass(self.shape, self.views(flat), drop, statistics, training)
        result: Tensor = getattr(call, _FORM[self.shape.kind])(inputs)
        return result

    # -- weights ------------------------------------------------------------------------------

    def _linear(self, name: str, rows: int, columns: int, *, gain: float = 1.0,
                hidden: bool = True) -> None:  # fmt: skip
        self.parts.append(Part(f"{name}.w", (rows, columns), gain / rows**0.5, hidden=hidden))
        self.parts.append(Part(f"{name}.b", (1, columns), 0.0))

    def _norm(self, name: str, size: int) -> None:
        self.parts.append(Part(f"{name}.g", (1, size), 0.0, start=1.0))
        self.parts.append(Part(f"{name}.c", (1, size), 0.0))

    def _declare_transformer(self) -> None:
        shape, width = self.shape, self.shape.width
        if shape.kind in ("gpt", "encoder"):
            self.parts.append(Part("embed", (shape.inputs, width), 0.02))
        else:
            rows = shape.inputs * (16 if shape.kind == "vit" else 1)
            self._linear("embed", rows, width, hidden=False)
        tokens = (shape.length // 4) ** 2 if shape.kind == "vit" else shape.length
        self.parts.append(Part("place", (tokens, width), 0.02))
        for layer in range(shape.depth):
            self._norm(f"n{layer}", width)
            self._linear(f"qkv{layer}", width, 3 * width)
            self._linear(f"mix{layer}", width, width, gain=1 / math.sqrt(2 * shape.depth))
            self._norm(f"m{layer}", width)
            self._linear(f"up{layer}", width, 4 * width)
            self._linear(f"down{layer}", 4 * width, width, gain=1 / math.sqrt(2 * shape.depth))
        self._norm("n", width)
        self._linear("head", width, shape.outputs, gain=0.3, hidden=False)

    def _declare_recurrent(self) -> None:
        shape, width = self.shape, self.shape.width
        if shape.kind == "series_gru":
            self._linear("x0", shape.inputs, 3 * width, hidden=False)
        else:
            self.parts.append(Part("embed", (shape.inputs, width), 0.1))
            self._linear("x0", width, 3 * width)
        for layer in range(shape.depth):
            if layer:
                self._linear(f"x{layer}", width, 3 * width)
            self._linear(f"r{layer}", width, 3 * width)
        self._linear("head", width, shape.outputs, hidden=False)

    def _declare_pictures(self) -> None:
        shape, width = self.shape, self.shape.width
        self._convolution("stem", shape.inputs, width, hidden=False)
        for stage in (0, 1):
            size = width * (1 + stage)
            if stage:
                self._convolution("wider", width, size)
            for block in range(shape.depth):
                self._convolution(f"a{stage}{block}", size, size)
                if shape.kind == "resnet":
                    self._convolution(f"b{stage}{block}", size, size)
        self._linear("head", 2 * width, shape.outputs, hidden=False)

    def _convolution(self, name: str, before: int, after: int, *, hidden: bool = True) -> None:
        self._linear(name, 9 * before, after, gain=math.sqrt(2), hidden=hidden)
        if self.shape.kind == "resnet":
            self._norm(f"{name}.n", after)
            self.norms.append((f"{name}.n", after))

    def _declare_dense(self) -> None:
        shape, width = self.shape, self.shape.width
        self._linear("in", shape.inputs, width, hidden=False)
        for layer in range(shape.depth):
            self._norm(f"n{layer}", width)
            self._linear(f"h{layer}", width, width, gain=math.sqrt(2))
        self._linear("head", width, shape.outputs, hidden=False)


_FORM = {"gpt": "transformer", "encoder": "transformer", "vit": "transformer",
         "series_transformer": "transformer", "gru": "recurrent", "gru_reader": "recurrent",
         "series_gru": "recurrent", "resnet": "pictures", "convnet": "pictures",
         "mlp": "dense"}  # fmt: skip
