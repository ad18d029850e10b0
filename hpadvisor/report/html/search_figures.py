"""Pictures of a search: its history, each hyperparameter against the score, importance."""

from __future__ import annotations

import math
from typing import Any

from hpadvisor.facts.searches.judging import TIE_BAND
from hpadvisor.facts.searches.review import Review
from hpadvisor.readers.searches.record import MAXIMIZE, Parameter, Trial
from hpadvisor.report.html.document import Figure
from hpadvisor.report.html.figures import PLAIN, ROW, WHOLE, data, encoded, view
from hpadvisor.report.labels import short_labels

FEWEST = 3
"""Trials with a score below which nothing is drawn."""
MOST_TRIALS = 400
"""Of a longer search the best are drawn, and of the others every so many."""
MOST_LINES = 250
"""Trials, the best ones, that are drawn over all hyperparameters."""
MOST_TILES = 12
MOST_AXES = 10
MOST_CHOICES = 12
"""Choices of a hyperparameter beyond which it has no picture: their names would cover it."""
_FAR = 3.0
"""Trials are drawn at the edge that are further from the best than so many times the spread of
the better three quarters."""
_EDGE = "far worse, at the edge"
_KINDS = ("trial", "tied with the best", "best", _EDGE)
_SHAPES = ("circle", "circle", "diamond", "triangle-down")
_TILE_LETTERS = 22
_LETTERS_OF_VALUES = 120
"""Letters of a configuration that is shown on hover."""


def history(found: Review) -> Figure | None:
    """Draw the scores in the order of the trials, the best so far, and the band of the noise."""
    table = found.table
    if len(table) < FEWEST:
        return None
    edge = _edge(found)
    rows: list[dict[str, Any]] = []
    best = -math.inf
    for index, trial in enumerate(table.trials):
        y = float(table.y[index])
        best = max(best, y)
        rows.append({
            "trial": trial.number, "score": table.score(y), "shown": table.score(max(y, edge)),
            "best": table.score(max(best, edge)), "kind": _kind(found, index, edge),
            "params": _params(trial),
        })  # fmt: skip
    kept = [rows[index] for index in _kept(found)]
    name = found.study.metric or "score"
    place = encoded("trial", "quantitative", "trial", scale={"nice": False}, axis=dict(WHOLE))
    score = {"scale": {"zero": False}, "axis": {"labelExpr": PLAIN}}
    layers: list[dict[str, Any]] = [_band(found, name)] if found.noise is not None else []
    layers += [
        {
            "data": data(kept),
            "mark": {"type": "line", "interpolate": "step-after", "opacity": 0.8},
            "encoding": {"x": place, "y": encoded("best", "quantitative", name, **score)},
        },
        {
            "data": data(kept),
            "mark": {"type": "point", "filled": True, "size": 45},
            "encoding": {
                "x": place,
                "y": encoded("shown", "quantitative", name, **score),
                **_kinds(kept),
                "tooltip": [
                    encoded("trial", "quantitative", "trial"),
                    encoded("score", "quantitative", name, format=".5~g"),
                    encoded("params", "nominal", "configuration"),
                ],
            },
        },
    ]
    goal = "highest" if found.study.direction == MAXIMIZE else "lowest"
    ties = f" {len(found.ties)} are tied with it." if found.noise is not None else ""
    said = (
        f"{len(rows)} trials; the {goal} {name} is {table.score(float(table.y[table.best])):.5g} "
        f"in trial {table.trials[table.best].number}.{ties}"
    )
    shaded = "; shaded: within the noise of the best" if found.noise is not None else ""
    return Figure(f"History: each trial, and the best so far{shaded}", said, view(layer=layers))


def _band(found: Review, name: str) -> dict[str, Any]:
    """The scores that the noise cannot tell from the best."""
    table = found.table
    top = float(table.y[table.best])
    sd = found.noise.sd if found.noise is not None else 0.0
    band = {
        "low": table.score(top - TIE_BAND * sd), "high": table.score(top),
        "what": "within the noise of the best",
    }  # fmt: skip
    return {
        "data": data([band]),
        "mark": {"type": "rect", "opacity": 0.18},
        "encoding": {
            "y": encoded("low", "quantitative", name),
            "y2": {"field": "high"},
            "tooltip": encoded("what", "nominal"),
        },
    }


def _edge(found: Review) -> float:
    """The worst level that is drawn: a few trials that failed would press all others together."""
    ys = sorted(float(y) for y in found.table.y)
    best, quarter = ys[-1], ys[len(ys) // 4]
    edge = best - _FAR * (best - quarter)
    return edge if best > quarter and ys[0] < edge else ys[0]


def _kind(found: Review, index: int, edge: float) -> str:
    if index == found.table.best:
        return "best"
    if index in found.ties:
        return "tied with the best"
    return _EDGE if float(found.table.y[index]) < edge else "trial"


def _kinds(rows: list[dict[str, Any]], *, legend: bool = True) -> dict[str, Any]:
    """Colour and shape by kind: the same in every picture, whichever kinds there are."""
    there = [kind for kind in _KINDS if any(row["kind"] == kind for row in rows)]
    domain = {"domain": list(_KINDS)}
    shown = {"orient": "top", "values": there} if legend else None
    return {
        "color": encoded("kind", "nominal", None, scale=domain, legend=shown),
        "shape": encoded(
            "kind", "nominal", None, scale={**domain, "range": list(_SHAPES)}, legend=shown
        ),
    }


def _kept(found: Review) -> list[int]:
    """The trials that are drawn, in order: the best, what made a new best, and every so many."""
    table = found.table
    if len(table) <= MOST_TRIALS:
        return list(range(len(table)))
    kept = set(range(0, len(table), -(-len(table) // (MOST_TRIALS // 2))))
    kept |= set(sorted(range(len(table)), key=lambda index: -float(table.y[index]))[:100])
    best = -math.inf
    for index in range(len(table)):
        if float(table.y[index]) > best:
            best = float(table.y[index])
            kept.add(index)
    return sorted({*kept, len(table) - 1})


def slices(found: Review) -> Figure | None:
    """Draw every hyperparameter against the score, one small picture each."""
    wanted = [p for p in found.study.parameters if _has_picture(p, found)][:MOST_TILES]
    fields = {f"p{number}": parameter.name for number, parameter in enumerate(wanted)}
    rows = _drawn(found, fields)
    if len(rows) < FEWEST or not wanted:
        return None
    name = found.study.metric or "score"
    labels = short_labels([parameter.name for parameter in wanted], _TILE_LETTERS)
    tiles = [
        _slice(one, field, labels[one.name], rows, name)
        for field, one in zip(fields, wanted, strict=True)
    ]
    return Figure(
        "Each hyperparameter against the score",
        f"{len(rows)} trials; a picture each for {', '.join(p.name for p in wanted)}.",
        {"data": data(rows), "concat": tiles, "columns": 3, "spacing": 18},
        "tiles",
    )


def _has_picture(parameter: Parameter, found: Review) -> bool:
    if parameter.is_number:
        return True
    seen = {str(trial.params.get(parameter.name)) for trial in found.table.trials}
    return len(seen) <= MOST_CHOICES


def _slice(
    parameter: Parameter, field: str, label: str, rows: list[dict[str, Any]], score: str
) -> dict[str, Any]:
    if parameter.is_number:
        values = [row[field] for row in rows if field in row]
        numbers = [value for value in values if isinstance(value, int | float)]
        log = parameter.scale == "log" and all(value > 0 for value in numbers)
        scale = {"nice": False, "padding": 6} | ({"type": "log"} if log else {"zero": False})
        axis: dict[str, Any] = {"tickCount": 4, "labelExpr": PLAIN, "labelOverlap": "greedy"}
        axis |= {"grid": False} if log else {}
        x = encoded(field, "quantitative", label, scale=scale, axis=axis)
    else:
        few = len({row.get(field) for row in rows}) <= 3
        axis = {"labelAngle": 0 if few else -40, "labelLimit": 60}
        x = encoded(field, "nominal", label, axis=axis)
    return {
        "height": 130,
        "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.7},
        "encoding": {
            "x": x,
            "y": encoded(
                "shown", "quantitative", score[:_TILE_LETTERS], scale={"zero": False},
                axis={"labelExpr": PLAIN, "tickCount": 4},
            ),
            **_kinds(rows, legend=False),
            "tooltip": [
                encoded("trial", "quantitative", "trial"),
                encoded(field, "nominal", parameter.name),
                encoded("score", "quantitative", score, format=".5~g"),
            ],
        },
    }  # fmt: skip


def parallel(found: Review) -> Figure | None:
    """Draw each trial as a line over all hyperparameters, coloured by its rank."""
    wanted = [p for p in found.study.parameters if p.is_number][:MOST_AXES]
    table = found.table
    if len(wanted) < 2 or len(table) < FEWEST:
        return None
    columns = [found.study.parameters.index(parameter) for parameter in wanted]
    labels = short_labels([parameter.name for parameter in wanted], _TILE_LETTERS)
    order = sorted(range(len(table)), key=lambda index: float(table.y[index]))
    rows, trials = [], []
    for rank, index in list(enumerate(order))[-MOST_LINES:]:
        trial = table.trials[index]
        better = round(rank / max(1, len(order) - 1), 4)
        trials.append({"trial": trial.number, "better": better, "params": _params(trial)})
        for parameter, column in zip(wanted, columns, strict=True):
            place = float(table.units[index, column])
            if math.isfinite(place):
                rows.append({
                    "trial": trial.number, "hyperparameter": labels[parameter.name],
                    "place": round(place, 4),
                })  # fmt: skip
    ranks = {"data": data(trials), "key": "trial", "fields": ["better", "params"]}
    legend = {"format": ".0%", "orient": "top", "gradientLength": 160}
    picture = view(
        data=data(rows),
        transform=[{"lookup": "trial", "from": ranks}],
        mark={"type": "line", "opacity": 0.45},
        encoding={
            "x": encoded(
                "hyperparameter", "nominal", None, sort=list(labels.values()),
                axis={"labelAngle": -20},
            ),
            "y": encoded("place", "quantitative", "place in its range", axis={"format": ".0%"}),
            "color": encoded("better", "quantitative", "better than", legend=legend),
            "detail": {"field": "trial"},
            "tooltip": [
                encoded("trial", "quantitative", "trial"),
                encoded("params", "nominal", "configuration"),
            ],
        },
    )  # fmt: skip
    which = "" if len(trials) == len(table) else f"the best {len(trials)} of "
    return Figure(
        "All hyperparameters of each trial at once",
        f"Parallel coordinates of {which}{len(table)} trials over "
        f"{', '.join(parameter.name for parameter in wanted)}.",
        picture,
    )


def importance(found: Review) -> Figure | None:
    """Draw the share of the spread that each hyperparameter explains."""
    if not found.importances:
        return None
    labels = short_labels([item.parameter for item in found.importances])
    rows = [
        {
            "hyperparameter": labels[item.parameter],
            "name": item.parameter,
            "share": item.share,
            "sure": "shown" if item.significant else "may be chance",
        }
        for item in found.importances
    ]
    kinds = ["shown", "may be chance"]
    there = [kind for kind in kinds if any(row["sure"] == kind for row in rows)]
    legend = {"orient": "top", "values": there}
    percent = {"format": ".1~%", "tickCount": 6}
    picture = view(
        data=data(rows),
        mark={"type": "bar", "cornerRadius": 3},
        encoding={
            "x": encoded("share", "quantitative", "share explained", axis=percent),
            "y": encoded("hyperparameter", "nominal", None, sort="-x", axis={"labelLimit": 200}),
            "color": encoded("sure", "nominal", None, scale={"domain": kinds}, legend=legend),
            "tooltip": [
                encoded("name", "nominal", "hyperparameter"),
                encoded("share", "quantitative", "share", format=".1%"),
                encoded("sure", "nominal", "evidence"),
            ],
        },
    )
    picture["height"] = ROW * len(rows)
    said = ", ".join(f"{row['name']} {row['share']:.0%} ({row['sure']})" for row in rows)
    return Figure("What the score hangs on", f"Share of the spread explained: {said}.", picture)


def _drawn(found: Review, fields: dict[str, str]) -> list[dict[str, Any]]:
    """A row for each drawn trial: number, score, kind, and values by field; the best ones last."""
    table, edge = found.table, _edge(found)
    rows = []
    for index in _kept(found):
        trial, y = table.trials[index], float(table.y[index])
        row = {
            "trial": trial.number, "score": table.score(y), "shown": table.score(max(y, edge)),
            "kind": _kind(found, index, edge),
        }  # fmt: skip
        values = {
            field: _value(trial.params[name])
            for field, name in fields.items()
            if name in trial.params
        }
        rows.append(values | row)
    return sorted(rows, key=lambda row: row["kind"] not in ("trial", _EDGE))


def _value(value: Any) -> float | str:
    """A value that a picture can place: a finite number, short, or a text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return float(f"{value:.4g}") if math.isfinite(value) else str(value)


def _params(trial: Trial) -> str:
    text = ", ".join(f"{name} {_short(value)}" for name, value in trial.params.items())
    return text if len(text) <= _LETTERS_OF_VALUES else f"{text[: _LETTERS_OF_VALUES - 1]}…"


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
