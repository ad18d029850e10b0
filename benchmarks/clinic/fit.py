"""Fit the scores of rules/curves/scores.yaml to the development part, and write them.

``python -m benchmarks.clinic fit`` fits one additive score for each change, twice: with both
losses, and with the training loss alone. Rounds are chosen by leaving tasks out. The test part is
never read here.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    "best_at equivalent_from progress level_ratio noise noise_share rise_after_best "
    "rise_significance given_back explosion half_at ninety_at early_share late_share late_drop "
    "late_significance remaining remaining_low remaining_high wiggle sign_changes autocorrelation "
    "largest_rise best_vs_train_start final_vs_train_start at_best growth trend "
    "train_drop_after_best lost_after_best late_rise annealed end_share"
).split()
"""Facts that do not depend on the unit, the length or the size of a run."""

KINDS = {
    "both": ("curve.train_loss.", "curve.val_loss.", "curve.gap.", "curve.val_metric.",
             "curve.train_metric.", "curve.learning_rate."),
    "training": ("curve.train_loss.", "curve.train_metric.", "curve.learning_rate."),
}  # fmt: skip


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
    """Probabilities (cases, changes), each by scores that never saw the case's task."""
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
            result[held, place] = score.probability(values[held][:, columns])
    return result


def fit_all(cases: list[Case], kind: str, **options: Any) -> dict[str, Additive]:
    """One score for each change, fitted to all cases."""
    names = usable_names(kind)
    values, truth, weights = matrix(cases, names), outcomes(cases), weights_of(cases)
    return {
        change: fit_bagged(
            names, values, truth[:, place], weights, tasks_of(cases), **options
        )
        for place, change in enumerate(CHANGES)
    }
