"""The trials of processes that died: marked as failed, their configurations queued again."""

from __future__ import annotations

import socket

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.processes import lives
from hpadvisor.search.storage import is_server
from hpadvisor.search.trials import is_lost

MAX_ATTEMPTS = 5
"""A configuration that kills its process again and again is given up."""


def recover(
    study: optuna.Study, storage: str | None, retry: bool = False, everything: bool = False
) -> None:
    """Mark the trials of dead processes as failed, and queue their configurations again.

    Call it under the lock: a running trial without a worker's mark is then a dead one's.

    Args:
        study: The search, or the confirmation.
        storage: Where it is kept.
        retry: Also queue planned configurations again that failed with an exception.
        everything: Take every running trial for dead.
    """
    groups: dict[str, list[FrozenTrial]] = {}
    lost = _unmarked(study, storage)
    for trial in study.get_trials(deepcopy=False):
        attrs = trial.user_attrs
        dead = everything or trial.number in lost or ("worker" in attrs and not _alive(trial))
        if trial.state == TrialState.RUNNING and dead:
            study.tell(trial.number, state=TrialState.FAIL)
    for trial in study.get_trials(deepcopy=False):
        origin = trial.user_attrs.get("origin", f"trial-{trial.number}")
        groups.setdefault(origin, []).append(trial)
    for origin, group in groups.items():
        last, attempt = group[-1], group[-1].user_attrs.get("attempt", 1)
        again = is_lost(last) or (retry and "origin" in last.user_attrs)
        if last.state != TrialState.FAIL or not again or attempt >= MAX_ATTEMPTS:
            continue
        attrs = {k: v for k, v in last.user_attrs.items() if k not in ("worker", "error")}
        attrs.update(origin=origin, attempt=attempt + 1)
        study.enqueue_trial(last.system_attrs.get("fixed_params", last.params), user_attrs=attrs)


def asking_mark() -> str:
    """Return the attribute of a study under which this machine says that it asks for a trial."""
    return "asking-" + socket.gethostname()


def _unmarked(study: optuna.Study, storage: str | None) -> set[int]:
    """Return the running trials whose process died before it could leave its mark.

    On a server the lock holds for this machine only: while a worker of another machine is asking
    for a trial, the one without a mark may be its.
    """
    found = _without_mark(study)
    if found and is_server(storage):
        others = {key: who for key, who in study.user_attrs.items() if key.startswith("asking-")}
        others.pop(asking_mark(), None)  # of a dead process: we hold the lock of this machine
        if any(others.values()):
            return set()
        found &= _without_mark(study)  # it may have been left meanwhile
    return found


def _without_mark(study: optuna.Study) -> set[int]:
    running = study.get_trials(deepcopy=False, states=[TrialState.RUNNING])
    return {trial.number for trial in running if "worker" not in trial.user_attrs}


def _alive(trial: FrozenTrial) -> bool:
    worker = trial.user_attrs.get("worker")
    return worker is not None and lives(worker)
