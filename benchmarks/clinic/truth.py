"""What truly helped: every change of a setting judged by the test loss that the curves never show.

A change helps when it lowers the mean test loss of the two seeds by more than 5 % and by more
than twice the seed spread (the pooled standard deviation of the reference and the change); it
harms when it raises it by as much. Losses beyond three times that of guessing, and what diverged,
count as three times that of guessing. A setting that no change helps is healthy.
"""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clinic.draw import CHANGES

DATA = Path(__file__).parent / "data"
STEPS = DATA / "steps" / "steps.jsonl.gz"
MARGIN = 0.05


@dataclass(frozen=True)
class Truth:
    """Relative gains of the changes that help, and the changes that harm."""

    helps: dict[str, float]
    harms: frozenset[str]

    @property
    def healthy(self) -> bool:
        """Whether no change helps."""
        return not self.helps


def truth_of(record: dict[str, Any]) -> Truth:
    """Judge every change of a setting."""
    return judged(record, ((MARGIN, 2.0),))


def judged(record: dict[str, Any], bars: tuple[tuple[float, float], ...]) -> Truth:
    """Judge every change by bars: margin, and multiple of the seed spread; one bar is enough."""
    reference = _losses(record, "reference")
    helps: dict[str, float] = {}
    harms = set()
    for change in CHANGES:
        losses = _losses(record, change)
        difference = float(reference.mean() - losses.mean())
        spread = float(np.sqrt((reference.var(ddof=1) + losses.var(ddof=1)) / 2))
        gain = difference / float(reference.mean())
        if any(gain > margin and difference > times * spread for margin, times in bars):
            helps[change] = gain
        elif any(-gain > margin and -difference > times * spread for margin, times in bars):
            harms.add(change)
    return Truth(helps, frozenset(harms))


def chances_of(record: dict[str, Any]) -> tuple[float, ...]:
    """How likely each change helps by the same two bars, given that two seeds are noisy.

    The spread of each change is drawn half-way to the median over the setting's changes, and the
    difference taken as normal around what was seen.
    """
    reference = _losses(record, "reference")
    level = float(reference.mean())
    losses = [_losses(record, change) for change in CHANGES]
    variances = np.asarray([(reference.var(ddof=1) + one.var(ddof=1)) / 2 for one in losses])
    spreads = np.sqrt((variances + np.median(variances)) / 2) / level
    gains = [(level - float(one.mean())) / level for one in losses]
    return tuple(
        _normal((gain - max(MARGIN, 2 * spread)) / math.hypot(spread, 0.01))
        for gain, spread in zip(gains, spreads.tolist(), strict=True)
    )


def _normal(value: float) -> float:
    return 0.5 * (1 + math.erf(value / math.sqrt(2)))


def _losses(record: dict[str, Any], change: str) -> Any:
    limit = 3 * record["trivial"]
    return np.asarray(
        [limit if loss is None else min(loss, limit) for loss in record["test"][change]]
    )


def settings(part: str | None = None) -> list[dict[str, Any]]:
    """The committed settings of a part (``development`` or ``test``), or all."""
    records = []
    for path in sorted(DATA.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            records += [json.loads(line) for line in stream]
    return [record for record in records if part in (None, record["part"])]


def steps_seen() -> dict[str, dict[str, Any]]:
    """Losses and gradient norms of every few steps, and their places in epochs, by setting."""
    with gzip.open(STEPS, "rt", encoding="utf-8") as stream:
        return {line["id"]: line for line in map(json.loads, stream)}
