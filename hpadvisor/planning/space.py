"""Ranges of the rules, cut to what the user's code accepts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hpadvisor.engine.entries import Hyperparameter, Range
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import holding, most_specific
from hpadvisor.engine.text import human
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.model import Situation, UserHyperparameter
from hpadvisor.planning.listening import NEAR, Heard, listen
from hpadvisor.planning.model import Parameter
from hpadvisor.planning.values import accepts, is_number_for, legal_beyond, recommended_value

HALF_DECADE = NEAR
"""A present value this near to a log range is taken into it: its ends are no sharper."""


@dataclass(slots=True)
class Space:
    """Parameters that can be searched, by role or own name, with what was odd about them.

    ``refused``: what the user named and nothing may be tried of, the value it is held at, and why.
    """

    parameters: dict[str, Parameter] = field(default_factory=dict)
    ranges: dict[str, list[Range]] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, tuple[float, str]] = field(default_factory=dict)


def build_space(
    names: Sequence[str], situation: Situation, facts: Facts, knowledge: Knowledge
) -> Space:
    """Resolve the ranges of some hyperparameters.

    Args:
        names: Roles, or own names of hyperparameters without a role.
        situation: For the user's own names and legal values.
        facts: What is known; present values are ``training.<role>``.
        knowledge: The ranges.

    Returns:
        A parameter for each name that can be searched; the others are left out with a warning.
    """
    own = {item.role or item.name: item for item in situation.hyperparameters or []}
    space = Space()
    for name in names:
        entries = most_specific(
            holding([r for r in knowledge.ranges if r.hyperparameter == name], facts)
        )
        _add(space, name, entries, own.get(name), facts, knowledge.hyperparameter(name))
    return space


def _add(
    space: Space,
    name: str,
    entries: list[Range],
    user: UserHyperparameter | None,
    facts: Facts,
    vocabulary: Hyperparameter | None,
) -> None:
    warnings = space.warnings.setdefault(name, [])
    advised = _advised(name, entries, vocabulary, warnings)
    present = present_value(name, user, facts, warnings)
    heard = Heard() if advised is None else listen(advised, present, facts, vocabulary)
    if user is not None and _begins_above(space, user, heard):
        return
    parameter = _legal(name, advised, _typed(user, vocabulary), warnings)
    if parameter is None:
        return
    parameter.rules = [entry.id for entry in entries]
    parameter.legal = legal_beyond(parameter, user)
    if entries:
        start = entries[0].default if heard.start is None else heard.start
        parameter.recommended = recommended_value(parameter, start)
    if isinstance(present, str | int | float):
        parameter.today = present
    _start(parameter, present, warnings, stretch=not heard.refuted)
    if _has_choice(parameter):
        space.parameters[name] = parameter
        space.ranges[name] = entries


FEWEST_COUNTED = 2
"""Today's value from which a whole number says that whole numbers are meant; 0 and 1 may not."""


def _typed(
    user: UserHyperparameter | None, vocabulary: Hyperparameter | None
) -> UserHyperparameter | None:
    """Return what the user described, with its type where that is clear and nobody said it.

    A program that counts (``--hidden 64``) takes no fractions.
    """
    if user is None or user.type is not None or user.choices is not None:
        return user
    ends_whole = all(end is None or end.is_integer() for end in (user.low, user.high))
    counted = user.default
    if vocabulary is not None:
        whole = vocabulary.type == "int"
    else:
        whole = isinstance(counted, int) and counted >= FEWEST_COUNTED
    return user.model_copy(update={"type": "int"}) if whole and ends_whole else user


def _begins_above(space: Space, user: UserHyperparameter, heard: Heard) -> bool:
    """Whether the user's own range begins where today's value already fails: nothing to search."""
    if heard.below is None or user.low is None or user.low < heard.below:
        return False
    space.refused[user.name] = (
        user.low,
        f"today's value is too high, and your range begins at {human(user.low)}: held there; "
        "lower its low end",
    )
    return True


def _advised(
    name: str, entries: list[Range], vocabulary: Hyperparameter | None, warnings: list[str]
) -> Parameter | None:
    """Join the ranges of equal specificity: intersect them; an empty result is dissent."""
    if not entries:
        return None
    first = entries[0]
    kind = vocabulary.type if vocabulary else "float"
    if first.choices:
        return Parameter(
            name=name, role=name, type="categorical", choices=list(first.choices),
            default=first.default,
        )  # fmt: skip
    low, high = first.low, first.high
    for other in entries[1:]:
        if other.low is None or other.high is None or low is None or high is None:
            continue
        if max(low, other.low) >= min(high, other.high):
            warnings.append(
                f"{name}: {first.id} says {human(first.low)} to {human(first.high)}, {other.id} "
                f"says {human(other.low)} to {human(other.high)}; {first.id} is taken, being "
                "better evidenced"
            )
            continue
        low, high = max(low, other.low), min(high, other.high)
    number: Literal["float", "int"] = "int" if kind == "int" else "float"
    scale: Literal["log", "linear"] = "log" if first.scale == "log" else "linear"
    return Parameter(
        name=name, role=name, type=number, low=low, high=high, scale=scale,
        default=first.default, off=first.off,
    )  # fmt: skip


def _legal(
    name: str, advised: Parameter | None, user: UserHyperparameter | None, warnings: list[str]
) -> Parameter | None:
    """Cut an advised range to the values that the user's code accepts."""
    if user is None:
        if advised is None:
            warnings.append(f"{name}: no range is known for this training; give it low and high")
        return advised
    if user.choices is not None:
        return _legal_choices(user, advised)
    if advised is not None and advised.choices is not None:
        advised = _as_range(advised, user)
    if advised is None or advised.choices is not None:
        return advised or _only_user(user, warnings)
    low, high = _cut(user, advised, warnings)
    if low is None or high is None:
        return None
    parameter = advised.model_copy(update={"name": user.name, "low": low, "high": high})
    if user.type in ("int", "float"):
        parameter.type = user.type
    _round_ends(parameter)
    if parameter.off is not None and not accepts(user, parameter.off):
        parameter.off = None
    if user.scale == "linear" and parameter.scale == "log" and high / max(low, 1e-300) >= 10:
        warnings.append(
            f"{user.name}: searched on a log scale, because equal factors matter, not equal steps"
        )
    return parameter


def _legal_choices(user: UserHyperparameter, advised: Parameter | None) -> Parameter:
    """Keep the user's choices that lie in the advised range; all of them, if under two do."""
    choices: list[Any] = list(user.choices or [])
    kept = choices
    if advised is not None and advised.choices is not None:
        kept = [choice for choice in choices if choice in advised.choices]
    elif advised is not None and advised.low is not None and advised.high is not None:
        low, high = advised.low, advised.high
        kept = [
            choice
            for choice in choices
            if isinstance(choice, int | float) and (low <= choice <= high or choice == advised.off)
        ]
    if len(kept) < 2:
        kept = choices
    if user.default is not None and user.default not in kept:
        kept = [choice for choice in choices if choice in kept or choice == user.default]
    default = advised.default if advised is not None and advised.default in kept else kept[0]
    return Parameter(
        name=user.name, role=user.role, type="categorical", choices=kept, default=default
    )


def _as_range(advised: Parameter, user: UserHyperparameter) -> Parameter | None:
    """Turn advised choices of numbers into the range they span, for a user who has bounds."""
    numbers = [c for c in advised.choices or [] if isinstance(c, int | float) and c is not True]
    if user.low is None and user.high is None:
        return advised.model_copy(update={"name": user.name})
    if len(numbers) < 2 or len(numbers) < len(advised.choices or []):
        return None
    low, high = float(min(numbers)), float(max(numbers))
    whole = all(isinstance(number, int) for number in numbers)
    return Parameter(
        name=user.name, role=advised.role, type="int" if whole else "float", low=low, high=high,
        scale="log" if low > 0 and high / low >= 10 else "linear", default=advised.default,
    )  # fmt: skip


def _only_user(user: UserHyperparameter, warnings: list[str]) -> Parameter | None:
    """Take the user's own bounds where no range of numbers is known."""
    if user.low is None or user.high is None or user.low >= user.high:
        if user.low is None or user.high is None:
            warnings.append(f"{user.name}: no range is known; give it low and high, or choices")
        return None
    wide = user.low > 0 and user.high / user.low >= 100
    scale = user.scale or ("log" if wide else "linear")
    middle = math.sqrt(user.low * user.high) if scale == "log" else (user.low + user.high) / 2
    kind: Literal["float", "int"] = "int" if user.type == "int" else "float"
    parameter = Parameter(
        name=user.name, role=user.role, type=kind, low=user.low, high=user.high, scale=scale,
        default=round(middle) if kind == "int" else middle,
    )  # fmt: skip
    _round_ends(parameter)
    if isinstance(user.default, int | float) and user.low <= user.default <= user.high:
        parameter.default = user.default
    return parameter


def _cut(
    user: UserHyperparameter, advised: Parameter, warnings: list[str]
) -> tuple[float | None, float | None]:
    low, high = advised.low, advised.high
    if low is None or high is None:
        return None, None
    legal_low = low if user.low is None else max(low, user.low)
    legal_high = high if user.high is None else min(high, user.high)
    if legal_low < legal_high:
        return legal_low, legal_high
    if user.low is not None and user.high is not None and user.low < user.high:
        warnings.append(
            f"{user.name}: your legal values {human(user.low)} to {human(user.high)} lie outside "
            f"the usual {human(low)} to {human(high)}; yours are searched"
        )
        positive = user.low if user.low > 0 else user.high / 1000
        return (positive if advised.scale == "log" else user.low), user.high
    return None, None


def _round_ends(parameter: Parameter) -> None:
    if parameter.type == "int" and parameter.low is not None and parameter.high is not None:
        parameter.low = float(math.ceil(parameter.low - 1e-9))
        parameter.high = float(math.floor(parameter.high + 1e-9))


def _start(parameter: Parameter, present: Any, warnings: list[str], *, stretch: bool) -> None:
    """Set where the search starts: the present value, else the default, inside the range.

    With ``stretch`` a range is widened to a present value that lies near.
    """
    if parameter.choices is not None:
        if present in parameter.choices:
            parameter.default = present
        return
    low, high = parameter.low, parameter.high
    if low is None or high is None:
        return
    if is_number_for(parameter, present):
        _extend_to(parameter, float(present), warnings, stretch=stretch)
        low, high = parameter.low or low, parameter.high or high
    default = parameter.default
    if not isinstance(default, int | float) or default == parameter.off:
        return
    clipped = min(max(default, low), high)
    parameter.default = round(clipped) if parameter.type == "int" else clipped


def _extend_to(
    parameter: Parameter, present: float, warnings: list[str], *, stretch: bool
) -> None:
    """Take a present value into the range when it is near; warn of it when it is not taken."""
    low, high = float(parameter.low or 0), float(parameter.high or 0)
    if low <= present <= high or present == parameter.off:
        parameter.default = int(present) if parameter.type == "int" else present
        return
    near = (
        stretch and parameter.scale == "log" and low / HALF_DECADE <= present <= high * HALF_DECADE
    )
    if near:
        parameter.low, parameter.high = min(low, present), max(high, present)
        parameter.default = int(present) if parameter.type == "int" else present
        return
    warnings.append(
        f"{parameter.name}: today's {human(present)} lies outside {human(low)} to {human(high)}; "
        "the search goes on inside"
    )


def present_value(
    name: str, user: UserHyperparameter | None, facts: Facts, warnings: list[str] | None = None
) -> Any:
    """Return today's value, or None where nobody said it or the user's code refuses it."""
    default = None if user is None else user.default
    present = facts.get(f"training.{name}", default)
    if name == "batch_size" and _above(present, facts.get("data.train_examples")):
        if warnings is not None:
            examples = human(facts.get("data.train_examples"))
            warnings.append(
                f"{name}: a batch of {human(present)} is more than {examples} examples"
            )
        return None
    if user is None or present is None or accepts(user, present):
        return present
    if warnings is not None:
        legal = human(user.choices) if user.choices else f"{_end(user.low)} to {_end(user.high)}"
        warnings.append(
            f"{user.name}: today's {human(present)} is not among your legal values ({legal}); "
            "the search starts without it"
        )
    return None


def _above(present: Any, limit: Any) -> bool:
    numbers = isinstance(present, int | float) and isinstance(limit, int | float)
    return bool(numbers and present > limit)


def _end(value: float | None) -> str:
    return "any" if value is None else human(value)


def _has_choice(parameter: Parameter) -> bool:
    if parameter.choices is not None:
        return len(parameter.choices) > 1
    low, high = parameter.low, parameter.high
    return low is not None and high is not None and low < high
