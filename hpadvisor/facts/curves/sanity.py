"""What cannot be, or says that something is broken, before anybody asks what would help."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from hpadvisor.facts.curves.series import Curve, Floats
from hpadvisor.readers.curves.record import RunRecord, Series
from hpadvisor.readers.metrics import kind_of_loss, metric_of

TINY = 1e-12
GUESSED_CLASSES: Final = (2, 3, 4, 5, 10, 100, 1000)
"""Numbers of classes whose logarithm is looked for where nobody told the number."""

NEAR_GUESSING = 0.003
"""How near, as a share, a loss stands to the logarithm of the number of classes."""

ZERO = 1e-12
"""A loss that is exactly zero: printed as 0.0."""

MOST_NEGATIVE = 10.0
"""A loss runs to minus infinity where it ends below minus so many times its start and falls on."""

FAR_NEGATIVE = 1000.0
"""Beyond minus so many times its start it has run there, whatever it does at the end."""


def loss_sanity(run: RunRecord, role: str, curve: Curve) -> dict[str, float | bool | int]:
    """Facts of one loss that say whether it can be a loss that is trained.

    Definitions: ``definitions.LOSS_FACTS``.
    """
    series = run.series[role]
    finite = series.y[np.isfinite(series.y)]
    slack = 1e-3 * float(np.abs(finite).max())  # rounding leaves a loss of zero a little below it
    facts: dict[str, float | bool | int] = {"below_zero": float((finite < -slack).mean())}
    kind = kind_of_loss(series.column)
    if kind is not None and kind.low is not None:
        facts["floor"] = float(kind.low)
        facts["below_floor"] = float((finite < kind.low - slack).mean())
    if kind is not None and kind.low is None:
        facts["may_be_negative"] = True
    facts["unbounded_fall"] = _unbounded(curve)
    zero = _zero_from(series)
    if zero is not None:
        facts["zero_from"] = zero
    classes = _stuck_at_classes(curve)
    if classes is not None:
        facts["stuck_at_classes"] = classes
    squared = kind is not None and kind.family == "regression"
    facts["near_zero"] = not squared and bool(
        0 <= curve.final <= 0.05 and curve.start > 0 and curve.final <= 0.02 * curve.start
    )
    return facts


def score_sanity(run: RunRecord, role: str) -> dict[str, int | str]:
    """Facts of one score: its values, and whether it has stood at one end of its range throughout.

    Definitions: ``definitions.METRIC_FACTS``.
    """
    series = run.series[role]
    finite = series.y[np.isfinite(series.y)]
    facts: dict[str, int | str] = {"points": len(series.y)}
    metric = metric_of(series.column)
    if metric is None or metric.better == "either" or len(finite) < 3:
        return facts
    facts["family"] = metric.family
    if float(np.ptp(finite)) > 1e-9:
        return facts
    value = float(finite[0])
    worst, best = metric.low, metric.high
    if metric.better == "lower":
        worst, best = (1.0 if metric.percent else metric.high), metric.low
    if worst is not None and abs(value - worst) <= 1e-9:
        facts["stuck"] = "floor"
    elif best is not None and abs(value - best) <= 1e-9:
        facts["stuck"] = "ceiling"
    elif _is_fine(value):
        facts["stuck"] = "between"
    return facts


def _is_fine(value: float) -> bool:
    """Whether a score has more digits than whole percents, so that chance cannot repeat it."""
    percents = value if abs(value) > 1 else 100 * value
    return abs(percents - round(percents)) > 1e-6


def gradient_sanity(run: RunRecord) -> dict[str, float]:
    """Facts of gradient norms that are no numbers: their share at the end of the log."""
    series = run.series.get("grad_norm")
    if series is None or len(series.y) < 3:
        return {}
    tail = series.y[-max(3, len(series.y) // 10) :]
    return {
        "points": float(len(series.y)),
        "nonfinite_at_end": float((~np.isfinite(tail)).mean()),
        "nonfinite_share": float((~np.isfinite(series.y)).mean()),
    }


def _unbounded(curve: Curve) -> bool:
    """Whether a loss falls below zero ever faster: far below minus its start, by orders."""
    if len(curve.y) < 5 or curve.final >= 0:
        return False
    start = max(abs(curve.start), 1.0)
    half = min(curve.at(0.5), -TINY)
    fallen = curve.final / -start
    return fallen > FAR_NEGATIVE or bool(fallen > MOST_NEGATIVE and curve.final < 2 * half)


def _zero_from(series: Series) -> float | None:
    """Where a loss became exactly zero for good, as a share of the run, after values well above.

    A loss that falls there by itself passes through small values first; one that breaks does not.
    """
    y = series.y
    zeros = np.abs(y) <= ZERO
    if not len(y) or not zeros[-1] or zeros.all():
        return None
    last = int(np.flatnonzero(~zeros)[-1])
    before = y[: last + 1]
    known = before[np.isfinite(before)]
    if not len(known) or abs(float(known[-1])) < 0.05 * max(float(np.abs(known).max()), TINY):
        return None
    span = float(series.x[-1] - series.x[0])
    return float((series.x[last + 1] - series.x[0]) / span) if span > 0 else 0.0


def _stuck_at_classes(curve: Curve) -> int | None:
    """The number of classes at whose logarithm a loss has stood for its last half, None without.

    The loss of guessing evenly among k classes is ln(k).
    """
    late: Floats = curve.y[curve.x >= 0.5]
    if len(late) < 5:
        return None
    level = float(late.mean())
    spread = float(late.std())
    if level <= 0 or spread > 0.01 * level:
        return None
    left = curve.start > 1.05 * level or curve.smooth.min() < (1 - 2 * NEAR_GUESSING) * level
    if left and spread > 1e-3 * level:  # what stands still to the digit was elsewhere before
        return None
    for classes in GUESSED_CLASSES:
        if abs(level - math.log(classes)) <= NEAR_GUESSING * math.log(classes):
            return classes
    return None
