"""A plan as a randomized search of scikit-learn, the baseline first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import sampler_notes
from hpadvisor.emit.scripts import write_script
from hpadvisor.planning.model import Plan

TEMPLATE = "sklearn_search.py"


def emit_sklearn(
    plan: Plan,
    *,
    created_by: str,
    known: Sequence[dict[str, Any]] = (),
    standalone: bool = False,
) -> str:
    """Write a module with ``search(estimator, X, y)``.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space: not tried again.
        standalone: Whether the module needs no hpadvisor.
    """
    needs = "scikit-learn" + (" optuna" if standalone else " 'hpadvisor[optuna]'")
    run = [
        f"Needs Python 3.11 and: pip install {needs}",
        "Run: from THIS_FILE import search; search(estimator, X, y)",
        *sampler_notes(plan),
    ]
    return write_script(TEMPLATE, plan, created_by, run, known, standalone=standalone)
