"""Cases to logs: layouts of public logs, filled with numbers of our own.

A case holds the layout of a public log: text in which ``<name>`` or
``<name:.4f>`` stands for a number. ``head`` opens the log, ``epoch_head``, ``step`` and ``epoch``
are repeated, ``tail`` closes it. What a number is, its name says (see ``Numbers``).
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field
from typing import Any

_SLOT = re.compile(r"<(?P<name>[A-Za-z]\w*)(?::(?P<form>>?[^<>]+))?>")

_LIFTS = {"t": 0.0, "v": 0.08, "x": 0.1}
"""By how much a part is worse than training."""

_SHARES = {"": 1.0, "a": 0.5, "b": 0.3, "c": 0.15, "d": 0.05}
"""The parts of a loss."""


@dataclass
class Rendered:
    """A log and what its numbers were.

    Attributes:
        text: The log.
        logged: The numbers of each name, as they stand in the text, in order.
    """

    text: str
    logged: dict[str, list[float]] = field(default_factory=dict)


def noise(seed: str, place: int) -> float:
    """A number in [-1, 1] that depends on its arguments alone."""
    digest = hashlib.blake2b(f"{seed}/{place}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**63 - 1


class Numbers:
    """The numbers of a case at one place of its training.

    Names in lower case are of a step, in upper case of an epoch. ``tl``, ``vl`` and ``xl`` are
    losses of training, validation and test; ``ta``, ``va``, ``xa`` scores that rise to one,
    ``te``, ``ve``, ``xe`` error rates that fall, each also with ``p`` in front in percent; ``tp``
    and ``vp`` perplexities; ``a`` to ``d`` behind ``tl`` or ``vl`` parts that add up to it; ``lr``
    the rate, ``gn`` the norm of gradients; ``m0`` to ``m9`` and ``n0`` to ``n9`` numbers without
    meaning, whole and not; ``mean`` a running mean. ``e`` and ``e0`` count epochs from one and
    zero, ``b`` and ``b0`` logged batches of an epoch, ``s`` and ``s0`` steps of the run; ``E``,
    ``B`` and ``S`` are their ends; ``fe`` the epoch as a fraction; ``hh``, ``mm``, ``ss``, ``ms``
    a time of day.
    """

    def __init__(self, case: dict[str, Any]) -> None:
        self.seed = str(case["id"])
        self.epochs = int(case.get("epochs", 8))
        self.steps = int(case.get("steps", 1))
        self.stride = int(case.get("stride", 10))
        self.extra = int(case.get("batches_more", 0))
        self.planned = int(case.get("planned", self.epochs))
        self.rate = float(case.get("rate", 0.01))
        self.level = float(case.get("level", 2.3))
        self.lines = 0

    def value(self, name: str, epoch: int, step: int) -> float:
        """The number called ``name`` in an epoch (from zero), at a logged step of it."""
        batches = self.steps * self.stride + self.extra
        counters = {
            "e": epoch + 1, "e0": epoch, "E": self.planned, "b": (step + 1) * self.stride,
            "b0": step * self.stride, "B": batches, "S": self.planned * batches,
            "s": epoch * batches + (step + 1) * self.stride, "k": epoch * self.steps + step,
            "s0": epoch * batches + step * self.stride, "k1": epoch * self.steps + step + 1,
            "se": (epoch + 1) * batches, "v": (step + 1) * 5, "V": self.steps * 5,
            "pct": round(100 * (step + 1) * self.stride / batches), "E0": self.planned - 1,
            "hh": 9 + epoch % 14, "mm": step % 60, "ss": (7 * step + 13 * epoch) % 60,
            "ms": (137 * (epoch + step)) % 1000,
        }  # fmt: skip
        if name in counters:
            return counters[name]
        if name == "fe":
            return epoch + (step + 1) / self.steps
        place = epoch * self.steps + step if name[0].islower() else epoch
        share = (place + 1) / (self.epochs * (self.steps if name[0].islower() else 1))
        return self._curve(name.lower(), place, share)

    def _curve(self, name: str, place: int, share: float) -> float:
        jitter = noise(f"{self.seed}/{name}", place)
        falling = math.exp(-3 * share)
        if name == "lr":
            return self.rate * 0.5 * (1 + math.cos(math.pi * min(share, 0.999)))
        if name == "gn":
            return 1.5 + 0.5 * jitter
        if name[0] == "p" and len(name) == 3:
            return 100 * self._curve(name[1:], place, share)
        if name[0] in _LIFTS and name[1:2] in "laep" and len(name) <= 3:
            return self._scored(name, falling, jitter)
        if name[0] == "m" and name[1:].isdigit():
            return int(100 + 50 * jitter + 7 * place + int(name[1:]))
        return abs(0.5 + 0.4 * jitter) + (0.37 if name == "mean" else 0.0)

    def _scored(self, name: str, falling: float, jitter: float) -> float:
        """A loss, a perplexity, a score or an error rate."""
        lift = _LIFTS[name[0]]
        loss = self.level * (0.15 + lift + 0.85 * falling) * (1 + 0.03 * jitter)
        if name[1] == "l":
            return loss * _SHARES[name[2:]]
        if name[1] == "p":
            return math.exp(min(loss, 8))
        score = 0.93 - lift - 0.7 * falling + 0.01 * jitter
        return score if name[1] == "a" else 1 - score


def rendered(case: dict[str, Any]) -> Rendered:
    """Write the log of a case."""
    numbers = Numbers(case)
    made = Rendered("")
    pieces = [_filled(case.get("head", ""), numbers, made, 0, 0)]
    first = int(case.get("first", 0))
    for epoch in range(first, first + numbers.epochs):
        pieces.append(_filled(case.get("epoch_head", ""), numbers, made, epoch, 0))
        for step in range(numbers.steps):
            pieces.append(_filled(case.get("step", ""), numbers, made, epoch, step))
        for step in range(int(case.get("evaluations", 1)) if "eval" in case else 0):
            pieces.append(_filled(case["eval"], numbers, made, epoch, step))
        pieces.append(_filled(case.get("epoch", ""), numbers, made, epoch, numbers.steps - 1))
    last = first + numbers.epochs - 1
    pieces.append(_filled(case.get("tail", ""), numbers, made, last, numbers.steps - 1))
    text = "".join(pieces)
    for written, sign in (("\\r", "\r"), ("\\e", "\x1b"), ("\\b", "\x08")):
        text = text.replace(written, sign)
    made.text = text
    return made


def _filled(layout: str, numbers: Numbers, made: Rendered, epoch: int, step: int) -> str:
    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        value = numbers.value(name, epoch, step)
        form = match["form"]
        text = format(value, form) if form else (f"{value:.4f}" if value % 1 else f"{value:g}")
        made.logged.setdefault(name, []).append(float(text.strip().rstrip("%").replace(",", "")))
        return text

    return _SLOT.sub(fill, layout)
