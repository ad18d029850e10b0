"""Scores as shares of 1, whatever they were logged as: facts and limits are such shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hpadvisor.readers.curves.record import RunRecord, Series
from hpadvisor.readers.metrics import Metric, metric_of

MOST_OVER = {"higher": 1.5, "lower": 3.0}
"""A score above this share is a percentage; error rates pass 1 where a recogniser babbles."""


def in_units(run: RunRecord) -> RunRecord:
    """Return the run with percentages as shares of 1, and a note of each; else the run itself."""
    changed: dict[str, Series] = {}
    notes: list[str] = []
    for role in ("train_metric", "val_metric"):
        series = run.series.get(role)
        metric = metric_of(series.column) if series is not None else None
        if series is not None and metric is not None and is_percentage(metric, series.y):
            changed[role] = Series(series.column, series.x, series.y / 100)
            notes.append(f"{series.column} is read as a percentage")
    if not changed:
        return run
    return replace(run, series={**run.series, **changed}, notes=[*run.notes, *notes])


def is_percentage(metric: Metric, values: np.ndarray) -> bool:
    """Whether values (n,) of a metric are percentages.

    Args:
        metric: What is measured.
        values: As logged, finite or not.
    """
    finite = values[np.isfinite(values)]
    if not metric.percent or not len(finite) or float(finite.min()) < 0:
        return False
    most = float(finite.max())
    limit = MOST_OVER.get(metric.better, 1.5)
    return most > limit and (metric.high is None or most <= 100.5 * metric.high)
