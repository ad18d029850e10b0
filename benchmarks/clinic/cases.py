"""Runs of the clinic as rows of facts and outcomes, for the fit of scores."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.logs import run_of, situation_of, stepwise
from benchmarks.clinic.truth import Truth, chances_of, steps_seen, truth_of
from benchmarks.clinic.usual.logs import (
    LANGUAGE,
    forms_of,
    run_of_usual,
    told_of,
    truth_of_usual,
)
from hpadvisor.facts.curves.definitions import CURVE_FACTS
from hpadvisor.facts.curves.extract import extract
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.registry import FactType
from hpadvisor.facts.situation.relative import relative_facts

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
    "language": ("curve.train_loss.", "curve.val_loss.", "curve.gap.", "curve.learning_rate."),
}  # fmt: skip
"""Kinds of logs, and the facts that their scores may use."""

STEPPED = {"both": (), "accuracy": ("val_loss",), "training": ("val_loss", "val_metric")}
"""Kinds of logs that hold a training loss, and what such a log lacks."""

NEEDS_VALIDATION_LOSS = ("loss_per_error",)
SITUATION = ("training.rate_orders", "training.decay_orders", "training.regularized",
             "training.adaptive", "training.dropout")  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A run with its facts, what a user could tell, and the truth of its setting.

    ``pace`` says which log of a run it is, where there are several: such as losses of ``epochs``
    or of ``steps``. ``row`` is its number where several logs must hide the same columns.
    """

    record: dict[str, Any]
    facts: Facts
    told: Facts
    truth: Truth
    chances: tuple[float, ...]
    seed: int = 0
    row: int | None = None
    pace: str = "epochs"


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
                cases.append(Case(record, facts, told, truth, chances, seed))
    return cases


USUAL_WEIGHT = 3.0
"""How much a log of a language model counts in the fit of their scores, where one of a small net
counts 1. Of 1, 3 and 8, chosen on the development part."""

LOGS_EACH = {"both": 1, "language": 3}
"""Forms in which a training of a usual size enters the fit of a kind."""


def usual_cases(records: list[dict[str, Any]], kind: str) -> list[Case]:
    """Both seeds of settings of a usual size, in the forms of logs that a kind is fitted to.

    Language models are of the kind ``language``, the others of the kind ``both``; other kinds have
    none.
    """
    cases = []
    for record in records:
        if kind not in LOGS_EACH or (record["kind"] in LANGUAGE) != (kind == "language"):
            continue
        truth, chances = truth_of_usual(record), chances_of(record)
        told = Facts.of(told_of(record))
        for fact in relative_facts(told):
            told.put(fact.name, fact.value, fact.source)
        for seed in (0, 1):
            for number, form in enumerate(forms_of(record, seed, LOGS_EACH[kind])):
                facts = extract(run_of_usual(record, seed, form))
                if "curve.train_loss.best" in facts and "curve.val_loss.best" in facts:
                    pace = f"form {number}" if number else "epochs"
                    cases.append(Case(record, facts, told, truth, chances, seed, pace=pace))
    return cases


def stepped(cases: list[Case], kind: str, *, counted: bool | None = None) -> list[Case]:
    """The same runs with a training loss of every few steps, as a kind of log shows them.

    Args:
        cases: As ``cases_of`` returns them.
        kind: One of ``STEPPED``.
        counted: Whether the log tells epochs; of None, that of the first seed does.
    """
    seen = steps_seen()
    found = []
    for case in cases:
        run = run_of(case.record, case.seed)
        told = case.seed == 0 if counted is None else counted
        stepwise(run, seen[case.record["id"]], case.seed, counted=told or kind != "training")
        for role in STEPPED[kind]:
            run.series.pop(role, None)
        found.append(replace(case, facts=extract(run), pace="steps"))
    return found


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
        number = row if case.row is None else case.row
        lot = zlib.crc32(f"{case.record['id']}/{number % 2}".encode()) % 10
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
    factor = [
        USUAL_WEIGHT if "interval" in case.record and case.record["kind"] in LANGUAGE else 1.0
        for case in cases
    ]
    return np.asarray(factor) / np.sqrt([counts[task] for task in tasks])


def tasks_of(cases: list[Case]) -> Array:
    """(cases,): task of each case."""
    return np.asarray([case.record["task"] for case in cases])


def folds(cases: list[Case], count: int = 6) -> Array:
    """(cases,): fold of each case; a task is never split."""
    tasks = sorted({case.record["task"] for case in cases})
    order = np.random.default_rng(4).permutation(len(tasks))
    fold = {tasks[place]: number % count for number, place in enumerate(order)}
    return np.asarray([fold[case.record["task"]] for case in cases])
