"""What was seen in a log, in words with the logged numbers: where it began, its best, its end."""

from __future__ import annotations

import numpy as np

from hpadvisor.engine.text import human
from hpadvisor.facts.curves.logged import logged_facts
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.record import RunRecord

ROLES = ("train_loss", "val_loss", "train_metric", "val_metric")
NAMES = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "train_metric": "training score",
    "val_metric": "validation score",
}


def add_seen(facts: Facts, run: RunRecord) -> list[str]:
    """Add what was logged to the facts, and return it a line a curve.

    Args:
        facts: Of the run, which grow by ``logged_…`` and ``seen``.
        run: As read, scores in the unit in which they were logged.
    """
    lines = []
    for role in ROLES:
        if role not in run.series:
            continue
        logged = logged_facts(run, role)
        column = run.series[role].column
        for name, value in logged.items():
            facts.put(f"curve.{role}.{name}", value, f"{run.source}, {column}")
        words = _words(run, role, logged)
        facts.put(f"curve.{role}.seen", words, f"{run.source}, {column}")
        name = NAMES[role]
        lines.append(f"{name[0].upper()}{name[1:]}{_column(role, column)}: {words}")
    return lines


def _column(role: str, column: str) -> str:
    """The column behind a score, whose name says more than its role."""
    return f" ({column})" if role.endswith("metric") and len(column) <= 30 else ""


def _words(run: RunRecord, role: str, logged: dict[str, float]) -> str:
    """One curve in words: ``2.24 at epoch 5, lowest 1.41 at epoch 60, 1.43 at epoch 70``."""
    if not logged:
        return "no finite value was logged"
    first, best, last = (
        (logged[f"logged_{name}"], logged[f"logged_{name}_at"])
        for name in ("first", "best", "last")
    )
    series = run.series[role]
    finite = series.y[np.isfinite(series.y)]
    if len(finite) == 1:
        text = f"{human(first[0])} {_at(run, first[1])}, the only value"
    elif float(np.ptp(finite)) == 0:
        text = f"{human(first[0])} in all {len(finite):,} values"
    else:
        text = _journey(run, role, first, best, last)
    broken = np.flatnonzero(~np.isfinite(series.y))
    if len(broken) and broken[-1] == len(series.y) - 1:
        since = broken[np.flatnonzero(np.append(True, np.diff(broken) > 1))[-1]]
        text += f", NaN or infinite from {place(run, float(series.x[since]))} on"
    return text


def _journey(
    run: RunRecord,
    role: str,
    first: tuple[float, float],
    best: tuple[float, float],
    last: tuple[float, float],
) -> str:
    start, end = (f"{human(value)} {_at(run, where)}" for value, where in (first, last))
    if best[1] in (first[1], last[1]):
        verb = "falls" if last[0] < first[0] else "rises" if last[0] > first[0] else "goes"
        return f"{verb} from {start} to {end}"
    superlative = "highest" if role.endswith("metric") and run.higher_is_better else "lowest"
    return f"{start}, {superlative} {human(best[0])} {_at(run, best[1])}, {end}"


def _at(run: RunRecord, where: float) -> str:
    return f"at {place(run, where)}"


def place(run: RunRecord, where: float) -> str:
    """A position in words: ``epoch 12``, ``step 250,030``; rows are counted from 1."""
    if run.axis == "row":
        return f"row {where + 1:,.0f}"
    if float(where).is_integer():
        return f"{run.axis} {where:,.0f}" if abs(where) < 1e15 else f"{run.axis} {where:.3g}"
    return f"{run.axis} {where:.4g}"
