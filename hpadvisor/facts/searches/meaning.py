"""What a study's parameters are: role, scale, and what no proposal may leave.

A table holds names and values only. The role (by the tables of hyperparameters) tells the scale
and the sense of a value, never the smallest draw; what the study's own memory or ``--space``
states comes before that.
"""

from __future__ import annotations

import math
from typing import Any

from hpadvisor.facts.configs.roles import is_boosting_name
from hpadvisor.facts.searches.names import canonical
from hpadvisor.facts.vocabulary import Vocabulary
from hpadvisor.readers.searches.record import Memory, Parameter, Study
from hpadvisor.readers.searches.values import scale_by_shape

_LABELS = ("id", "type", "kind", "version", "model", "mode", "fold", "index")
_CLASSIC = ("c", "kernel", "degree", "coef0", "svc__c")
_LEAST_DISCOUNT = 0.5


def give_meaning(study: Study, vocabulary: Vocabulary) -> None:
    """Give each parameter of a study its role, scale and limits, in place.

    Args:
        study: As it was read.
        vocabulary: The names and types of the tables.
    """
    siblings = [parameter.name for parameter in study.parameters]
    for place, parameter in enumerate(study.parameters):
        values = [t.params[parameter.name] for t in study.trials if parameter.name in t.params]
        number = _ordered(parameter)
        told = study.memory.roles.get(parameter.name)
        number.role = told or role_of(number, values, siblings, vocabulary)
        if number.is_number:
            _scale(number, values, vocabulary)
            _limits(number, values, vocabulary)
            _remembered(number, study.memory)
        study.parameters[place] = number
    _drop_twins(study)
    names = {parameter.name for parameter in study.parameters}
    study.fixed = {**study.fixed, **_constant(study, names)}


def _drop_twins(study: Study) -> None:
    """Leave out what says the same as another parameter of its role in every trial.

    Configs name one value twice (``training/lr`` and ``optimizer/lr``); of a stated space both
    are the user's wish.
    """
    first: dict[str, tuple[Parameter, list[Any]]] = {}
    for parameter in list(study.parameters):
        values = [trial.params.get(parameter.name) for trial in study.trials]
        twin, same = first.setdefault(parameter.role or parameter.name, (parameter, values))
        if twin is parameter or not parameter.observed or values != same:
            continue
        study.parameters.remove(parameter)
        for trial in study.trials:
            trial.params.pop(parameter.name, None)
        study.notes.append(
            f"{parameter.name} says the same as {twin.name} in every trial and was left out."
        )


def _ordered(parameter: Parameter) -> Parameter:
    """A choice among numbers as a number with levels: it has an order, ends and a distance."""
    choices = parameter.choices
    words = parameter.name.lower().replace("-", "_").split("_")
    plain = all(isinstance(c, int | float) and not isinstance(c, bool) for c in choices)
    if parameter.is_number or len(choices) < 2 or not plain or set(words) & set(_LABELS):
        return parameter
    levels = tuple(sorted({float(choice) for choice in choices}))
    if len(levels) < 2 or not all(map(math.isfinite, levels)):
        return parameter
    kind = "int" if all(isinstance(c, int) for c in choices) else "float"
    return Parameter(
        parameter.name,
        kind,
        levels[0],
        levels[-1],
        scale_by_shape(list(levels)),
        observed=parameter.observed,
        levels=levels,
    )


def role_of(
    parameter: Parameter, values: list[Any], siblings: list[str], vocabulary: Vocabulary
) -> str:
    """The role of a parameter, empty where nobody knows or its values speak against it.

    A name alone misleads: a ``gamma`` beside a kernel is no discount, and a warmup of 500 no
    share of the training.
    """
    role = canonical(parameter.name, vocabulary)
    known = vocabulary.types.get(role)
    if known is None:
        return ""
    if role == "discount" and _no_discount(values, siblings):
        boosted = any(is_boosting_name(name) or name == "max_depth" for name in siblings)
        return "min_split_gain" if boosted and "min_split_gain" in vocabulary.types else ""
    numbers = [value for value in values if _is_number(value)]
    numbers += [end for end in (parameter.low, parameter.high) if end is not None]
    if known.type == "categorical":
        return "" if numbers and parameter.is_number else role
    if not parameter.is_number:
        return role
    low = -math.inf if known.minimum is None else known.minimum
    high = math.inf if known.maximum is None else known.maximum
    return role if all(low <= value <= high for value in numbers) else ""


def _no_discount(values: list[Any], siblings: list[str]) -> bool:
    if any(name.lower() in _CLASSIC or is_boosting_name(name) for name in siblings):
        return True
    return any(_is_number(value) and not _LEAST_DISCOUNT <= value <= 1 for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _scale(parameter: Parameter, values: list[Any], vocabulary: Vocabulary) -> None:
    """The scale of a range that nobody stated: the role's; the shape of the values without one."""
    known = vocabulary.types.get(parameter.role)
    if known is None or not known.scale or not (parameter.observed or parameter.levels):
        return
    if known.scale == "linear":
        parameter.scale = "linear"
        return
    positive = [float(value) for value in values if _is_number(value) and value > 0]
    positive = positive or [level for level in parameter.levels if level > 0]
    if len(set(positive)) < 2:
        parameter.scale = "linear"
        return
    parameter.scale = "log"
    if (parameter.low or 0.0) <= 0:  # zero switches it off, and stands beside the range
        parameter.low = min(positive)
        parameter.levels = tuple(level for level in parameter.levels if level > 0)


def _limits(parameter: Parameter, values: list[Any], vocabulary: Vocabulary) -> None:
    known = vocabulary.types.get(parameter.role)
    if known is not None and known.type != "categorical":
        parameter.minimum, parameter.maximum = known.minimum, known.maximum
        if known.type == "int" and all(isinstance(v, int) or v == int(v) for v in _sane(values)):
            parameter.type = "int"
        return
    if parameter.low is not None and parameter.low >= 0:
        parameter.minimum = 0.0  # nobody searches on both sides of zero by chance
        if _is_share(parameter):
            parameter.maximum = 1.0


def _sane(values: list[Any]) -> list[Any]:
    return [value for value in values if _is_number(value) and math.isfinite(value)]


def _is_share(parameter: Parameter) -> bool:
    """Whether a range on a linear scale is one of a share, as far as one can tell."""
    high = parameter.high or 0.0
    return parameter.type == "float" and parameter.scale != "log" and 0.05 < high <= 1


def _remembered(parameter: Parameter, memory: Memory) -> None:
    """The user's own bounds, as the search wrote them down."""
    low, high = memory.limits.get(parameter.name, (None, None))
    choices = [c for c in memory.choices.get(parameter.name, []) if _is_number(c)]
    if choices:
        low, high = min(choices), max(choices)
    if low is not None:
        parameter.minimum = float(low)
    if high is not None:
        parameter.maximum = float(high)


def _constant(study: Study, searched: set[str]) -> dict[str, Any]:
    """Settings that every trial has alike; what belongs to some models alone is left out."""
    given = [trial.params for trial in study.trials if trial.params]
    first = given[0] if given else {}
    return {
        name: value
        for name, value in first.items()
        if name not in searched and all(name in params for params in given)
    }
