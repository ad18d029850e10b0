"""Fit the scores of rules/curves/scores_*.yaml to the development part, and write them.

``python -m benchmarks.clinic fit`` fits one additive score for each change and each kind of log:
with both losses; with the training loss and a validation score; with the training loss alone;
with the validation loss alone. What the situation tells (rate, regularisation) is fitted on top,
so that it adds nothing where it is unknown. Held-out figures leave whole tasks out. The test part
is never read here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.clinic.boosting import Additive, Options, fit
from benchmarks.clinic.cases import (
    SITUATION,
    Case,
    folds,
    masked,
    matrix,
    outcomes,
    targets,
    tasks_of,
    usable_names,
    weights_of,
)
from benchmarks.clinic.draw import CHANGES

Array = Any

CURVES_OPTIONS = {
    "both": Options(rounds=300, keep=32),
    "accuracy": Options(rounds=350, keep=30),
    "training": Options(rounds=350, keep=30),
    "validation": Options(rounds=350, keep=30),
    "language": Options(rounds=300, keep=32),
}
SITUATION_OPTIONS = Options(rounds=60, keep=5, share=1.0)


def concerning(change: str) -> list[str]:
    """The facts of the situation that a change is about."""
    topics = {"lr_x": ("rate_orders", "adaptive"),
              "regularization": ("decay_orders", "regularized", "dropout")}  # fmt: skip
    named = [names for topic, names in topics.items() if change.startswith(topic)]
    return [f"training.{name}" for names in named for name in names]


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
    """One score for each change, fitted to all cases.

    Where runs enter by more than one log, the ridges grow with them, so that a run counts once.
    """
    names = usable_names(kind)
    values = masked(cases, names, matrix(cases, names))
    told, wanted = matrix(cases, SITUATION, told=True), targets(cases)
    weights, tasks = weights_of(cases), tasks_of(cases)
    logs = len({case.pace for case in cases})
    options, on_top = (
        replace(one, ridge=one.ridge * logs) for one in (CURVES_OPTIONS[kind], SITUATION_OPTIONS)
    )
    fitted = {}
    for place, change in enumerate(CHANGES):
        aim = wanted[:, place]
        curves = fit(names, values, aim, weights, tasks, options)
        about = concerning(change)
        if not about:
            fitted[change] = Fitted(curves, Additive([], [], [], 0.0))
            continue
        columns = [SITUATION.index(name) for name in about]
        situation = fit(
            about, told[:, columns], aim, weights, tasks, on_top,
            offset=curves.raw(names, values),
        )  # fmt: skip
        fitted[change] = Fitted(curves, situation)
    return fitted


def cross_validated(
    cases: list[Case], kind: str, judged: list[Case] | None = None
) -> tuple[Array, Array]:
    """Sums of points (judged, changes) without and with the situation, the case's task held out.

    ``judged`` are the cases themselves, or other logs of the same tasks.
    """
    judged = cases if judged is None else judged
    names = usable_names(kind)
    values, told = matrix(judged, names), matrix(judged, SITUATION, told=True)
    fold, own_fold = folds(judged), folds(cases)
    alone, with_told = np.zeros((2, len(judged), len(CHANGES)))
    for number in np.unique(fold):
        seen = [case for case, one in zip(cases, own_fold, strict=True) if one != number]
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


HEALTHY_SHARE = 0.5
"""Share of healthy settings that chances are made for where a set of settings holds far fewer.
Nobody knows the share among the logs of people; that a log is asked about speaks for neither."""


def calibrated(
    raw: Array, cases: list[Case], healthy_share: float | None = None
) -> list[tuple[float, float]]:
    """Slope and offset of each change for held-out sums.

    ``healthy_share`` weighs healthy settings up or down to be such a share of all.
    """
    truth, weights = outcomes(cases), weights_of(cases)
    if healthy_share is not None:
        healthy = np.asarray([case.truth.healthy for case in cases])
        share = float(weights[healthy].sum() / weights.sum())
        weights = weights * np.where(
            healthy, healthy_share / share, (1 - healthy_share) / (1 - share)
        )
    return [calibration(raw[:, j], truth[:, j], weights) for j in range(len(CHANGES))]


def chances(raw: Array, lines: list[tuple[float, float]]) -> Array:
    """Probabilities (cases, changes) of sums by slope and offset of each change."""
    sums = np.stack([a * raw[:, j] + b for j, (a, b) in enumerate(lines)], axis=1)
    return 1 / (1 + np.exp(-np.clip(sums, -30, 30)))


def joint(held: Array) -> Array:
    """(cases,): the chance that some change helps, as a diagnosis combines it."""
    return 1 - np.asarray([math.prod(row) for row in (1 - held).tolist()])


def frontier(held: dict[str, tuple[list[Case], Array]]) -> str:
    """What thresholds of ``curve.change_helps`` would bring, held-out, on the development part."""
    from benchmarks.clinic.scoring import HEADER, Answer, score

    lines = [HEADER]
    for kind, (cases, found) in held.items():
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
