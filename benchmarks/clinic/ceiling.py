"""How far other forms of model, and gradient norms, get: ``python -m benchmarks.clinic ceiling``.

The forms are fitted to the development part with whole tasks held out, and judged by the same
figures as the additive scores. Takes some minutes; needs scikit-learn. The test part is never read
here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.clinic.boosting import Options, fit
from benchmarks.clinic.cases import (
    Case,
    cases_of,
    folds,
    matrix,
    targets,
    tasks_of,
    usable_names,
    weights_of,
)
from benchmarks.clinic.draw import CHANGES
from benchmarks.clinic.fit import calibrated, chances
from benchmarks.clinic.held_out import HEADER, points_of
from benchmarks.clinic.signals import gradient_matrix

Array = Any
Form = Callable[[Array, Array, Array, Array, Array], Array]
"""Facts (n, facts), aims (n, changes), weights (n,), tasks (n,), held-out facts (m, facts) to log
odds (m, changes)."""

_MISSING = -30.0
"""Stands for unknown where a form has no place for it; below every fact that is fitted to."""


def ceiling(records: list[dict[str, Any]]) -> str:
    """Figures of each form of model by what the log holds, as Markdown tables."""
    cases = cases_of(records)
    alone = [name for name in usable_names("training") if name.startswith("curve.train_loss.")]
    norms = gradient_matrix(cases)
    lines = []
    for title, names in (("Both losses", usable_names("both")), ("Training loss alone", alone)):
        lines += ["", title, "", HEADER]
        values = matrix(cases, names)
        for name, form in _FORMS.items():
            lines.append(_row(name, cases, values, form))
            both = np.concatenate((values, norms), axis=1)
            lines.append(_row(f"{name}, with gradient norms", cases, both, form))
    return "\n".join(lines)


def _row(name: str, cases: list[Case], values: Array, form: Form) -> str:
    raw = held_out_sums(cases, values, form)
    held = chances(raw, calibrated(raw, cases))
    return points_of(held, [case.truth for case in cases]).row(name)


def held_out_sums(cases: list[Case], values: Array, form: Form) -> Array:
    """Log odds (cases, changes) of a form that did not see the case's task."""
    wanted, weights, tasks, fold = targets(cases), weights_of(cases), tasks_of(cases), folds(cases)
    sums = np.zeros((len(cases), len(CHANGES)))
    for number in np.unique(fold):
        seen, held = fold != number, fold == number
        sums[held] = form(values[seen], wanted[seen], weights[seen], tasks[seen], values[held])
    return sums


def _additive(values: Array, wanted: Array, weights: Array, tasks: Array, held: Array) -> Array:
    """The form of the scores, with every fact shown."""
    names = [str(place) for place in range(values.shape[1])]
    return np.stack(
        [
            fit(names, values, aim, weights, tasks, Options()).raw(names, held)
            for aim in wanted.T
        ],
        axis=1,
    )  # fmt: skip


def _randomised(values: Array, wanted: Array, weights: Array, _: Array, held: Array) -> Array:
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(150, min_samples_leaf=5, max_features=0.4, random_state=0)
    forest.fit(np.nan_to_num(values, nan=_MISSING), wanted, sample_weight=weights)
    chance = np.clip(forest.predict(np.nan_to_num(held, nan=_MISSING)), 0.003, 0.997)
    return np.log(chance / (1 - chance))


def _boosted(values: Array, wanted: Array, weights: Array, _: Array, held: Array) -> Array:
    """Trees of depth 2; a softened aim is a success and a failure that share its weight."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    twice, outcome = np.concatenate((values, values)), np.repeat((1, 0), len(values))
    sums = []
    for aim in wanted.T:
        shares = np.concatenate((weights * aim, weights * (1 - aim)))
        kept = shares > 1e-6
        trees = HistGradientBoostingClassifier(
            max_iter=100, max_depth=2, learning_rate=0.12, l2_regularization=5, max_bins=32,
            max_features=0.3, early_stopping=False, random_state=0,
        )  # fmt: skip
        trees.fit(twice[kept], outcome[kept], sample_weight=shares[kept])
        sums.append(trees.decision_function(held))
    return np.stack(sums, axis=1)


_FORMS: dict[str, Form] = {
    "sums of single facts": _additive,
    "boosted trees of depth 2": _boosted,
    "extremely randomised trees": _randomised,
}
