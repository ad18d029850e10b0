"""A plan as an Optuna search: a script on ``hpadvisor.search``, or one file that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.scripts import write_script
from hpadvisor.planning.model import Plan

TEMPLATE = "optuna_search.py"
PUBLIC = ("choose", "make_study", "run", "suggest")
"""What a file that stands alone offers to whoever imports it."""


def emit_optuna(
    plan: Plan,
    *,
    created_by: str,
    known: Sequence[dict[str, Any]] = (),
    standalone: bool = False,
) -> str:
    """Write a plan as a Python script.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote the script from what, for its first comment:
            ``hpadvisor 0.1.0 from situation.yaml``.
        known: Trials of an earlier search over the same space (number, value, params), from
            which the sampler learns.
        standalone: Whether the script needs nothing but Optuna; else it needs hpadvisor.

    Returns:
        The text of the script; the same plan gives the same text.

    Raises:
        UserError: The plan has nothing to search.
    """
    needs = "optuna" if standalone else "'hpadvisor[optuna]'"
    workers = max([step.parallel for step in plan.search_steps], default=1)
    several = f" --workers {workers}" * (workers > 1)
    run = [
        f"Needs Python 3.11 and: pip install {needs}",
        f"Run: python THIS_FILE --target module:function --storage journal.log --seed 0{several}",
    ]
    return write_script(TEMPLATE, plan, created_by, run, known, standalone=standalone, also=PUBLIC)
