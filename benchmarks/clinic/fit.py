"""Fit the scores of rules/curves/scores_*.yaml to the development part, and write them.

``python -m benchmarks.clinic fit`` fits one additive score for each change and each kind of log:
with both losses; with the training loss and a validation score; with the training loss alone;
with the validation loss alone. What the situation tells (rate, regularisation) is fitted on top,
so that it adds nothing where it is unknown. Held-out figures leave whole tasks out. The test part
is never read here.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.clinic.boosting import Additive, Options, fit
from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.logs import run_of, situation_of
from benchmarks.clinic.truth import Truth, chances_of, truth_of
from hpadvisor.facts.curve_definitions import CURVE_FACTS
from hpadvisor.facts.curves.extract import extract
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.registry import FactType
from hpadvisor.facts.relative import relative_facts

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
    "exponent_early",
    "exponent_middle",
    "exponent_late",
    "half_level",
    "late_to_middle",
    "early_roughness",
    "late_roughness",
    "below_train",
    "loss_per_error",
    "train_loss_per_error",
)
"""Facts that do not depend on the unit, the length or the size of a run."""

_METRICS = ("curve.val_metric.", "curve.train_metric.")
KINDS = {
    "both": ("curve.train_loss.", "curve.val_loss.", "curve.gap.", *_METRICS,
             "curve.learning_rate."),
    "accuracy": ("curve.train_loss.", *_METRICS, "curve.learning_rate."),
    "training": ("curve.train_loss.", "curve.train_metric.", "curve.learning_rate."),
    "validation": ("curve.val_loss.", "curve.val_metric.", "curve.learning_rate."),
}  # fmt: skip
"""Kinds of logs, and the facts that their scores may use."""

NEEDS_VALIDATION_LOSS = ("loss_per_error",)
SITUATION = ("training.rate_orders", "training.decay_orders", "training.regularized",
             "training.adaptive", "training.dropout")  # fmt: skip
CURVES_OPTIONS = {
    "both": Options(rounds=300, keep=32),
    "accuracy": Options(rounds=200, keep=20),
    "training": Options(rounds=200, keep=20),
    "validation": Options(rounds=250, keep=24),
}
SITUATION_OPTIONS = Options(rounds=60, keep=5, share=1.0)


@dataclass(frozen=True)
class Case:
    """A run with its facts, what a user could tell, and the truth of its setting."""

    record: dict[str, Any]
    facts: Facts
    told: Facts
    truth: Truth
    chances: tuple[float, ...]


def cases_of(records: list[dict[str, Any]]) -> list[Case]:
    """Both seeds of every setting, those left out whose loss is never finite."""
    cases = []
    for record in records:
        truth, chances = truth_of(record), chances_of(record)
        told = Facts.of(situation_of(record))
        for fact in relative_facts(told):
            told.put(fact.name, fact.value, fact.source)
        for seed in (0, 1):
            facts = extract(run_of(record, seed))
            if "curve.train_loss.best" in facts and "curve.val_loss.best" in facts:
                cases.append(Case(record, facts, told, truth, chances))
    return cases


def usable_names(kind: str) -> list[str]:
    """The facts that a score of a kind may use."""
    names = []
    for definition in CURVE_FACTS:
        if definition.type is FactType.TEXT or not definition.name.startswith(KINDS[kind]):
            continue
        last = definition.name.rsplit(".", 1)[1]
        if kind == "accuracy" and last in NEEDS_VALIDATION_LOSS:
            continue
        of_score = "metric" in definition.name and last in ("best", "final")
        of_gap = definition.name == "curve.gap.final"
        if last in SCALE_FREE or of_score or of_gap:
            names.append(definition.name)
    return names


def matrix(cases: list[Case], names: list[str] | tuple[str, ...], *, told: bool = False) -> Array:
    """Values (cases, facts); NaN where unknown, booleans as 0 and 1."""
    rows = [
        [(case.told if told else case.facts).get(name, np.nan) for name in names] for case in cases
    ]
    return np.asarray(rows, dtype=np.float64)


def masked(cases: list[Case], names: list[str], values: Array) -> Array:
    """Hide the scores of a tenth of the logs, and the training score of two tenths.

    Many logs of classifications hold no accuracy, or that of the validation alone; unhidden, a
    missing accuracy would always speak of a regression.
    """
    hidden = values.copy()
    train_only = ("below_train", "train_loss_per_error")
    every = [place for place, name in enumerate(names) if "_metric." in name]
    some = [place for place in every if "train_metric." in names[place]
            or names[place].endswith(train_only)]  # fmt: skip
    for row, case in enumerate(cases):
        lot = zlib.crc32(f"{case.record['id']}/{row % 2}".encode()) % 10
        if lot < 3:
            hidden[row, every if lot == 0 else some] = np.nan
    return hidden


def outcomes(cases: list[Case]) -> Array:
    """(cases, changes): whether each change helps."""
    return np.asarray([[change in case.truth.helps for change in CHANGES] for case in cases])


def targets(cases: list[Case]) -> Array:
    """(cases, changes): the outcome, softened by the chance that it was the seeds' doing."""
    return (outcomes(cases) + np.asarray([case.chances for case in cases])) / 2


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


@dataclass(frozen=True)
class Fitted:
    """A score on curves, and what the situation adds to it."""

    curves: Additive
    situation: Additive

    def raw(self, names: list[str], values: Array, told: Array) -> tuple[Array, Array]:
        """Sums (n,) by the curves alone, and with the situation told."""
        alone = self.curves.raw(names, values)
        return alone, alone + self.situation.raw(list(SITUATION), told)


def fit_kind(cases: list[Case], kind: str) -> dict[str, Fitted]:
    """One score for each change, fitted to all cases."""
    names = usable_names(kind)
    values = masked(cases, names, matrix(cases, names))
    told, wanted = matrix(cases, SITUATION, told=True), targets(cases)
    weights, tasks = weights_of(cases), tasks_of(cases)
    fitted = {}
    for place, change in enumerate(CHANGES):
        aim = wanted[:, place]
        curves = fit(names, values, aim, weights, tasks, CURVES_OPTIONS[kind])
        situation = fit(
            list(SITUATION), told, aim, weights, tasks, SITUATION_OPTIONS,
            offset=curves.raw(names, values),
        )  # fmt: skip
        fitted[change] = Fitted(curves, situation)
    return fitted


def cross_validated(cases: list[Case], kind: str) -> tuple[Array, Array]:
    """Sums of points (cases, changes) without and with the situation, the case's task held out."""
    names = usable_names(kind)
    values, told = matrix(cases, names), matrix(cases, SITUATION, told=True)
    fold = folds(cases)
    alone, with_told = np.zeros((2, len(cases), len(CHANGES)))
    for number in np.unique(fold):
        seen = [case for case, one in zip(cases, fold, strict=True) if one != number]
        held = fold == number
        for place, fitted in enumerate(fit_kind(seen, kind).values()):
            both = fitted.raw(names, values[held], told[held])
            alone[held, place], with_told[held, place] = both
    return alone, with_told


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


def calibrated(raw: Array, cases: list[Case]) -> list[tuple[float, float]]:
    """Slope and offset of each change for held-out sums."""
    truth, weights = outcomes(cases), weights_of(cases)
    return [calibration(raw[:, j], truth[:, j], weights) for j in range(len(CHANGES))]


def chances(raw: Array, lines: list[tuple[float, float]]) -> Array:
    """Probabilities (cases, changes) of sums by slope and offset of each change."""
    sums = np.stack([a * raw[:, j] + b for j, (a, b) in enumerate(lines)], axis=1)
    return 1 / (1 + np.exp(-np.clip(sums, -30, 30)))


def joint(held: Array) -> Array:
    """(cases,): the chance that some change helps, as a diagnosis combines it."""
    return 1 - np.asarray([math.prod(row) for row in (1 - held).tolist()])


def frontier(cases: list[Case], held: dict[str, Array]) -> str:
    """What thresholds of ``curve.change_helps`` would bring, held-out, on the development part."""
    from benchmarks.clinic.scoring import HEADER, Answer, score

    lines = [HEADER]
    for kind, found in held.items():
        whole = joint(found)
        for limit in (0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96):
            answers = [
                Answer((CHANGES[int(np.argmax(row))],), True)
                if one >= limit
                else Answer((), False)
                for row, one in zip(found, whole, strict=True)
            ]
            lines.append(score(answers, [case.truth for case in cases]).row(f"{kind} {limit}"))
    return "\n".join(lines)
