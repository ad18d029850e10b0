"""Run times as people and engines write them, to seconds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

_UNITS = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0, "ms": 0.001,
}  # fmt: skip
_COLUMNS = {
    "duration": 1.0, "runtime": 1.0, "elapsed": 1.0, "seconds": 1.0, "time_s": 1.0,
    "time_total_s": 1.0, "wall_time": 1.0, "walltime": 1.0, "train_time": 1.0,
    "training_time": 1.0, "train_runtime": 1.0, "total_time": 1.0, "_runtime": 1.0,
    "duration_s": 1.0, "duration_seconds": 1.0, "runtime_s": 1.0, "fit_time": 1.0, "time": 1.0,
    "minutes": 60.0, "duration_min": 60.0, "time_min": 60.0, "runtime_min": 60.0,
    "hours": 3600.0, "duration_h": 3600.0, "time_h": 3600.0, "runtime_h": 3600.0,
}  # fmt: skip
_CLOCK = re.compile(
    r"(?:(?P<days>\d+)\s*(?:days?|d)[,\s]*)?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d+)?)"
)
_SHORT_CLOCK = re.compile(r"(?P<minutes>\d{1,3}):(?P<seconds>\d\d(?:\.\d+)?)")
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)


def seconds(text: str, unit: float = 1.0) -> float | None:
    """Read a run time: a number of ``unit``, ``1 days 02:03:04``, ``1h 20m``, ``83.2s``.

    Args:
        text: As it is written.
        unit: Seconds of one, where a number stands alone.

    Returns:
        Seconds, or None where it is no run time.
    """
    stripped = text.strip()
    try:
        plain = float(stripped) * unit
        return plain if math.isfinite(plain) and plain >= 0 else None
    except ValueError:
        pass
    for pattern in (_CLOCK, _SHORT_CLOCK):
        clock = pattern.fullmatch(stripped)
        if clock is not None:
            parts = {name: float(value) for name, value in clock.groupdict().items() if value}
            sizes = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}
            return sum(sizes[name] * value for name, value in parts.items())
    found = _PART.findall(stripped)
    if not found or _PART.sub("", stripped).strip(" ,"):
        return None
    if any(word.lower() not in _UNITS for _, word in found):
        return None
    return sum(float(value) * _UNITS[word.lower()] for value, word in found)


def seconds_of(row: Mapping[str, str]) -> float | None:
    """The run time of a row of a table, by the usual names of its column (lower case)."""
    for name, unit in _COLUMNS.items():
        cell = row.get(name)
        if cell:
            found = seconds(cell, unit)
            if found is not None:
                return found
    return None
