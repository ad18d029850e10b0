"""Looks at the clinic's trainings while they run: a verdict after each epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.clinic.logs import run_of, stepwise
from benchmarks.clinic.scoring import answer_of
from benchmarks.clinic.truth import settings, steps_seen, truth_of
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.diagnosing.lasting import is_plain
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.readers.curves.record import RunRecord, Series

LOGS = {"a row an epoch": False, "losses every few steps": True}
"""How the trainings log: epochs' means, or losses and gradient norms of every few steps."""


@dataclass(frozen=True)
class Look:
    """What is seen after an epoch.

    Attributes:
        verdict: Of the diagnosis.
        plain: Whether it needs no second look.
        right: Whether its first change truly helps; of a healthy run, whether none does.
    """

    verdict: str
    plain: bool
    right: bool


@dataclass(frozen=True)
class Training:
    """The looks at one training.

    Attributes:
        looks: One after each epoch.
        losses: Validation loss of each epoch; infinite where it was no number.
    """

    looks: tuple[Look, ...]
    losses: tuple[float, ...]


def trainings(part: str, log: str, every: int) -> Iterator[Training]:
    """Look at the first seed of every so many settings of a part, its planned epochs told."""
    knowledge = load_knowledge(without=ELSEWHERE)
    steps = steps_seen() if LOGS[log] else {}
    for record in settings(part)[::every]:
        truth = truth_of(record)
        whole = run_of(record, 0)
        if LOGS[log]:
            stepwise(whole, steps[record["id"]], 0)
        whole.planned = float(record["epochs"])
        looks = []
        for epoch in range(1, record["epochs"] + 1):
            found = diagnose_run(until(whole, float(epoch)), knowledge)
            answer = answer_of(found)
            right = bool(set(answer.changes) & set(truth.helps))
            looks.append(Look(
                found.verdict, is_plain(found), right if answer.spoke else truth.healthy
            ))  # fmt: skip
        yield Training(tuple(looks), tuple(_losses(record)))


def until(run: RunRecord, place: float) -> RunRecord:
    """The run as it was logged up to a place."""
    series = {}
    for role, whole in run.series.items():
        kept = int(np.searchsorted(whole.x, place + 1e-9, side="right"))
        if kept:
            series[role] = Series(whole.column, whole.x[:kept], whole.y[:kept])
    return replace(run, series=series, length=place, notes=[])


def _losses(record: dict[str, Any]) -> Sequence[float]:
    """Validation loss of each epoch."""
    return [math.inf if value is None else float(value) for value in record["curves"][0][1]]
