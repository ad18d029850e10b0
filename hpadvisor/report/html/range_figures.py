"""Pictures of a plan: its steps as bars of hours, and ranges on their scales."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hpadvisor.engine.text import human
from hpadvisor.report.html.document import Figure
from hpadvisor.report.html.figures import PLAIN, ROW, WHOLE, Row, data, encoded, view
from hpadvisor.report.labels import short_labels

STEP = 34
"""Pixels of a bar with its gap."""
LABELS = 140
"""Pixels of the names before ranges that stand above each other."""
RANGE_LETTERS = 18
"""Letters of those names."""
MARKED = "#e07b00"
"""The colour of marks on ranges: it stands out from bars in light and dark."""
_LABELS = {
    "minExtent": LABELS, "maxExtent": LABELS, "labelLimit": LABELS - 10, "ticks": False,
    "domain": False,
}  # fmt: skip


def timeline(
    steps: Sequence[tuple[str, float]], *, unit: str, whole: float | None, title: str
) -> Figure | None:
    """Draw what each step takes, one after the other, against the budget.

    Args:
        steps: Name and cost of each, in order.
        unit: ``hours`` or ``trainings``.
        whole: The budget; None where it is not known.
        title: What the picture shows.
    """
    if not steps or sum(cost for _, cost in steps) <= 0:
        return None
    rows: list[Row] = []
    spent = 0.0
    for number, (name, cost) in enumerate(steps, 1):
        label = f"{number}. {name}"
        rows.append({"step": label, "from": spent, "to": spent + cost, "cost": cost})
        spent += cost
    order = [row["step"] for row in rows]
    axis = dict(WHOLE) if unit == "trainings" else {}
    if whole is not None and math.isfinite(whole):
        title = f"{title}; dashed: the budget"
    layers: list[dict[str, Any]] = [{
        "data": data(rows),
        "mark": {"type": "bar", "cornerRadius": 3},
        "encoding": {
            "x": encoded("from", "quantitative", unit, axis=axis),
            "x2": {"field": "to"},
            "y": encoded("step", "nominal", None, sort=order, axis={"labelLimit": 220}),
            "tooltip": [
                encoded("step", "nominal", "step"),
                encoded("cost", "quantitative", unit, format=".3~g"),
            ],
        },
    }]  # fmt: skip
    if whole is not None and math.isfinite(whole):
        layers.append({
            "data": data([{"budget": whole}]),
            "mark": {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 2},
            "encoding": {
                "x": encoded("budget", "quantitative", unit, axis=axis),
                "tooltip": encoded("budget", "quantitative", f"budget in {unit}"),
            },
        })  # fmt: skip
    said = "; ".join(f"{name} {human(round(cost, 2))}" for name, cost in steps)
    limit = "" if whole is None else f" Budget: {human(round(whole, 2))} {unit}."
    picture = view(layer=layers)
    picture["height"] = STEP * len(rows)
    return Figure(title, f"Steps in {unit}: {said}.{limit}", picture)


def ranges(rows: Sequence[Mapping[str, Any]], title: str) -> Figure | None:
    """Draw ranges, each on its own scale, with what is marked on it.

    Args:
        rows: For each its ``name``, ``bars`` (label to low and high, drawn above each other),
            ``scale`` (``log`` or ``linear``), ``marks`` (label to value) and, where single values
            are searched, ``values``.
        title: What the picture shows.
    """
    if not rows:
        return None
    labels = short_labels([row["name"] for row in rows], RANGE_LETTERS)
    drawn = [_range(row, labels[row["name"]]) for row in rows]
    said = " ".join(words for _, words in drawn)
    shared = {"scale": {"color": "shared", "shape": "shared"}}
    views = [one for one, _ in drawn]
    return Figure(title, said, {"vconcat": views, "spacing": 6, "resolve": shared}, "rows")


def _range(row: Mapping[str, Any], label: str) -> tuple[dict[str, Any], str]:
    bars: Mapping[str, tuple[float, float]] = row["bars"]
    marks: Mapping[str, float] = row["marks"]
    values: Sequence[float] = row.get("values", ())
    ends = [end for pair in bars.values() for end in pair]
    log = row["scale"] == "log" and min(ends) > 0
    known = [at for at in (*ends, *marks.values()) if at > 0 or not log]
    low, high = _padded(min(known), max(known), log=log)
    edge = low if log and len(known) < len(ends) + len(marks) else None
    scale: dict[str, Any] = {"domain": [low if edge is None else low * low / min(known), high]}
    scale |= {"nice": False} | ({"type": "log"} if log else {})
    axis = {"tickCount": 4, "labelExpr": PLAIN, "grid": False, "labelOverlap": "greedy"}
    place = {"scale": scale, "axis": axis}
    name = {"field": "name", "type": "nominal", "title": None, "axis": _LABELS}
    layers: list[dict[str, Any]] = [{
        "data": data([
            {"name": label, "what": what, "low": a, "high": b} for what, (a, b) in bars.items()
        ]),
        "mark": {"type": "bar", "cornerRadius": 3, **({"opacity": 0.25} if values else {})},
        "encoding": {
            "x": encoded("low", "quantitative", None, **place),
            "x2": {"field": "high"},
            "y": name,
            "yOffset": {"field": "what", "sort": list(bars)},
            "color": encoded("what", "nominal", None, legend={"orient": "top"}, sort=list(bars)),
            "tooltip": [
                encoded("what", "nominal", row["name"]),
                encoded("low", "quantitative", "low", format=".4~g"),
                encoded("high", "quantitative", "high", format=".4~g"),
            ],
        },
    }]  # fmt: skip
    if values:
        layers.append(_listed(label, values, place, name))
    layers += _placed(row["name"], label, marks, edge, place, name)
    said = [f"{name} {human(a)} to {human(b)}" for name, (a, b) in bars.items()]
    said += [f"values {', '.join(map(human, values))}"] if values else []
    said += [f"{name} {human(at)}" for name, at in marks.items()]
    return {"height": ROW, "layer": layers}, f"{row['name']}: {', '.join(said)}."


def _listed(label: str, values: Sequence[float], place: Row, name: Row) -> dict[str, Any]:
    """The single values that are tried, as strokes within their range."""
    return {
        "data": data([{"name": label, "at": at} for at in values]),
        "mark": {"type": "tick", "thickness": 5, "size": ROW - 6},
        "encoding": {
            "x": encoded("at", "quantitative", None, **place),
            "y": name,
            "tooltip": encoded("at", "quantitative", "value", format=".4~g"),
        },
    }


def _placed(
    full: str, label: str, marks: Mapping[str, float], edge: float | None, place: Row, name: Row
) -> list[dict[str, Any]]:
    """Marks on a range; what has no place on a logarithmic scale stands at its ``edge``, as 0."""
    if not marks:
        return []
    rows: list[Row] = [
        {
            "name": label, "mark": what, "value": at,
            "at": edge if edge is not None and at <= 0 else at,
        }
        for what, at in marks.items()
    ]  # fmt: skip
    off = [{**row, "text": human(row["value"])} for row in rows if row["at"] != row["value"]]
    x = encoded("at", "quantitative", None, **place)
    layers: list[dict[str, Any]] = [{
        "data": data(rows),
        "mark": {"type": "point", "filled": True, "size": 110, "color": MARKED, "opacity": 1},
        "encoding": {
            "x": x,
            "y": name,
            "shape": encoded("mark", "nominal", None, legend={"orient": "top"}),
            "tooltip": [
                encoded("mark", "nominal", full),
                encoded("value", "quantitative", "value", format=".4~g"),
            ],
        },
    }]  # fmt: skip
    if off:
        layers.append({
            "data": data(off),
            "mark": {"type": "text", "align": "left", "dx": 8, "aria": False},
            "encoding": {"x": x, "y": name, "text": encoded("text", "nominal")},
        })  # fmt: skip
    return layers


def _padded(low: float, high: float, *, log: bool) -> tuple[float, float]:
    """A little room at both ends."""
    if log:
        factor = (high / low) ** 0.08 if high > low else 2.0
        return low / factor, high * factor
    room = 0.06 * (high - low) or abs(high) / 2 or 1.0
    return low - room, high + room
