"""The studies of a plan: opened, or set up with their memory and the planned trials, each once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from hpadvisor.search.locks import locked
from hpadvisor.search.memory import KEY, SEARCH, provenance_of
from hpadvisor.search.plan import Params, SearchPlan, read_plan
from hpadvisor.search.problems import TuneError
from hpadvisor.search.processes import this_process
from hpadvisor.search.pruning import pruner_of, sampler_of
from hpadvisor.search.recovery import recover
from hpadvisor.search.space import Space, split, suggest
from hpadvisor.search.start_points import planned_points
from hpadvisor.search.storage import is_server, open_storage, shown

CLAIM_SECONDS = 2.0
"""How long machines that begin at once wait for each other."""


def make_study(
    plan: SearchPlan | Mapping[str, Any],
    storage: str | None = None,
    seed: int = 0,
    direction: str | None = None,
) -> optuna.Study:
    """Open the search, or create it with the baseline and the start points queued, each once.

    Args:
        plan: The plan.
        storage: Path of the journal, or a server; None keeps the study in memory.
        seed: Seed of the start points and of the sampler.
        direction: "maximize" or "minimize"; the plan's where None.

    Raises:
        TuneError: The storage cannot be used, or holds another search.
    """
    plan = read_plan(plan)
    with locked(storage):
        study = open_study(plan, SEARCH, storage, seed, direction)
        if json.dumps(study.user_attrs.get("space", plan.space)) != json.dumps(plan.space):
            other = "holds a search over another space; give another --storage"
            raise TuneError(f"{shown(storage)} {other}")
        if not _sets_up(study, storage):
            return study
        study.set_user_attr("space", plan.space)
        present = {trial.user_attrs.get("origin") for trial in study.get_trials(deepcopy=False)}
        for old in plan.known:
            if f"known-{old['number']}" not in present:
                study.add_trial(_known(plan.space, old))
        if plan.baseline_score is not None and "baseline" not in present:
            study.add_trial(_told(plan, plan.baseline_score))
        for origin, point in planned_points(plan, seed):
            if origin not in present:
                enqueue(plan.space, study, point, origin)
        recover(study, storage, retry=True)
    return study


def open_study(
    plan: SearchPlan, name: str, storage: str | None, seed: int, direction: str | None = None
) -> optuna.Study:
    """Open a study of a plan, or create it empty.

    Raises:
        TuneError: The storage cannot be used, or holds a search in the other direction.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    direction = direction or plan.direction
    if direction not in ("maximize", "minimize"):
        raise TuneError("the plan names no direction; give --direction maximize or minimize")
    try:
        study = optuna.create_study(
            study_name=name,
            storage=open_storage(storage) if storage else None,
            direction=optuna.study.StudyDirection[direction.upper()],
            sampler=sampler_of(plan, "bayesian", seed),
            pruner=pruner_of(plan),
            load_if_exists=True,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TuneError(f"{storage}: cannot be used as a journal ({error})") from None
    if study.direction.name.lower() != direction:
        raise TuneError(f"{shown(storage)} holds a search in the other direction: {direction}")
    if KEY not in study.user_attrs:
        remembered = {**plan.remembered(seed), "direction": direction}
        study.set_user_attr(KEY, remembered)
    return study


def enqueue(space: Space, study: optuna.Study, point: Params, origin: str) -> None:
    """Queue a configuration, whose values may lie outside the space."""
    fixed, exact = split(space, point)
    attrs: Params = {"origin": origin, "provenance": provenance_of(origin), "attempt": 1}
    study.enqueue_trial(fixed, user_attrs={**attrs, "exact": exact} if exact else attrs)


def _sets_up(study: optuna.Study, storage: str | None) -> bool:
    """Tell whether this process queues the planned trials, or a process of another machine does.

    A journal has a lock for that. On a server the process does it whose claim was written last:
    the claims are read again once all that were under way have been written.
    """
    if not is_server(storage) or study.get_trials(deepcopy=False):
        return True
    study.set_user_attr("claim", this_process())
    time.sleep(CLAIM_SECONDS)
    if study.user_attrs["claim"] == json.loads(json.dumps(this_process())):
        return True
    for _ in range(60):  # the other one queues them now
        if study.get_trials(deepcopy=False):
            return False
        time.sleep(0.5)
    raise TuneError(f"{shown(storage)}: another machine began and died; try again")


def _told(plan: SearchPlan, score: float) -> FrozenTrial:
    """Return today's configuration with the score that the user told: nobody trains it again."""
    fixed, exact = split(plan.space, plan.baseline)
    for item in plan.space:  # a finished trial holds values of the space alone
        name = item["name"]
        if item["type"] != "categorical" and not item["low"] <= fixed[name] <= item["high"]:
            exact[name] = plan.baseline[name]
            fixed[name] = min(max(fixed[name], item["low"]), item["high"])
    point = optuna.trial.FixedTrial(fixed)
    suggest(plan.space, point)
    attrs: Params = {"origin": "baseline", "provenance": "baseline", "told": True}
    return optuna.create_trial(
        params=point.params, distributions=point.distributions, value=score,
        user_attrs={**attrs, "exact": exact} if exact else attrs,
    )  # fmt: skip


def _known(space: Space, old: Params) -> FrozenTrial:
    """Return a trial of an earlier search: the sampler learns from it, nobody pays for it."""
    point = optuna.trial.FixedTrial(split(space, old["params"])[0])
    suggest(space, point)
    return optuna.create_trial(
        params=point.params,
        distributions=point.distributions,
        value=old["value"],
        user_attrs={"origin": f"known-{old['number']}", "provenance": "known"},
    )
