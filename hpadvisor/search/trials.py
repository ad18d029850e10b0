"""What the trials of a study say: which are ours, how they ended, which are best."""

from __future__ import annotations

import math
from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.plan import Params
from hpadvisor.search.space import Space

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


def own_trials(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials of this search, those that it was given left out."""
    return [
        trial
        for trial in trials
        if not str(trial.user_attrs.get("origin")).startswith("known-")
        and not trial.user_attrs.get("told")
    ]


def is_lost(trial: FrozenTrial) -> bool:
    """Tell whether a trial ended because its process did, not because the function raised."""
    return trial.state == TrialState.FAIL and "error" not in trial.user_attrs


def is_whole(space: Space, trial: FrozenTrial) -> bool:
    """Tell whether a trial has been given all its values."""
    values = values_of(trial)
    return all(
        (item["name"] in values and item.get("switch", item["name"]) in values)
        or ("held" in item and item["name"] not in values)
        for item in space
    )


def is_broken(space: Space, trial: FrozenTrial) -> bool:
    """Tell whether the function raised for a trial: its memory was too small, for example."""
    return "error" in trial.user_attrs and is_whole(space, trial)


def is_baseline(trial: FrozenTrial | optuna.Trial) -> bool:
    """Tell whether a trial trains the configuration that the search started from."""
    return bool(trial.user_attrs.get("origin") == "baseline")


def may_go_on(trial: FrozenTrial) -> bool:
    """Tell whether a trial was pruned with a score, so that it may be worth a whole training."""
    pruned = trial.state == TrialState.PRUNED and "error" not in trial.user_attrs
    return pruned and bool(trial.last_step) and math.isfinite(last_score(trial))


def values_of(trial: FrozenTrial) -> Params:
    """Return a trial's values, also while its worker has taken it but not asked for them yet."""
    return {**trial.system_attrs.get("fixed_params", {}), **trial.params}


def last_score(trial: FrozenTrial) -> float:
    """Return a trial's score, or the last one it reported; NaN where there is none."""
    if trial.state == TrialState.COMPLETE:
        return float(trial.values[0])
    if trial.state == TrialState.FAIL or trial.last_step is None:
        return math.nan
    return float(trial.intermediate_values[trial.last_step])


def maximizes(study: optuna.Study) -> bool:
    """Tell whether a higher score is better."""
    return bool(study.direction == optuna.study.StudyDirection.MAXIMIZE)


def ranked(study: optuna.Study) -> list[FrozenTrial]:
    """Return the complete trials, the best first."""
    complete = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    return sorted(complete, key=lambda t: t.values[0], reverse=maximizes(study))


def queued(trials: Sequence[FrozenTrial], origin: str) -> int:
    """Return how many trials were queued whose origin begins so."""
    return sum(str(trial.user_attrs.get("origin")).startswith(origin) for trial in trials)
