"""Cells of a table that hold a whole dictionary, spread into columns of their own.

Data frames of runs have them (``config`` and ``summary`` of Weights & Biases), and scripts that
write each trial's config into one cell as JSON.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

_PACKED = {"config": "config/", "summary": "summary/", "params": "params/",
           "hyperparameters": "params/", "hparams": "params/", "metrics": "metrics/"}  # fmt: skip
_ENDINGS = ("_json", "_dict", "_str")
_MOST_PACKED = 20_000
_MOST_DEEP = 4


def unpacked(
    header: list[str], table: list[dict[str, str]]
) -> tuple[list[str], list[dict[str, str]]]:
    """Spread columns of dictionaries, nested ones with their path.

    Args:
        header: The names of the columns.
        table: Cells by column.

    Returns:
        The same without such columns, and with what they held.
    """
    packed = {
        name: prefix
        for name in header
        if (prefix := _prefix(name)) and any(_opens(row.get(name)) for row in table)
    }
    if not packed:
        return header, table
    wide: list[dict[str, str]] = []
    for row in table:
        made = {name: cell for name, cell in row.items() if name not in packed}
        for name, prefix in packed.items():
            made |= dict(_leaves(_parsed(row.get(name) or ""), prefix, 0))
        wide.append(made)
    return list(dict.fromkeys(name for row in wide for name in row)), wide


def _prefix(name: str) -> str:
    lowered = name.lower()
    for ending in _ENDINGS:
        lowered = lowered.removesuffix(ending)
    return _PACKED.get(lowered, "")


def _opens(cell: str | None) -> bool:
    return (cell or "").lstrip().startswith("{")


def _parsed(cell: str) -> Any:
    """The value of a cell in JSON or as Python prints a dictionary; None where it is neither."""
    if len(cell) > _MOST_PACKED:
        return None
    for read in (json.loads, ast.literal_eval):  # literals only: nothing is run
        try:
            return read(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return None


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if isinstance(item, dict) and depth < _MOST_DEEP:
            yield from _leaves(item, f"{path}{key}.", depth + 1)
        elif isinstance(item, str | int | float | bool) or _is_short(item):
            yield f"{path}{key}", str(item)


def _is_short(item: Any) -> bool:
    """Whether it is a list of a few numbers, such as the widths of layers."""
    few = isinstance(item, list | tuple) and 0 < len(item) <= 8
    return few and all(isinstance(part, int | float) for part in item)
