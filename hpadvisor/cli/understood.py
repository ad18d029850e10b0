"""What was understood of a file that is no situation, said in a line or two before the plan."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from hpadvisor.report.terminal import LEAST_WIDTH, say, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpadvisor.at_hand import Understood
    from hpadvisor.facts.situation.statements import Statement


def echo(path: Path, found: Understood, flags: Sequence[Statement]) -> None:
    """Say on standard error what a file was read as, and every value that was taken from it.

    Args:
        path: The file.
        found: What it says.
        flags: What was said beside it, and so is not missing.
    """
    values = ", ".join(
        f"{one.path.rpartition('.')[2]} {shown(one.value)}" for one in found.statements
    )
    text = f"Read {path} as {found.title}" + (f": {values}." if values else ".")
    missing = _missing([*found.statements, *flags])
    if missing:
        text += f" It does not say {missing}."
    width = max(terminal().width, LEAST_WIDTH)
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    say("\n".join(lines), error=True)


def shown(value: object) -> str:
    """Return a value as people write it: 3e-4, 0.1, 128."""
    if isinstance(value, float):
        text = f"{value:.3g}"
        near_one = float(text) == 1 and value != 1  # 0.9999 is no 1
        return (f"{value:.6g}" if near_one else text).replace("e-0", "e-")
    return str(value)


def _missing(statements: Sequence[Statement]) -> str:
    said = {one.path for one in statements}
    budget = any(path.startswith("budget.") for path in said)
    kind = [] if "training.kind" in said else ["the kind of training (--training)"]
    spent = "what may be spent (--hours and --hours-per-training, or --trainings)"
    return " and ".join([*kind, *([] if budget else [spent])])
