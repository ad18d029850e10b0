"""A plan as a Ray Tune script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import filled
from hpadvisor.planning.model import Plan


def emit_ray(plan: Plan, *, created_by: str, known: Sequence[dict[str, Any]] = ()) -> str:
    """Write a script that runs on one machine or, by RAY_ADDRESS, on a cluster.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space.
    """
    notes = ["Run: python THIS_FILE --target module:function --storage results --seed 0"]
    return filled("ray_search.py", plan, created_by, notes, known)
