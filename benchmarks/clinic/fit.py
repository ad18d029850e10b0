"""Fit the scores of rules/curves/scores.yaml to the development part, and write them.

``python -m benchmarks.clinic fit`` fits one additive score for each change, twice: with both
losses, and with the training loss alone. Rounds are chosen by leaving tasks out. The test part is
never read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clinic.boosting import Additive, fit_bagged
from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.logs import run_of
from benchmarks.clinic.truth import Truth, truth_of
from hpadvisor.facts.curve_definitions import CURVE_FACTS
from hpadvisor.facts.curves.extract import extract
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.registry import FactType

Array = Any

SCALE_FREE = (
    "best_at",
    "equivalent_from",
    "frozen_from",
    "progress",
    "level_ratio",
    "noise",
    "noise_share",
    "rise_after_best",
    "rise_significance",
    "given_back",
    "explosion",
    "half_at",
    "ninety_at",
    "early_share",
    "late_share",
    "late_drop",
    "late_significance",
    "remaining",
    "remaining_low",
    "remaining_high",
    "wiggle",
    "sign_changes",
    "autocorrelation",
    "largest_rise",
    "best_vs_train_start",
    "final_vs_train_start",
    "at_best",
    "growth",
    "trend",
    "train_drop_after_best",
    "lost_after_best",
    "late_rise",
    "annealed",
    "end_share",
)
"""Facts that do not depend on the unit, the length or the size of a run."""

KINDS = {
    "both": ("curve.train_loss.", "curve.val_loss.", "curve.gap.", "curve.val_metric.",
             "curve.train_metric.", "curve.learning_rate."),
    "training": ("curve.train_loss.", "curve.train_metric.", "curve.learning_rate."),
    "validation": ("curve.val_loss.", "curve.val_metric.", "curve.learning_rate."),
}  # fmt: skip
OPTIONS = {"rounds": 60, "bags": 6, "most_facts": 10, "keep": 14}


@dataclass(frozen=True)
class Case:
    """A run with its facts and the truth of its setting."""

    record: dict[str, Any]
    facts: Facts
    truth: Truth


def cases_of(records: list[dict[str, Any]]) -> list[Case]:
    """Both seeds of every setting, those left out whose loss is never finite."""
    cases = []
    for record in records:
        truth = truth_of(record)
        for seed in (0, 1):
            facts = extract(run_of(record, seed))
            if "curve.train_loss.best" in facts and "curve.val_loss.best" in facts:
                cases.append(Case(record, facts, truth))
    return cases


def usable_names(kind: str) -> list[str]:
    """The facts that a score of a kind may use."""
    names = []
    for definition in CURVE_FACTS:
        if definition.type is FactType.TEXT or not definition.name.startswith(KINDS[kind]):
            continue
        last = definition.name.rsplit(".", 1)[1]
        of_score = "metric" in definition.name and last in ("best", "final")
        of_gap = definition.name == "curve.gap.final"
        if last in SCALE_FREE or of_score or of_gap:
            names.append(definition.name)
    return names


def matrix(cases: list[Case], names: list[str]) -> Array:
    """Values (cases, facts); NaN where unknown, booleans as 0 and 1."""
    rows = [[case.facts.get(name, np.nan) for name in names] for case in cases]
    return np.asarray(rows, dtype=np.float64)


def outcomes(cases: list[Case]) -> Array:
    """(cases, changes): whether each change helps."""
    return np.asarray([[change in case.truth.helps for change in CHANGES] for case in cases])


def weights_of(cases: list[Case]) -> Array:
    """(cases,): tasks that were drawn often count less than their share, as √n."""
    tasks = [case.record["task"] for case in cases]
    counts = {task: tasks.count(task) for task in set(tasks)}
    return np.asarray([1 / np.sqrt(counts[task]) for task in tasks])


def tasks_of(cases: list[Case]) -> Array:
    """(cases,): task of each case."""
    return np.asarray([case.record["task"] for case in cases])


def folds(cases: list[Case], count: int = 6) -> Array:
    """(cases,): fold of each case; a task is never split."""
    tasks = sorted({case.record["task"] for case in cases})
    order = np.random.default_rng(4).permutation(len(tasks))
    fold = {tasks[place]: number % count for number, place in enumerate(order)}
    return np.asarray([fold[case.record["task"]] for case in cases])


def cross_validated(cases: list[Case], kind: str, **options: Any) -> Array:
    """Sums of points (cases, changes), each by scores that never saw the case's task."""
    names = usable_names(kind)
    values, truth, weights = matrix(cases, names), outcomes(cases), weights_of(cases)
    fold, tasks = folds(cases), tasks_of(cases)
    result = np.zeros(truth.shape)
    for number in np.unique(fold):
        seen, held = fold != number, fold == number
        for place in range(len(CHANGES)):
            score = fit_bagged(
                names, values[seen], truth[seen, place], weights[seen], tasks[seen], **options
            )
            columns = [names.index(name) for name in score.names]
            result[held, place] = score.raw(values[held][:, columns])
    return result


def calibration(raw: Array, truth: Array, weights: Array) -> tuple[float, float]:
    """Slope and offset that turn held-out sums into chances (Platt 1999), by Newton steps."""
    design = np.stack([raw, np.ones(len(raw))], axis=1)
    beta = np.asarray([1.0, 0.0])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        pull = design.T @ (weights * (truth - chance)) - 0.01 * (beta - [1.0, 0.0])
        bend = (design * (weights * chance * (1 - chance))[:, None]).T @ design
        beta = beta + np.linalg.solve(bend + 0.01 * np.eye(2), pull)
    return float(np.clip(beta[0], 0.2, 3.0)), float(beta[1])


def calibrated(raw: Array, cases: list[Case]) -> tuple[Array, list[tuple[float, float]]]:
    """Probabilities (cases, changes) of held-out sums, and slope and offset of each change."""
    truth, weights = outcomes(cases), weights_of(cases)
    lines = [calibration(raw[:, j], truth[:, j], weights) for j in range(len(CHANGES))]
    sums = np.stack([a * raw[:, j] + b for j, (a, b) in enumerate(lines)], axis=1)
    return 1 / (1 + np.exp(-np.clip(sums, -30, 30))), lines


def fit_all(cases: list[Case], kind: str, **options: Any) -> dict[str, Additive]:
    """One score for each change, fitted to all cases."""
    names = usable_names(kind)
    values, truth, weights = matrix(cases, names), outcomes(cases), weights_of(cases)
    return {
        change: fit_bagged(names, values, truth[:, place], weights, tasks_of(cases), **options)
        for place, change in enumerate(CHANGES)
    }


RULES = Path(__file__).resolve().parents[2] / "rules" / "curves"
_TITLES = {
    "lr_x0.1": "a tenth of the learning rate",
    "lr_x0.3": "a third of the learning rate",
    "lr_x3": "three times the learning rate",
    "lr_x10": "ten times the learning rate",
    "regularization_up": "more regularisation",
    "regularization_down": "less regularisation",
    "capacity_x4": "a model four times as wide",
    "epochs_x3": "three times the epochs",
    "stop_at_best": "stopping at the best epoch",
}
_WHEN = {
    "both": "{all: [{fact: curve.val_loss.best_at, exists: true}, "
    "{fact: curve.train_loss.best_at, exists: true}]}",
    "training": "{fact: curve.train_loss.best_at, exists: true}",
    "validation": "{fact: curve.val_loss.best_at, exists: true}",
}
_GIVEN = {
    "both": ["curve.val_loss.best_at", "curve.train_loss.best_at"],
    "training": ["curve.train_loss.best_at"],
    "validation": ["curve.val_loss.best_at"],
}


def frontier(cases: list[Case], held: dict[str, Array]) -> str:
    """What thresholds of ``curve.change_helps`` would bring, held-out, on the development part."""
    from benchmarks.clinic.scoring import HEADER, Answer, score

    lines = [HEADER]
    for kind, chances in held.items():
        joint = 1 - np.prod(1 - chances, axis=1)
        for limit in (0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96):
            answers = [
                Answer((CHANGES[int(np.argmax(row))],), True)
                if whole >= limit
                else Answer((), False)
                for row, whole in zip(chances, joint, strict=True)
            ]
            lines.append(score(answers, [case.truth for case in cases]).row(f"{kind} {limit}"))
    return "\n".join(lines)


def write_scores(records: list[dict[str, Any]]) -> tuple[list[Case], dict[str, Array]]:
    """Fit every score to the development part and write them as rules.

    Returns:
        The cases, and held-out probabilities (cases, changes) of each kind, for the choice of
        thresholds.
    """
    cases = cases_of([record for record in records if record["part"] == "development"])
    held: dict[str, Array] = {}
    RULES.mkdir(parents=True, exist_ok=True)
    for number, kind in enumerate(KINDS):
        raw = cross_validated(cases, kind, **OPTIONS)
        held[kind], lines = calibrated(raw, cases)
        models = fit_all(cases, kind, **OPTIONS)
        texts = [_HEAD.format(kind=kind, cases=len(cases), tasks=len(set(tasks_of(cases))))]
        for place, change in enumerate(CHANGES):
            label = f"SCO{number}{place + 1:02d}"
            texts.append(_entry(label, kind, change, models[change], lines[place]))
        texts.append(_healthy_entry(f"SCO{number}90", kind, held[kind], cases))
        path = RULES / f"scores_{kind}.yaml"
        path.write_text("".join(texts), encoding="utf-8")
    return cases, held


_HEAD = """# Written by `python -m benchmarks.clinic fit` from the development part of the clinic
# ({cases} curves of {tasks} tasks); do not edit by hand. Curves with {kind}: each table adds
# points for facts; the logistic function of the sum is the chance that the change helps.
scores:
"""


def _entry(label: str, kind: str, change: str, model: Additive, line: tuple[float, float]) -> str:
    slope, offset = line
    rows, start = [], model.start * slope + offset
    for name, limits, points in zip(model.names, model.limits, model.points, strict=True):
        below, kept = _merged(limits, np.round(points[:-1] * slope, 2))
        unknown = round(float(points[-1] * slope), 2)
        start += kept[0] if len(kept) == 1 and unknown == kept[0] else 0.0
        if len(kept) > 1:
            extra = f", unknown: {unknown:g}" if unknown else ""
            rows.append(f"      - {{fact: {name}, below: {below}, points: {kept}{extra}}}\n")
    given = ", ".join(f"{name}: 0.5" for name in _GIVEN[kind])
    return (
        f"  - id: {label}\n"
        f"    title: {_TITLES[change][0].upper()}{_TITLES[change][1:]}, judged by {kind}\n"
        "    evidence: M\n"
        f"    sources: [{{cite: measured-clinic, locator: change {change}}}]\n"
        f"    when: {_WHEN[kind]}\n"
        f"    fact: score.{change}\n"
        f"    meaning: chance that {_TITLES[change]} lowers the test loss by more than 5 %\n"
        f"    start: {start:.2f}\n"
        f"    points:\n{''.join(rows)}"
        "    examples:\n"
        f"      - {{given: {{{given}}}, expect: match}}\n"
        "      - {given: {}, expect: no-match}\n\n"
    )


def _healthy_entry(label: str, kind: str, held: Array, cases: list[Case]) -> str:
    """The share of healthy settings by the joint chance of all changes, held-out, in bins."""
    joint = 1 - np.prod(1 - held, axis=1)
    healthy = np.asarray([case.truth.healthy for case in cases])
    limits = sorted({float(f"{cut:.3g}") for cut in np.quantile(joint, np.arange(1, 8) / 8)})
    bins = np.searchsorted(limits, joint, side="right")
    points = []
    for number in range(len(limits) + 1):
        inside = healthy[bins == number]
        share = (inside.sum() + 1) / (len(inside) + 3)
        points.append(round(float(np.log(share / (1 - share))), 2))
    given = ", ".join(f"{name}: 0.5" for name in (*_GIVEN[kind], "curve.change_helps"))
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
