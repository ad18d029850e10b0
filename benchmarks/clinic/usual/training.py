"""Train the settings of a group and their changes as stacks, on a CPU or a CUDA device.

All nets of a stack take a step at once; on CUDA a step is captured once and replayed. What a step
needs (rows, rates) lies in tables that it reads at the place of a counter on the device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.clinic.usual.draw import Group, Setting, rate_factor
from benchmarks.clinic.usual.material import Material
from benchmarks.clinic.usual.nets import Net
from benchmarks.clinic.usual.optimizers import Optimizer, clipped
from benchmarks.clinic.usual.passes import Dropout


@dataclass(frozen=True)
class Member:
    """A training: a setting (its place in the group) with a seed, as a change left it."""

    place: int
    seed: int
    change: str
    setting: Setting
    steps: int

    @property
    def source(self) -> int:
        """Which examples it sees."""
        return self.place * 2 + self.seed


class Stack:
    """Members of one shape in training."""

    def __init__(
        self, group: Group, net: Net, material: Material, members: list[Member],
        begin: Tensor, *, captured: bool,
    ) -> None:  # fmt: skip
        self.group, self.net, self.material, self.members = group, net, material, members
        self.flat = begin.clone().requires_grad_(True)
        self.device = begin.device
        self.statistics = net.statistics(len(members), self.device)
        self.captured = captured and self.device.type == "cuda"
        where = torch.cat([
            torch.full((part.count,), float(part.decays)) for part in net.parts
        ]).to(self.device)  # fmt: skip
        self.optimizers: list[Optimizer] = []
        for name in dict.fromkeys(member.setting.optimizer for member in members):
            places = [n for n, one in enumerate(members) if one.setting.optimizer == name]
            decay = self._column([members[n].setting.weight_decay for n in places])
            self.optimizers.append(Optimizer(name, places[0], places[-1] + 1, decay, where, net))
        self.counter = torch.zeros(1, dtype=torch.long, device=self.device)
        self._lay_out()

    def _column(self, values: list[float]) -> Tensor:
        return torch.tensor(values, device=self.device, dtype=torch.float32)[:, None]

    def _lay_out(self) -> None:
        """Tables and records for the members as they are now."""
        members = self.members
        self.source = torch.tensor([one.source for one in members], device=self.device)
        self.setting = self.source // 2
        rates = [one.setting.dropout for one in members]
        self.drop = Dropout(self._column(rates)[:, 0] if any(rates) else None)
        limits = [one.setting.clipping or 1e30 for one in members]
        self.limits = self._column(limits)
        self.last = max(one.steps for one in members)
        self.rates = torch.tensor([
            [one.setting.learning_rate
             * rate_factor(one.setting.schedule, one.setting.warmup, min(1.0, step / one.steps))
             for one in members] for step in range(self.last)
        ], device=self.device, dtype=torch.float32)  # fmt: skip
        self.losses, self.hits, self.norms = (
            torch.zeros(self.last, len(members), device=self.device) for _ in range(3)
        )
        self.graph: Any = None

    def advance(self, steps: int) -> None:
        """Take some steps."""
        left = steps
        if self.captured and self.graph is None:
            left -= self._capture(left)
        for _ in range(left):
            if self.graph is None:
                self._step()
            else:
                self.graph.replay()

    def _capture(self, most: int) -> int:
        """Take three steps aside, then capture one without taking it."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(min(3, most)):
                self._step()
        torch.cuda.current_stream().wait_stream(stream)
        if most > 3:
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self._step()
        return min(3, most)

    def _step(self) -> None:
        now = self.counter
        rows = self.material.steps.index_select(0, now)[0][self.source]
        shifts = None
        if len(self.material.shifts):
            shifts = self.material.shifts.index_select(0, now)[0][self.source]
        inputs, targets = self.material.examples(rows, self.setting, shifts)
        outputs = self.net.forward(
            self.flat, inputs, self.drop, self.statistics, training=True
        )  # fmt: skip
        losses, hits = judged(outputs, targets, self.material)
        (gradient,) = torch.autograd.grad(losses.mean(1).sum(), self.flat)
        with torch.no_grad():
            gradient, norms = clipped(gradient, self.limits)
            rate = self.rates.index_select(0, now)[0][:, None]
            for optimizer in self.optimizers:
                optimizer.update(self.flat, gradient, rate)
            for record, values in ((self.losses, losses.mean(1)), (self.hits, hits.mean(1)),
                                   (self.norms, norms)):  # fmt: skip
                record.index_copy_(0, now, values.detach()[None])
            now += 1

    @torch.no_grad()
    def evaluate(self, rows: Tensor, nets: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Losses and hits (nets, rows) of rows (n,), or of each net's own rows (nets, n)."""
        flat = self.flat if nets is None else self.flat[nets]
        statistics = self.statistics if nets is None else {
            name: (means[nets], variances[nets])
            for name, (means, variances) in self.statistics.items()
        }  # fmt: skip
        rows = rows.expand(len(flat), -1) if rows.dim() == 1 else rows
        size = max(16, 4096 // max(1, self.group.length if self.material.length else 64))
        losses, hits = [], []
        for begin in range(0, rows.shape[1], size):
            inputs, targets = self.material.examples(rows[:, begin : begin + size])
            outputs = self.net.forward(flat, inputs, Dropout(None), statistics, training=False)
            found = judged(outputs, targets, self.material)
            losses.append(found[0])
            hits.append(found[1])
        return torch.cat(losses, 1), torch.cat(hits, 1)

    def narrow(self, kept: list[int]) -> None:
        """Go on with some of the members alone."""
        rows = torch.tensor(kept, device=self.device)
        self.flat = self.flat.detach()[rows].clone().requires_grad_(True)
        self.statistics = {
            name: (means[rows].clone(), variances[rows].clone())
            for name, (means, variances) in self.statistics.items()
        }
        narrowed = []
        for optimizer in self.optimizers:
            own = [n for n in kept if optimizer.first <= n < optimizer.last]
            if own:
                optimizer.narrowed(torch.tensor(own, device=self.device) - optimizer.first)
                optimizer.first, optimizer.last = kept.index(own[0]), kept.index(own[-1]) + 1
                narrowed.append(optimizer)
        self.optimizers = narrowed
        self.members = [self.members[n] for n in kept]
        self._lay_out()


def judged(outputs: Tensor, targets: Tensor, material: Material) -> tuple[Tensor, Tensor]:
    """Losses and hits (nets, batch) of outputs."""
    nets, batch = outputs.shape[:2]
    if not material.classes:
        losses = (outputs - targets).square().mean(-1)
        return losses, torch.zeros_like(losses)
    flat = functional.cross_entropy(
        outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1), reduction="none"
    )
    hits = (outputs.detach().argmax(-1) == targets).float()
    return flat.view(nets, batch, -1).mean(-1), hits.view(nets, batch, -1).mean(-1)


def pretrained(
    group: Group, net: Net, material: Material, seed: int, device: Any, *, captured: bool
) -> Tensor:
    """Weights (weights,) after 800 steps of AdamW on the material of another task."""
    setting = Setting("adamw", 2e-3, "cosine", 0.05, 0.05, 0.0, 1.0, 0.0, 0, 0)
    steps = min(800, len(material.steps))
    member = Member(0, 0, "reference", setting, steps)
    begin = net.initial(seed, device)[None]
    stack = Stack(replace(group, steps=steps), net, material, [member], begin, captured=captured)
    stack.advance(steps)
    return stack.flat.detach()[0]


Progress = Callable[[int], None]
