"""Stacks of small models of one shape: every parameter carries the model as its first axis.

A stack trains dozens of settings at once, as batched matrix products, at about the cost of a few.
All parameters of a stack lie in one tensor (models, weights); layers are views into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """What the models of a stack look like."""

    kind: str  # mlp | resmlp | cnn | gru | transformer | chars_mlp | chars_gru | chars_transformer
    inputs: int
    outputs: int
    width: int
    depth: int
    activation: str


class Stack:
    """Models of one shape, with a forward pass over (models, batch, …) inputs."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.parts: list[tuple[str, tuple[int, ...], int]] = []
        getattr(self, f"_declare_{shape.kind.removeprefix('chars_')}")()
        self.size = sum(_count(part) for _, part, _ in self.parts)

    # -- parameters -------------------------------------------------------------------------

    def _add(self, name: str, rows: int, columns: int) -> None:
        self.parts.append((f"{name}.w", (rows, columns), rows))
        self.parts.append((f"{name}.b", (1, columns), rows))

    def _embedding(self) -> int:
        if self.shape.kind.startswith("chars_"):
            self.parts.append(("embed", (40, 12), 1))
            return 12
        return 0

    def _declare_mlp(self) -> None:
        shape = self.shape
        size = 12 * self._embedding() or shape.inputs
        for layer in range(shape.depth):
            self._add(f"h{layer}", size, shape.width)
            size = shape.width
        self._add("out", size, shape.outputs)

    def _declare_resmlp(self) -> None:
        self._add("in", self.shape.inputs, self.shape.width)
        for layer in range(self.shape.depth):
            self._add(f"h{layer}", self.shape.width, self.shape.width)
        self._add("out", self.shape.width, self.shape.outputs)

    def _declare_cnn(self) -> None:
        width = max(4, self.shape.width // 4)
        self._add("c0", 9, width)
        self._add("c1", 9 * width, width)
        self._add("out", 4 * width, self.shape.outputs)

    def _declare_gru(self) -> None:
        size = self._embedding() or 8
        self._add("x", size, 3 * self.shape.width)
        self._add("r", self.shape.width, 3 * self.shape.width)
        self._add("out", self.shape.width, self.shape.outputs)

    def _declare_transformer(self) -> None:
        width = self.shape.width
        tokens = 12 if self.shape.kind.startswith("chars_") else 8
        self._add("in", self._embedding() or 8, width)
        self.parts.append(("place", (tokens, width), width))
        for layer in range(self.shape.depth):
            self._add(f"qkv{layer}", width, 3 * width)
            self._add(f"up{layer}", width, 2 * width)
            self._add(f"down{layer}", 2 * width, width)
        self._add("out", width, self.shape.outputs)

    def initial(self, seeds: list[int]) -> Tensor:
        """Draw (models, weights): uniform within 1/√fan_in, the same for the same seed."""
        rows = []
        for seed in seeds:
            generator = torch.Generator().manual_seed(seed)
            pieces = [
                (torch.rand(_count(part), generator=generator) * 2 - 1) / fan_in**0.5
                for _, part, fan_in in self.parts
            ]
            rows.append(torch.cat(pieces))
        return torch.stack(rows)

    def views(self, flat: Tensor) -> dict[str, Tensor]:
        """Name the layers of a flat (models, weights) tensor."""
        views, start = {}, 0
        for name, part, _ in self.parts:
            stop = start + _count(part)
            views[name] = flat[:, start:stop].view(flat.shape[0], *part)
            start = stop
        return views

    # -- forward ------------------------------------------------------------------------------

    def forward(self, flat: Tensor, inputs: Tensor, drop: Dropout | None) -> Tensor:
        """Outputs (models, batch, outputs)."""
        views = self.views(flat)
        run = getattr(self, f"_run_{self.shape.kind.removeprefix('chars_')}")
        result: Tensor = run(views, inputs, drop)
        return result

    def _activate(self, values: Tensor) -> Tensor:
        return torch.tanh(values) if self.shape.activation == "tanh" else torch.relu(values)

    def _run_mlp(self, views: dict[str, Tensor], x: Tensor, drop: Dropout | None) -> Tensor:
        if "embed" in views:
            x = _embed(views["embed"], x).flatten(2)
        for layer in range(self.shape.depth):
            x = _dropped(self._activate(_linear(views, f"h{layer}", x)), drop)
        return _linear(views, "out", x)

    def _run_resmlp(self, views: dict[str, Tensor], x: Tensor, drop: Dropout | None) -> Tensor:
        x = _linear(views, "in", x)
        for layer in range(self.shape.depth):
            inner = functional.layer_norm(x, x.shape[-1:])
            x = x + _dropped(self._activate(_linear(views, f"h{layer}", inner)), drop)
        return _linear(views, "out", functional.layer_norm(x, x.shape[-1:]))

    def _run_cnn(self, views: dict[str, Tensor], x: Tensor, drop: Dropout | None) -> Tensor:
        models, batch = x.shape[:2]
        x = x.reshape(models * batch, 1, 8, 8)
        for name in ("c0", "c1"):
            side = x.shape[-1]
            columns = functional.unfold(x, 3, padding=1).transpose(1, 2)
            columns = columns.reshape(models, batch * side * side, -1)
            x = self._activate(_linear(views, name, columns))
            x = x.view(models * batch, side, side, -1).permute(0, 3, 1, 2)
            x = functional.max_pool2d(x, 2)
        return _linear(views, "out", _dropped(x.reshape(models, batch, -1), drop))

    def _run_gru(self, views: dict[str, Tensor], x: Tensor, drop: Dropout | None) -> Tensor:
        models, batch = x.shape[:2]
        x = _embed(views["embed"], x) if "embed" in views else x.view(models, batch, 8, 8)
        width = self.shape.width
        gates = _linear(views, "x", x.flatten(1, 2)).view(models, batch, x.shape[2], -1)
        hidden = gates.new_zeros(models, batch, width)
        for place in range(gates.shape[2]):
            now, before = gates[:, :, place], _linear(views, "r", hidden)
            both = torch.sigmoid(now[..., : 2 * width] + before[..., : 2 * width])
            update, reset = both[..., :width], both[..., width:]
            fresh = torch.tanh(now[..., 2 * width :] + reset * before[..., 2 * width :])
            hidden = torch.lerp(fresh, hidden, update)
        return _linear(views, "out", _dropped(hidden, drop))

    def _run_transformer(
        self, views: dict[str, Tensor], x: Tensor, drop: Dropout | None
    ) -> Tensor:
        models, batch = x.shape[:2]
        x = _embed(views["embed"], x) if "embed" in views else x.view(models, batch, 8, 8)
        tokens, width = x.shape[2], self.shape.width
        x = _linear(views, "in", x.flatten(1, 2)).view(models, batch, tokens, width)
        x = x + views["place"][:, None]
        for layer in range(self.shape.depth):
            inner = functional.layer_norm(x, (width,)).flatten(1, 2)
            query, key, value = (
                part.reshape(models * batch, tokens, width)
                for part in _linear(views, f"qkv{layer}", inner).chunk(3, dim=-1)
            )
            scores = torch.softmax(query @ key.transpose(1, 2) / width**0.5, dim=-1)
            x = x + (scores @ value).view(models, batch, tokens, width)
            inner = functional.layer_norm(x, (width,)).flatten(1, 2)
            inner = _dropped(torch.relu(_linear(views, f"up{layer}", inner)), drop)
            x = x + _linear(views, f"down{layer}", inner).view(models, batch, tokens, width)
        return _linear(views, "out", functional.layer_norm(x.mean(dim=2), (width,)))


def _count(part: tuple[int, ...]) -> int:
    return part[0] * part[1]


def _linear(views: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    return torch.baddbmm(views[f"{name}.b"], x, views[f"{name}.w"])


def _embed(table: Tensor, codes: Tensor) -> Tensor:
    models, batch, tokens = codes.shape
    index = codes.reshape(models, -1, 1).expand(-1, -1, table.shape[-1])
    return table.gather(1, index).view(models, batch, tokens, -1)


class Dropout:
    """Dropout of a stack. Some models of a stack alone drop what they would drop within it.

    Args:
        rates: Dropout rate of each model (models, 1, 1).
        rows: Places of the models in the whole stack; None where they are all of it.
        whole: Models of the whole stack.
    """

    def __init__(self, rates: Tensor, rows: Tensor | None = None, whole: int = 0) -> None:
        self.rates, self.rows, self.whole = rates, rows, whole

    def __call__(self, values: Tensor) -> Tensor:
        """Zero some of (models, …) and scale the others up."""
        if self.rows is None:
            noise = torch.rand_like(values)
        else:
            noise = torch.rand((self.whole, *values.shape[1:]))[self.rows]
        return values * (noise >= self.rates) / (1 - self.rates)


def _dropped(values: Tensor, drop: Dropout | None) -> Tensor:
    return values if drop is None else drop(values)
