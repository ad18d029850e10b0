"""One parameter of a search space, in one shape for all formats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hpadvisor.facts.configs.subjects import Place
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.scalars import UNKNOWN, as_number


@dataclass(slots=True)
class Parameter:
    """One parameter of a search space.

    Attributes:
        name: As the file names it; nested names are joined by dots.
        place: Where its name stands.
        type: float, int, categorical, constant, normal or grid.
        scale: linear, log or reverse-log.
        bounds: What the written limits are: ``value``, ``e`` (natural-log exponents) or ``10``.
        low: Low end as the trial sees it; ``high`` the other one. None where not told.
        written_low: Low end as written; ``written_high`` the other one.
        choices: The values of a categorical; None where not told.
        count: Values on a grid; None for a continuous range.
        word: The distribution's own word; empty where the file names none.
        texts: Places of limits or choices that the loader reads as text though they spell numbers.
        parts: Places of ``kind``, ``low``, ``high``, ``choices``.
        has_default: Whether a default value is stated.
        stepped: Whether a step is stated.
        rounded: Whether the program turns the drawn value into a whole number.
        sometimes: Whether only some trials draw it (it stands under a condition).
        ratio: High end divided by low end, where only that is known.
    """

    name: str
    place: Place
    type: str = "float"
    scale: str = "linear"
    bounds: str = "value"
    low: float | None = None
    high: float | None = None
    written_low: float | None = None
    written_high: float | None = None
    choices: tuple[Any, ...] | None = None
    count: int | None = None
    word: str = ""
    texts: list[Place] = field(default_factory=list)
    parts: dict[str, Place] = field(default_factory=dict)
    has_default: bool = False
    stepped: bool = False
    rounded: bool = False
    sometimes: bool = False
    ratio: float | None = None

    @property
    def varies(self) -> bool:
        """Whether the search has anything to choose."""
        if self.type == "constant":
            return False
        return self.choices is None or len(self.choices) > 1


def choice_values(
    tree: Tree, entry: Entry, item: Parameter, *, strict: bool
) -> tuple[Any, ...] | None:
    """Return the values of a sequence of choices, None where one of them is unknown.

    Args:
        tree: The document.
        entry: The sequence.
        item: The parameter; where ``strict``, it takes the places of numbers read as text.
        strict: Whether numbers that are read as text are worth noting.
    """
    values: list[Any] = []
    for index, node in enumerate(entry.node.items):
        if node.kind != "scalar":
            values.append(f"#{index}")
            continue
        value = tree.resolve(node)
        number = as_number(value)
        if isinstance(value, str) and number is not None and strict and not node.quoted:
            item.texts.append(Place(node, f"{entry.dotted}[{index}]"))
        values.append(value if number is None else number)
    return None if any(value is UNKNOWN for value in values) else tuple(values)
