"""What readers made of a search, settled: every value of the kind that the record promises.

Engines write what users log, and files are edited, torn and damaged. After this one place numbers
are numbers that can be computed with, scores may be NaN or infinite, and nothing else is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hpadvisor.readers.numbers import score, usable
from hpadvisor.readers.searches.record import Parameter, Study, Trial

_LONGEST_TEXT = 500
_MOST_PARTS = 100


def settle(study: Study) -> None:
    """Settle the values of a study in place; parameters that cannot be are left out with a note.

    Args:
        study: As a reader made it.
    """
    study.name, study.metric = _text(study.name), _text(study.metric)
    for parameter in list(study.parameters):
        if not _settle_parameter(parameter):
            study.parameters.remove(parameter)
            note = f"The range of '{parameter.name}' is impossible and was left out."
            study.notes.append(note)
    for trial in study.trials:
        _settle_trial(trial)


def _settle_parameter(parameter: Parameter) -> bool:
    """Settle a parameter; whether it can be one."""
    parameter.name = _text(parameter.name)
    if not parameter.is_number:
        parameter.choices = tuple(settled_value(choice) for choice in parameter.choices)
        return True
    low, high = usable(parameter.low), usable(parameter.high)
    parameter.low, parameter.high = low, high
    parameter.step = usable(parameter.step)
    if low is None or high is None or low > high:
        return False
    return not (parameter.scale == "log" and low <= 0)


def _settle_trial(trial: Trial) -> None:
    trial.params = {_text(name): settled_value(value) for name, value in trial.params.items()}
    trial.value = score(trial.value)
    trial.steps, trial.values = _curve(trial.steps, trial.values)
    trial.replicates = tuple(_scores(trial.replicates))
    trial.splits = tuple(_scores(trial.splits))
    trial.start, trial.end = _finite(trial.start), _finite(trial.end)
    trial.seconds = _finite(trial.seconds)


def _curve(steps: Sequence[Any], values: Sequence[Any]) -> tuple[Sequence[float], Sequence[float]]:
    """Keep the points whose step is a number that can be computed with."""
    if not len(steps):
        return (), ()
    points = [
        (float(step), found)
        for raw, value in zip(steps, values, strict=False)
        if (step := usable(raw)) is not None and (found := score(value)) is not None
    ]
    return [step for step, _ in points], [value for _, value in points]


def _scores(values: Sequence[Any]) -> list[float]:
    return [found for value in values if (found := score(value)) is not None]


def _finite(value: Any) -> float | None:
    found = usable(value)
    return None if found is None else float(found)


def _text(value: Any) -> str:
    """Return a name as a text that every encoding holds."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def settled_value(value: Any) -> Any:
    """Return a hyperparameter's value: a bool, a number, a text; a list as a tuple."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        known = usable(value)
        if known is not None:
            return known
        return value if isinstance(value, float) and math.isinf(value) else str(value)[:40]
    if isinstance(value, list | tuple) and len(value) <= _MOST_PARTS:
        return tuple(settled_value(item) for item in value)
    return _text(str(value)[:_LONGEST_TEXT])
