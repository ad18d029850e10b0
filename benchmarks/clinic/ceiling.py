"""How far other forms of model get on the same facts: ``python -m benchmarks.clinic ceiling``.

The forms are fitted to the development part with whole tasks held out, and judged by the same
figures as the additive scores. Needs scikit-learn. The test part is never read here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.clinic.cases import (
    Case,
    cases_of,
    folds,
    matrix,
    targets,
    usable_names,
    weights_of,
)
from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.fit import calibrated, chances, cross_validated
from benchmarks.clinic.held_out import HEADER, points_of

Array = Any
Form = Callable[[Array, Array, Array, Array], Array]
"""Facts (n, facts), aims (n, changes), weights (n,), held-out facts (m, facts) to (m, changes)."""

_MISSING = -30.0
"""Stands for unknown where a form has no place for it; below every fact that is fitted to."""


def ceiling(records: list[dict[str, Any]], kind: str = "both") -> str:
    """A line of figures for each form of model, as a Markdown table."""
    cases = cases_of(records)
    truths = [case.truth for case in cases]
    lines = [HEADER]
    for name, form in _forms().items():
        raw = held_out_sums(cases, matrix(cases, usable_names(kind)), form)
        lines.append(points_of(chances(raw, calibrated(raw, cases)), truths).row(name))
    for name, raw in zip(("as it ships", "as it ships, situation told"),
                         cross_validated(cases, kind), strict=True):  # fmt: skip
        lines.append(points_of(chances(raw, calibrated(raw, cases)), truths).row(name))
    return "\n".join(lines)


def held_out_sums(cases: list[Case], values: Array, form: Form) -> Array:
    """Log odds (cases, changes) of a form that did not see the case's task."""
    wanted, weights, fold = targets(cases), weights_of(cases), folds(cases)
    sums = np.zeros((len(cases), len(CHANGES)))
    for number in np.unique(fold):
        seen, held = fold != number, fold == number
        sums[held] = form(values[seen], wanted[seen], weights[seen], values[held])
    return sums


def _forms() -> dict[str, Form]:
    return {
        "boosted trees of depth 1": lambda *data: _boosted(*data, depth=1),
        "boosted trees of depth 2": lambda *data: _boosted(*data, depth=2),
        "boosted trees of depth 4": lambda *data: _boosted(*data, depth=4),
        "extremely randomised trees": _randomised,
    }


def _randomised(values: Array, wanted: Array, weights: Array, held: Array) -> Array:
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(150, min_samples_leaf=5, max_features=0.4, random_state=0)
    forest.fit(np.nan_to_num(values, nan=_MISSING), wanted, sample_weight=weights)
    chance = np.clip(forest.predict(np.nan_to_num(held, nan=_MISSING)), 0.003, 0.997)
    return np.log(chance / (1 - chance))


def _boosted(values: Array, wanted: Array, weights: Array, held: Array, *, depth: int) -> Array:
    """Boosted trees; a softened aim enters as a success and a failure that share its weight."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    twice, outcome = np.concatenate((values, values)), np.repeat((1, 0), len(values))
    sums = []
    for aim in wanted.T:
        shares = np.concatenate((weights * aim, weights * (1 - aim)))
        kept = shares > 1e-6
        trees = HistGradientBoostingClassifier(
            max_iter=150, max_depth=depth, learning_rate=0.08, l2_regularization=5,
            max_features=0.3, early_stopping=False, random_state=0,
        )  # fmt: skip
        trees.fit(twice[kept], outcome[kept], sample_weight=shares[kept])
        sums.append(trees.decision_function(held))
    return np.stack(sums, axis=1)
