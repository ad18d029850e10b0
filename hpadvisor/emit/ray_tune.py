"""A plan as a Ray Tune search, on the library's own proposals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.scripts import write_script
from hpadvisor.planning.model import Plan

TEMPLATE = "ray_search.py"


def emit_ray(
    plan: Plan,
    *,
    created_by: str,
    known: Sequence[dict[str, Any]] = (),
    standalone: bool = False,
) -> str:
    """Write a script that runs on one machine or, by RAY_ADDRESS, on a cluster.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space.
        standalone: Whether the script needs no hpadvisor, but Ray and Optuna alone.
    """
    needs = "'ray[tune]' optuna" if standalone else "'hpadvisor[optuna]' 'ray[tune]'"
    run = [
        f"Needs Python 3.11 and: pip install {needs}",
        "Run: python THIS_FILE --target module:function --storage results --seed 0",
    ]
    return write_script(TEMPLATE, plan, created_by, run, known, standalone=standalone)
