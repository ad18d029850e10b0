"""A plan as a randomized search of scikit-learn."""

from __future__ import annotations

from hpadvisor.emit.common import filled
from hpadvisor.planning.model import Plan


def emit_sklearn(plan: Plan, *, created_by: str) -> str:
    """Write a module with ``distributions`` and ``search``.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
    """
    notes = ["Run: from THIS_FILE import search; search(estimator, X, y)"]
    return filled("sklearn_search.py", plan, created_by, notes)
