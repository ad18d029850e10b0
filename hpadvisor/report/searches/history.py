"""Past runs as text: what was tried, what each change brought, what comes next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from hpadvisor.auditing.model import ChangeEffect, History
from hpadvisor.engine.text import human
from hpadvisor.report.labels import short_labels

_MOST_ROWS, _MOST_EFFECTS = 12, 8
_MOST_LABEL, _MOST_TITLE = 24, 20


def history_lines(history: History, width: int, *, color: bool) -> Iterator[str]:
    """The lines of a history.

    Args:
        history: What to show.
        width: Characters of a line.
        color: Whether colour codes are wanted.
    """
    yield "What was tried, the best first"
    yield from _table(history, width, color)
    if history.effects:
        yield ""
        yield "What a change of one setting alone brought"
        shown = sorted(history.effects, key=lambda one: -abs(one.gain))
        named = short_labels([run.label or str(run.number) for run in history.runs], _MOST_LABEL)
        labels = {run.number: named[run.label or str(run.number)] for run in history.runs}
        for one in shown[:_MOST_EFFECTS]:
            yield from _wrapped(_effect(one, labels), width, "  ", hang="    ")
        if len(shown) > _MOST_EFFECTS:
            yield f"  … and {len(shown) - _MOST_EFFECTS} more, smaller ones (--format json)"
    else:
        text = "No two runs differ in one setting alone, so no change can be told from another."
        yield from _wrapped(text, width, "")
    if history.untouched:
        names = ", ".join(f"{name} = {_value(value)}" for name, value in history.untouched.items())
        yield from _wrapped(f"Never changed: {names}.", width, "")
    if history.next:
        yield ""
        yield "Trainings to do next, each the best run changed"
        for place, item in enumerate(history.next, start=1):
            changes = ", ".join(f"{name} = {_value(v)}" for name, v in item.changes.items())
            yield from _wrapped(f"{changes}: {item.reason}", width, f"  {place}. ")


def _table(history: History, width: int, color: bool) -> Iterator[str]:
    names = list(dict.fromkeys(name for run in history.runs for name in run.settings))
    runs = history.runs[:_MOST_ROWS]
    labels = short_labels([run.label or str(run.number) for run in runs], _MOST_LABEL)
    titles = short_labels(names, _MOST_TITLE)
    columns = [["run", *(labels[run.label or str(run.number)] for run in runs)]]
    columns += [
        [titles[name], *(_value(run.settings.get(name))[:_MOST_LABEL] for run in runs)]
        for name in names
    ]
    last = ["score", *(human(run.score) for run in runs)]
    shown = _fitting(columns, last, width)
    widths = [max(map(len, column)) for column in shown]
    for place, row in enumerate(zip(*shown, strict=True)):
        cells = (cell.ljust(wide) for cell, wide in zip(row, widths, strict=True))
        text = f"  {'  '.join(cells)}".rstrip()
        yield f"\x1b[1m{text}\x1b[0m" if color and place == 1 else text
    if len(history.runs) > _MOST_ROWS:
        yield f"  … and {len(history.runs) - _MOST_ROWS} more (--format json)"


def _fitting(columns: list[list[str]], last: list[str], width: int) -> list[list[str]]:
    """The columns for which there is room; the score always has it."""
    left = width - 2 - max(map(len, last))
    shown: list[list[str]] = []
    for number, column in enumerate(columns):
        left -= max(map(len, column)) + 2
        more = 3 if number + 1 < len(columns) else 0  # room for the sign that some are left out
        if left < more and shown:
            shown.append(["…", *("" for _ in last[1:])])
            break
        shown.append(column)
    return [*shown, last]


def _effect(one: ChangeEffect, names: dict[int, str]) -> str:
    way = "better" if one.gain > 0 else "worse"
    sure = {True: "", False: " (no clear difference)", None: ", noise unknown"}[one.clear]
    return (
        f"{one.parameter} {_value(one.before)} → {_value(one.after)}: "
        f"{human(abs(one.gain))} {way}{sure} ({names[one.from_run]}, {names[one.to_run]})"
    )


def _value(value: Any) -> str:
    return "–" if value is None else human(value)


def _wrapped(text: str, width: int, first: str, hang: str | None = None) -> list[str]:
    after = " " * len(first) if hang is None else hang
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=after,
        break_on_hyphens=False,
    )  # fmt: skip
