"""Tables of trials that are no CSV: Markdown, aligned columns, lists of records in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Rows = tuple[list[str], list[dict[str, str]]]

_RULE = re.compile(r"^[\s|:+=-]+$")
_GAP = re.compile(r"\s{2,}|\t")
_EMPHASIS = re.compile(r"^[*_`]+|[*_`]+$")
_SETTINGS = ("params", "config", "hyperparameters", "hparams", "hps", "args", "parameters")
_SCORES = ("metrics", "summary", "results", "scores", "result")
_MOST_DEEP = 4


def markdown(text: str) -> Rows | None:
    """Read a table of pipes, as Markdown and databases print it; None where there is none."""
    lines = [line for line in text.splitlines() if line.count("|") >= 2]
    rows = [_cells(line) for line in lines if not _RULE.match(line)]
    if len(rows) < 2 or len(lines) < 0.5 * len([x for x in text.splitlines() if x.strip()]):
        return None
    return _named(rows)


def _cells(line: str) -> list[str]:
    stripped = line.strip().removeprefix("|").removesuffix("|")
    return [_EMPHASIS.sub("", cell.strip()) for cell in stripped.split("|")]


def aligned(text: str) -> Rows | None:
    """Read columns that are set apart by blanks, as data frames print; None where not."""
    lines = [line for line in text.splitlines() if line.strip() and not _RULE.match(line)]
    if len(lines) < 3:
        return None
    rows = [_GAP.split(line.strip()) for line in lines]
    width = len(rows[1])
    if width < 2 or any(len(row) != width for row in rows[1:]):
        return None
    if len(rows[0]) == width - 1:  # a data frame prints no name over its index
        rows[0] = ["", *rows[0]]
    return _named(rows) if len(rows[0]) == width else None


def _named(rows: list[list[str]]) -> Rows | None:
    header = rows[0]
    named = [name for name in header if name]
    if len(named) < 2 or len(set(named)) < len(named):
        return None
    return header, [dict(zip(header, row, strict=False)) for row in rows[1:]]


def records(raw: Any) -> Rows | None:
    """Turn a list of records (JSON, data frames, dicts in memory) into rows of texts.

    What stands under ``params``, ``config`` and the like is a hyperparameter, what stands under
    ``metrics`` and the like a score; other nested values keep their path.

    Returns:
        Columns and rows, or None where this is no list of records.
    """
    if isinstance(raw, Mapping):
        lists = [value for value in raw.values() if _is_records(value)]
        if len(lists) == 1:
            raw = lists[0]
        elif raw and all(isinstance(value, Mapping) for value in raw.values()):
            raw = [{"name": name, **value} for name, value in raw.items()]
    if not _is_records(raw):
        return None
    rows = [_flat(entry) for entry in raw]
    header = list(dict.fromkeys(name for row in rows for name in row))
    return (header, rows) if len(header) >= 2 else None


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _flat(entry: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in _leaves(entry, "", 0)}


def _leaves(entry: Mapping[str, Any], prefix: str, depth: int) -> Iterable[tuple[str, Any]]:
    for key, value in entry.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and depth < _MOST_DEEP:
            lowered = str(key).lower()
            inside = f"{name}/"
            if depth == 0 and lowered in _SETTINGS:
                inside = "params/"
            elif depth == 0 and lowered in _SCORES:
                inside = "metrics/"
            yield from _leaves(value, inside, depth + 1)
        elif not (isinstance(value, list) and depth == 0 and value and _is_records(value)):
            yield name, value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, default=str) if isinstance(value, list) else str(value)
