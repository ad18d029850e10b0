"""The trials of processes that died: marked as failed, their configurations queued again."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.processes import lives
from hpadvisor.search.storage import is_server
from hpadvisor.search.trials import is_lost

MAX_ATTEMPTS = 5
"""How often a configuration is tried whose process ended, nobody knows why."""
MAX_KILLED = 2
"""How often one may be seen to kill its worker: the second time it was alone."""


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
        if last.user_attrs.get("killed", 0) == 0:  # others are tried again alone, later
            _enqueue_again(study, last, origin)


def lost_alone(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that killed their worker and have not been tried again yet."""
    latest = {t.user_attrs.get("origin", f"trial-{t.number}"): t for t in trials}
    return [
        t for t in latest.values() if is_lost(t) and 0 < t.user_attrs.get("killed", 0) < MAX_KILLED
    ]


def retry_alone(study: optuna.Study, trials: Sequence[FrozenTrial]) -> None:
    """Queue the first configuration again that killed its worker, to be trained alone.

    Args:
        study: The search, or the confirmation.
        trials: Its trials.
    """
    first = lost_alone(trials)[0]
    origin = first.user_attrs.get("origin", f"trial-{first.number}")
    _enqueue_again(study, first, origin, alone=True)


def others_run_here(trials: Sequence[FrozenTrial], *, alone: bool = False) -> bool:
    """Tell whether a process of this machine trains, or one that has to be alone.

    Args:
        trials: The trials of a study.
        alone: Whether only trials count that have to be alone.
    """
    return any(
        t.state == TrialState.RUNNING
        and t.user_attrs.get("worker", {}).get("host") == socket.gethostname()
        and (not alone or t.user_attrs.get("alone"))
        for t in trials
    )


def tell_killed(study: optuna.Study, worker: int, reason: str, *, retry: bool) -> None:
    """Mark the trial of a worker that has died as failed.

    Call it under the lock.

    Args:
        study: The search, or the confirmation.
        worker: Number of the process that has died, of this machine.
        reason: Why it died.
        retry: Whether the configuration may be tried once more, alone.
    """
    for trial in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        mark = trial.user_attrs.get("worker", {})
        if (mark.get("pid"), mark.get("host")) != (worker, socket.gethostname()):
            continue
        killed = trial.user_attrs.get("killed", 0) + 1
        own = optuna.trial.Trial(study, trial._trial_id)
        own.set_user_attr("killed", killed)
        if not retry or killed >= MAX_KILLED:
            own.set_user_attr("error", reason)
        study.tell(trial.number, state=TrialState.FAIL)


def _enqueue_again(
    study: optuna.Study, last: FrozenTrial, origin: str, *, alone: bool = False
) -> None:
    attrs = {k: v for k, v in last.user_attrs.items() if k not in ("worker", "error")}
    attrs.update(origin=origin, attempt=last.user_attrs.get("attempt", 1) + 1)
    if alone:
        attrs["alone"] = True
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
    """Whether a trial's worker lives, or somebody who will say why it does not."""
    worker = trial.user_attrs.get("worker")
    if worker is None:
        return False
    return lives(worker) or ("supervisor" in worker and lives(worker["supervisor"]))
