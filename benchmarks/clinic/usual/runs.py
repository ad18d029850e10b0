"""Train groups: every setting twice, each change twice, all curves kept; tables for searches.

A group of four settings is 56 trainings of the same shape and length, eight that go on three times
as long, and eight of a net with four times the parameters. ``table`` groups train two settings of
the group at seven rates × three strengths of regularisation × two sizes, so that a search can be
played over them.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.clinic.usual.draw import Group, Setting, changed
from benchmarks.clinic.usual.material import LONGEST, Material, gather, length_of
from benchmarks.clinic.usual.nets import Net
from benchmarks.clinic.usual.passes import Shape
from benchmarks.clinic.usual.training import Member, Stack, pretrained

Array = Any

SAME_SHAPE = ("reference", "lr_x0.1", "lr_x0.3", "lr_x3", "lr_x10", "regularization_up",
              "regularization_down")  # fmt: skip
RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
STRENGTHS = ("regularization_down", "reference", "regularization_up")


@dataclass
class Curve:
    """What evaluations of a member brought, a value an evaluation (the first before training)."""

    values: dict[str, list[float | None]]
    test: float | None


def train_group(
    group: Group, data: dict[str, Array], device: Any, *, captured: bool
) -> list[dict[str, Any]]:
    """Records of a group's settings, as JSON."""
    began = time.perf_counter()
    material = gather(group, data, device)
    members = [
        Member(place, seed, change, changed(setting, change), group.steps)
        for place, setting in enumerate(group.settings)
        for change in SAME_SHAPE for seed in (0, 1)
    ]  # fmt: skip
    members += [
        Member(place, seed, "epochs_x3", setting, LONGEST * group.steps)
        for place, setting in enumerate(group.settings) for seed in (0, 1)
    ]  # fmt: skip
    curves = _trained(group, 1, members, material, data, device, captured=captured)
    wider = [
        Member(place, seed, "capacity_x4", setting, group.steps)
        for place, setting in enumerate(group.settings) for seed in (0, 1)
    ]  # fmt: skip
    curves |= _trained(group, 2, wider, material, data, device, captured=captured)
    size = Net(_shape(group, material, 1)).size
    seconds = time.perf_counter() - began
    return [
        _record(group, material, place, curves, size, seconds)
        for place in range(len(group.settings))
    ]


def table_group(
    group: Group, data: dict[str, Array], device: Any, *, captured: bool
) -> list[dict[str, Any]]:
    """Tables of two of a group's settings: test loss and validation curve of every combination."""
    material = gather(group, data, device)
    found: list[dict[str, Any]] = []
    for times in (1, 2):
        members = []
        for place in (0, 1):
            for strength in STRENGTHS:
                setting = changed(group.settings[place], strength)
                members += [
                    Member(place, 0, f"{strength}/{rate:g}",
                           replace(setting, learning_rate=setting.learning_rate * rate),
                           group.steps)
                    for rate in RATES
                ]  # fmt: skip
        curves = _trained(group, times, members, material, data, device, captured=captured)
        for (place, change, _), curve in curves.items():
            found.append({"id": f"u{group.number:04d}-{place}", "point": f"{change}/{times}",
                          "test": curve.test, "val": curve.values["val"],
                          "fresh": curve.values["fresh"],
                          "train": curve.values["train"]})  # fmt: skip
    return found


def _shape(group: Group, material: Material, times: int) -> Shape:
    kind = "gpt" if group.task.kind == "gpt_pieces" else group.task.kind
    return Shape(kind, material.vocabulary, material.outputs, group.width * times, group.depth,
                 length_of(group))  # fmt: skip


def _trained(
    group: Group, times: int, members: list[Member], material: Material, data: dict[str, Array],
    device: Any, *, captured: bool,
) -> dict[tuple[int, str, int], Curve]:  # fmt: skip
    """Train one stack; curves by setting, change and seed."""
    members = sorted(members, key=lambda one: one.setting.optimizer)
    net = Net(_shape(group, material, times))
    torch.manual_seed(group.number)
    begin = _begin(group, net, material, members, data, device, captured=captured)
    stack = Stack(group, net, material, members, begin, captured=captured)
    watch = _Watch(stack, group)
    watch.look()
    found: dict[tuple[int, str, int], Curve] = {}
    for _ in range(group.steps // group.interval):
        stack.advance(group.interval)
        watch.look()
    found |= watch.curves()
    longer = [n for n, one in enumerate(members) if one.steps > group.steps]
    if longer:
        watch.narrow(longer)
        for _ in range((LONGEST - 1) * group.steps // group.interval):
            stack.advance(group.interval)
            watch.look()
        found |= watch.curves()
    return found


def _begin(
    group: Group, net: Net, material: Material, members: list[Member], data: dict[str, Array],
    device: Any, *, captured: bool,
) -> Tensor:  # fmt: skip
    """First weights (members, weights): the same for the same setting and seed."""
    seeds = [one.source * 7919 + group.number for one in members]
    first = {seed: net.initial(seed, device) for seed in dict.fromkeys(seeds)}
    if group.task.before:
        task = replace(group.task, data=group.task.before, before="")
        setting = replace(group.settings[0], size=400_000, label_noise=0.0)
        source = replace(group, task=task, settings=[setting], batch_size=32)
        other = gather(source, data, device)
        shape = replace(net.shape, outputs=other.outputs)
        learned_net = Net(shape)
        learned = pretrained(source, learned_net, other, group.number, device, captured=captured)
        for seed, weights in first.items():
            views, known = net.views(weights[None]), learned_net.views(learned[None])
            pieces = [
                known[part.name].flatten() if known[part.name].shape == views[part.name].shape
                else views[part.name].flatten() for part in net.parts
            ]  # fmt: skip
            first[seed] = torch.cat(pieces)
    return torch.stack([first[seed] for seed in seeds])


class _Watch:
    """Evaluates a stack now and then, and keeps what it saw."""

    def __init__(self, stack: Stack, group: Group) -> None:
        self.stack, self.group = stack, group
        self.keys = [(one.place, one.change, one.seed) for one in stack.members]
        self.seen: list[dict[str, Tensor]] = []
        self.before: dict[str, Tensor] = {}
        self._find()

    def _find(self) -> None:
        base = [n for n, one in enumerate(self.stack.members) if one.change == "reference"]
        self.base = torch.tensor(base, device=self.stack.device) if base else None

    def narrow(self, kept: list[int]) -> None:
        """Go on with some of the members alone."""
        rows = torch.tensor(kept, device=self.stack.device)
        self.seen = [
            {name: values[rows] for name, values in one.items() if name in ("val", "fresh")}
            for one in self.seen
        ]
        self.keys = [self.keys[n] for n in kept]
        self.before = {"losses": self.losses[:, rows]}
        self.stack.narrow(kept)
        self._find()

    def look(self) -> None:
        """Evaluate once."""
        stack, number = self.stack, len(self.seen)
        losses, hits = stack.evaluate(stack.material.validation)
        places = stack.material.fresh[number][stack.source]
        found = {"val": losses.mean(1), "fresh": losses.gather(1, places).mean(1)}
        if self.base is not None:
            own = self.base
            fixed = slice(self.group.fixed)
            found |= {"fixed": losses[own, fixed].mean(1), "hits": hits[own].mean(1),
                      "fixed_hits": hits[own, fixed].mean(1),
                      "fresh_hits": hits.gather(1, places)[own].mean(1)}  # fmt: skip
            rows = stack.material.seen[number][stack.source[own]]
            seen = stack.evaluate(rows, own)
            found |= {"seen": seen[0].mean(1), "seen_hits": seen[1].mean(1)}
            found["test"] = stack.evaluate(stack.material.test, own)[0].mean(1)
        self.seen.append(found)

    @property
    def losses(self) -> Tensor:
        """Training losses (steps, members) so far."""
        if self.before:
            known = self.before["losses"]
            return torch.cat([known, self.stack.losses[len(known) :]])
        return self.stack.losses[: self.group.steps]

    def curves(self) -> dict[tuple[int, str, int], Curve]:
        """Curves of the members by setting, change and seed, and their test losses."""
        tests = self.stack.evaluate(self.stack.material.test)[0].mean(1).tolist()
        count, interval = len(self.seen) - 1, self.group.interval
        losses = self.losses[: count * interval].view(count, interval, -1)
        train = losses.mean(1).T.tolist()
        every = {name: torch.stack([one[name] for one in self.seen], 1).tolist()
                 for name in self.seen[0]}  # fmt: skip
        found = {
            key: Curve({"train": _short(train[n]), "val": _short(every["val"][n]),
                        "fresh": _short(every["fresh"][n])}, _short([tests[n]])[0])
            for n, key in enumerate(self.keys)
        }  # fmt: skip
        if self.base is None:
            return found
        hits, norms = (
            record[: count * interval].view(count, interval, -1)
            for record in (self.stack.hits, self.stack.norms)
        )
        sparse = max(1, self.group.steps // 100)
        for row, n in enumerate(self.base.tolist()):
            more = {name: every[name][row] for name in every if name not in ("val", "fresh")}
            more |= {"train_hits": hits[:, :, n].mean(1).tolist(),
                     "norm": norms[:, :, n].mean(1).tolist(),
                     "norm_highest": norms[:, :, n].amax(1).tolist(),
                     "steps": self.stack.losses[: self.group.steps : sparse, n].tolist(),
                     }  # fmt: skip
            found[self.keys[n]].values.update({k: _short(v) for k, v in more.items()})
        return found


def _record(
    group: Group, material: Material, place: int, curves: dict[tuple[int, str, int], Curve],
    size: int, seconds: float,
) -> dict[str, Any]:  # fmt: skip
    setting: Setting = group.settings[place]
    own = {key[1:]: curve for key, curve in curves.items() if key[0] == place}
    changes = list(dict.fromkeys(change for change, _ in own))
    tests: dict[str, list[float | None]] = {
        change: [own[change, seed].test for seed in (0, 1)] for change in changes
    }
    tests["stop_at_best"] = [_at_best(own["reference", seed].values) for seed in (0, 1)]
    about = {key: value for key, value in asdict(group).items() if key not in ("settings", "task")}
    del about["number"]
    return {
        "id": f"u{group.number:04d}-{place}", "task": group.task.name, "part": group.task.part,
        "kind": group.task.kind, "pretrained": bool(group.task.before), **about, **asdict(setting),
        "parameters": size, "classes": material.classes,
        "trivial": _short([material.trivial[place]])[0], "seconds": round(seconds, 1),
        "curves": {change: [own[change, seed].values for seed in (0, 1)] for change in changes},
        "test": tests,
    }  # fmt: skip


def _at_best(values: dict[str, list[float | None]]) -> float | None:
    """Test loss at the evaluation after the first step with the smallest validation loss."""
    losses = np.asarray([math.inf if one is None else one for one in values["val"][1:]])
    return values["test"][1 + int(losses.argmin())]


def _short(values: list[float]) -> list[float | None]:
    """Four significant digits; None for what is not finite."""
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values]
