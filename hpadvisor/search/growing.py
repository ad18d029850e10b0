"""The space of a search that grows on its way, by what audits have decided.

The study's attribute :data:`AUDITED` is the only record of it. All workers read the space there,
under the lock, before each trial; a run that goes on finds there what was decided. A dimension
that an audit opened carries ``held``: the value that it had in all trials before.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TypedDict

import optuna

from hpadvisor.search.locks import locked
from hpadvisor.search.memory import AUDITED
from hpadvisor.search.plan import Dimension, Params, SearchPlan
from hpadvisor.search.storage import is_server

CLAIM_SECONDS = 2.0
"""How long machines that audit at once wait for each other."""


class Audited(TypedDict):
    """What an audit on the way decided."""

    after: int  # finished trials
    changes: list[str]  # what it widened or opened, a line each
    space: list[Dimension] | None  # the whole space from then on; None where it stays
    stop: str | None  # why the search ends; None where it goes on


def audits_of(study: optuna.Study) -> list[Audited]:
    """Return what the audits on the way of a search decided, in their order."""
    found: list[Audited] = study.user_attrs.get(AUDITED, [])
    return found


def audit_at(study: optuna.Study, after: int) -> Audited | None:
    """Return what the audit after so many trials decided; None where there was none."""
    return next((one for one in audits_of(study) if one["after"] == after), None)


def write_audit(study: optuna.Study, storage: str | None, made: Audited) -> Audited:
    """Write down what an audit decided; of several at the same place the first one counts.

    Args:
        study: The search.
        storage: Where it is kept.
        made: What was decided here.

    Returns:
        What counts.
    """
    with locked(storage):
        if audit_at(study, made["after"]) is None:
            study.set_user_attr(AUDITED, [*audits_of(study), made])
    if is_server(storage):  # the lock holds for this machine: the last one to write is right
        time.sleep(CLAIM_SECONDS)
    return audit_at(study, made["after"]) or made


def grown(plan: SearchPlan, study: optuna.Study) -> SearchPlan:
    """Return a plan with the space that its search has by now."""
    spaces = _spaces(study)
    return replace(plan, space=spaces[-1]) if spaces else plan


def has_grown(study: optuna.Study) -> bool:
    """Tell whether the space of a search is not the one that it began with."""
    return bool(_spaces(study))


def opened_after(space: list[Dimension], given: Params) -> bool:
    """Tell whether a dimension was opened after a trial had been given its values."""
    return any("held" in item and item["name"] not in given for item in space)


def _spaces(study: optuna.Study) -> list[list[Dimension]]:
    return [one["space"] for one in audits_of(study) if one["space"] is not None]
