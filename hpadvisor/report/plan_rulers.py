"""The ranges of a plan as lines of a terminal: each on its own scale, with the start on it."""

from __future__ import annotations

import math
from typing import TypeGuard

from hpadvisor.planning.model import Parameter, Step
from hpadvisor.report.plot import BEST, TRIAL, ruler

TITLE = "start on its scale"
CELLS = 16
WIDTH = CELLS + 4
"""Characters of a ruler: its cells, both ends, and room for a start beyond each."""
_GAP = 3
"""Characters between two columns of a table."""


def with_rulers(
    titles: list[str], cells: list[list[str]], step: Step, width: int
) -> tuple[list[str], list[list[str]]]:
    """Add a column of rulers to the table of a step, where the width has room for it.

    Args:
        titles: Of the columns.
        cells: A row for each hyperparameter of the step.
        step: The step.
        width: Characters that the table may take.
    """
    rulers = [ruler_of(parameter, step) for parameter in step.parameters]
    columns = zip(titles, *cells, strict=True)
    needed = sum(max(map(len, column)) + _GAP for column in columns) + WIDTH
    if not any(rulers) or needed > width:
        return titles, cells
    return [*titles, TITLE], [[*row, drawn] for row, drawn in zip(cells, rulers, strict=True)]


def ruler_of(parameter: Parameter, step: Step) -> str:
    """Draw a range with its start, and its values where they are listed; empty for choices."""
    values = [value for value in parameter.values or [] if _is_number(value)]
    low, high = (min(values), max(values)) if values else (parameter.low, parameter.high)
    if low is None or high is None or not low < high:
        return ""
    log = parameter.scale == "log" or (bool(values) and low > 0)
    places = [(_place(value, low, high, log=log), TRIAL) for value in values]
    start = step.baseline.get(parameter.name, parameter.default)
    before = after = " "
    if _is_number(start):
        at = _place(start, low, high, log=log)
        if at < 0:
            before = BEST
        elif at > 1:
            after = BEST
        else:
            places.append((at, BEST))
    return f"{before}{ruler(places, '', '', cells=CELLS).strip()}{after}".rstrip()


def _place(value: float, low: float, high: float, *, log: bool) -> float:
    """Where a value lies between the ends, 0 to 1; below 0 where a logarithm has no place."""
    if log and low > 0:
        return math.log(value / low) / math.log(high / low) if value > 0 else -1.0
    return (value - low) / (high - low)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
