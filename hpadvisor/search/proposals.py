"""Which configuration a model proposes next: the one of which it expects the most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.arrays import Array, levelled
from hpadvisor.search.encoding import (
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
    may_go_on,
    values_of,
)

NEAR = 0.05
"""Share of the range within which, in every dimension, two configurations count as one."""


def proposal(
    plan: SearchPlan,
    study: optuna.Study,
    trials: Sequence[FrozenTrial],
    seed: int,
    *,
    last: bool = False,
) -> tuple[Params, bool]:
    """Return the configuration of which a Gaussian process expects the greatest improvement.

    It knows every finished trial by its last score, pruned ones with the length they reached.
    Those that failed count as bad, running ones as what is expected of them. Nothing beside a
    configuration that has been tried is proposed again.

    Args:
        plan: The plan.
        study: The search.
        trials: Its trials, two finished ones at least.
        seed: Seed of the candidates.
        last: Whether one full training is left, so that one that was pruned may be the best use.

    Returns:
        The configuration, and whether it is one that was pruned.
    """
    with one_thread():
        outlook = Outlook(plan, study, trials)
        generator = np.random.default_rng(seed)
        best = outlook.rows[np.argsort(-outlook.expected)[:5]]
        row, promise = _most_promising(plan.space, best, outlook.promise, generator)
        if last and outlook.pruned.any():
            again = outlook.rows[outlook.pruned]
            promises = outlook.improvement(again)
            if promises.max() >= promise:
                return point_of(plan.space, again[np.argmax(promises)]), True
        return point_of(plan.space, row), False


class Outlook:
    """What a model of the finished trials expects of others."""

    def __init__(
        self, plan: SearchPlan, study: optuna.Study, trials: Sequence[FrozenTrial]
    ) -> None:
        self.plan, space = plan, plan.space
        ended = [t for t in trials if t.state in FINISHED or is_broken(space, t)]
        self.rows = _rows(space, ended)
        lengths = np.array([_length(trial, plan.epochs) for trial in ended])
        scores = standardised(ended, maximizes(study))
        self.model = GaussianProcess(_at(plan, self.rows, lengths), scores)
        running = _rows(
            space, [t for t in trials if t.state == TrialState.RUNNING and is_whole(space, t)]
        )
        if len(running):
            self.model.add(_at(plan, running))
        self.expected, _ = self.model.predict(_at(plan, self.rows))
        self.pruned = np.array([may_go_on(trial) for trial in ended])
        self.known = features_of(space, np.concatenate([self.rows, running]))

    def improvement(self, candidates: Array) -> Array:
        """Return the logarithm of the improvement that is expected of whole trainings."""
        mean, deviation = self.model.predict(_at(self.plan, candidates))
        return log_improvement(mean, deviation, float(self.expected.max()))

    def promise(self, candidates: Array) -> Array:
        """Return the improvement, but nothing for what lies beside a trial that is known."""
        features = features_of(self.plan.space, candidates)
        beside = np.zeros(len(candidates), dtype=bool)
        for known in self.known:
            beside |= (np.abs(features - known) < NEAR).all(axis=1)
        return np.where(beside, -np.inf, self.improvement(candidates))


def _most_promising(
    space: Space,
    best: Array,
    promise: Callable[[Array], Array],
    generator: np.random.Generator,
) -> tuple[Array, float]:
    """Return the row that promises most, drawn or near one of the best, then refined; and that."""
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
    place = int(np.argmax(promises))
    return np.asarray(candidates[place]), float(promises[place])


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
    """Return the last scores of trials as :func:`levelled` makes them."""
    scores = np.array([last_score(trial) for trial in trials]) * (1 if maximize else -1)
    return levelled(scores)
