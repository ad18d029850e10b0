"""Which configuration a model proposes next: the one of which it expects the most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.encoding import (
    Array,
    drawn_rows,
    features_of,
    neighbours,
    point_of,
    rows_of,
)
from hpadvisor.search.gaussian_process import GaussianProcess, log_improvement
from hpadvisor.search.plan import Params, SearchPlan
from hpadvisor.search.space import Space, configuration
from hpadvisor.search.threads import one_thread
from hpadvisor.search.trials import (
    FINISHED,
    is_broken,
    is_whole,
    last_score,
    maximizes,
    values_of,
)


def proposal(
    plan: SearchPlan, study: optuna.Study, trials: Sequence[FrozenTrial], seed: int
) -> Params:
    """Return the configuration of which a Gaussian process expects the greatest improvement.

    It knows every finished trial by its last score, pruned ones with the length they reached.
    Those that failed count as bad, running ones as what is expected of them.
    """
    with one_thread():
        return _proposal(plan, study, trials, seed)


def _proposal(
    plan: SearchPlan, study: optuna.Study, trials: Sequence[FrozenTrial], seed: int
) -> Params:
    generator, space = np.random.default_rng(seed), plan.space
    ended = [t for t in trials if t.state in FINISHED or is_broken(space, t)]
    rows = _rows(space, ended)
    lengths = np.array([_length(trial, plan.epochs) for trial in ended])
    model = GaussianProcess(_at(plan, rows, lengths), standardised(ended, maximizes(study)))
    begun = [t for t in trials if t.state == TrialState.RUNNING and is_whole(space, t)]
    running = _rows(space, begun)
    if len(running):
        model.add(_at(plan, running))
    expected, _ = model.predict(_at(plan, rows))
    tried = {row.tobytes() for row in np.round(np.concatenate([rows, running]), 6)}

    def promise(candidates: Array) -> Array:
        mean, deviation = model.predict(_at(plan, candidates))
        known = [row.tobytes() in tried for row in np.round(candidates, 6)]
        improvement = log_improvement(mean, deviation, float(expected.max()))
        return np.where(known, -np.inf, improvement)

    best = rows[np.argsort(-expected)[:5]]
    return point_of(space, _most_promising(space, best, promise, generator))


def _most_promising(
    space: Space,
    best: Array,
    promise: Callable[[Array], Array],
    generator: np.random.Generator,
) -> Array:
    """Return the row that promises most: drawn, or near one of the best, then refined."""
    step, chance = generator.choice([0.5, 0.2, 0.08], 500), generator.choice([0.2, 0.5], 500)
    near = best.repeat(100, axis=0)
    candidates = np.concatenate(
        [
            drawn_rows(space, 500, generator, wide=False),
            drawn_rows(space, 200, generator, wide=True),
            neighbours(space, near, step[: len(near)], chance[: len(near)], generator),
        ]
    )
    promises = promise(candidates)
    for size in (0.2, 0.1, 0.05, 0.02):
        top = candidates[np.argsort(-promises)[:5]].repeat(60, axis=0)
        sizes, chances = np.full(len(top), size), np.full(len(top), 0.4)
        closer = neighbours(space, top, sizes, chances, generator)
        candidates = np.concatenate([candidates, closer])
        promises = np.concatenate([promises, promise(closer)])
    return np.asarray(candidates[np.argmax(promises)])


def _rows(space: Space, trials: Sequence[FrozenTrial]) -> Array:
    return rows_of(space, [configuration(space, values_of(t), t.user_attrs) for t in trials])


def _at(plan: SearchPlan, rows: Array, lengths: Array | None = None) -> Array:
    """Return the features of rows and the logs of their lengths; None for whole trainings."""
    features = features_of(plan.space, rows)
    if not plan.epochs:
        return features
    shares = np.zeros(len(rows)) if lengths is None else lengths
    return np.concatenate([features, shares[:, None]], axis=1)


def _length(trial: FrozenTrial, epochs: float | None) -> float:
    """Return the length of a trial as the power of ten of its share of a training."""
    if trial.state != TrialState.PRUNED or not epochs or not trial.last_step:
        return 0.0
    return math.log10(min(trial.last_step / epochs, 1.0))


def standardised(trials: Sequence[FrozenTrial], maximize: bool) -> Array:
    """Return the last scores, higher is better, with mean 0 and variance 1.

    What lies far below the median tells no more than that it is bad, so it is cut there; what
    diverged stands with it.
    """
    scores = np.array([last_score(trial) for trial in trials]) * (1 if maximize else -1)
    finite = scores[np.isfinite(scores)]
    if not len(finite):
        return np.zeros(len(scores))
    middle, upper, top = np.quantile(finite, [0.5, 0.75, 1.0])
    floor = middle - 4 * ((upper - middle) or (top - middle) or 1.0)
    scores = np.maximum(np.where(np.isfinite(scores), scores, floor), floor)
    return np.asarray((scores - scores.mean()) / (scores.std() or 1.0))
