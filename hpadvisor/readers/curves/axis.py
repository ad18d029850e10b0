"""The axis of a run: steps, epochs or rows, and where on it each row stands."""

from __future__ import annotations

import numpy as np

from hpadvisor.readers.curves.roles import Candidate
from hpadvisor.readers.curves.tables import Floats, Table

MOST_EPOCHS = 1_000_000
"""Of more epochs than that no log tells: the numbers are no epochs."""

_FALLING = 0.25
"""Steps that fall back on more rows count something else, such as batches of a part."""

Chosen = dict[str, tuple[str, Candidate]]
"""Role to column name, and how the name was read."""


def axis_of(table: Table, chosen: Chosen) -> str:
    """The position that all series share: steps where they are logged throughout, else epochs."""
    counts = {
        role: int(table.columns[chosen[role][0]].present.sum())
        for role in ("step", "epoch")
        if role in chosen
    }
    if len(counts) == 2 and _within_epochs(table, chosen):
        del counts["step"]
    if not counts:
        return "row"
    distinct = {
        role: 1 + int((np.diff(_filled(table, chosen, role)) != 0).sum()) for role in counts
    }
    best = max(distinct, key=lambda role: (distinct[role], role == "epoch"))
    if distinct[best] < 2:
        return "row"
    return best


def _within_epochs(table: Table, chosen: Chosen) -> bool:
    """Whether steps are counted anew in every epoch: where they fall back, the epoch rises."""
    known = table.columns[chosen["step"][0]].present
    falls = np.diff(_filled(table, chosen, "step")[known]) < 0
    epochs = _filled(table, chosen, "epoch")
    rises = np.diff(epochs[known]) > 0
    counts_anew = falls.any() and (falls & rises).sum() >= 0.8 * falls.sum()
    no_place = len(falls) and falls.mean() > _FALLING and not (np.diff(epochs[known]) < 0).any()
    return bool(counts_anew or no_place)


def _filled(table: Table, chosen: Chosen, role: str) -> Floats:
    """Positions (rows,), gaps filled from the row before."""
    column = table.columns[chosen[role][0]]
    known = column.present & np.isfinite(column.values)
    if not known.any():
        return np.arange(len(column.values), dtype=np.float64)
    last = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
    first = int(np.argmax(known))
    return column.values[np.maximum(last, first)]


def positions_of(table: Table, chosen: Chosen, axis: str) -> Floats:
    """Where each row stands on the axis (rows,)."""
    if axis == "row":
        return np.arange(table.rows, dtype=np.float64)
    return _filled(table, chosen, axis)


def planned_of(table: Table, axis: str) -> float | None:
    """The planned length in units of the axis, None where the log does not say it."""
    if axis == "step":
        return table.planned_steps
    return table.planned_epochs if axis == "epoch" else None


def epoch_length_of(table: Table, chosen: Chosen, positions: Floats, axis: str) -> float | None:
    """Length of one epoch on the axis: between the first rows of the first and the last epoch."""
    if axis == "epoch":
        return 1.0 if float(np.ptp(positions)) <= MOST_EPOCHS else None
    if axis != "step" or "epoch" not in chosen:
        return None
    epochs = np.floor(_filled(table, chosen, "epoch"))
    first, last = int(np.argmin(epochs)), int(np.argmax(epochs))
    length = (positions[last] - positions[first]) / max(epochs[last] - epochs[first], 1.0)
    return float(length) if length > 0 and np.ptp(positions) <= MOST_EPOCHS * length else None
