"""Plain console logs: ``epoch 3 … loss=0.42 val_loss: 0.5``, progress bars, printed dicts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.roles import tokens
from hpadvisor.readers.curves.tables import Table, table_of_records

_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)"
_PAIR = re.compile(
    rf"(?P<name>[A-Za-z_][\w./@-]*(?: (?:loss|acc|accuracy|rate|norm|lr|error|epoch))?)"
    rf"['\"]?\s*(?:=|:|\bis\b:?)\s*['\"]?(?:tensor\()?\[?(?P<value>{_NUMBER})(?P<percent>\s?%)?(?![\w.]*[A-Za-z_:])",
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
_ROUND = re.compile(r"^\[(?P<at>\d+)\]\s+(?:\S+'s\s+\w+:|\w+-[\w@.-]+:)")
"""A round of boosting: ``[3]\ttrain-rmse:0.4``, ``[3]\tvalid's l2: 0.4``."""

_POSSESSIVE = re.compile(r"(\w)'s\s+(?=\w)")
"""LightGBM: ``valid_1's binary_logloss: 0.4``."""

_OUT_OF = re.compile(r"\s*/\s*(?P<of>\d+)")
"""``Accuracy: 9000/10000``."""

_WORD = re.compile(r"[\w/-]+")
"""``my_test_run`` and ``runs/test/3`` are one word each, and name no part."""

_TRAIN = frozenset(("train", "training"))
_VALIDATION = frozenset(("val", "valid", "validation", "eval", "evaluation", "dev", "test"))
_PARTS = _TRAIN | _VALIDATION
_SCORE_WORDS = ("loss", "acc", "nll", "perplexity", "ppl", "rmse", "auc")
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
    rounds = 0
    for line in lines:
        values = _values(line.rstrip("\r\n").rsplit("\r", 1)[-1])
        _count(_ESCAPES.sub("", line), counters, planned)
        boosted = _ROUND.match(line)
        if boosted:
            rounds += 1
            counters["iteration"] = float(boosted["at"])
        if _scores(values):
            records.append({**counters, **values})
    if not records:
        raise UserError(
            "no losses found",
            path=source,
            remedy="Give a log with lines such as 'epoch 3 loss=0.42 val_loss=0.5'.",
        )
    table = table_of_records(_merged(records), source, "console")
    if rounds > len(records) / 2:
        table.notes.append(
            "rounds of boosting: the advice was measured on networks; learning rate, length "
            "(rounds) and early stopping carry over, the rest does not"
        )
    table.planned_epochs = planned.get("epoch")
    table.planned_steps = planned.get("step", planned.get("iteration"))
    return table


def _count(line: str, counters: dict[str, float], planned: dict[str, float]) -> None:
    """Take the first epoch, step and iteration that a line names; "skipped iterations: 0" is none.

    Args:
        line: Without escape codes.
        counters: Receives where the line stands.
        planned: Receives the length of the run, where the line says ``3/90``.
    """
    seen: set[str] = set()
    for match in _COUNTER.finditer(line):
        name = {"iter": "iteration"}.get(match["name"].lower(), match["name"].lower())
        if name in seen:
            continue
        seen.add(name)
        counters[name] = float(match["at"])
        if match["of"]:
            planned[name] = float(match["of"])


def _values(line: str) -> dict[str, float]:
    """Numbers of a line by name; where the line begins with a part, the names say it."""
    text = _POSSESSIVE.sub(r"\1_", _CLOCK.sub(" ", _ESCAPES.sub("", line)))
    found: dict[str, float] = {}
    first = len(text)
    for pattern in (_BARE, _PAIR):
        for match in pattern.finditer(text):
            name = match["name"].strip().replace(" ", "_")
            value = float(match["value"])
            of = _OUT_OF.match(text, match.end())
            if of and _is_score(name) and float(of["of"]) >= value:
                value /= float(of["of"]) or 1.0
            found[name] = value / 100 if match["percent"] else value
            if _is_score(name):
                first = min(first, match.start())
    return _of_part(found, set(_WORD.findall(text[:first].lower())))


def _of_part(values: dict[str, float], words: set[str]) -> dict[str, float]:
    """Name the part in front of scores that do not name it, where the line's beginning does."""
    parts = words & _VALIDATION
    if not parts or words & _TRAIN:
        return values
    part = sorted(parts)[0]
    return {
        f"{part}_{name}" if _is_score(name) and not {*tokens(name)} & _PARTS else name: value
        for name, value in values.items()
    }


def _scores(values: dict[str, float]) -> bool:
    return any(map(_is_score, values))


def _is_score(name: str) -> bool:
    return any(word in name.lower() for word in _SCORE_WORDS)


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
