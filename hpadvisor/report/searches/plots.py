"""Small plots in text: the history with its noise band, slices of parameters, importance."""

from __future__ import annotations

import math
import textwrap

from hpadvisor.engine.text import human
from hpadvisor.facts.searches.judging import TIE_BAND
from hpadvisor.facts.searches.review import Review
from hpadvisor.facts.searches.table import from_unit
from hpadvisor.readers.searches.record import Parameter

HEIGHT = 9
TRIAL, TIED, BAND, BEST = "·", "o", "-", "@"


def history(found: Review, width: int) -> list[str]:
    """Scores by trial, the band of ties below the best marked; the worst part is cut off.

    Returns:
        Lines, none where fewer than five trials are scored.
    """
    table = found.table
    if len(table) < 5:
        return []
    import numpy as np

    label = 11
    columns = max(20, min(width - label - 1, len(table), 88))
    shown = np.quantile(table.y, [0.25, 1.0])
    low, high = float(shown[0]), float(shown[1])
    if found.noise is not None:
        low = min(low, high - 2 * TIE_BAND * found.noise.sd)
    span = (high - low) or 1.0
    cells = [[" "] * columns for _ in range(HEIGHT)]
    if found.noise is not None:
        floor = _row(high - TIE_BAND * found.noise.sd, low, span)
        if floor < HEIGHT:
            cells[floor] = [BAND] * columns
    ties = set(found.ties)
    for index, score in enumerate(table.y):
        row = _row(float(score), low, span)
        if row >= HEIGHT:
            continue  # below the shown part
        column = index * columns // len(table)
        mark = BEST if index == table.best else TIED if index in ties else TRIAL
        if cells[row][column] in (" ", BAND, TRIAL) or mark == BEST:
            cells[row][column] = mark
    lines = []
    for row, line in enumerate(cells):
        value = table.score(high - span * row / (HEIGHT - 1))
        text = human(float(f"{value:.4g}")) if row in (0, HEIGHT // 2, HEIGHT - 1) else ""
        lines.append(f"{text:>{label - 1}} |{''.join(line)}".rstrip())
    last = table.trials[-1].number
    lines.append(f"{'trial':>{label - 1}}  {table.trials[0].number}{last:>{columns - 1}}")
    return lines


def _row(score: float, low: float, span: float) -> int:
    place = (low + span - score) / span * (HEIGHT - 1)
    return max(0, round(place)) if math.isfinite(place) else HEIGHT


def slices(found: Review, width: int) -> list[str]:
    """A line for each parameter: where the trials lie on its search scale, and where the ties."""
    lines = []
    name_width = _name_width([p.name for p in found.study.parameters], width)
    room = max(8, min(44, width - name_width - 26))
    for column, parameter in enumerate(found.study.parameters):
        if parameter.is_number:
            lines.append(_slice(found, column, parameter, name_width, room))
        else:
            lines += _choices(found, column, parameter, name_width, width)
    return lines


def _name_width(names: list[str], width: int) -> int:
    return min(24, max(8, width // 3), max(map(len, names), default=0))


def _slice(found: Review, column: int, parameter: Parameter, name_width: int, room: int) -> str:
    units = found.table.units[:, column]
    cells = [" "] * room
    ties = set(found.ties)
    for index, unit in enumerate(units):
        if not math.isfinite(unit):
            continue
        place = min(room - 1, max(0, int(unit * room)))
        mark = BEST if index == found.table.best else TIED if index in ties else TRIAL
        if mark == BEST or cells[place] == " " or (mark == TIED and cells[place] == TRIAL):
            cells[place] = mark
    low, high = human(from_unit(parameter, 0.0)), human(from_unit(parameter, 1.0))
    scale = " log" if parameter.scale == "log" else ""
    return f"{parameter.name[:name_width]:<{name_width}} {low:>9} |{''.join(cells)}| {high}{scale}"


def _choices(
    found: Review, column: int, parameter: Parameter, name_width: int, width: int
) -> list[str]:
    units = found.table.units[:, column]
    best = units[found.table.best] if len(found.table) else math.nan
    parts = []
    for index, choice in enumerate(parameter.choices[:8]):
        tried = int((units == index).sum())
        tied = sum(1 for i in found.ties if units[i] == index)
        mark = BEST if best == index else ""
        parts.append(f"{mark}{choice} {tied}/{tried}")
    more = ", …" if len(parameter.choices) > 8 else ""
    indent = " " * (name_width + (11 if width >= 72 else 1))
    return textwrap.wrap(
        f"{', '.join(parts)}{more}",
        width,
        initial_indent=f"{parameter.name[:name_width]:<{len(indent)}}",
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def importance(found: Review, width: int) -> list[str]:
    """Bars of the explained share; those that chance explains are said to be so."""
    lines = []
    items = found.importances or []
    name_width = _name_width([item.parameter for item in items], width)
    room = max(4, min(30, width - name_width - 34))
    doubt = "may be chance" if width >= 60 else "chance?"
    for item in items:
        bar = "#" * round(item.share * room)
        note = f"p = {item.p:.2g}" if item.significant else f"p = {item.p:.2g}, {doubt}"
        name = f"{item.parameter[:name_width]:<{name_width}}"
        lines.append(f"{name} {item.share:>5.0%} {bar:<{room}} {note}")
    return lines
