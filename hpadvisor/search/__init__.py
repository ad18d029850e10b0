"""The search that runs: proposals, pruning, storage, workers, confirmation, on Optuna.

It stands on Optuna and numpy alone, and knows a plan as plain data. Names are resolved when they
are asked for, so that a missing Optuna is told in one line::

    from hpadvisor.search import choose, main, run

    study = run(plan, train, storage="journal.log")
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpadvisor.search.problems import NotWrittenError as NotWrittenError
from hpadvisor.search.problems import StoppedError as StoppedError
from hpadvisor.search.problems import TuneError as TuneError

if TYPE_CHECKING:
    from hpadvisor.search.comparison import compare as compare
    from hpadvisor.search.confirmation import choose as choose
    from hpadvisor.search.confirmation import confirm as confirm
    from hpadvisor.search.plan import SearchPlan as SearchPlan
    from hpadvisor.search.plan import read_plan as read_plan
    from hpadvisor.search.space import suggest as suggest
    from hpadvisor.search.study import make_study as make_study
    from hpadvisor.search.workers import run as run

INSTALL = "pip install 'hpadvisor[optuna]'"

PLACES = {
    "SearchPlan": "plan", "choose": "confirmation", "compare": "comparison",
    "confirm": "confirmation", "make_study": "study", "read_plan": "plan", "run": "workers",
    "suggest": "space",
    "main": "command", "NotWrittenError": "problems", "StoppedError": "problems",
    "TuneError": "problems",
}  # fmt: skip
"""The module of each public name."""

__all__ = [  # noqa: RUF022 - in the order of use
    "main", "run", "choose", "confirm", "compare", "make_study", "read_plan", "suggest",
    "SearchPlan", "NotWrittenError", "StoppedError", "TuneError",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Resolve a public name on first use."""
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"{__name__}.{PLACES[name]}"), name)
    except ImportError as error:
        raise ImportError(f"hpadvisor.search needs optuna: {INSTALL} ({error})") from error


def main(
    plan: Mapping[str, Any], function: Any = None, arguments: Sequence[str] | None = None
) -> int:
    """Run a script's command by a plan; return its exit code.

    Args:
        plan: The plan, as plain data.
        function: The function that trains once, where the script holds it.
        arguments: The command's arguments; the process's where None.
    """
    try:
        from hpadvisor.search.command import main as command
    except ImportError as error:
        sys.stderr.write(f"This script needs optuna 4.2 or newer: {INSTALL} ({error})\n")
        return 2
    return command(plan, function, arguments)
