"""Gradient norms as facts, to see what they would add: no rule and no score uses them.

All are logarithms of ratios, places or exponents, so that neither the size of a model nor the unit
of its loss matters.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.clinic.cases import Case
from benchmarks.clinic.truth import steps_seen
from hpadvisor.facts.curves.series import line, smoothed

Array = Any

NAMES = ("growth", "peak_at", "peak_over_start", "end_over_peak", "half_over_start", "late_growth",
         "early_roughness", "late_roughness", "loss_exponent", "loss_exponent_late",
         "per_loss_growth")  # fmt: skip


def gradient_matrix(cases: list[Case]) -> Array:
    """Values (cases, names) of the logged gradient norms; NaN where a run broke."""
    seen = steps_seen()
    rows = []
    for case in cases:
        steps = seen[case.record["id"]]
        losses, norms = (
            np.asarray(steps[role][case.seed], dtype=np.float64)  # null becomes NaN
            for role in ("train_loss", "grad_norm")
        )
        rows.append(gradient_values(losses, norms))
    return np.asarray(rows)


def gradient_values(losses: Array, norms: Array) -> list[float]:
    """Values in the order of ``NAMES`` of losses and norms (rows,)."""
    known = np.isfinite(losses) & np.isfinite(norms) & (losses > 0) & (norms > 0)
    if known.sum() < 8 or not known.all():
        return [float("nan")] * len(NAMES)
    raw, logs, level = np.log(norms), np.log(smoothed(norms)), np.log(smoothed(losses))
    tenth, third, half = max(1, len(logs) // 10), max(4, len(logs) // 3), len(logs) // 2
    start, end = logs[:tenth].mean(), logs[-tenth:].mean()
    fall = level[-tenth:].mean() - level[:tenth].mean()
    return [
        float(value)
        for value in (
            end - start,
            np.argmax(logs) / len(logs),
            logs.max() - start,
            end - logs.max(),
            logs[half] - start,
            line(np.arange(third) / third, logs[-third:])[0],
            np.diff(raw[:third]).std(),
            np.diff(raw[-third:]).std(),
            np.clip(line(level, logs)[0], -10, 10),
            np.clip(line(level[half:], logs[half:])[0], -10, 10),
            end - start - fall,
        )
    ]
