"""Raw scalars to numbers that can be computed with, or the reason why not.

Every value of a user's file passes one of these before arithmetic meets it. A number of more than
a hundred digits is no figure of any training, and its square or its inverse may be none at all.
"""

from __future__ import annotations

import math
import re
from typing import Any

LARGEST = 1e100
"""Numbers beyond are not computed with: their squares and ratios stay finite below."""
SMALLEST = 1e-100
"""Numbers nearer to zero, but for zero itself, are not computed with."""
_EXACT = 2**53
_MAX_DIGITS = 400
_TEXT = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*\Z", re.ASCII)


def unusable(value: Any) -> str:
    """Say why a number cannot be computed with; an empty text for numbers that can.

    Args:
        value: An int or a float; whatever else it is, is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "no number"
    if isinstance(value, float) and not math.isfinite(value):
        return "not finite"
    if abs(value) > LARGEST:
        return "too large to compute with"
    if value and abs(value) < SMALLEST:
        return "too near to zero to compute with"
    return ""


def usable(value: Any) -> int | float | None:
    """Return a number that can be computed with; None for everything else.

    Whole numbers that a float does not hold exactly become floats.
    """
    if unusable(value):
        return None
    number: int | float = value
    return float(number) if abs(number) > _EXACT else number


def spelled(text: str) -> int | float | None:
    """Return the usable number that a text spells in decimal digits; None for other texts."""
    if len(text) > _MAX_DIGITS or _TEXT.match(text) is None:
        return None
    plain = text.strip()
    return usable(int(plain) if plain.lstrip("+-").isdigit() else float(plain))


def score(value: Any) -> float | None:
    """Return a score, which may be infinite or NaN where a training diverged; None for no number.

    Args:
        value: A number, or a text that spells one.
    """
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except OverflowError:
        return math.inf if isinstance(value, int) and value > 0 else -math.inf
    except ValueError:
        return None
    if abs(number) > LARGEST:
        return math.copysign(math.inf, number)
    return 0.0 if 0 < abs(number) < SMALLEST else number
