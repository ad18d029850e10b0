"""Curves drawn in a terminal with Braille dots: two rows of four by the character."""

from __future__ import annotations

import math
from collections.abc import Sequence

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800


def draw(
    curves: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    *,
    width: int,
    height: int = 10,
    mark: float | None = None,
) -> list[str]:
    """Draw curves on one pair of axes.

    Args:
        curves: Label, positions (0 to 1) and values of each curve.
        width: Characters of the whole drawing.
        height: Lines of the drawing area.
        mark: Position of a vertical mark, such as the best epoch.

    Returns:
        Lines of text; the value axis is logarithmic where values span over 20 ×.
    """
    values = [v for _, _, ys in curves for v in ys if math.isfinite(v)]
    if not values:
        return []
    low, high = min(values), max(values)
    log = low > 0 and high > 20 * low
    scale = math.log10 if log else float
    bottom, top = scale(low), scale(high)
    if top <= bottom:
        top = bottom + 1.0
    margin = 9
    columns = max(10, width - margin - 1)
    grids = []
    for _, xs, ys in curves:
        grid = [[_BLANK] * columns for _ in range(height)]
        _plot(grid, xs, [(scale(y) - bottom) / (top - bottom) for y in ys])
        grids.append(grid)
    lines = []
    for row in range(height):
        cells = []
        for column in range(columns):
            code = _BLANK
            for grid in grids:
                code |= grid[row][column]
            marked = mark is not None and column == round(mark * (columns - 1))
            cells.append("┊" if marked and code == _BLANK else chr(code))
        label = _label(row, height, low, high, log)
        lines.append(f"{label:>{margin - 1}} │{''.join(cells).rstrip(chr(_BLANK))}")
    return lines


def _label(row: int, height: int, low: float, high: float, log: bool) -> str:
    if row == 0:
        return f"{high:.3g}"
    if row == height - 1:
        return f"{low:.3g}"
    if row == height // 2:
        share = 1 - row / (height - 1)
        middle = low * (high / low) ** share if log else low + (high - low) * share
        return f"{middle:.3g}"
    return ""


def _plot(grid: list[list[int]], xs: Sequence[float], ys: Sequence[float]) -> None:
    """Set the dots of one curve, joined by vertical strokes between neighbours."""
    wide, tall = 2 * len(grid[0]), 4 * len(grid)
    before: tuple[int, int] | None = None
    for x, y in zip(xs, ys, strict=True):
        if not math.isfinite(y):
            before = None
            continue
        dot = (
            min(wide - 1, max(0, round(x * (wide - 1)))),
            min(tall - 1, max(0, round((1 - y) * (tall - 1)))),
        )
        for column, row in _line(before or dot, dot):
            grid[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
        before = dot


def _line(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (
            start[0] + round((end[0] - start[0]) * step / steps),
            start[1] + round((end[1] - start[1]) * step / steps),
        )
        for step in range(steps + 1)
    ]
