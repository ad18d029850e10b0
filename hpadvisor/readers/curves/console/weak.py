"""Names that only look like scores: a numbered series of side outputs, what took how long."""

from __future__ import annotations

import re
from typing import Final

from hpadvisor.readers.curves.console.pieces import Field, Piece
from hpadvisor.readers.curves.console.plans import Plan

_NUMBERED: Final = re.compile(r"([A-Za-z])_?(\d)")
_FEWEST: Final = 3
"""So many names that count on are a series: ``l0``, ``l1``, ``l2``."""

_SECONDS: Final = frozenset(("s", "ms", "us", "sec", "secs", "seconds"))
_SPENT: Final = frozenset(("cost", "costs", "loss"))
"""What is told in seconds under such a name is a time: ``Cost=157 sec``."""


def is_time_taken(unit: str, name: list[str]) -> bool:
    """Whether a number is a time, although its name may be that of a loss."""
    return unit in _SECONDS and name[-1].lower() in _SPENT


def without_side_outputs(plan: Plan, pieces: list[Piece]) -> None:
    """A numbered series (``l0: .. l1: .. l2: ..``) names outputs of a network, and no score.

    ``l1`` alone, or beside ``l2``, is an absolute error.

    Args:
        plan: Of the line; changed in place.
        pieces: Of the line.
    """
    series: dict[str, set[int]] = {}
    for piece in pieces:
        match = _NUMBERED.fullmatch(piece.words[-1]) if piece.words else None
        if match is not None and isinstance(piece, Field):
            series.setdefault(match[1].lower(), set()).add(int(match[2]))
    found = {letter for letter, numbers in series.items() if _counts_on(numbers)}
    if not found:
        return
    for record in plan.records:
        record.items = [item for item in record.items if not _is_of(item.name, found)]


def _counts_on(numbers: set[int]) -> bool:
    return len(numbers) >= _FEWEST and max(numbers) - min(numbers) == len(numbers) - 1


def _is_of(name: str, letters: set[str]) -> bool:
    match = _NUMBERED.fullmatch(name.rpartition("/")[2].rpartition("_")[2] or name)
    return match is not None and match[1].lower() in letters
