"""Write fitted scores as rules: rules/curves/scores_*.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clinic.boosting import Additive
from benchmarks.clinic.cases import KINDS, Case, cases_of, tasks_of, usual_cases
from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.fit import (
    HEALTHY_SHARE,
    Fitted,
    calibrated,
    chances,
    cross_validated,
    fit_kind,
    joint,
)
from benchmarks.clinic.usual.logs import usual_settings
from hpadvisor.diagnosing.composer import CHANGES as WORDS

Array = Any

RULES = Path(__file__).resolve().parents[2] / "rules" / "curves"
_TITLES = {**WORDS, "stop_at_best": "stopping at the best epoch"}
_WHEN = {
    "accuracy": "{all: [{fact: curve.train_loss.best_at, exists: true}, "
    "{fact: curve.val_metric.best_at, exists: true}, "
    "{fact: curve.val_loss.best_at, exists: false}]}",
    "both": "{all: [{fact: curve.val_loss.best_at, exists: true}, "
    "{fact: curve.train_loss.best_at, exists: true}]}",
    "training": "{fact: curve.train_loss.best_at, exists: true}",
    "validation": "{fact: curve.val_loss.best_at, exists: true}",
    "language": "{all: [{fact: curve.val_loss.best_at, exists: true}, "
    "{fact: curve.train_loss.best_at, exists: true}, {fact: curve.axis, eq: step}, "
    "{fact: curve.val_metric.best_at, exists: false}, "
    "{fact: curve.train_metric.best_at, exists: false}, "
    "{any: [{fact: curve.fine_tuning, exists: false}, {fact: curve.fine_tuning, eq: false}]}]}",
}
_GIVEN = {
    "accuracy": ["curve.train_loss.best_at", "curve.val_metric.best_at"],
    "both": ["curve.val_loss.best_at", "curve.train_loss.best_at"],
    "training": ["curve.train_loss.best_at"],
    "validation": ["curve.val_loss.best_at"],
    "language": ["curve.val_loss.best_at", "curve.train_loss.best_at"],
}

_BESIDE = {"language": ", curve.axis: step"}


Held = dict[str, tuple[list[Case], Array]]


def write_scores(records: list[dict[str, Any]]) -> Held:
    """Fit every score to the development part and write them as rules.

    Returns:
        Judged cases and their held-out probabilities (cases, changes) of each kind, for the choice
        of thresholds; with the situation told, under the kind's name and "+ situation".
    """
    small = cases_of([record for record in records if record["part"] == "development"])
    held: dict[str, tuple[list[Case], Array]] = {}
    RULES.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        usual = usual_cases(usual_settings("development"), kind)
        cases = small + usual
        # Chances hold for the logs that a score is for: one a run.
        judged = [case for case in usual if case.pace == "epochs"] if kind == "language" else cases
        alone, told = cross_validated(cases, kind, judged)
        lines = calibrated(alone, judged, HEALTHY_SHARE if kind == "language" else None)
        held[kind] = judged, chances(alone, lines)
        held[f"{kind} + situation"] = judged, chances(told, lines)
        models = fit_kind(cases, kind)
        texts = [_HEAD.format(kind=kind, cases=len(cases), tasks=len(set(tasks_of(cases))))]
        for place, change in enumerate(CHANGES):
            label = f"SCO{_NUMBER[kind]}{place + 1:02d}"
            texts.append(_entry(label, kind, change, models[change], lines[place]))
        texts.append(_healthy_entry(f"SCO{_NUMBER[kind]}90", kind, held[kind][1], judged))
        path = RULES / f"scores_{kind}.yaml"
        path.write_text("".join(texts), encoding="utf-8")
    return held


_NUMBER = {"both": 0, "training": 1, "validation": 2, "accuracy": 3, "language": 4}

_HEAD = """# Written by `python -m benchmarks.clinic fit` from the development part of the clinic
# ({cases} curves of {tasks} tasks); do not edit by hand. Curves with {kind}: each table adds
# points for facts; the logistic function of the sum is the chance that the change helps. The
# facts training.… add nothing where nobody told them.
scores:
"""


def _entry(label: str, kind: str, change: str, model: Fitted, line: tuple[float, float]) -> str:
    slope, offset = line
    rows, start = rows_of(model.curves, slope)
    start += model.curves.start * slope + offset
    told, _ = rows_of(model.situation, slope)
    given = ", ".join(f"{name}: 0.5" for name in _GIVEN[kind]) + _BESIDE.get(kind, "")
    return (
        f"  - id: {label}\n"
        f"    title: {_TITLES[change][0].upper()}{_TITLES[change][1:]}, judged by {kind}\n"
        "    evidence: M\n"
        f"    sources: [{{cite: measured-clinic, locator: change {change}}}]\n"
        f"    when: {_WHEN[kind]}\n"
        f"    fact: score.{change}\n"
        f"    meaning: chance that {_TITLES[change]} lowers the test loss by more than 5 %\n"
        f"    start: {start:.2f}\n"
        f"    points:\n{''.join(rows + told)}"
        "    examples:\n"
        f"      - {{given: {{{given}}}, expect: match}}\n"
        "      - {given: {}, expect: no-match}\n\n"
    )


def rows_of(model: Additive, slope: float) -> tuple[list[str], float]:
    """The lines of a score's facts, and what facts add whose points are the same throughout."""
    rows, always = [], 0.0
    for name, limits, points in zip(model.names, model.limits, model.points, strict=True):
        below, kept = _merged(limits, np.round(points[:-1] * slope, 2))
        unknown = round(float(points[-1] * slope), 2)
        always += kept[0] if len(kept) == 1 and unknown == kept[0] else 0.0
        if len(kept) > 1:
            extra = f", unknown: {unknown:g}" if unknown else ""
            rows.append(f"      - {{fact: {name}, below: {below}, points: {kept}{extra}}}\n")
    return rows, always


def _healthy_entry(label: str, kind: str, held: Array, cases: list[Case]) -> str:
    """The share of healthy settings by the joint chance of all changes, held-out, in bins."""
    whole = joint(held)
    healthy = np.asarray([case.truth.healthy for case in cases])
    limits = sorted({float(f"{cut:.3g}") for cut in np.quantile(whole, np.arange(1, 8) / 8)})
    bins = np.searchsorted(limits, whole, side="right")
    points = []
    for number in range(len(limits) + 1):
        inside = healthy[bins == number]
        share = (inside.sum() + 1) / (len(inside) + 3)
        points.append(round(float(np.log(share / (1 - share))), 2))
    given = ", ".join(f"{name}: 0.5" for name in (*_GIVEN[kind], "curve.change_helps"))
    given += _BESIDE.get(kind, "")
    when = _WHEN[kind].removeprefix("{all: [").removesuffix("]}")
    return (
        f"  - id: {label}\n"
        f"    title: Nothing helps, judged by {kind}\n"
        "    evidence: M\n"
        "    sources: [{cite: measured-clinic, locator: settings that no change helps}]\n"
        f"    when: {{all: [{when}, {{fact: curve.change_helps, exists: true}}]}}\n"
        "    fact: score.healthy\n"
        "    meaning: chance that no single change lowers the test loss by more than 5 %\n"
        "    start: 0\n"
        "    points:\n"
        f"      - {{fact: curve.change_helps, below: {limits}, points: {points}}}\n"
        "    examples:\n"
        f"      - {{given: {{{given}}}, expect: match}}\n"
        "      - {given: {}, expect: no-match}\n\n"
    )


def _merged(limits: Array, points: Array) -> tuple[list[float], list[float]]:
    """Join neighbouring bins whose points differ by less than .03."""
    below: list[float] = []
    kept = [float(points[0])]
    for limit, value in zip(limits, points[1:], strict=True):
        if abs(float(value) - kept[-1]) >= 0.03:
            below.append(float(limit))
            kept.append(float(value))
    return below, kept
