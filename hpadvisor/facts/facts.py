"""Facts: values with the name of who said so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Fact(NamedTuple):
    """One known value.

    Attributes:
        name: A name of the registry.
        value: The value, never None: what is not known is not there.
        source: Who said so: ``situation.yaml:3``, ``--optimizer``, ``computed from …``.
    """

    name: str
    value: Any
    source: str


class Facts:
    """What is known, by name. A name that is not there is unknown, which is not false."""

    def __init__(self, facts: Mapping[str, Fact] | None = None) -> None:
        self._facts: dict[str, Fact] = dict(facts or {})

    @classmethod
    def of(cls, values: Mapping[str, Any], source: str = "given") -> Facts:
        """Make facts from plain values that share a source."""
        return cls({name: Fact(name, value, source) for name, value in values.items()})

    def put(self, name: str, value: Any, source: str) -> None:
        """Add or replace a fact; None removes it."""
        if value is None:
            self._facts.pop(name, None)
        else:
            self._facts[name] = Fact(name, value, source)

    def fact(self, name: str) -> Fact | None:
        """Return the fact, or None where it is unknown."""
        return self._facts.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value, or a default where it is unknown."""
        fact = self._facts.get(name)
        return default if fact is None else fact.value

    def copy(self) -> Facts:
        """Return an independent copy."""
        return Facts(self._facts)

    def __contains__(self, name: object) -> bool:
        return name in self._facts

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def __len__(self) -> int:
        return len(self._facts)
