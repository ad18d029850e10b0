"""Two runs of one training, before and after a change: facts of how they compare.

Both are compared at the same place of the run, not only at their ends: under a rate that decays,
the end of the first run says little of what the second will reach.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hpadvisor.facts.curves.series import noise_floor, smoothed
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.record import RunRecord, Series
from hpadvisor.readers.curves.tables import Floats

COMPLETE = 0.95
"""Share of the first run's length from which the second counts as whole."""

FEWEST = 2
"""Values that both must have to be compared at all."""


@dataclass(frozen=True)
class Compared:
    """Levels of a loss (means of the last few values) at one place of two runs.

    Attributes:
        place: Last position that both have, in units of the axis.
        before: Level of the first run there.
        after: Level of the second run there.
        end: Level of the first run at its own end.
    """

    place: float
    before: float
    after: float
    end: float


def common_loss(first: RunRecord, second: RunRecord) -> str | None:
    """The loss that both runs log: that of validation, else of training, else None."""
    for role in ("val_loss", "train_loss"):
        if role in first.series and role in second.series:
            return role
    return None


def change_facts(first: RunRecord, second: RunRecord) -> tuple[Facts, Compared | None]:
    """Compare two runs of one training.

    Args:
        first: The run before the change, whole.
        second: The run after it, whole or still running.

    Returns:
        The facts, and the levels that they rest on; no levels where nothing can be compared.
    """
    facts = Facts()
    role = common_loss(first, second)
    if role is None or first.axis != second.axis:
        return facts, None
    where = f"computed: {second.series[role].column}"
    before, after = first.series[role], second.series[role]
    facts.put("change.loss", "validation" if role == "val_loss" else "training", where)
    broke = not bool(np.isfinite(after.y[-1]))
    facts.put("change.broke", broke, where)
    place = min(float(before.x[-1]), float(after.x[-1]))
    low, end = min(0.0, float(before.x[0])), float(before.x[-1])
    share = (place - low) / (end - low) if end > low else 1.0
    facts.put("change.share", share, where)
    facts.put("change.whole", share >= COMPLETE, where)
    levels = [_level(series, upto) for series, upto in
              ((before, place), (after, place), (before, end))]  # fmt: skip
    if broke or any(level is None or level <= 0 for level in levels):
        return facts, None
    compared = Compared(place, *(float(level or 0) for level in levels))
    ahead = math.log(compared.before / compared.after)
    noise = math.hypot(_noise(before, compared.before), _noise(after, compared.after))
    facts.put("change.ahead", ahead, where)
    facts.put("change.ahead_of_end", math.log(compared.end / compared.after), where)
    facts.put("change.noise", noise, where)
    facts.put("change.clear", abs(ahead) > 2 * noise, where)
    return facts, compared


def _upto(series: Series, place: float) -> Floats:
    values = series.y[(series.x <= place * (1 + 1e-9)) & np.isfinite(series.y)]
    return np.asarray(values, dtype=np.float64)


def _level(series: Series, place: float) -> float | None:
    """The median of the last three values up to a place, of two where there are few."""
    values = _upto(series, place)
    if len(values) < FEWEST:
        return None
    if len(values) > 100:  # steps, not evaluations
        return float(smoothed(values)[-1])
    return float(np.median(values[-3 if len(values) >= 6 else -2 :]))


def _noise(series: Series, level: float) -> float:
    """Noise of a level as a share of it; a median of three has .67 of one value's deviation."""
    values = _upto(series, float(series.x[-1]))
    return 0.67 * noise_floor(values) / level if len(values) >= 4 else 0.0
