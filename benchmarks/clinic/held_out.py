"""Figures of held-out chances: runs helped against healthy runs left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.fit import joint
from benchmarks.clinic.truth import Truth

Array = Any

SHARES = (0.70, 0.75, 0.80, 0.85)
"""Shares of the healthy runs that are left alone."""

HEADER = (
    "| | mean AUC of the changes | AUC of any | helps where none is left alone | "
    + " | ".join(f"at {share:.2f} left alone" for share in SHARES)
    + " |\n|---|---|---|---|"
    + "---|" * len(SHARES)
)


@dataclass(frozen=True)
class Points:
    """What held-out chances are worth.

    Attributes:
        changes: Mean area under the ROC curve of the single changes.
        some: That of the joint chance that some change helps.
        always: Share of the runs that are not healthy whose likeliest change helps.
        helped: The same where only runs above a threshold are spoken to, which leaves each of
            ``SHARES`` of the healthy runs alone.
    """

    changes: float
    some: float
    always: float
    helped: tuple[float, ...]

    def row(self, name: str) -> str:
        """A line of a Markdown table."""
        cells = " | ".join(f"{value:.3f}" for value in self.helped)
        return f"| {name} | {self.changes:.3f} | {self.some:.3f} | {self.always:.3f} | {cells} |"


def points_of(held: Array, truths: Sequence[Truth]) -> Points:
    """Figures of chances (runs, changes) that were found without the runs' tasks."""
    helps = np.asarray([[change in truth.helps for change in CHANGES] for truth in truths])
    healthy = ~helps.any(axis=1)
    whole = joint(held)
    right = helps[np.arange(len(helps)), held.argmax(axis=1)]
    helped = []
    for share in SHARES:
        limit = np.quantile(whole[healthy], share)
        helped.append(float(right[~healthy & (whole > limit)].sum() / (~healthy).sum()))
    areas = [area(held[:, place], helps[:, place]) for place in range(len(CHANGES))]
    return Points(
        float(np.nanmean(areas)), area(whole, ~healthy), float(right[~healthy].mean()),
        tuple(helped),
    )  # fmt: skip


def area(chance: Array, outcome: Array) -> float:
    """Area under the ROC curve, ties counted half; NaN where all outcomes are the same."""
    values, index = np.unique(chance, return_inverse=True)
    hits = np.bincount(index, outcome, len(values))
    misses = np.bincount(index, ~outcome, len(values))
    if not hits.sum() or not misses.sum():
        return float("nan")
    below = np.cumsum(misses) - misses / 2
    return float(hits @ below / (hits.sum() * misses.sum()))
