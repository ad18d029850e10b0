"""Small plots in text: the history with its noise band, slices of parameters, importance."""

from __future__ import annotations

import math
import textwrap

from hpadvisor.engine.text import human
from hpadvisor.facts.curves.series import Floats
from hpadvisor.facts.searches.judging import TIE_BAND
from hpadvisor.facts.searches.review import Review
from hpadvisor.facts.searches.table import from_unit
from hpadvisor.readers.searches.record import Parameter
from hpadvisor.report.plot import (
    BEST,
    LEVEL,
    TIED,
    TRIAL,
    Axis,
    Drawn,
    draw,
    is_logarithmic,
    ruler,
)

HEIGHT = 9
WIDEST = 88
"""Characters of a drawing; a wider terminal leaves it so."""


def history(found: Review, width: int, *, color: bool = False) -> tuple[list[str], str]:
    """Scores by trial, the best so far, and the end of the ties; the worst part is cut off.

    Returns:
        Lines, none where fewer than five trials are scored; and what the signs mean.
    """
    table = found.table
    if len(table) < 5:
        return [], ""
    import numpy as np

    top = float(table.y[table.best])
    low = float(np.quantile(table.y, 0.25))
    tied = None
    if found.noise is not None:
        tied = top - TIE_BAND * found.noise.sd
        low = min(low, 2 * tied - top)

    def scores(values: Floats) -> list[float]:
        return [table.score(float(y)) if y >= low else math.nan for y in values]

    places = np.linspace(0, 1, len(table)).tolist()
    shown = scores(table.y)
    steps = scores(np.repeat(np.maximum.accumulate(table.y), 2)[:-1])
    ties = sorted(set(found.ties) - {table.best})
    curves = [
        Drawn("", places, shown, joined=False),
        Drawn("", np.repeat(places, 2)[1:].tolist(), steps),
        Drawn("", [places[n] for n in ties], [shown[n] for n in ties], sign=TIED),
        Drawn("", [places[table.best]], [shown[table.best]], sign=BEST),
    ]
    axis = Axis(str(table.trials[0].number), str(table.trials[-1].number), "trials")
    level = None if tied is None else table.score(tied)
    lines = draw(
        curves, width=min(width, WIDEST), height=HEIGHT, axis=axis, level=level, color=color,
    )  # fmt: skip
    scale = ", logarithmic" if is_logarithmic(curves) else ""
    ends = f", {TIED} tied with it, {LEVEL} end of the ties" if tied is not None else ""
    name = found.study.metric or "score"
    return (
        lines,
        f"{name}{scale}: dots are trials, the line the best so far, {BEST} the best{ends}",
    )


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
    units = found.table.units[:, column].tolist()
    ties = set(found.ties) - {found.table.best}
    places = [(unit, TRIAL) for unit in units]
    places += [(units[index], TIED) for index in ties]
    places += [(units[found.table.best], BEST)]
    low, high = human(from_unit(parameter, 0.0)), human(from_unit(parameter, 1.0))
    name = f"{parameter.name[:name_width]:<{name_width}}"
    scale = "log" if parameter.scale == "log" else ""
    return f"{name} {ruler(places, f'{low:>9}', high, cells=room, scale=scale)}"


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
        counts = f"{tied}/{tried}" if found.ties else f"{tried}"
        parts.append(f"{mark}{choice} {counts}")
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
        bar = "█" * round(item.share * room)
        note = f"p = {item.p:.2g}" if item.significant else f"p = {item.p:.2g}, {doubt}"
        name = f"{item.parameter[:name_width]:<{name_width}}"
        lines.append(f"{name} {item.share:>5.0%} {bar:<{room}} {note}")
    return lines
