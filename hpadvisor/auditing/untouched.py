"""Open a setting that no run changed, where the changes that were made name nothing further."""

from __future__ import annotations

from collections.abc import Iterator

from hpadvisor.auditing.history import MOST_NEXT, rank, stepped
from hpadvisor.auditing.model import History, NextTraining
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.facts.searches.meaning import role_of
from hpadvisor.readers.searches.record import Parameter, Study


def with_untouched(history: History, study: Study, knowledge: Knowledge) -> History:
    """Name next trainings where a history names none, each a first step of a fixed setting.

    Only numbers whose role has a range in the tables are opened, and no step leaves the widest of
    its ranges: of others nobody can say how far a step goes.

    Args:
        history: As :func:`hpadvisor.auditing.history.history_of` returns it.
        study: The runs.
        knowledge: The rules, for roles and ranges.
    """
    if history.next or not history.runs:
        return history
    best = history.runs[0]
    found = [
        NextTraining(
            changes={one.name: value}, from_run=best.number,
            settings={**best.settings, one.name: value},
            reason=f"{one.name}: no run changed it",
        )
        for one in sorted(_opened(history, study, knowledge), key=rank)
        if (value := _first_step(one, history.untouched[one.name], knowledge)) is not None
    ]  # fmt: skip
    return history.model_copy(update={"next": found[:MOST_NEXT]})


def _opened(history: History, study: Study, knowledge: Knowledge) -> Iterator[Parameter]:
    vocabulary = knowledge.vocabulary()
    siblings = [*(one.name for one in study.parameters), *history.untouched]
    for name, value in history.untouched.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        one = Parameter(name, "int" if isinstance(value, int) else "float", observed=True)
        one.role = role_of(one, [value], siblings, vocabulary)
        known = vocabulary.types.get(one.role)
        if known is None or known.type == "categorical":
            continue
        one.scale, one.type = known.scale or "linear", known.type
        one.minimum, one.maximum = known.minimum, known.maximum
        yield one


def _first_step(parameter: Parameter, value: float, knowledge: Knowledge) -> int | float | None:
    """A step up, else down, that ends in the widest usual range; None where neither does."""
    lows = [r.low for r in knowledge.ranges if r.hyperparameter == parameter.role
            and r.low is not None]  # fmt: skip
    highs = [r.high for r in knowledge.ranges if r.hyperparameter == parameter.role
             and r.high is not None]  # fmt: skip
    off = parameter.scale == "log" and value <= 0  # a factor leads nowhere from zero
    if not lows or not highs or off:
        return None
    for side in (1, -1):
        new: int | float | None = stepped(parameter, value, side, None)
        if new is not None and min(lows) <= new <= max(highs):
            return new
    return None
