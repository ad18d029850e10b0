"""A YAML document as plain values, from a file that somebody else wrote."""

from __future__ import annotations

from typing import Any

MOST_CHARACTERS = 4_000_000
MOST_VALUES = 200_000
"""Values that a document may stand for, those behind an alias counted each time."""


class PlainYamlError(ValueError):
    """A document that cannot be read, or stands for too much.

    Attributes:
        line: One-based line of the fault; None where it is not known.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


def load_plain_yaml(text: str) -> Any:
    """Read one document by PyYAML's safe loader.

    Raises:
        PlainYamlError: it is broken, too large, nested too deeply, holds a scalar that PyYAML's
            own constructors break on (``0b_``), or aliases that stand for too many values.
    """
    import yaml

    if len(text) > MOST_CHARACTERS:
        raise PlainYamlError("too large")
    try:
        document = yaml.safe_load(text)
        _count(document, {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise PlainYamlError("broken YAML", None if mark is None else mark.line + 1) from None
    except RecursionError:
        raise PlainYamlError("nested too deeply") from None
    except (ValueError, ArithmeticError, TypeError, AttributeError, LookupError) as error:
        raise PlainYamlError(f"a value that cannot be read ({error})"[:120]) from None
    return document


def _count(value: Any, known: dict[int, int]) -> int:
    """Count what a value stands for; a shared part is counted once, and added each time."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) in known:
        return known[id(value)]
    known[id(value)] = MOST_VALUES  # a part that holds itself is endless
    parts = value.values() if isinstance(value, dict) else value
    total = 1 + sum(_count(part, known) for part in parts)
    if total > MOST_VALUES:
        raise ValueError("too many values behind aliases")
    known[id(value)] = total
    return total
