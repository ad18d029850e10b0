"""What a rule is matched against: facts with the places where they stand in a file."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from hpadvisor.facts.facts import Fact, Facts
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.numbers import unusable
from hpadvisor.readers.yaml_nodes import Node

Each = Literal["document", "training", "parameter", "entry", "group"]


class Place(NamedTuple):
    """Where a fact stands.

    Attributes:
        node: The node that says it.
        key_path: The keys that lead to it, dotted.
        entry: The key and value, where there is a key.
        path: The file, where it is another one than the file that is checked.
    """

    node: Node
    key_path: str
    entry: Entry | None = None
    path: str | None = None


class Subject(Facts):
    """Facts of one thing in a file (the document, a training, a parameter, an entry).

    Args:
        each: What it is.
        place: Where it begins, for findings about something that is not there.
        parent: Facts that hold for it too.
    """

    def __init__(self, each: Each, place: Place, parent: Subject | None = None) -> None:
        super().__init__()
        self.each: Each = each
        self.place = place
        self.parent = parent
        self.places: dict[str, Place] = {}

    def state(self, name: str, value: Any, place: Place | None = None) -> None:
        """Add a fact and its place; nothing for None, empty texts and unusable numbers."""
        if value is None or value == "":
            return
        if isinstance(value, int | float) and not isinstance(value, bool) and unusable(value):
            return
        self._facts[name] = Fact(name, value, "" if place is None else place.key_path)
        if place is not None:
            self.places[name] = place

    def fact(self, name: str) -> Fact | None:
        """Return a fact, its own first, then the parent's."""
        found = self._facts.get(name)
        if found is None and self.parent is not None:
            return self.parent.fact(name)
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, its own first, then the parent's."""
        found = self.fact(name)
        return default if found is None else found.value

    def place_of(self, name: str) -> Place | None:
        """Return where a fact stands, or None where it was computed or is not there."""
        found = self.places.get(name)
        if found is None and self.parent is not None:
            return self.parent.place_of(name)
        return found

    def names(self) -> set[str]:
        """Return the names of all facts, the parent's included."""
        own = set(self._facts)
        return own if self.parent is None else own | self.parent.names()

    def values(self) -> dict[str, Any]:
        """Return all values by name, the parent's included."""
        above = {} if self.parent is None else self.parent.values()
        return above | {name: fact.value for name, fact in self._facts.items()}


def place_of_entry(entry: Entry) -> Place:
    """Return the place of an entry's value."""
    return Place(entry.node, entry.dotted, entry)


def place_of_key(entry: Entry) -> Place:
    """Return the place of an entry's key, or of its value where it has none."""
    return Place(entry.key or entry.node, entry.dotted, entry)


def first_key_place(tree: Tree) -> Place:
    """Return the place of a document's first key."""
    for name, (key, node) in tree.keys().items():
        return place_of_key(Entry((*tree.base, name), key, node))
    return Place(tree.root, ".".join(tree.base))
