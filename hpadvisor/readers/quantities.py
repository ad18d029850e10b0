"""Quantities as people write them: ``2d``, ``90min``, ``50k``, ``1.2B``, ``5%``."""

from __future__ import annotations

import re

from hpadvisor.readers.numbers import unusable
from hpadvisor.visible import shortened

_NUMBER = r"[-+]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PART = re.compile(rf"\s*({_NUMBER})\s*([a-zA-Zµ%]*)\s*")

_HOURS = {
    "ms": 1 / 3_600_000,
    "s": 1 / 3600, "sec": 1 / 3600, "secs": 1 / 3600, "second": 1 / 3600, "seconds": 1 / 3600,
    "m": 1 / 60, "min": 1 / 60, "mins": 1 / 60, "minute": 1 / 60, "minutes": 1 / 60,
    "h": 1.0, "hr": 1.0, "hrs": 1.0, "hour": 1.0, "hours": 1.0,
    "d": 24.0, "day": 24.0, "days": 24.0,
    "w": 168.0, "week": 168.0, "weeks": 168.0,
}  # fmt: skip
_FACTORS = {"k": 1e3, "m": 1e6, "mio": 1e6, "b": 1e9, "g": 1e9, "bn": 1e9, "t": 1e12, "%": 0.01}


def hours(text: str) -> float:
    """Read a duration, in hours; a bare number is hours already.

    Args:
        text: Such as ``2d``, ``90min``, ``1h30m``, ``0.5``.

    Raises:
        ValueError: it is no duration.
    """
    total, rest = 0.0, text.strip()
    if not rest:
        raise ValueError("an empty duration")
    while rest:
        found = _PART.match(rest)
        if found is None:
            raise ValueError(f"'{text}' is no duration; write 90min, 2h30m or 3d")
        unit = found.group(2).lower()
        if unit and unit not in _HOURS:
            raise ValueError(f"'{found.group(2)}' is no unit of time; write s, min, h, d or w")
        total += _float(found.group(1), text) * _HOURS.get(unit, 1.0)
        rest = rest[found.end() :]
    return total


def number(text: str) -> float:
    """Read a number with an optional suffix: k, M, B, T or %.

    Raises:
        ValueError: it is no number.
    """
    found = _PART.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is no number; write 50000, 50k or 1.2e6")
    suffix = found.group(2).lower()
    if suffix and suffix not in _FACTORS:
        raise ValueError(f"'{found.group(2)}' is no suffix of a number; write k, M, B, T or %")
    return _float(found.group(1), text) * _FACTORS.get(suffix, 1.0)


def _float(digits: str, text: str) -> float:
    value = float(digits.replace(",", "").replace("_", ""))
    if why := unusable(value):
        raise ValueError(f"'{shortened(text)}' is {why}")
    return value
