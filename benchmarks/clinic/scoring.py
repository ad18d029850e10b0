"""What advice is worth: judged on the clinic by the changes that truly helped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.truth import Truth
from hpadvisor.diagnosing.model import Advice, RunDiagnosis


@dataclass(frozen=True)
class Answer:
    """What an advisor said of one run.

    Attributes:
        changes: The changes that its first recommendation may stand for (one, for us; several,
            for peers whose finding names no amount); empty for "leave it".
        spoke: Whether it recommended anything at all, even what the clinic did not try.
    """

    changes: tuple[str, ...]
    spoke: bool


@dataclass(frozen=True)
class Scores:
    """Shares over a set of runs."""

    helps: float
    healthy_left_alone: float
    gain: float
    harmful: float
    runs: int

    def row(self, name: str) -> str:
        """A line of a Markdown table."""
        return (
            f"| {name} | {self.helps:.2f} | {self.healthy_left_alone:.2f} | {self.gain:.2f} "
            f"| {self.harmful:.3f} | {self.runs} |"
        )


HEADER = (
    "| advisor | first change helps | healthy left alone | share of best gain | harmful | runs |\n"
    "|---|---|---|---|---|---|"
)


def aim(name: str, value: float, bound: float, *, at_most: bool = False) -> str:
    """A line that says whether an aim is met, by the figure itself and not as it is rounded."""
    met = value <= bound if at_most else value >= bound
    sign = "at most" if at_most else "at least"
    return f"- {name}: {value:.3g}, aim {sign} {bound:g}: {'met' if met else 'missed'}"


def change_of(advice: Advice) -> str | None:
    """The clinic's change that a recommendation stands for; None for what was not tried."""
    factor = advice.factor
    if advice.parameter == "learning_rate" and advice.action == "decrease":
        return "lr_x0.1" if factor is not None and factor < 0.2 else "lr_x0.3"
    if advice.parameter == "learning_rate" and advice.action == "increase":
        return "lr_x10" if factor is not None and factor > 6 else "lr_x3"
    fixed = {
        ("regularization", "increase"): "regularization_up",
        ("regularization", "decrease"): "regularization_down",
        ("model_capacity", "increase"): "capacity_x4",
        ("epochs", "increase"): "epochs_x3",
        ("early_stopping", "add"): "stop_at_best",
    }
    return fixed.get((advice.parameter, advice.action))


def answer_of(run: RunDiagnosis) -> Answer:
    """Our first recommendation."""
    first = run.recommendations[0] if run.recommendations else None
    if run.verdict in ("healthy", "cannot_judge") or first is None:
        return Answer((), False)
    change = change_of(first)
    return Answer((change,) if change else (), True)


def score(answers: Sequence[Answer], truths: Sequence[Truth]) -> Scores:
    """Score answers against truths.

    An answer that stands for several changes counts as its best one (generous to peers), and as
    harmful only where all of them harm.
    """
    helps, left, gains, harms = [], [], [], []
    for answer, truth in zip(answers, truths, strict=True):
        gained = max((truth.helps.get(change, 0.0) for change in answer.changes), default=0.0)
        harms.append(bool(answer.changes) and set(answer.changes) <= truth.harms)
        if truth.healthy:
            left.append(not answer.spoke)
        else:
            helps.append(gained > 0)
            gains.append(gained / max(truth.helps.values()))
    return Scores(_mean(helps), _mean(left), _mean(gains), _mean(harms), len(answers))


def _mean(values: Sequence[Any]) -> float:
    return float(np.mean(values)) if values else 0.0


def constant_answers(count: int) -> dict[str, list[Answer]]:
    """Always the same advice: each change, and leaving everything alone."""
    fixed = {f"always {change}": [Answer((change,), True)] * count for change in CHANGES}
    return {**fixed, "always leave it": [Answer((), False)] * count}


def random_answers(count: int, speak: float) -> list[Answer]:
    """A random change for a share of the runs, nothing for the others."""
    rng = np.random.default_rng(1)
    return [
        Answer((str(rng.choice(CHANGES)),), True) if rng.random() < speak else Answer((), False)
        for _ in range(count)
    ]


def calibration(pairs: Sequence[tuple[float, bool]]) -> list[tuple[str, float, float, int]]:
    """Confidence against the share that was right, in bands: band, mean, share, count."""
    bands = []
    for low, high in ((0.0, 0.4), (0.4, 0.55), (0.55, 0.7), (0.7, 0.85), (0.85, 1.01)):
        inside = [(confidence, right) for confidence, right in pairs if low <= confidence < high]
        if inside:
            bands.append((
                f"{low:.2f}–{min(high, 1.0):.2f}",
                _mean([confidence for confidence, _ in inside]),
                _mean([right for _, right in inside]),
                len(inside),
            ))  # fmt: skip
    return bands
