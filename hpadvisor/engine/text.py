"""Texts of rules with facts filled in, and numbers as people write them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_EXACT = 2**53
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)+)\}")


def placeholders(text: str) -> Iterator[str]:
    """Yield the names in braces of a text."""
    for found in _PLACEHOLDER.finditer(text):
        yield found.group(1)


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Fill the names in braces; a name without a value becomes ``?``."""

    def replace(found: re.Match[str]) -> str:
        value = values.get(found.group(1))
        return "?" if value is None else human(value)

    return singular(_PLACEHOLDER.sub(replace, text))


_ONE = re.compile(
    r"(?<![\d.,×-])\b1 ((?:full )?)(training|trial|hour|epoch|hyperparameter|seed|fold|example|row"
    r"|step|value|finalist|token|weight)s\b"
)


def singular(text: str) -> str:
    """Return a text in which one of a thing is called one: ``1 trials`` → ``1 trial``."""
    return _ONE.sub(r"1 \1\2", text)


def named(text: str) -> str:
    """Show the names in braces as words, for a text without a situation: ``<learning rate>``."""

    def words(found: re.Match[str]) -> str:
        return f"<{found.group(1).rpartition('.')[2].replace('_', ' ')}>"

    return _PLACEHOLDER.sub(words, text)


def of_ten(share: float) -> str:
    """A share as a person says it: ``about 7 of 10``."""
    count = round(10 * share)
    if count >= 10:
        return "nearly all"
    if share < 0.05:
        return "hardly any of"
    return f"about {max(count, 1)} of 10"


def human(value: Any) -> str:
    """Write a value as a person would: ``3e-4``, ``0.05``, ``1,200``, ``yes``.

    Args:
        value: A scalar or a list of scalars.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list | tuple):
        return ", ".join(human(item) for item in value)
    return str(value)


def _number(value: float) -> str:
    if value == 0:
        return "0"
    try:
        value = float(value) if abs(value) > _EXACT else value
    except OverflowError:
        value = math.inf if value > 0 else -math.inf
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else f"{'-' * (value < 0)}infinity"
    size = abs(value)
    if size >= 1e7 or size < 1e-3:
        mantissa, exponent = f"{value:.2e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(exponent)}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
