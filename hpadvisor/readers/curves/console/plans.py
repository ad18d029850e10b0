"""What the lines of one shape mean: places, values by name and part, settings, headings.

A plan is made once for a shape and applied to all of its lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from hpadvisor.readers.curves.kinds import unsupervised_kind
from hpadvisor.readers.curves.roles import read_name, running_best

HELD_OUT: Final = frozenset(("val", "dev", "eval", "test"))
NEEDS_PLACE: Final = frozenset(("epoch", "step", "batch", "index", "bar"))
"""Counters that say where in the training a record stands."""


@dataclass(slots=True)
class Place:
    """A counter: where its number stands and where its planned end does.

    ``text`` is the number as first read; "epochs: 50" is plural, and a setting where it is alone.
    "End of epoch 3" has ended: it is the epoch of the lines above.
    """

    slot: int
    of: int | None = None
    text: str = ""
    plural: bool = False
    ended: bool = False


@dataclass(slots=True)
class Item:
    """A value of a record.

    Attributes:
        name: Name of its column, with the part in front where the line says one elsewhere.
        part: ``train``, ``val``, ``dev``, ``eval``, ``test``, or empty where the line says none.
        slot: Which number of the line.
        percent: Whether it is written in percent.
        mean: Slot of the running mean in brackets behind it.
        of: Slot of the number that it is a share of: ``9000/10000``.
        score: Whether it is a loss or a metric.
        guessed: Whether only a part names it, so that nobody says what is measured.
    """

    name: str
    part: str
    slot: int
    percent: bool = False
    mean: int | None = None
    of: int | None = None
    score: bool = False
    guessed: bool = False


@dataclass(slots=True)
class RecordPlan:
    """One record of a line: its places and its values."""

    places: dict[str, Place] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    @property
    def scored(self) -> bool:
        """Whether it holds a loss or a metric, or a norm of gradients."""
        return any(item.score for item in self.items)

    @property
    def kept(self) -> bool:
        """Whether it is of use: a score, a best value so far, or a learning rate."""
        if any(running_best(item.name) is not None for item in self.items):
            return True
        if unsupervised_kind([item.name for item in self.items]) is not None:
            return True
        return self.scored or any(_is_rate(item.name) for item in self.items)

    @property
    def part(self) -> str:
        """The part of all of its scores; empty where they differ or say none."""
        parts = {item.part for item in self.items if item.score}
        return parts.pop() if len(parts) == 1 else ""


@dataclass(slots=True)
class Setting:
    """A setting that a line prints: its name, and its number or its word."""

    words: list[str]
    slot: int | None
    text: str = ""


@dataclass(slots=True)
class Plan:
    """What the lines of one shape mean.

    Lines of a shape are alike in all but their digits.

    Attributes:
        records: In the order of the line; several where records were run together.
        settings: Names and values that may be hyperparameters.
        heading: The part that a heading announces for the lines below.
        best: Whether it announces what the best epoch was: "Best at epoch 49:".
        words: The words of a line without a score, by which a table below it is named.
    """

    records: list[RecordPlan] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    heading: str | None = None
    best: bool = False
    words: list[str] = field(default_factory=list)

    @property
    def scored(self) -> bool:
        """Whether a record of the line holds a score."""
        return any(record.scored for record in self.records)


def _is_rate(name: str) -> bool:
    candidate = read_name(name)
    return candidate is not None and candidate.role == "learning_rate"


def of_part(plan: RecordPlan, part: str) -> RecordPlan:
    """The same record where the log says elsewhere that its scores are of a part."""
    items = [
        replace(item, name=f"{part}_{item.name}", part=part)
        if item.score and not item.part
        else item
        for item in plan.items
    ]
    return RecordPlan(plan.places, items)
