"""Search spaces written as short texts: Optuna, Hydra, Ray, Guild and Orion spellings.

``interval(a, b)``, ``tag(log, interval(a, b))``, ``range(a, b, step)``, ``choice(a, b)``,
``tune.loguniform(a, b)``, ``loguniform[a:b]``, ``[a:b]``, ``~loguniform(a, b)``, ``a,b,c``.
Read by patterns, never evaluated.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from hpadvisor.readers.scalars import as_number

_CALL = re.compile(
    r"\s*(?:~|orion~|suggest_)?\s*(?:(?:ray\.)?tune\.|np\.random\.|scipy\.stats\.)?([A-Za-z_]+)\s*\((.*)\)\s*\Z",
    re.DOTALL,
)
_GUILD = re.compile(r"\s*([a-z]*)\[([^\]:]+):([^\]:]+)(?::[^\]]*)?\]\s*\Z")
_MAX_TEXT = 4000
_MAX_NESTING = 6


class Distribution(NamedTuple):
    """What a text says about one parameter.

    Attributes:
        type: float, int or categorical.
        scale: log or linear.
        low: Low end; ``high`` the other one.
        choices: The values of a categorical.
        word: The distribution's own word, for messages.
    """

    type: str
    scale: str = "linear"
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    word: str = ""


_RANGES: dict[str, tuple[str, str]] = {
    "interval": ("float", "linear"),
    "uniform": ("float", "linear"),
    "quniform": ("float", "linear"),
    "loguniform": ("float", "log"),
    "log_uniform": ("float", "log"),
    "qloguniform": ("float", "log"),
    "reciprocal": ("float", "log"),
    "logint": ("int", "log"),
    "randint": ("int", "linear"),
    "qrandint": ("int", "linear"),
    "lograndint": ("int", "log"),
    "range": ("int", "linear"),
    "integer": ("int", "linear"),
    "float": ("float", "linear"),
    "int": ("int", "linear"),
}
_CHOICES = frozenset({"choice", "choices", "grid_search", "categorical", "sample_from_list"})
_PASS = frozenset({"shuffle", "sort", "glob"})


def parse_expression(text: str) -> Distribution | None:
    """Return the distribution that a text spells, or None where it spells a plain value."""
    return _parse(text, 0) if len(text) <= _MAX_TEXT else None


def _parse(text: str, depth: int) -> Distribution | None:
    if depth > _MAX_NESTING:
        return None
    guild = _GUILD.match(text)
    if guild:
        return _guild(guild)
    call = _CALL.match(text)
    if call is None:
        return _comma_list(text) if depth == 0 else None
    name, arguments = call[1].lower(), split_arguments(call[2])
    if name == "tag":
        return _tagged(arguments, depth)
    if name in _PASS and arguments:
        return _parse(arguments[0], depth + 1)
    if name in _CHOICES:
        return Distribution("categorical", choices=_values(arguments), word=name)
    if name in _RANGES:
        return _range(name, arguments)
    return None


def _guild(match: re.Match[str]) -> Distribution | None:
    word = match[1] or "uniform"
    low, high = as_number(match[2]), as_number(match[3])
    if low is None or high is None or word not in _RANGES:
        return None
    kind, scale = _RANGES[word]
    return Distribution(kind, scale, low, high, word=word)


def _tagged(arguments: list[str], depth: int) -> Distribution | None:
    inner = _parse(arguments[-1], depth + 1) if arguments else None
    if inner is None:
        return None
    scale = "log" if "log" in (word.strip() for word in arguments[:-1]) else inner.scale
    return Distribution(inner.type, scale, inner.low, inner.high, inner.choices, inner.word)


def _range(name: str, arguments: list[str]) -> Distribution | None:
    named = {
        key.strip(): value.strip()
        for key, sign, value in (item.partition("=") for item in arguments)
        if sign
    }
    numbers = [as_number(item.strip()) for item in arguments if "=" not in item]
    low = numbers[0] if numbers else as_number(named.get("low", named.get("lower")))
    high = numbers[1] if len(numbers) > 1 else as_number(named.get("high", named.get("upper")))
    if name == "range" and len(numbers) == 1:
        low, high = 0, numbers[0]
    if low is None or high is None:
        return None
    kind, scale = _RANGES[name]
    if name == "range" and not all(isinstance(number, int) for number in numbers):
        kind = "float"
    if (
        named.get("log", "").lower() == "true"
        or named.get("prior", "").strip("'\"") == "log-uniform"
    ):
        scale = "log"
    return Distribution(kind, scale, low, high, word=name)


def _comma_list(text: str) -> Distribution | None:
    parts = split_arguments(text)
    if len(parts) < 2 or any(not part.strip() for part in parts):
        return None
    return Distribution("categorical", choices=_values(parts), word="list")


def split_arguments(text: str) -> list[str]:
    """Split at commas that stand in no bracket or quote."""
    parts, depth, start, quote = [], 0, 0, ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    if text[start:].strip() or parts:
        parts.append(text[start:])
    return parts


def _values(parts: list[str]) -> tuple[Any, ...]:
    if len(parts) == 1 and parts[0].strip().startswith("["):
        parts = split_arguments(parts[0].strip()[1:-1])
    values = []
    for part in parts:
        word = part.strip()
        number = as_number(word)
        values.append(word.strip("'\"") if number is None else number)
    return tuple(values)
