"""Training curves at the pace of the evaluations, whatever the pace of their logging.

Losses of single batches carry noise that means of an epoch do not have. The facts that rules and
scores go by (noise, roughness, rises, significance) are those of means: of an epoch, or of what
lies between two evaluations.
"""

from __future__ import annotations

import numpy as np

from hpadvisor.facts.curves.series import Curve, Floats, clean
from hpadvisor.facts.curves.spikes import MOST_POINTS, spike_places
from hpadvisor.readers.curves.record import RunRecord, Series
from hpadvisor.records import replace

FEWEST = 8
"""Fewer evaluations or epochs than this make no curve; then the run is cut into ``PARTS``."""

PARTS = 15
"""Few, so that batches cancel out: with 50, advice on the clinic did harm three times as often."""

SPIKE_PARTS = 50
DENSER = 1.5
"""How many logged values a part must hold on the mean before they are averaged."""

RARE = 0.02
"""Spikes are left out of the means where no larger share of the values stands out."""

FINE = 0.5
"""Epochs from one logged value to the next, at most, where the values are of steps."""

TRAINING = ("train_loss", "train_metric")


def paced(run: RunRecord, curves: dict[str, Curve], *, spikes: bool = False) -> dict[str, Curve]:
    """Average training curves that were logged more often than the run was evaluated.

    Args:
        run: As read.
        curves: Its cleaned curves.
        spikes: Whether rare spikes take part in the means, of at least ``SPIKE_PARTS`` parts then.

    Returns:
        The curves as they are, or where training was logged more densely: all of them on an axis
        that begins with the first part, the training averaged over what lies between evaluations,
        else over epochs, else, where steps are counted, over ``PARTS`` equal parts.
    """
    ends, _ = _ends(run, curves)
    if spikes and 0 < len(ends) < SPIKE_PARTS:
        ends = np.linspace(float(ends[0]), float(ends[-1]), SPIKE_PARTS)
    roles = _dense(run, curves, ends)
    if not roles:
        return curves
    dense = {role: _averaged(run.series[role], ends, spikes) for role in roles}
    series = {role: dense.get(role, run.series[role]) for role in curves}
    low = min(float(one.x[0]) for one in series.values())
    high = max(float(one.x[-1]) for one in series.values())
    return {
        role: _like(clean(one.x, one.y, (low, high)), curves[role]) for role, one in series.items()
    }


def pace_note(run: RunRecord, curves: dict[str, Curve]) -> list[str]:
    """Say what was averaged, in one line or none."""
    ends, parts = _ends(run, curves)
    dense = _dense(run, curves, ends)
    names = " and ".join(run.series[role].column for role in dense)
    return [f"{names}: judged by the means of {len(ends)} {parts}"] if dense else []


def _dense(run: RunRecord, curves: dict[str, Curve], ends: Floats) -> list[str]:
    """The roles that were logged more densely than the parts."""
    if not len(ends):
        return []
    return [
        role
        for role in TRAINING
        if role in curves and len(run.series[role].x) > DENSER * len(ends)
    ]


def _like(curve: Curve | None, logged: Curve) -> Curve:
    """The curve with the counts of the record that it was made from."""
    return replace(
        curve or logged,
        points=logged.points,
        nonfinite=logged.nonfinite,
        ends_nonfinite=logged.ends_nonfinite,
    )


def _ends(run: RunRecord, curves: dict[str, Curve]) -> tuple[Floats, str]:
    """Where the parts end (parts,), rising, and what they are.

    None (0,) where a value may well be an epoch's.
    """
    for role in ("val_loss", "val_metric"):
        if role in run.series and len(run.series[role].x) >= FEWEST:
            return run.series[role].x, "stretches between evaluations"
    low = min((float(run.series[role].x[0]) for role in curves), default=0.0)
    high = max((float(run.series[role].x[-1]) for role in curves), default=0.0)
    epochs = (high - low) / run.epoch_length if run.epoch_length else 0.0
    if epochs >= FEWEST:
        if not DENSER * epochs < max(len(run.series[role].x) for role in curves):
            return np.zeros(0), ""  # no part would hold enough; a wild count would fill the memory
        return np.linspace(low, high, round(epochs) + 1)[1:], "epochs"
    if run.axis != "step" and not _within_epochs(run, curves):
        return np.zeros(0), ""
    why = (
        "as epochs are few"
        if run.epoch_length or run.axis == "epoch"
        else "as epochs were not logged"
    )
    return np.linspace(low, high, PARTS + 1)[1:], f"equal parts, {why}"


def _within_epochs(run: RunRecord, curves: dict[str, Curve]) -> bool:
    """Whether the axis counts epochs in fractions: a training loss of every few steps."""
    spacings = [np.diff(run.series[role].x) for role in TRAINING if role in curves]
    return run.axis == "epoch" and any(
        len(one) > 0 and 0 < float(np.median(one)) <= FINE for one in spacings
    )


def _averaged(series: Series, ends: Floats, spikes: bool) -> Series:
    """Means of the parts (parts,), each at its end; what follows the last end joins its part."""
    finite = np.isfinite(series.y)
    x, y = series.x[finite], np.clip(series.y[finite], -1e150, 1e150)
    if not spikes and len(y) <= MOST_POINTS:  # in longer records a part outweighs its spikes
        found = spike_places(y).astype(np.int64)
        if len(found) <= RARE * len(y):
            x, y = np.delete(x, found), np.delete(y, found)
    part = np.minimum(np.searchsorted(ends, x), len(ends) - 1)
    counts = np.bincount(part, minlength=len(ends))
    sums = np.bincount(part, y, len(ends))
    held = counts > 0
    return Series(series.column, ends[held], sums[held] / counts[held])
