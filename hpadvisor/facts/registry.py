"""The registry of facts: every name that a rule may use, with type, unit, meaning and question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from hpadvisor.records import Record, replace


class FactType(StrEnum):
    """The type of a fact's value."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"
    TEXTS = "texts"

    @property
    def is_number(self) -> bool:
        """Whether values of this type can be ordered."""
        return self in (FactType.INT, FactType.FLOAT)


class FactDefinition(Record):
    """One name that rules may use.

    Attributes:
        name: Dotted name, the same as the path in a situation file where there is one.
        type: The type of its values.
        meaning: What it says, in a phrase.
        unit: Unit of a number, empty where it has none.
        question: What to ask a person who has not stated it; empty for facts that are computed.
        choices: The allowed values of a text, empty where any is.
        decisive: Asked for first, because most of a plan hangs on it.
        why: Why it is asked, in a phrase.
    """

    name: str
    type: FactType
    meaning: str
    unit: str = ""
    question: str = ""
    choices: tuple[str, ...] = ()
    decisive: bool = False
    why: str = ""


class FactRegistry:
    """Definitions by name, in the order in which they were given."""

    def __init__(self, definitions: Iterable[FactDefinition] = ()) -> None:
        self._by_name: dict[str, FactDefinition] = {}
        for definition in definitions:
            self.add(definition)

    def add(self, definition: FactDefinition) -> None:
        """Add a definition; a name that is there already keeps its first definition."""
        self._by_name.setdefault(definition.name, definition)

    def set_choices(self, name: str, choices: tuple[str, ...]) -> None:
        """Set the allowed values of a fact whose vocabulary comes with the rules."""
        self._by_name[name] = replace(self._by_name[name], choices=choices)

    def get(self, name: str) -> FactDefinition | None:
        """Return the definition of a name, or None."""
        return self._by_name.get(name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[FactDefinition]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def names(self) -> list[str]:
        """All names, in order."""
        return list(self._by_name)
