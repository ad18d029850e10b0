"""A plan as a search of the Trainer of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import sampler_notes
from hpadvisor.emit.literals import literal
from hpadvisor.emit.scripts import write_script
from hpadvisor.planning.model import Plan

TEMPLATE = "huggingface_search.py"
_ROLES = "ROLES: dict[str, str] = {}"


def emit_huggingface(
    plan: Plan,
    *,
    created_by: str,
    known: Sequence[dict[str, Any]] = (),
    standalone: bool = False,
) -> str:
    """Write a module with ``hp_space``, ``model_space`` and ``search``.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space.
        standalone: Whether the module needs no hpadvisor, but Optuna alone.
    """
    needs = "transformers optuna" if standalone else "'hpadvisor[optuna]' transformers"
    run = [
        f"Needs Python 3.11 and: pip install {needs}",
        "Run: from THIS_FILE import search; search(trainer, storage='journal.log')",
        *sampler_notes(plan),
    ]
    roles = {
        item.name: item.role
        for step in plan.search_steps
        for item in step.parameters
        if item.role and item.role != item.name
    }
    filled = f"ROLES: dict[str, str] = {literal(roles, len(_ROLES) - 2)}"
    return write_script(
        TEMPLATE, plan, created_by, run, known, standalone=standalone, replace=(_ROLES, filled)
    )
