"""Shares with their intervals, and rows of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

HALF_A_POINT = 0.005
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval (Wilson).

    Attributes:
        value: The share.
        half: Half the width of the interval.
        count: Of how many.
    """

    value: float
    half: float
    count: int

    def __str__(self) -> str:
        """The share and its margin, as in a table."""
        return f"{self.value:.3f} ± {self.half:.3f}" if self.count else "–"


def rate(hits: Any) -> Rate:
    """The share of hits, with its interval."""
    found = np.asarray(hits, dtype=float)
    count = len(found)
    if not count:
        return Rate(float("nan"), float("nan"), 0)
    share, z = float(found.mean()), 1.96
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return Rate(share, float(half), count)
