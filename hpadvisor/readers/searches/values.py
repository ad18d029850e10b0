"""Texts to values, directions from names, ranges from trials: what several readers share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.numbers import score, spelled, usable
from hpadvisor.readers.searches.asking import audit_command
from hpadvisor.readers.searches.record import (
    Parameter,
    ReadOptions,
    State,
    Trial,
)
from hpadvisor.readers.searches.scores import direction_of_score, rank
from hpadvisor.readers.searches.settling import settled_value

NO_DIRECTION = 9
_FEW_CHOICES = 5
_FEW_LEVELS = 12
_LOG_RATIO = 50.0


def parse(text: Any) -> Any:
    """Turn the text of a value into bool, None, int or float where it reads as one."""
    if not isinstance(text, str):
        return text
    stripped = text.strip()
    lowered = stripped.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    if lowered in ("none", "null", ""):
        return None
    number = spelled(stripped)
    return stripped if number is None else number


def number(value: Any) -> float | None:
    """Turn a value into a float, which may be NaN or infinite; None where it is no number."""
    return score(value)


def timestamp(text: Any) -> float | None:
    """Turn an ISO time, with or without a zone (then UTC), or seconds, into seconds since 1970."""
    if isinstance(text, int | float):
        return score(text)
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return number(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.timestamp()
    except (OverflowError, ValueError):  # the year 1 or 9999, shifted by its zone
        return None


def direction_of(name: str, options: ReadOptions, path: str | Path, notes: list[str]) -> str:
    """Take the direction that the user said, or the one that the score's name tells.

    Raises:
        UserError: neither says it.
    """
    if options.direction:
        return options.direction
    found = direction_of_score(name)
    if found:
        notes.append(f"The direction ({found}) was taken from the score's name, '{name}'.")
        return found
    raise UserError(
        f"does not say whether '{name}' should rise or fall",
        path=path,
        remedy=f"Add it: {_with_direction(name, options, path)} (or minimize).",
    )


def _with_direction(name: str, options: ReadOptions, path: str | Path) -> str:
    flags = ("--objective", name, "--direction", "maximize")
    return audit_command(path, *flags, given=options)


def choose_metric(
    names: Iterable[str],
    options: ReadOptions,
    path: str | Path,
    notes: list[str] | None = None,
) -> str:
    """Choose the score among the names that were recorded: the user's, else the likeliest.

    Args:
        names: What was recorded, repeated or not.
        options: What the user says, and what names mean.
        path: The file, for messages.
        notes: Gets a sentence where there were several and none was named.

    Raises:
        UserError: none, or several and none chosen, or no such name.
    """
    found = sorted(set(names))
    listed = ", ".join(found[:20]) + (", …" if len(found) > 20 else "")
    if options.objective:
        if options.objective in found:
            return options.objective
        raise UserError(
            f"no score '{options.objective}'",
            path=path,
            remedy=f"There are: {listed}." if found else "No score was recorded.",
        )
    if len(found) == 1:
        return found[0]
    if not found:
        raise UserError("records no score", path=path, remedy="Log the score of each trial.")
    ranks = {name: rank(name) for name in found}
    best = [name for name in found if ranks[name] == min(ranks.values())]
    if len(best) > 1 or ranks[best[0]] >= NO_DIRECTION:
        raise UserError(
            f"records several scores and does not say which was optimised: {', '.join(best[:20])}",
            path=path,
            remedy=f"Name it: {audit_command(path, '--objective', best[0], given=options)}",
        )
    if notes is not None:
        others = ", ".join(name for name in found if name != best[0])
        notes.append(f"The score is {best[0]}; there are {others} too (--objective).")
    return best[0]


def observed_space(trials: list[Trial], names: Iterable[str] = ()) -> list[Parameter]:
    """Take ranges from what the trials took, for want of a stated space.

    A parameter that never changed is left out. Numbers that took few values keep these as their
    levels; words and switches are choices.
    """
    wanted = list(names) or list(dict.fromkeys(name for t in trials for name in t.params))
    found = []
    for name in wanted:
        values = [trial.params[name] for trial in trials if name in trial.params]
        parameter = _observed(name, values)
        if parameter is not None:
            found.append(parameter)
    return found


def _observed(name: str, values: list[Any]) -> Parameter | None:
    hashable = list(map(settled_value, values))
    distinct = list(dict.fromkeys(value for value in hashable if value is not None))
    if len(distinct) + (None in hashable) < 2:
        return None
    numbers = [float(found) for value in distinct if (found := usable(value)) is not None]
    if len(numbers) < len(distinct) or len(numbers) < 2:
        distinct = list(dict.fromkeys(hashable))
        try:
            distinct.sort()
        except TypeError:
            distinct.sort(key=str)
        return Parameter(name, "categorical", choices=tuple(distinct), observed=True)
    whole = all(isinstance(value, int) for value in distinct)
    few = len(numbers) <= _FEW_LEVELS and 2 * len(numbers) <= max(len(values), 2 * _FEW_CHOICES)
    return Parameter(
        name,
        "int" if whole else "float",
        min(numbers),
        max(numbers),
        scale_by_shape([number(value) or 0.0 for value in hashable if value is not None]),
        observed=True,
        levels=tuple(sorted(numbers)) if few else (),
    )


def scale_by_shape(values: list[float]) -> str:
    """Tell the scale on which values lie more evenly, ``log`` or ``linear``.

    The largest gap between the distribution of the values and an even one (Kolmogorov's distance)
    is compared on both scales. Where there is zero or less, only a linear scale will do.
    """
    distinct = sorted(set(values))
    if len(distinct) < 3 or distinct[0] <= 0:
        wide = bool(distinct) and distinct[0] > 0 and distinct[-1] / distinct[0] >= _LOG_RATIO
        return "log" if wide and len(distinct) == 2 else "linear"
    logs = [math.log(value) for value in distinct]
    return "log" if _unevenness(logs) < _unevenness(distinct) - 1e-9 else "linear"


def _unevenness(values: list[float]) -> float:
    low, high, count = values[0], values[-1], len(values)
    return max(
        abs((value - low) / (high - low) - place / (count - 1))
        for place, value in enumerate(values)
    )


def repeat(trial: Trial, scores: Iterable[tuple[str, float | None]]) -> None:
    """Give a trial the scores of its repetitions, by seed; its value becomes their mean.

    Args:
        trial: The configuration.
        scores: Seed and score of each repetition that ended well.
    """
    known = [(seed, score) for seed, score in scores if score is not None]
    if not known:
        return
    trial.state = State.COMPLETE
    trial.value = sum(score for _, score in known) / len(known)
    if len(known) > 1:
        trial.replicates = tuple(score for _, score in known)
        seeds = tuple(seed for seed, _ in known)
        trial.seeds = seeds if all(seeds) and len(set(seeds)) == len(seeds) else ()


def mark_partial(trials: list[Trial]) -> None:
    """Mark finished trials that ended before the longest one as pruned."""
    longest = max((t.steps[-1] for t in trials if t.steps), default=0)
    for trial in trials:
        if trial.state is State.COMPLETE and trial.steps and trial.steps[-1] < longest:
            trial.state = State.PRUNED


def finite(value: float | None) -> bool:
    """Whether there is a value and it is a finite number."""
    return value is not None and math.isfinite(value)
