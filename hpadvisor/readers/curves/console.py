"""Plain console logs: ``epoch 3 … loss=0.42 val_loss: 0.5``, progress bars, printed dicts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.tables import Table, table_of_records

_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)"
_PAIR = re.compile(
    rf"(?P<name>[A-Za-z_][\w./@-]*(?: (?:loss|acc|accuracy|rate|norm|lr|error|epoch))?)"
    rf"['\"]?\s*(?:=|:|\bis\b)\s*['\"]?(?P<value>{_NUMBER})(?P<percent>\s?%)?(?![\w.]*[A-Za-z_:])",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\b(?P<name>(?:(?:train|val|valid|validation|test|eval)[ _-])?"
    r"(?:loss|acc|accuracy|lr|ppl))\s+"
    rf"(?P<value>{_NUMBER})(?P<percent>\s?%)?(?![\w.])",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"\b(?P<name>epoch|step|iteration|iter)s?\b\s*[\[(#:=]*\s*(?P<at>\d+)(?:\s*(?:/|of)\s*(?P<of>\d+))?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?|\d{4}-\d{2}-\d{2}T?")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x08\u2500-\u259f]")


def looks_like_console(lines: list[str]) -> bool:
    """Whether at least two of the lines name a loss or score with a number."""
    return sum(bool(_scores(_values(line))) for line in lines) >= 2 or (
        len(lines) < 4 and any(_scores(_values(line)) for line in lines)
    )


def read_console(
    lines: Iterable[str], source: str, counters: dict[str, float] | None = None
) -> Table:
    """Read the numbers of a console log; a line is a row, counters carry on to later lines.

    Args:
        lines: Of the log.
        source: For messages.
        counters: Epoch and step at which earlier lines ended; receives where these end.

    Raises:
        UserError: no line names a loss or score with a number.
    """
    records: list[dict[str, float]] = []
    counters = {} if counters is None else counters
    planned: dict[str, float] = {}
    for line in lines:
        values = _values(line.rstrip("\r\n").rsplit("\r", 1)[-1])
        for match in _COUNTER.finditer(_ESCAPES.sub("", line)):
            name = {"iter": "iteration"}.get(match["name"].lower(), match["name"].lower())
            counters[name] = float(match["at"])
            if match["of"]:
                planned[name] = float(match["of"])
        if _scores(values):
            records.append({**counters, **values})
    if not records:
        raise UserError(
            "no losses found",
            path=source,
            remedy="Give a log with lines such as 'epoch 3 loss=0.42 val_loss=0.5'.",
        )
    table = table_of_records(_merged(records), source, "console")
    table.planned_epochs = planned.get("epoch")
    table.planned_steps = planned.get("step", planned.get("iteration"))
    return table


def _values(line: str) -> dict[str, float]:
    text = _CLOCK.sub(" ", _ESCAPES.sub("", line))
    found: dict[str, float] = {}
    for pattern in (_BARE, _PAIR):
        for match in pattern.finditer(text):
            name = match["name"].strip().replace(" ", "_")
            value = float(match["value"])
            found[name] = value / 100 if match["percent"] else value
    return found


def _scores(values: dict[str, float]) -> bool:
    return any(
        word in name.lower()
        for name in values
        for word in ("loss", "acc", "nll", "perplexity", "ppl")
    )


def _merged(records: list[dict[str, float]]) -> list[dict[str, float]]:
    """Join neighbouring lines of one epoch or step that name different things."""
    merged: list[dict[str, float]] = []
    for record in records:
        counters = {key for key in record if key in ("epoch", "step", "iteration")}
        last = merged[-1] if merged else None
        if (
            last is not None
            and counters
            and all(last.get(key) == record[key] for key in counters)
            and not (set(record) - counters) & set(last)
        ):
            last.update(record)
        else:
            merged.append(dict(record))
    return merged
