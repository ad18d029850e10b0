"""Pictures of plans and runs, as Vega-Lite specifications: data, no drawing of our own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from hpadvisor.engine.text import human
from hpadvisor.report.html.document import Figure

HEIGHT = 260
"""Pixels of a picture's plot area."""
ROW = 26
"""Pixels of a row that shows one range."""
STEP = 34
"""Pixels of a bar with its gap."""
LABELS = 140
"""Pixels of the names before ranges that stand above each other."""
MARK_ROW = 14
"""Pixels of the words of a mark, above the plot area."""
MARKED = "#e07b00"
"""The colour of marks on ranges: it stands out from bars in light and dark."""
_LABELS = {
    "minExtent": LABELS, "maxExtent": LABELS, "labelLimit": LABELS - 10, "ticks": False,
    "domain": False,
}  # fmt: skip
WIDE_SPAN = 20
"""Values that span more than this factor are drawn on a logarithmic axis."""

Row = dict[str, Any]


def view(**parts: Any) -> dict[str, Any]:
    """Return a specification of a single view; its width is that of the page."""
    return {"width": "container", "height": HEIGHT, **parts}


def data(rows: Sequence[Row]) -> dict[str, Any]:
    """Return rows as inline data."""
    return {"values": list(rows)}


def encoded(field: str, kind: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one encoding channel."""
    return {"field": field, "type": kind, "title": title, **more}


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value has a place on an axis."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def spans_widely(values: Sequence[float]) -> bool:
    """Whether values are above zero and ask for a logarithmic axis."""
    kept = [value for value in values if math.isfinite(value)]
    return bool(kept) and min(kept) > 0 and max(kept) / min(kept) > WIDE_SPAN


def curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    axis: str,
    value: str,
    marks: Sequence[tuple[float, str]] = (),
    title: str,
) -> Figure | None:
    """Draw curves on one pair of axes, values on hover, findings as vertical lines.

    Args:
        lines: Name to positions and values, of one length each.
        axis: What the positions are.
        value: What the values are.
        marks: Positions of vertical lines, and what is there.
        title: What the picture shows.

    Returns:
        The picture; None where no value is finite.
    """
    rows: list[Row] = [
        {"at": float(x), "value": float(y), "curve": name}
        for name, (xs, ys) in lines.items()
        for x, y in zip(xs, ys, strict=True)
        if math.isfinite(y)
    ]
    if not rows:
        return None
    scale = _scale([row["value"] for row in rows])
    legend = {"orient": "top", "offset": 6 + MARK_ROW * len(marks)}
    shared = {
        "x": encoded("at", "quantitative", axis, scale={"nice": False, "zero": False}),
        "y": encoded("value", "quantitative", value, scale=scale),
        "color": encoded("curve", "nominal", legend=legend, sort=list(lines)),
        "tooltip": [
            encoded("curve", "nominal", "curve"),
            encoded("at", "quantitative", axis),
            encoded("value", "quantitative", value, format=".5~g"),
        ],
    }
    dashes = encoded("curve", "nominal", legend=None, sort=list(lines))
    hover: dict[str, Any] = {
        "params": [{
            "name": "near",
            "select": {
                "type": "point", "nearest": True, "on": "pointerover", "clear": "pointerout",
            },
        }],
        "mark": {"type": "point", "filled": True, "size": 60},
        "encoding": {
            **shared,
            "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0},
        },
    }  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {**shared, "strokeDash": dashes}},
        hover,
    ]
    if marks:
        places = [row["at"] for row in rows]
        layers += _marks(marks, axis, min(places) + 0.4 * (max(places) - min(places)))
    said = "; ".join(f"{words} at {human(round(at, 3))} {axis}" for at, words in marks)
    return Figure(
        title,
        f"{_described(lines, axis, value)}{f' Marked: {said}.' if said else ''}",
        view(data=data(rows), layer=layers),
    )


def _scale(values: Sequence[float]) -> dict[str, Any]:
    """The scale of values: where they span widely logarithmic, and no further than they go."""
    if not spans_widely(values):
        return {"zero": False}
    room = (max(values) / min(values)) ** 0.05
    domain = [float(f"{end:.3g}") for end in (min(values) / room, max(values) * room)]
    return {"type": "log", "nice": False, "domain": domain}


def _marks(marks: Sequence[tuple[float, str]], axis: str, turn: float) -> list[dict[str, Any]]:
    """Vertical lines with their words above; those beyond ``turn`` end at their line."""
    rows: list[Row] = [
        {"at": float(at), "words": words, "row": n} for n, (at, words) in enumerate(marks)
    ]
    at = encoded("at", "quantitative", axis)
    return [
        {
            "data": data(rows),
            "mark": {"type": "rule", "strokeDash": [4, 3], "aria": False},
            "encoding": {"x": at, "tooltip": encoded("words", "nominal")},
        },
        *(
            {
                "data": data([row]),
                "mark": {
                    "type": "text", "aria": False,
                    "align": "right" if row["at"] > turn else "left",
                    "dx": -4 if row["at"] > turn else 4,
                    "y": -8 - MARK_ROW * (len(rows) - 1 - row["row"]),
                },
                "encoding": {"x": at, "text": encoded("words", "nominal")},
            }
            for row in rows
        ),
    ]  # fmt: skip


def _described(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], axis: str, value: str
) -> str:
    """Say where each curve begins and ends."""
    said = []
    for name, (xs, ys) in lines.items():
        if len(xs):
            ends = [human(float(f"{y:.4g}")) for y in (ys[0], ys[-1])]
            place = human(round(float(xs[-1]), 2))
            said.append(f"{name} from {ends[0]} to {ends[1]} at {place}")
    return f"{value} over {axis}: {'; '.join(said)}."


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
    layers: list[dict[str, Any]] = [{
        "data": data(rows),
        "mark": {"type": "bar", "cornerRadius": 3},
        "encoding": {
            "x": encoded("from", "quantitative", unit),
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
                "x": encoded("budget", "quantitative", unit),
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
            ``scale`` (``log`` or ``linear``) and ``marks`` (label to value).
        title: What the picture shows.
    """
    drawn = [_range(row) for row in rows]
    views = [one for one, _ in drawn]
    if not views:
        return None
    said = " ".join(words for _, words in drawn)
    shared = {"scale": {"color": "shared", "shape": "shared"}}
    return Figure(title, said, {"vconcat": views, "spacing": 6, "resolve": shared}, "rows")


def _range(row: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    bars: Mapping[str, tuple[float, float]] = row["bars"]
    marks: Mapping[str, float] = row["marks"]
    known = [end for pair in bars.values() for end in pair] + list(marks.values())
    log = row["scale"] == "log" and min(known) > 0
    low, high = _padded(min(known), max(known), log=log)
    scale: dict[str, Any] = {"domain": [low, high], "nice": False}
    if log:
        scale["type"] = "log"
    axis = {"tickCount": 4, "format": "~g", "grid": False, "labelOverlap": "greedy"}
    place = {"scale": scale, "axis": axis}
    name = {"field": "name", "type": "nominal", "title": None, "axis": _LABELS}
    layers: list[dict[str, Any]] = [{
        "data": data([
            {"name": row["name"], "what": what, "low": a, "high": b}
            for what, (a, b) in bars.items()
        ]),
        "mark": {"type": "bar", "cornerRadius": 3},
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
    if marks:
        layers.append({
            "data": data([
                {"name": row["name"], "mark": what, "at": at} for what, at in marks.items()
            ]),
            "mark": {"type": "point", "filled": True, "size": 110, "color": MARKED, "opacity": 1},
            "encoding": {
                "x": encoded("at", "quantitative", None, **place),
                "y": name,
                "shape": encoded("mark", "nominal", None, legend={"orient": "top"}),
                "tooltip": [
                    encoded("mark", "nominal", row["name"]),
                    encoded("at", "quantitative", "value", format=".4~g"),
                ],
            },
        })  # fmt: skip
    said = [f"{name} {human(a)} to {human(b)}" for name, (a, b) in bars.items()]
    said += [f"{name} {human(at)}" for name, at in marks.items()]
    return {"height": ROW, "layer": layers}, f"{row['name']}: {', '.join(said)}."


def _padded(low: float, high: float, *, log: bool) -> tuple[float, float]:
    """A little room at both ends."""
    if log:
        factor = (high / low) ** 0.08 if high > low else 2.0
        return low / factor, high * factor
    room = 0.06 * (high - low) or abs(high) / 2 or 1.0
    return low - room, high + room
