"""Optimizers of a stack: each net has a rate, decay and clipping of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from benchmarks.clinic.usual.nets import Net

DECOUPLED = ("adamw", "lion", "muon")
"""Optimizers whose weight decay is decoupled from the gradient."""


@dataclass
class Optimizer:
    """One optimizer for the nets ``first`` to ``last`` of a stack.

    Attributes:
        name: sgd | momentum | adam | adamw | lion | muon.
        first: First net.
        last: One after the last net.
        decay: Weight decay (nets, 1) of these nets.
        where: (weights,) 1 where weight decay acts.
        net: Tells muon which weights are hidden matrices.
    """

    name: str
    first: int
    last: int
    decay: Tensor
    where: Tensor
    net: Net
    state: dict[str, Tensor] = field(default_factory=dict)

    def narrowed(self, rows: Tensor) -> None:
        """Keep the state of some nets (places within this optimizer's own)."""
        self.decay = self.decay[rows].clone()
        self.state = {
            key: (value if key == "count" else value[rows].clone())
            for key, value in self.state.items()
        }

    def update(self, flat: Tensor, gradient: Tensor, rate: Tensor) -> None:
        """Change the weights (nets, weights) of the stack in place; ``rate`` (nets, 1)."""
        weights, pull = flat[self.first : self.last], gradient[self.first : self.last]
        speed = rate[self.first : self.last]
        if not self.state:
            self._begin(weights)
        self.state["count"] += 1
        if self.name in DECOUPLED:
            weights.mul_(1 - speed * self.decay * self.where)
        else:
            pull = torch.addcmul(pull, weights, self.decay * self.where)
        getattr(self, f"_{_FORM[self.name]}")(weights, pull, speed)

    def _begin(self, weights: Tensor) -> None:
        self.state["count"] = torch.zeros((), device=weights.device)
        if self.name != "sgd":
            self.state["mean"] = torch.zeros_like(weights)
        if self.name in ("adam", "adamw", "muon"):
            self.state["square"] = torch.zeros_like(weights)

    def _descent(self, weights: Tensor, pull: Tensor, speed: Tensor) -> None:
        if self.name == "momentum":
            pull = self.state["mean"].mul_(0.9).add_(pull)
        weights.sub_(speed * pull)

    def _signs(self, weights: Tensor, pull: Tensor, speed: Tensor) -> None:
        mean = self.state["mean"]
        weights.sub_(speed * torch.sign(torch.lerp(mean, pull, 0.1)))
        mean.lerp_(pull, 0.01)

    def _adaptive(self, weights: Tensor, pull: Tensor, speed: Tensor) -> None:
        weights.sub_(speed * self._adam_step(pull, 0.9, 0.99))

    def _adam_step(self, pull: Tensor, first: float, second: float) -> Tensor:
        mean = self.state["mean"].lerp_(pull, 1 - first)
        square = self.state["square"].mul_(second).addcmul_(pull, pull, value=1 - second)
        count = self.state["count"]
        share = torch.sqrt(1 - torch.pow(second, count)) / (1 - torch.pow(first, count))
        return mean * share / (square.sqrt() + 1e-8)

    def _orthogonal(self, weights: Tensor, pull: Tensor, speed: Tensor) -> None:
        """Muon (Jordan 2024) for hidden matrices, Adam at a tenth of the rate for the others."""
        step = self._adam_step(pull, 0.95, 0.99) * 0.1
        blend = self.net.views(torch.lerp(pull, self.state["mean"], 0.95))
        places = self.net.views(step)
        for part in self.net.parts:
            if part.hidden and part.name.endswith(".w"):
                longest = max(1.0, part.size[0] / part.size[1])
                places[part.name].copy_(_orthogonalised(blend[part.name]) * longest**0.5)
        weights.sub_(speed * step)


_FORM = {"sgd": "descent", "momentum": "descent", "lion": "signs", "adam": "adaptive",
         "adamw": "adaptive", "muon": "orthogonal"}  # fmt: skip


def _orthogonalised(matrices: Tensor) -> Tensor:
    """Newton and Schulz's iteration on (nets, rows, columns), coefficients of Muon."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.transpose(1, 2) if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.transpose(1, 2) if tall else x


def clipped(gradient: Tensor, limit: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients (nets, weights) with norms up to ``limit`` (nets, 1), and the norms before."""
    norm = gradient.norm(dim=1, keepdim=True)
    return gradient * torch.clamp(limit / (norm + 1e-6), max=1.0), norm[:, 0]
