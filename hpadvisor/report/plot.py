"""Curves drawn in a terminal with Braille dots: two rows of four by the character."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800
_MARGIN = 9
_COLORS = ("36", "33", "35")
"""Of the curves, in order: cyan, yellow, magenta."""

MARKS = ("┊", "╎")
"""Signs of the vertical marks, in order."""
LEVEL = "┄"
"""Sign of the line at a value of its own."""
BEST, TIED, TRIAL = "◆", "○", "•"
"""Signs on a drawing: the best, what cannot be told from it, another trial."""


class Drawn(NamedTuple):
    """A curve to draw: its name at the right end, positions (0 to 1) and values.

    Attributes:
        label: The name; empty for none.
        xs: Positions, 0 to 1.
        ys: Values; what is not finite is left out.
        joined: Whether strokes join the values; else each is a dot.
        sign: A sign that stands for each value in place of a dot.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    joined: bool = True
    sign: str = ""


class Axis(NamedTuple):
    """What the positions run along: the ends in words, and the unit."""

    low: str
    high: str
    unit: str


def is_logarithmic(curves: Sequence[Drawn]) -> bool:
    """Whether the values span so widely that their axis is logarithmic."""
    return _Scale([v for curve in curves for v in curve.ys if math.isfinite(v)]).log


def draw(
    curves: Sequence[Drawn],
    *,
    width: int,
    height: int = 10,
    marks: Sequence[float] = (),
    axis: Axis | None = None,
    level: float | None = None,
    color: bool = False,
) -> list[str]:
    """Draw curves on one pair of axes.

    Args:
        curves: What to draw.
        width: Characters of the whole drawing.
        height: Lines of the drawing area.
        marks: Positions (0 to 1) of vertical marks, such as the best epoch; two at most.
        axis: What the positions run along; written under the drawing.
        level: A value with a line of its own across the drawing.
        color: Whether each curve has a colour of its own.

    Returns:
        Lines of text; the value axis is logarithmic where values span over 20 ×.
    """
    scale = _Scale([v for curve in curves for v in curve.ys if math.isfinite(v)])
    if not scale.known:
        return []
    names = max((len(curve.label) for curve in curves), default=0)
    columns = max(10, width - _MARGIN - 2 - names)
    grids = []
    ends: dict[int, str] = {}
    for number, curve in enumerate(curves):
        grid = [[_BLANK] * columns for _ in range(height)]
        last = _plot(grid, curve, [scale.share(y) for y in curve.ys])
        grids.append(grid)
        if curve.label:
            ends[_free(last, ends, height)] = _painted(curve.label, number, color)
    places = {round(at * (columns - 1)): sign for at, sign in zip(marks, MARKS, strict=False)}
    across = -1 if level is None else _row(scale.share(level), height)
    lines = []
    for row in range(height):
        empty = LEVEL if row == across else " "
        cells = "".join(
            _cell([grid[row][column] for grid in grids], places.get(column, empty), color)
            for column in range(columns)
        )
        label = scale.label(row, height)
        lines.append(f"{label:>{_MARGIN - 1}} │{cells} {ends.get(row, '')}".rstrip())
    return [*lines, _along(axis, columns)] if axis is not None else lines


def _along(axis: Axis, columns: int) -> str:
    """The line under a drawing: where it begins, the unit, where it ends."""
    low, high = (f"{axis.low} ", f" {axis.high}") if axis.low else ("", "")
    middle = f" {axis.unit} "
    rest = columns - len(low) - len(high) - len(middle)
    left = max(1, rest // 2)
    line = f"{low}{'─' * left}{middle}{'─' * max(1, rest - left)}{high}"
    return f"{'':>{_MARGIN - 1}} └{line}"


def ruler(
    places: Sequence[tuple[float, str]], low: str, high: str, *, cells: int, scale: str = ""
) -> str:
    """Draw a range in one line, with what lies on it.

    Args:
        places: Positions on the range's own scale (0 to 1) with their signs, the weightiest last.
        low: The lower end in words.
        high: The upper end in words.
        cells: Characters between the ends.
        scale: Of the range, such as ``log``; empty for none.
    """
    line = ["─"] * cells
    for at, sign in places:
        if math.isfinite(at):
            line[min(cells - 1, max(0, int(at * cells)))] = sign
    return f"{low} ├{''.join(line)}┤ {high}{f' {scale}' if scale else ''}"


def _row(share: float, height: int) -> int:
    """The line of a height between 0 and 1; none of them where it lies outside."""
    place = round((1 - share) * (height - 1))
    return place if 0 <= place < height else -1


def _free(row: int, taken: Mapping[int, str], height: int) -> int:
    """The line nearest to a curve's end that no other name stands on."""
    rows = [line for line in range(height) if line not in taken]
    return min(rows, key=lambda line: abs(line - row), default=row)


class _Scale:
    """Values to heights, 0 to 1."""

    def __init__(self, values: Sequence[float]) -> None:
        self.known = bool(values)
        self.low, self.high = (min(values), max(values)) if values else (0.0, 1.0)
        self.log = self.low > 0 and self.high > 20 * self.low
        self._bottom = self._of(self.low)
        self._span = self._of(self.high) - self._bottom or 1.0

    def _of(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def share(self, value: float) -> float:
        """The height of a value; NaN where it has none."""
        return (self._of(value) - self._bottom) / self._span if math.isfinite(value) else math.nan

    def label(self, row: int, height: int) -> str:
        """The number beside a line: at the top, in the middle, at the bottom."""
        if row not in (0, height // 2, height - 1):
            return ""
        share = 1 - row / (height - 1)
        if self.log:
            return f"{self.low * (self.high / self.low) ** share:.3g}"
        return f"{self.low + (self.high - self.low) * share:.3g}"


def _cell(codes: Sequence[int], mark: str, color: bool) -> str:
    """One character: the dots of all curves, in the colour of the only one that is there."""
    here = [number for number, code in enumerate(codes) if code != _BLANK]
    if not here:
        return mark
    signs = [number for number in here if not _BLANK < codes[number] < _BLANK + 256]
    if signs:
        return _painted(chr(codes[signs[-1]]), signs[-1], color)
    joined = _BLANK
    for code in codes:
        joined |= code
    return _painted(chr(joined), here[0], color and len(here) == 1)


def _painted(text: str, number: int, color: bool) -> str:
    return f"\x1b[{_COLORS[number % len(_COLORS)]}m{text}\x1b[0m" if color else text


def _plot(grid: list[list[int]], curve: Drawn, ys: Sequence[float]) -> int:
    """Set the dots of one curve, joined by strokes between neighbours; return its last line."""
    wide, tall = 2 * len(grid[0]), 4 * len(grid)
    before: tuple[int, int] | None = None
    last = len(grid) - 1
    for x, y in zip(curve.xs, ys, strict=True):
        if not math.isfinite(y):
            before = None
            continue
        dot = (
            min(wide - 1, max(0, round(x * (wide - 1)))),
            min(tall - 1, max(0, round((1 - y) * (tall - 1)))),
        )
        start = before if before is not None and curve.joined else dot
        for column, row in _line(start, dot):
            if curve.sign:
                grid[row // 4][column // 2] = ord(curve.sign)
            else:
                grid[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
        before, last = dot, dot[1] // 4
    return last


def _line(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (
            start[0] + round((end[0] - start[0]) * step / steps),
            start[1] + round((end[1] - start[1]) * step / steps),
        )
        for step in range(steps + 1)
    ]
