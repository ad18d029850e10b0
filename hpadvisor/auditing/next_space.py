"""The next space: narrowed around the tie set, extended where the range was cut."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hpadvisor.auditing.model import NextParameter
from hpadvisor.engine.text import human
from hpadvisor.facts.searches.bounds import at_its_end
from hpadvisor.facts.searches.review import Review
from hpadvisor.facts.searches.table import from_unit, to_unit
from hpadvisor.readers.searches.record import Parameter

if TYPE_CHECKING:
    from hpadvisor.facts.searches.table import Floats

_LEAST_LEVELS = 2
_LEAST_GOOD = 5
_MARGIN = 0.15
_EXTENSION = 0.5
_LEAST_TRIED = 3
_SAME = 1e-6
_BY_STOPPING = ("epochs",)
"""What one long training with early stopping tells; searched, it is paid for trial by trial."""


def next_space(found: Review, *, wider: bool = False) -> list[NextParameter]:
    """Make the space of the next search.

    A number keeps the span of the good trials (the tie set, or the best tenth where that is
    larger) and a margin of 15 % of the old range on both sides; where scores rise towards a
    bound the range goes on by half its length beyond. What was hardly varied is not narrowed, and
    no range leaves what the user or the role allows. A choice is dropped only when it was tried
    often enough and is not among the good ones. A seed is left out.

    Args:
        found: The statistics of the search.
        wider: Whether a range also goes on where the best trials merely lie at its end.

    Returns:
        Nothing where fewer than ten trials are complete or pruned.
    """
    if len(found.judged) < 2 * _LEAST_GOOD:
        return []
    good = _good(found)
    seeds = _seeds(found)
    return [
        _choices(found, column, parameter, good)
        if not parameter.is_number
        else _number(found, column, parameter, good, sides_of(found, parameter, wider=wider))
        for column, parameter in enumerate(found.study.parameters)
        if parameter.name not in seeds
    ]


def sides_of(found: Review, parameter: Parameter, *, wider: bool) -> set[str]:
    """Return the sides on which a range is to go on."""
    ends = [*(found.bounds or []), *(found.ends if wider else [])]
    return {end.side for end in ends if end.parameter == parameter.name}


def _seeds(found: Review) -> set[str]:
    from hpadvisor.facts.searches.spending import suspicious_names

    return set(suspicious_names(found.study, "seed"))


def _good(found: Review) -> list[int]:
    order = (-found.judged.y).argsort(kind="stable")
    count = max(_LEAST_GOOD, len(found.ties), round(0.1 * len(found.judged)))
    return [int(index) for index in order[:count]]


def _best_value(found: Review, name: str) -> Any:
    value = found.judged.trials[found.judged.best].params.get(name)
    return value if _plain(value) else None


def _number(
    found: Review, column: int, parameter: Parameter, good: list[int], sides: set[str]
) -> NextParameter:
    import numpy as np

    tried = found.judged.units[:, column]
    units = found.judged.units[good, column]
    units = units[~np.isnan(units)]
    # A search of ours may have gone on beyond the planned range, inside the legal one.
    whole = (min(0.0, float(np.nanmin(tried, initial=0.0))),
             max(1.0, float(np.nanmax(tried, initial=1.0))))  # fmt: skip
    low, high = whole
    untried = any(one.parameter == parameter.name for one in found.hardly_varied)
    if len(units) >= _LEAST_GOOD and not untried:
        low = max(low, float(units.min()) - _MARGIN)
        high = min(high, float(units.max()) + _MARGIN)
    if "low" in sides:
        low = -max(beyond_of(parameter), _step_of(parameter, "low"))
    if "high" in sides:
        high = 1 + max(beyond_of(parameter), _step_of(parameter, "high"))
    ends = ends_of(parameter, low, high)
    change = "extended" if sides else "narrowed" if (low, high) != whole else "kept"
    reason = {
        "extended": _why_extended(found, parameter),
        "narrowed": f"the {len(units)} best trials lie inside",
        "kept": "hardly varied so far" if untried else "good values lie all over the range",
    }[change]
    if parameter.role in _BY_STOPPING:
        reason += "; better set it high and let early stopping decide"
    best = _best_value(found, parameter.name)
    levels = _levels(parameter, ends, sides)
    if levels:
        last = _at_last(parameter, units, sides)
        kept = change == "narrowed" and len(levels) == len(parameter.levels)
        return NextParameter(
            name=parameter.name, type="categorical", choices=list(levels), default=best,
            change="kept" if kept else change,
            reason=f"good values lie all over the choices{last}" if kept else f"{reason}{last}",
        )  # fmt: skip
    return NextParameter(
        name=parameter.name,
        type="int" if parameter.type == "int" else "float",
        low=ends[0],
        high=ends[1],
        scale="log" if parameter.scale == "log" else "linear",
        default=best,
        change=change,
        reason=reason,
    )


def _why_extended(found: Review, parameter: Parameter) -> str:
    rising = any(bound.parameter == parameter.name for bound in found.bounds or [])
    return "the scores rise towards the bound" if rising else "the best trial lies at that end"


def _at_last(parameter: Parameter, units: Floats, sides: set[str]) -> str:
    """That most good trials took the first or last of the listed values, beyond which none was."""
    for side, place, word in (("low", 0.0, "lowest"), ("high", 1.0, "highest")):
        count = int((abs(units - place) < _SAME).sum())
        if len(units) and 2 * count > len(units) and side not in sides | _closed(parameter):
            value = parameter.levels[0 if side == "low" else -1]
            of = f"{count} of the {len(units)} best" if count < len(units) else f"all {count} best"
            return f"; {of} took {human(value)}, the {word} tried"
    return ""


def _closed(parameter: Parameter) -> set[str]:
    return {side for side in ("low", "high") if at_its_end(parameter, side)}


def _levels(parameter: Parameter, ends: tuple[float, float], sides: set[str]) -> list[float]:
    """The choices that a user listed, inside the new range; one more where the scores rise.

    Returns:
        Nothing where any value between the ends will do; a lone choice keeps its neighbours.
    """
    levels = list(parameter.levels)
    if parameter.observed or len(levels) < 2:
        return []
    steps = {"low": (levels[0], levels[1]), "high": (levels[-1], levels[-2])}
    for side in sides:
        last, inner = steps[side]
        log = parameter.scale == "log" and min(last, inner) > 0
        beyond = last * last / inner if log else 2 * last - inner
        levels.append(float(f"{beyond:.3g}") if parameter.type == "float" else round(beyond))
    low, high = _allowed(parameter, *ends)
    legal = [one for one in sorted(set(levels)) if _allowed(parameter, one, one) == (one, one)]
    kept = [one for one in legal if low <= one <= high]
    if len(kept) == 1:  # its neighbours, so that there is something to choose
        place = legal.index(kept[0])
        kept = legal[max(place - 1, 0) : place + 2]
    whole = parameter.type == "int"
    return [int(one) if whole else one for one in kept] if len(kept) >= 2 else []


def beyond_of(parameter: Parameter) -> float:
    """How far to extend: half the range, on a log scale at most one decade."""
    low, high = parameter.low or 0.0, parameter.high or 0.0
    if parameter.scale != "log" or low <= 0 or high <= low:
        return _EXTENSION
    return min(_EXTENSION, 1 / math.log10(high / low))


def _step_of(parameter: Parameter, side: str) -> float:
    """The last step of few values, in shares of the range; at most a decade."""
    if len(parameter.levels) < _LEAST_LEVELS:
        return 0.0
    pair = parameter.levels[:2] if side == "low" else parameter.levels[-2:]
    near, far = (to_unit(parameter, level) for level in pair)
    if math.isnan(near) or math.isnan(far):
        return 0.0
    low, high = parameter.low or 0.0, parameter.high or 0.0
    decades = math.log10(high / low) if parameter.scale == "log" and 0 < low < high else 0.0
    return min(abs(far - near), 1 / decades) if decades else abs(far - near)


def ends_of(parameter: Parameter, low: float, high: float) -> tuple[float, float]:
    """Ends of the new range, rounded to what a person would write, and never past zero by it."""
    ends = [from_unit(parameter, low), from_unit(parameter, high)]
    old_low, old_high = parameter.low or 0.0, parameter.high or 0.0
    if old_low >= 0:
        ends[0] = max(0.0, ends[0])
    if parameter.scale != "log" and old_low >= 0 and old_high <= 1:
        # A share, as far as one can tell: go on towards 1 but not onto it (a momentum of 1 …).
        ends[1] = min(ends[1], 1 - (1 - old_high) / 4)
    if parameter.type == "int":
        # The logarithm of 128 comes back as 127.999…: what is nearly whole is that number.
        low_int, high_int = math.floor(round(ends[0], 6)), math.ceil(round(ends[1], 6))
        return _allowed(parameter, float(low_int), float(high_int))
    inside = [float(f"{end:.3g}") for end in ends]
    low_end = old_low if low == 0.0 else inside[0]
    high_end = old_high if high == 1.0 else inside[1]
    if parameter.scale == "log" and low_end <= 0:
        low_end = ends[0]
    return _allowed(parameter, low_end, high_end)


def _allowed(parameter: Parameter, low: float, high: float) -> tuple[float, float]:
    """Cut a range to what the user or the role of the parameter allows."""
    if parameter.minimum is not None:
        low = max(low, parameter.minimum)
    if parameter.maximum is not None:
        high = min(high, parameter.maximum)
    return low, high


def _choices(found: Review, column: int, parameter: Parameter, good: list[int]) -> NextParameter:
    units = found.judged.units
    kept = []
    for index, choice in enumerate(parameter.choices):
        tried = int((units[:, column] == index).sum())
        if tried < _LEAST_TRIED or bool((units[good, column] == index).any()):
            kept.append(choice)
    if len(kept) < 2:
        kept = list(parameter.choices)
    narrowed = len(kept) < len(parameter.choices)
    reason = f"the {len(good)} best trials use these" if narrowed else "good trials use all"
    return NextParameter(
        name=parameter.name,
        type="categorical",
        choices=[choice if _plain(choice) else str(choice) for choice in kept],
        default=_best_value(found, parameter.name),
        change="narrowed" if narrowed else "kept",
        reason=reason,
    )


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def inside(parameter: NextParameter, value: Any) -> bool:
    """Whether a value of an old trial lies in the new range."""
    if parameter.choices is not None:
        return value in parameter.choices
    if parameter.low is None or parameter.high is None:
        return True
    try:
        place = to_unit(
            Parameter("", "float", parameter.low, parameter.high, parameter.scale or "linear"),
            float(value),
        )
    except (TypeError, ValueError):
        return False
    return -1e-9 <= place <= 1 + 1e-9
