"""What following a plan was worth on public tuning tables, from the benchmark's own figures.

The figures are generated (`python -m benchmarks.plans report`); no number here is typed by hand.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from hpadvisor.facts.facts import Facts
from hpadvisor.planning.model import Expectation

FILE = "expectations.json"


@cache
def measured() -> tuple[dict[str, Any], ...]:
    """Return the measured tables, each with its figures by budget."""
    source = files("hpadvisor.planning") / FILE
    if not source.is_file():
        return ()
    return tuple(json.loads(source.read_text(encoding="utf-8"))["tables"])


def expectations(facts: Facts) -> list[Expectation]:
    """Return what plans of this kind of training reached at the nearest budget that was measured.

    Args:
        facts: The kind of training and the trainings that fit. Nothing is expected where the
            user asked for another search than the one that was measured, or where the budget is
            below all that were measured.
    """
    fit = facts.get("budget.trainings_that_fit")
    other = ("search.strategy", "search.tune", "search.fixed")
    if fit is None or any(name in facts for name in other):
        return []
    if facts.get("budget.parallel", 1) > 1:
        return []  # measured one training after the other
    found = []
    for table in measured():
        figures = [f for f in table["figures"] if f["trainings"] <= fit]
        if table["kind"] == facts.get("training.kind") and figures:
            found.append(_expectation(table, figures[-1]))
    return found


def _expectation(table: dict[str, Any], figure: dict[str, Any]) -> Expectation:
    return Expectation(
        table=table["table"], tasks=table["tasks"], runs=table["runs"],
        trainings=figure["trainings"], against=figure["against"],
        as_good_as=figure.get("as_good_as"), wins=figure["wins"], verdict=figure["verdict"],
        regret=figure["plan_regret"], regret_against=figure["regret"],
        text=_text(table, figure),
    )  # fmt: skip


def _text(table: dict[str, Any], figure: dict[str, Any]) -> str:
    """Say it in a sentence, also where the plan was level or behind."""
    trainings, reached = figure["trainings"], figure.get("as_good_as")
    where = f"On {table['tasks']} public tasks ({table['table']}) such a plan"
    wins = f"better in {round(100 * figure['wins'])} % of {table['tasks'] * table['runs']} runs"
    default = f"Optuna's default search of {trainings} trainings"
    if figure["verdict"] == "behind":
        return f"{where} was behind {default} ({wins})."
    if figure["verdict"] == "ahead" and reached is not None and reached > trainings:
        return (
            f"{where} did in {trainings} trainings as well as Optuna's default search in "
            f"{reached}, or better ({wins} at {trainings} each)."
        )
    word = "ahead of" if figure["verdict"] == "ahead" else "level with"
    return f"{where} was {word} {default} ({wins})."
