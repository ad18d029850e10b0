"""Optuna's TPE over a space that has grown: trials before count with the values that they had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.plan import Params
from hpadvisor.search.space import Space, configuration, distributions, split
from hpadvisor.search.trials import is_whole, values_of

LEARNT = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


class GrownTPESampler(optuna.samplers.TPESampler):
    """TPE that samples the whole space of today jointly.

    Optuna's own takes the dimensions that all trials share, with the same ranges, and learns of
    those trials only that have all of them: after a change it would know nothing.

    Args:
        space: The dimensions of today.
        settings: Of ``TPESampler``.
    """

    def __init__(self, space: Space, **settings: Any) -> None:
        super().__init__(**settings)
        self._space = space

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return all dimensions of today."""
        return distributions(self._space)

    def sample_relative(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """Sample from what all trials show, those before a change too."""
        seen = optuna.create_study(direction=study.direction)
        trials = study.get_trials(deepcopy=False, states=LEARNT)
        seen.add_trials(in_space(self._space, trials))
        seen.add_trial(optuna.create_trial(state=TrialState.RUNNING))  # the one that is asked for
        return super().sample_relative(seen, seen.get_trials(deepcopy=False)[-1], search_space)


def in_space(space: Space, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return trials as they would stand in a space, values outside of it cut to its ends."""
    today = distributions(space)
    return [_as_of(space, trial, today) for trial in trials if is_whole(space, trial)]


def _as_of(space: Space, trial: FrozenTrial, today: dict[str, BaseDistribution]) -> FrozenTrial:
    fixed, _ = split(space, configuration(space, values_of(trial), trial.user_attrs))
    return optuna.create_trial(
        state=trial.state,
        params=_cut(space, fixed),
        distributions=today,
        values=trial.values,
        intermediate_values=trial.intermediate_values,
    )


def _cut(space: Space, params: Params) -> Params:
    found = dict(params)
    for item in space:
        if item["type"] != "categorical":
            found[item["name"]] = min(max(params[item["name"]], item["low"]), item["high"])
    return found
