"""Tables by position: a line of names, then lines of numbers below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from hpadvisor.readers.curves.console.formats import COLUMNS, HEADERLESS, PART_OF_TABLE, TOTAL_ROWS
from hpadvisor.readers.curves.console.naming import counter_of, part_inside, part_of_word
from hpadvisor.readers.curves.console.plans import Item, Place, RecordPlan, of_part
from hpadvisor.readers.curves.console.scanning import NUMBER
from hpadvisor.readers.curves.roles import is_score, read_name

_GAPS: Final = re.compile(r" {2,}|\t+|\|")
_NUMERIC: Final = re.compile(
    r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf)(?:%|[A-Za-z]{1,2}|:)?"
    r"(?:/\d+)?",
    re.IGNORECASE,
)
_CELL: Final = re.compile(r"\[(?P<first>[^\s|\[\],]+),[^|\[\]]*\]|[^\s|]+")
"""A cell without blanks; of a list in brackets the first number counts."""

_LOGGED: Final = re.compile(r"(?:INFO|DEBUG|WARNING|WARN)\b|\d\d:\d\d:\d\d")
"""What a logger writes in front of a line: its level, a time of day."""

_CLOCK: Final = re.compile(r"\d+(?::\d\d)+(?:\.\d+)?")
_LABELS: Final = frozenset(("class", "category", "name", "label", "classes"))
_MEASURES: Final = frozenset(("loss", "acc", "accuracy", "error"))
_EMPTY: Final = frozenset(("-", "--", "none", "null", "n/a", "na", "no", "log"))
_RULE: Final = re.compile(r"^[\s|+:]*(?:[-=]{2,}[\s|+:]*){2,}$")
_BAR_BEHIND: Final = re.compile(r"\):|(?<=\d): |:$")
"""Where a progress bar follows the last name: "mAP50-95): 100%"."""

FEWEST_NAMES: Final = 3

_ROWS: Final = frozenset(("metric", "metrics", "split", "name", "score", "measure", "quantity"))
_WORDS_OF_NAME: Final = 3


@dataclass(slots=True)
class Header:
    """The names of a table's columns.

    Attributes:
        names: In order.
        part: The part of which all of its scores are; empty where the names say it.
    """

    names: list[str]
    part: str = ""


@dataclass(slots=True)
class Cells:
    """A line of cells: for each the number's slot, its end's slot, or what it says instead."""

    slots: list[int | None] = field(default_factory=list)
    of: dict[int, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


def prefix_of(line: str) -> int:
    """Where the table begins in a line of a logger: ``[ INFO : 04:05:47 ] - | 150 | 0.2 |``."""
    front, bar, _ = line.partition("|")
    return len(front) if bar and _LOGGED.search(front) else 0


def header_of(line: str) -> Header | None:
    """Read a line as the names of a table; None where it is none."""
    line = line[prefix_of(line) :]
    if any(sign in line for sign in "={}"):
        return None
    for names in (_wide_cells(line), _plain_cells(line)):
        if len(names) < FEWEST_NAMES or len(names) > 60:
            continue
        words = [_column(name) for name in names]
        known = [name for name in words if _is_known(name)]
        if len(known) >= 2 and len(known) >= 0.3 * len(words):
            lowered = {name.lower() for name in names}
            part = next((part for need, part in PART_OF_TABLE if need <= lowered), "")
            return Header(words, part)
    return None


def parts_of(line: str) -> list[str] | None:
    """The parts that a line names for the columns below it, as ``train  valid  test``.

    A cell in front may name the rows: ``metric | train | valid``. None for any other line.
    """
    words = line.replace("|", " ").split()
    parts = [part_of_word(word) for word in words]
    if len(words) > 2 and parts[0] is None and words[0].lower() in _ROWS:
        words, parts = words[1:], parts[1:]
    known = [part for part in parts if part is not None]
    whole = len(known) == len(words) and len(set(known)) == len(known)
    return known if whole and "train" in known and len(known) > 1 else None


def row_of_parts(parts: list[str], line: str) -> RecordPlan | None:
    """Read a line as a name and a number for each part; None where it is none.

    Args:
        parts: Of the columns.
        line: ``RMSE :  0.31   *   0.42``; marks between the numbers mean nothing.
    """
    numbers = list(NUMBER.finditer(line))
    if len(numbers) != len(parts):
        return None
    name = line[: numbers[0].start()].replace("|", " ").strip().rstrip(":=").strip()
    between = line[numbers[0].start() :]
    if not name or len(name.split()) > _WORDS_OF_NAME or any(sign.isalpha() for sign in between):
        return None
    if not is_score(name):
        return None
    items = [Item(f"{part}_{name}", part, slot, score=True) for slot, part in enumerate(parts)]
    return RecordPlan(items=items)


def _wide_cells(line: str) -> list[str]:
    return _names(cell.strip() for cell in _GAPS.split(line) if cell.strip())


def _plain_cells(line: str) -> list[str]:
    cells: list[str] = []
    for cell in line.replace("|", " ").split():
        if cells and cell.lower() in _MEASURES and part_of_word(cells[-1]) is not None:
            cells[-1] = f"{cells[-1]}_{cell}"  # "epoch train loss valid loss"
        else:
            cells.append(cell)
    return _names(iter(cells))


def _names(cells: object) -> list[str]:
    """The cells up to the first number; "Box(P" and "mAP50-95):" lose their brackets."""
    names: list[str] = []
    for cell in cells if not isinstance(cells, str) else ():  # type: ignore[attr-defined]
        if NUMBER.match(cell) and not cell.lower().startswith(("nan", "inf")):
            break
        if cell.endswith(":") and not cell.endswith("):") and not cell.startswith("mAP@"):
            return []
        name, *behind = _BAR_BEHIND.split(cell, maxsplit=1)
        name = name.rstrip(":").rpartition("(")[2].rstrip(")") or name
        names += name.split() if behind else [name]
        if behind:
            break
    return names


def _column(name: str) -> str:
    return COLUMNS.get(name.lower(), name)


def _is_known(name: str) -> bool:
    return read_name(name) is not None or counter_of([name]) is not None


def cells_of(line: str) -> Cells | None:
    """Read a line as cells of numbers; None where it begins with anything else."""
    slots = {match.start(): slot for slot, match in enumerate(NUMBER.finditer(line))}
    found = Cells()
    for match in _CELL.finditer(line, prefix_of(line)):
        text = match["first"] or match[0].strip("*_`\"'[]")
        start = match.start() + match[0].find(text)
        if _NUMERIC.fullmatch(text) and start in slots:
            slot = slots[start]
            if "/" in text:
                found.of[len(found.slots)] = slot + 1
            found.slots.append(slot)
        elif _CLOCK.fullmatch(text) or text.lower() in _EMPTY or not found.slots:
            found.slots.append(None)
        else:
            break
        found.texts.append(text)
    return found if any(slot is not None for slot in found.slots) else None


def headerless(cells: Cells) -> Header | None:
    """The names of a known table without a header; None where it is none."""
    names = HEADERLESS.get(len(cells.slots))
    if names is None or 0 not in cells.of or not cells.texts[1][-1:].isalpha():
        return None
    return Header(list(names))


def row_of(header: Header, cells: Cells) -> RecordPlan | None:
    """Read a line of cells under a header; None where they do not belong together."""
    slots, of, texts = cells.slots, cells.of, cells.texts
    labelled = header.names[0].lower() in _LABELS
    if labelled and texts and texts[0].lower() not in TOTAL_ROWS:
        return None
    part = part_of_word(texts[0]) if slots and slots[0] is None else None
    unnamed = not labelled and bool(slots) and slots[0] is None and part is None
    if unnamed and not _CLOCK.fullmatch(texts[0]):
        return None
    if len(slots) < len(header.names) - 1 or (len(slots) < len(header.names) and labelled):
        return None
    record = RecordPlan()
    for place, name in enumerate(header.names[: len(slots)]):
        slot = slots[place]
        if slot is not None:
            _cell(record, header, name, slot, of.get(place), texts[place].endswith("%"))
    if part is not None:  # the rows of Ludwig: train, vali, test
        record = of_part(record, part)
    return record if record.scored else None


def _cell(
    record: RecordPlan, header: Header, name: str, slot: int, of: int | None, percent: bool
) -> None:
    counter = counter_of([name])
    if counter is not None:
        record.places.setdefault(counter, Place(slot, of))
        return
    candidate = read_name(name)
    score = candidate is not None and candidate.role.endswith(("loss", "metric", "norm"))
    own = part_inside(name)
    # a table of scores may hold the losses of training beside them
    of_table = header.part if candidate is not None and candidate.role.endswith("metric") else ""
    part = own or of_table
    label = f"{of_table}_{name}" if of_table and not own else name
    if all(item.name != label for item in record.items):
        record.items.append(Item(label, part or "", slot, percent, score=score))


def is_rule(line: str) -> bool:
    """Whether a line only underlines a header."""
    return _RULE.match(line) is not None
