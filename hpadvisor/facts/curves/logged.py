"""What was logged, as it was logged: first, last and best value of each curve, and where."""

from __future__ import annotations

import numpy as np

from hpadvisor.readers.curves.record import RunRecord, Series


def logged_facts(run: RunRecord, role: str) -> dict[str, float]:
    """First, last and best finite value of a curve, and their positions on the axis.

    Args:
        run: As read, scores in the unit in which they were logged.
        role: Of the curve; of a score the direction decides what is best.

    Returns:
        Facts by name, as in ``definitions.LOGGED_FACTS``; none where nothing finite was logged.
    """
    series = run.series[role]
    finite = np.flatnonzero(np.isfinite(series.y))
    if not len(finite):
        return {}
    best = _best(run, role, series, finite)
    facts: dict[str, float] = {}
    for name, place in (("first", int(finite[0])), ("last", int(finite[-1])), ("best", best)):
        facts[f"logged_{name}"] = float(series.y[place])
        facts[f"logged_{name}_at"] = float(series.x[place])
    return facts


def _best(run: RunRecord, role: str, series: Series, finite: np.ndarray) -> int:
    values = series.y[finite]
    higher = role.endswith("metric") and run.higher_is_better
    return int(finite[int(np.argmax(values) if higher else np.argmin(values))])
