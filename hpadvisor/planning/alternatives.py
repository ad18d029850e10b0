"""What another budget would change, in a line."""

from __future__ import annotations

from collections.abc import Sequence

from hpadvisor.engine.text import human
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.model import Parameter, Step


def budget_words(facts: Facts, factor: float) -> str:
    """Return a scaled budget in hours, or in trainings where the hours are unknown."""
    hours = facts.get("budget.hours")
    if hours is not None:
        return f"{human(round(hours * factor, 1))} h"
    return f"{int(facts.get('budget.trainings_that_fit', 0) * factor)} trainings"


def summary_of(
    steps: Sequence[Step], parameters: Sequence[Parameter], today: Sequence[Parameter]
) -> str:
    """Return what a plan would do, and which hyperparameters it gains or loses."""
    if not steps:
        return "pays for no search"
    parts = []
    fixes = [step for step in steps if step.kind == "fix"]
    trials = sum(step.trials for step in steps if step.kind == "search")
    if fixes:
        parts.append(f"{len(fixes)} to fix" if len(fixes) > 1 else "the fix")
    if trials:
        folds = max(step.folds for step in steps)
        tried = "1 trial" if trials == 1 else f"{trials} trials"
        tried += f" × {folds} folds" if folds > 1 else ""
        parts.append(f"{tried} over {len(parameters)} hyperparameter{_s(parameters)}")
    confirms = [step for step in steps if step.kind == "confirm"]
    if confirms:
        parts.append(f"{confirms[0].trials} finalists on {confirms[0].seeds} fresh seeds")
    summary = ", ".join(parts)
    names, before = [p.name for p in parameters], [p.name for p in today]
    gained = [name for name in names if name not in before]
    lost = [name for name in before if name not in names]
    if gained and trials:
        summary += f"; adds {_list(gained)}"
    if lost and trials:
        summary += f"; without {_list(lost)}"
    return summary


def _s(items: Sequence[object]) -> str:
    return "" if len(items) == 1 else "s"


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
