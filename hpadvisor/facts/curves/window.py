"""The window that a log shows of its training: its beginning, its length, where it goes blank."""

from __future__ import annotations

import numpy as np

from hpadvisor.facts.curves.series import Floats, median
from hpadvisor.readers.curves.record import RunRecord, Series

MISSED = 3.0
"""A log begins late where more than so many of its own steps lie before its first value."""

MISSED_SHARE = 0.05
"""… and where they are at least this share of the way to its end."""


def window_facts(run: RunRecord) -> dict[str, float | bool]:
    """Facts of the window; definitions: ``definitions.RUN_FACTS``."""
    shown = [one for role, one in run.series.items() if role.endswith(("loss", "metric"))]
    shown = shown or list(run.series.values())
    if not shown:
        return {}
    first = min(float(one.x[0]) for one in shown)
    facts: dict[str, float | bool] = {"first": first, "begins_late": _begins_late(run, shown)}
    epochs = epochs_of(run)
    if epochs is not None:
        facts["epochs"] = epochs
    if run.blank_from is not None:
        last = max(float(one.x[-1]) for one in shown)
        facts["ends_blank"] = True
        facts["blank_from"] = run.blank_from
        facts["last_before_blank"] = last
    return facts


def epochs_of(run: RunRecord) -> float | None:
    """How many epochs the log spans, None where epochs are not told."""
    ends = [(float(one.x[0]), float(one.x[-1])) for one in run.series.values()]
    if not ends or not run.epoch_length:
        return None
    span = max(end for _, end in ends) - min(start for start, _ in ends)
    return span / run.epoch_length + (1.0 if run.axis == "epoch" else 0.0)


def _begins_late(run: RunRecord, shown: list[Series]) -> bool:
    """Whether the first value stands further from zero than the log's own steps explain."""
    if run.axis == "row":
        return False
    starts = [float(one.x[0]) for one in shown]
    first = min(starts)
    end = max(float(one.x[-1]) for one in shown)
    step = max(1.0, _usual_step(shown[starts.index(first)].x))
    return first > MISSED * step + 1 and first >= MISSED_SHARE * end


def _usual_step(x: Floats) -> float:
    """The usual distance of two values (n,), that of their first for one value."""
    return median(np.diff(x)) if len(x) > 1 else 0.0
