"""Pictures of a search: its history, each hyperparameter against the score, importance."""

from __future__ import annotations

import math
from typing import Any

from hpadvisor.facts.searches.judging import TIE_BAND
from hpadvisor.facts.searches.review import Review
from hpadvisor.readers.searches.record import MAXIMIZE, Parameter, Trial
from hpadvisor.report.html.document import Figure
from hpadvisor.report.html.figures import ROW, data, encoded, view

FEWEST = 3
"""Trials with a score below which nothing is drawn."""
MOST_TRIALS = 2_000
"""Of a longer search the best are drawn, and the last."""
MOST_TILES = 12
MOST_AXES = 10


def history(found: Review) -> Figure | None:
    """Draw the scores in the order of the trials, the best so far, and the band of the noise."""
    table = found.table
    if len(table) < FEWEST:
        return None
    rows: list[dict[str, Any]] = []
    best = -math.inf
    ties = set(found.ties)
    for index, (trial, y) in enumerate(zip(table.trials, table.y, strict=True)):
        best = max(best, float(y))
        kind = (
            "best" if index == table.best else "tied with the best" if index in ties else "trial"
        )
        rows.append({
            "trial": trial.number, "score": table.score(float(y)), "best": table.score(best),
            "kind": kind, "params": _params(trial),
        })  # fmt: skip
    name = found.study.metric or "score"
    kinds = ["trial", "tied with the best", "best"]
    place = encoded("trial", "quantitative", "trial", scale={"nice": False})
    layers: list[dict[str, Any]] = []
    if found.noise is not None:
        top = float(table.y[table.best])
        band = {
            "low": table.score(top - TIE_BAND * found.noise.sd),
            "high": table.score(top),
            "what": "within the noise of the best",
        }
        layers.append({
            "data": data([band]),
            "mark": {"type": "rect", "opacity": 0.18},
            "encoding": {
                "y": encoded("low", "quantitative"),
                "y2": {"field": "high"},
                "tooltip": encoded("what", "nominal"),
            },
        })  # fmt: skip
    layers += [
        {
            "data": data(rows),
            "mark": {"type": "line", "interpolate": "step-after", "opacity": 0.8},
            "encoding": {
                "x": place,
                "y": encoded("best", "quantitative", name, scale={"zero": False}),
            },
        },
        {
            "data": data(rows),
            "mark": {"type": "point", "filled": True, "size": 45},
            "encoding": {
                "x": place,
                "y": encoded("score", "quantitative", name, scale={"zero": False}),
                "color": encoded("kind", "nominal", None, sort=kinds, legend={"orient": "top"}),
                "shape": encoded("kind", "nominal", None, sort=kinds, legend=None),
                "tooltip": [
                    encoded("trial", "quantitative", "trial"),
                    encoded("score", "quantitative", name, format=".5~g"),
                    encoded("params", "nominal", "configuration"),
                ],
            },
        },
    ]
    goal = "highest" if found.study.direction == MAXIMIZE else "lowest"
    said = (
        f"{len(rows)} trials; the {goal} {name} is {table.score(float(table.y[table.best])):.5g} "
        f"in trial {table.trials[table.best].number}; {len(ties)} are tied with it."
    )
    return Figure("History: each trial, and the best so far", said, view(layer=layers))


def slices(found: Review) -> Figure | None:
    """Draw every hyperparameter against the score, one small picture each."""
    rows = _drawn(found)
    wanted = found.study.parameters[:MOST_TILES]
    if len(rows) < FEWEST or not wanted:
        return None
    name = found.study.metric or "score"
    tiles = [_slice(parameter, rows, name) for parameter in wanted]
    return Figure(
        "Each hyperparameter against the score",
        f"{len(rows)} trials; a picture each for {', '.join(p.name for p in wanted)}.",
        {"data": data(rows), "concat": tiles, "columns": 3, "spacing": 18},
        "tiles",
    )


def _slice(parameter: Parameter, rows: list[dict[str, Any]], score: str) -> dict[str, Any]:
    field = _field(parameter.name)
    if parameter.is_number:
        values = [row[parameter.name] for row in rows if parameter.name in row]
        numbers = [value for value in values if isinstance(value, int | float)]
        log = parameter.scale == "log" and all(value > 0 for value in numbers)
        scale = {"nice": False, "padding": 6} | ({"type": "log"} if log else {"zero": False})
        x = encoded(field, "quantitative", parameter.name, scale=scale, axis={"tickCount": 4})
    else:
        x = encoded(field, "nominal", parameter.name)
    return {
        "height": 130,
        "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.7},
        "encoding": {
            "x": x,
            "y": encoded("score", "quantitative", score, scale={"zero": False}),
            "color": encoded("kind", "nominal", None, sort=["trial"], legend=None),
            "tooltip": [
                encoded("trial", "quantitative", "trial"),
                encoded(field, "nominal", parameter.name),
                encoded("score", "quantitative", score, format=".5~g"),
            ],
        },
    }


def parallel(found: Review) -> Figure | None:
    """Draw each trial as a line over all hyperparameters, coloured by its rank."""
    wanted = [p for p in found.study.parameters if p.is_number][:MOST_AXES]
    table = found.table
    if len(wanted) < 2 or len(table) < FEWEST:
        return None
    columns = [found.study.parameters.index(parameter) for parameter in wanted]
    order = sorted(range(len(table)), key=lambda index: float(table.y[index]))
    rows = []
    for rank, index in list(enumerate(order))[-MOST_TRIALS:]:
        trial = table.trials[index]
        for parameter, column in zip(wanted, columns, strict=True):
            place = float(table.units[index, column])
            if math.isfinite(place):
                rows.append({
                    "trial": trial.number, "hyperparameter": parameter.name, "place": place,
                    "better": rank / max(1, len(order) - 1), "params": _params(trial),
                    "value": trial.params.get(parameter.name),
                })  # fmt: skip
    names = [parameter.name for parameter in wanted]
    better = encoded(
        "better", "quantitative", "better than",
        legend={"format": ".0%", "orient": "top", "gradientLength": 160},
    )  # fmt: skip
    picture = view(
        data=data(rows),
        mark={"type": "line", "opacity": 0.45},
        encoding={
            "x": encoded("hyperparameter", "nominal", None, sort=names, axis={"labelAngle": -20}),
            "y": encoded("place", "quantitative", "place in its range", axis={"format": ".0%"}),
            "color": better,
            "detail": {"field": "trial"},
            "tooltip": [
                encoded("trial", "quantitative", "trial"),
                encoded("params", "nominal", "configuration"),
            ],
        },
    )
    return Figure(
        "All hyperparameters of each trial at once",
        f"Parallel coordinates of {len(table)} trials over {', '.join(names)}.",
        picture,
    )


def importance(found: Review) -> Figure | None:
    """Draw the share of the spread that each hyperparameter explains."""
    if not found.importances:
        return None
    rows = [
        {
            "hyperparameter": item.parameter,
            "share": item.share,
            "sure": "shown" if item.significant else "may be chance",
        }
        for item in found.importances
    ]
    kinds = ["shown", "may be chance"]
    percent = {"format": ".0%", "tickCount": 6}
    picture = view(
        data=data(rows),
        mark={"type": "bar", "cornerRadius": 3},
        encoding={
            "x": encoded("share", "quantitative", "share explained", axis=percent),
            "y": encoded("hyperparameter", "nominal", None, sort="-x", axis={"labelLimit": 200}),
            "color": encoded("sure", "nominal", None, sort=kinds, legend={"orient": "top"}),
            "tooltip": [
                encoded("hyperparameter", "nominal", "hyperparameter"),
                encoded("share", "quantitative", "share", format=".1%"),
                encoded("sure", "nominal", "evidence"),
            ],
        },
    )
    picture["height"] = ROW * len(rows)
    said = ", ".join(f"{row['hyperparameter']} {row['share']:.0%} ({row['sure']})" for row in rows)
    return Figure("What the score hangs on", f"Share of the spread explained: {said}.", picture)


def _drawn(found: Review) -> list[dict[str, Any]]:
    """A row for each scored trial: number, score, kind and every value."""
    table = found.table
    ties = set(found.ties)
    rows = []
    for index, (trial, y) in enumerate(zip(table.trials, table.y, strict=True)):
        kind = "tied with the best" if index in ties or index == table.best else "trial"
        row = {"trial": trial.number, "score": table.score(float(y)), "kind": kind}
        rows.append({**_plain(trial.params), **row})
    return sorted(rows, key=lambda row: row["kind"] != "trial")[-MOST_TRIALS:]


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | float | str) and _finite(value) else str(value)
        for name, value in params.items()
    }


def _finite(value: float | str) -> bool:
    return isinstance(value, str) or math.isfinite(value)


def _params(trial: Trial) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in trial.params.items())


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _field(name: str) -> str:
    """A name as a field of the drawing library, which reads dots and brackets as paths."""
    for sign in ("\\", ".", "[", "]", "'", '"'):
        name = name.replace(sign, f"\\{sign}")
    return name
