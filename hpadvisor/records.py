"""Frozen records: what a frozen dataclass gives, without its cost at start-up.

A dataclass compiles its methods anew for every class, .8 ms each: thirty classes stood between a
short log and its verdict. Records share theirs, and a default is an attribute of the class.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar, dataclass_transform

__all__ = ["Record", "replace"]


@dataclass_transform(frozen_default=True)
class Record:
    """Base of frozen records: annotate the fields, those without a default first.

    ``class Name(Record, kw_only=True)`` makes the fields of a class keywords, for type checkers.
    """

    record_fields: ClassVar[tuple[str, ...]] = ()
    """Names of the fields in order, those of base classes first."""

    _known: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, kw_only: bool = False) -> None:
        own = tuple(name for name in cls.__annotations__ if name[0] != "_")
        cls.record_fields = tuple(dict.fromkeys((*cls.record_fields, *own)))
        cls._known = frozenset(cls.record_fields)

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self.record_fields
        if len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} has {len(fields)} fields, not {len(values)}")
        if values:
            named |= zip(fields, values, strict=False)
        self.__dict__.update(named)
        if len(named) != len(fields):
            missing = [name for name in fields if not hasattr(self, name)]
            if missing:
                raise TypeError(f"{type(self).__name__} lacks {', '.join(missing)}")
        if not named.keys() <= self._known:
            unknown = ", ".join(sorted(named.keys() - self._known))
            raise TypeError(f"{type(self).__name__} has no field {unknown}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def record_values(self) -> tuple[Any, ...]:
        """The values of all fields, in order."""
        return tuple(getattr(self, name) for name in self.record_fields)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.record_values() == other.record_values()

    def __hash__(self) -> int:
        return hash((type(self), self.record_values()))

    def __repr__(self) -> str:
        shown = zip(self.record_fields, self.record_values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown)})"


RecordT = TypeVar("RecordT", bound=Record)


def replace(record: RecordT, **changes: Any) -> RecordT:
    """Return a copy of a record with some fields changed."""
    return type(record)(**(record.__dict__ | changes))
