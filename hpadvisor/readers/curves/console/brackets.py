"""Where numbers stand: in brackets one behind the other, or behind parts with a name in front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hpadvisor.readers.curves.console.naming import is_plain_part, name_of
from hpadvisor.readers.curves.console.pieces import Field, Label, Piece
from hpadvisor.readers.curves.console.plans import Place
from hpadvisor.readers.curves.roles import is_score

_FEWEST_NUMBERS: Final = 2


def is_second(places: Mapping[str, Place], found: Field, pieces: list[Piece], place: int) -> bool:
    """Whether a number is the batch of "[1,  2000] loss: 2.1", and the one before it the epoch."""
    if not 0 < place < len(pieces) - 1 or found.joined != "none" or not is_whole(found):
        return False
    before, after = pieces[place - 1], pieces[place + 1]
    first = isinstance(before, Field) and before.joined == "bracket" and is_whole(before)
    named = isinstance(after, Field) and bool(after.words)
    return first and named and set(places) == {"index"}


def is_first_of_two(
    places: Mapping[str, Place], found: Field, pieces: list[Piece], place: int
) -> bool:
    """Whether a number is the epoch of "[0/25][500/1563] Loss: 2.1"."""
    if places or place + 1 >= len(pieces):
        return False
    after = pieces[place + 1]
    both = (found, after) if isinstance(after, Field) else ()
    return bool(both) and all(
        one.of is not None and one.joined == "bracket" and not one.words and not one.clock
        for one in both
    )


def is_whole(found: Field) -> bool:
    """Whether a number counts something: no percentage, no time, without a unit."""
    return found.text.isdigit() and not found.clock and not found.unit and not found.percent


def measured(label: Label) -> str:
    """The score that a label names for what follows: ``Accuracy: train 0.9, val 0.8``."""
    if not label.value or label.value in "([{":
        return ""
    name = "_".join(name_of(label.words))
    return name if is_score(name) else ""


def measure_ahead(pieces: list[Piece]) -> str:
    """The score in front of numbers that parts name: ``loss --- train: 4, val: 5``."""
    first, *rest = pieces or [Label([])]
    if not isinstance(first, Label) or len(first.words) != 1 or len(rest) < _FEWEST_NUMBERS:
        return ""
    parts = all(isinstance(one, Field) and len(one.words) == 1 for one in rest)
    if not parts or not all(is_plain_part(one.words[0]) for one in rest):
        return ""
    return measured(Label(first.words, ":"))
