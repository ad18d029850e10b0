"""A plan as an ``hp_space`` for the Trainer of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import filled
from hpadvisor.emit.literals import literal
from hpadvisor.planning.model import Plan

_ROLES = "ROLES: dict[str, str] = {}"


def emit_huggingface(plan: Plan, *, created_by: str, known: Sequence[dict[str, Any]] = ()) -> str:
    """Write a module with ``hp_space``, ``model_space`` and ``search``.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space.
    """
    notes = ["Run: from THIS_FILE import search; search(trainer, storage='journal.log')"]
    text = filled("huggingface_search.py", plan, created_by, notes, known)
    roles = {
        item.name: item.role
        for step in plan.search_steps
        for item in step.parameters
        if item.role and item.role != item.name
    }
    return text.replace(_ROLES, f"ROLES: dict[str, str] = {literal(roles)}")
