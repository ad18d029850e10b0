"""Pictures of runs, and what all share: Vega-Lite specifications, no drawing of our own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from hpadvisor.engine.text import human
from hpadvisor.report.html.document import Figure
from hpadvisor.report.labels import short_labels

HEIGHT = 260
"""Pixels of a picture's plot area."""
ROW = 26
"""Pixels of a row that shows one range."""
MARK_ROW = 14
"""Pixels of the words of a mark, above the plot area."""
WHOLE = {"labelExpr": "datum.value === round(datum.value) ? format(datum.value, ',.0f') : ''"}
"""Of an axis that counts: no numbers between whole ones."""
PLAIN = (
    "datum.label === '' ? '' : datum.value === 0 ? '0' :"
    " abs(datum.value) < 0.001 || abs(datum.value) >= 100000"
    " ? format(datum.value, '.3~e') : format(datum.value, '.6~g')"
)
"""Numbers on an axis as the texts write them: 3e-5, 0.01, 1000."""
MOST_NAMED = 8
"""Curves of one picture that are told apart by colour and named in its legend."""
MOST_POINTS = 4_000
"""Points of all curves of one picture."""
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
    rows = _points(lines, {})
    if not rows:
        return None
    scale = _scale([row["value"] for row in rows])
    names = list(short_labels(list(lines), 40).values())
    legend = {"orient": "top", "offset": 6 + MARK_ROW * len(marks)}
    shared = {
        "x": _along(axis, rows),
        "y": encoded("value", "quantitative", value, scale=scale, axis={"labelExpr": PLAIN}),
        "color": encoded("curve", "nominal", legend=legend, sort=names),
        "tooltip": [
            encoded("curve", "nominal", "curve"),
            encoded("at", "quantitative", axis),
            encoded("value", "quantitative", value, format=".5~g"),
        ],
    }
    dashes = encoded("curve", "nominal", legend=None, sort=names)
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


def many_curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    groups: Mapping[str, str],
    *,
    axis: str,
    value: str,
    group: str,
    title: str,
) -> Figure | None:
    """Draw more curves than colours tell apart: coloured by group, named on hover.

    Args:
        lines: Name to positions and values, of one length each.
        groups: Name to the group that gives its colour.
        axis: What the positions are.
        value: What the values are.
        group: What a group is.
        title: What the picture shows.

    Returns:
        The picture; None where no value is finite.
    """
    rows = _points(lines, groups)
    if not rows:
        return None
    order = sorted({row["group"] for row in rows})
    near = {
        "name": "near",
        "select": {
            "type": "point", "on": "pointerover", "clear": "pointerout", "fields": ["curve"],
        },
    }  # fmt: skip
    scale = _scale([row["value"] for row in rows])
    picture = view(
        data=data(rows),
        params=[near],
        mark={"type": "line", "strokeWidth": 2},
        encoding={
            "x": _along(axis, rows),
            "y": encoded("value", "quantitative", value, scale=scale, axis={"labelExpr": PLAIN}),
            "detail": {"field": "curve", "type": "nominal"},
            "color": encoded("group", "nominal", None, sort=order, legend={"orient": "top"}),
            "strokeDash": encoded("group", "nominal", None, sort=order, legend=None),
            "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0.55},
            "tooltip": [encoded("curve", "nominal", "run"), encoded("group", "nominal", group)],
        },
    )
    counted = ", ".join(f"{sum(groups[name] == one for name in lines)} {one}" for one in order)
    said = f"{value} over {axis} of {len(lines)} runs, coloured by {group}: {counted}."
    return Figure(title, said, picture)


def _points(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], groups: Mapping[str, str]
) -> list[Row]:
    """A row for each finite value; of many curves every so many values, and the last."""
    labels = short_labels(list(lines), 40)
    most = max(2, MOST_POINTS // max(1, len(lines)))
    rows: list[Row] = []
    for name, (xs, ys) in lines.items():
        known = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
        step = -(-len(known) // most) or 1
        kept = known[::step] + (known[-1:] if len(known) > 1 and (len(known) - 1) % step else [])
        for x, y in kept:
            row: Row = {"at": float(f"{x:.6g}"), "value": float(f"{y:.5g}"), "curve": labels[name]}
            rows.append({**row, "group": groups[name]} if groups else row)
    return rows


def _along(axis: str, rows: Sequence[Row]) -> dict[str, Any]:
    """The axis along a training; a short one counts whole epochs."""
    places = [row["at"] for row in rows]
    whole = WHOLE if all(place == round(place) for place in places) else {}
    return encoded(
        "at", "quantitative", axis, scale={"nice": False, "zero": False}, axis=dict(whole)
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
