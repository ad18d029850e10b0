"""What a line is made of: numbers with their names, words alone, and the walk so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Field:
    """A number of a line with its name.

    Attributes:
        words: The phrase in front of it; empty where there is none.
        slot: Which number of the line.
        joined: How the phrase is joined to it: by a sign, by nothing, or in brackets.
        text: The number as it stands in the line that was read.
        scope: Names of the brackets that it stands in: ``tot_loss`` in ``tot_loss[loss=0.4]``.
        of: Slot of the number behind a slash or "of".
        counts: Whether the brackets behind it hold that slash: ``48.9% (6133/12544)``.
        mean: Slot of a number in brackets behind it.
        percent: Whether a percent sign follows.
        unit: Letters that follow without a blank.
        clock: Whether it is part of a time of day or a duration.
        list: Whether further numbers follow it in a list.
    """

    words: list[str]
    slot: int
    joined: Literal["sign", "bare", "bracket", "none"]
    text: str = ""
    scope: tuple[str, ...] = ()
    of: int | None = None
    counts: bool = False
    mean: int | None = None
    percent: bool = False
    unit: str = ""
    clock: bool = False
    list: bool = False


@dataclass(slots=True)
class Label:
    """Words without a number: a heading, a part, a value that is a word."""

    words: list[str]
    value: str = ""


Piece = Field | Label


@dataclass(slots=True)
class Walk:
    """Where the walk along a line stands."""

    pieces: list[Piece] = field(default_factory=list)
    phrase: list[str] = field(default_factory=list)
    joined: bool = False
    scopes: list[tuple[str, str]] = field(default_factory=list)
    opened: str = ""
    last: Field | None = None
    before: str = ""
    inner: bool = False
    saved: list[str] = field(default_factory=list)

    def flush(self) -> None:
        """End the phrase; words that named no number become a label."""
        if self.phrase:
            self.pieces.append(Label(self.phrase))
        self.phrase, self.joined = [], False
