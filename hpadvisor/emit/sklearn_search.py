"""A plan as a randomized search of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import filled
from hpadvisor.planning.model import Plan


def emit_sklearn(plan: Plan, *, created_by: str, known: Sequence[dict[str, Any]] = ()) -> str:
    """Write a module with ``distributions`` and ``search``.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space.
    """
    notes = ["Run: from THIS_FILE import search; search(estimator, X, y)"]
    return filled("sklearn_search.py", plan, created_by, notes, known)
