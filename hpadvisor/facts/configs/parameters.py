"""The parameters of a search space, whatever its format, in one shape."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpadvisor.facts.configs.subjects import Place, place_of_entry, place_of_key
from hpadvisor.readers.configs.formats import SearchMap
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.scalars import UNKNOWN, as_number

if TYPE_CHECKING:
    from hpadvisor.facts.configs.expressions import Distribution

_MAX_EXPONENT = 300.0
MAX_PARAMETERS = 5_000


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

    @property
    def varies(self) -> bool:
        """Whether the search has anything to choose."""
        if self.type == "constant":
            return False
        return self.choices is None or len(self.choices) > 1


def read_parameters(tree: Tree, search: SearchMap, *, strict: bool) -> list[Parameter]:
    """Read every parameter of a search space.

    Args:
        tree: The document.
        search: Where its format keeps them.
        strict: Whether numbers that are read as text are worth noting.
    """
    reader = _Reader(tree, search, strict)
    for path in search.parameters:
        found = list(tree.find_all(path))
        parameters = [item for entry in found for item in reader.read_all(entry)]
        if parameters:
            return parameters[:MAX_PARAMETERS]
    return []


class _Reader:
    def __init__(self, tree: Tree, search: SearchMap, strict: bool) -> None:
        self.tree = tree
        self.search = search
        self.strict = strict
        self.keys = search.keys

    def read_all(self, entry: Entry, prefix: str = "") -> Iterator[Parameter]:
        """Read the parameters below an entry."""
        if entry.node.kind == "scalar":
            return
        if self.search.options.get("deep"):
            yield from self._deep(entry)
            return
        for name, (key, node) in self.tree.children(entry.node).items():
            child = Entry((*entry.path, name), key, node)
            yield from self._read(child, prefix)

    def _read(self, entry: Entry, prefix: str) -> Iterator[Parameter]:
        name_entry = self._part(entry, "name")
        name = prefix + (name_entry.node.text if name_entry else entry.name)
        place = place_of_entry(name_entry) if name_entry else place_of_key(entry)
        if self.search.style == "expression" and entry.node.kind != "mapping":
            found = self._expression(entry, name, place)
            if found is not None:
                yield found
            return
        if entry.node.kind != "mapping":
            if self.search.options.get("constants"):
                yield Parameter(name, place, type="constant")
            return
        inner = self._nested(entry)
        if inner is not None:
            yield from self.read_all(inner, f"{name}.")
            return
        yield self._mapping(entry, name, place)

    def _nested(self, entry: Entry) -> Entry | None:
        nested = self.keys.get("nested", ("",))[0]
        if nested == "*":
            return None if self._part(entry, "kind") else entry
        return self.tree.under(entry).find(nested) if nested else None

    def _part(self, entry: Entry, key: str) -> Entry | None:
        if entry.node.kind != "mapping":
            return None
        for path in self.keys.get(key, ()):
            found = self.tree.under(entry).find(path)
            if found is not None:
                return found
        return None

    def _mapping(self, entry: Entry, name: str, place: Place) -> Parameter:
        item = Parameter(name, place)
        parts = {key: self._part(entry, key) for key in ("kind", "low", "high", "choices")}
        item.parts = {key: place_of_entry(part) for key, part in parts.items() if part}
        item.has_default = any(
            key in self.tree.children(entry.node) for key in ("default", "default_value", "init")
        )
        kind = self._kind(entry, item)
        if self.search.style == "pair":
            self._pair(parts["choices"], item)
        elif self.search.style == "range":
            self._range(parts["choices"], item, kind)
        else:
            self._limits(entry, item, parts)
        self._finish(entry, item, kind)
        return item

    def _kind(self, entry: Entry, item: Parameter) -> dict[str, Any]:
        """Return what the format's words for type and distribution say together."""
        said: dict[str, Any] = {}
        for key in ("type", "kind"):
            part = self._part(entry, key)
            if part is not None and part.node.kind == "scalar":
                word = part.node.text
                known = self.search.kinds.get(word.casefold())
                if key == "kind":
                    item.word = word
                if known is None and part.node.text:
                    said.setdefault("type", "unknown")
                else:
                    said |= known or {}
        log = self._part(entry, "log")
        if log is not None and self.tree.resolve(log.node) is True:
            said["scale"] = "log"
        word_entry = self._part(entry, "log_word")
        if word_entry is not None and "log" in word_entry.node.text.lower():
            said["scale"] = "log"
        return said

    def _limits(self, entry: Entry, item: Parameter, parts: dict[str, Entry | None]) -> None:
        item.written_low = self._number(parts["low"], item)
        item.written_high = self._number(parts["high"], item)
        choices = parts["choices"]
        if choices is not None and choices.node.kind == "sequence":
            item.choices = self._values(choices, item)
        if self._part(entry, "constant") is not None:
            item.type = "constant"
        elif item.choices is not None:
            item.type = "categorical"
        elif self.search.options.get("integer_by_bounds"):
            item.type = (
                "int" if self._whole(parts["low"]) and self._whole(parts["high"]) else "float"
            )

    def _whole(self, entry: Entry | None) -> bool:
        value = None if entry is None else self.tree.resolve(entry.node)
        return isinstance(value, int) and not isinstance(value, bool)

    def _finish(self, entry: Entry, item: Parameter, kind: dict[str, Any]) -> None:
        if item.type != "constant":
            item.type = kind.get("type", item.type)
        if kind.get("from_choices") and item.choices and len(item.choices) == 2:
            low, high = (as_number(choice) for choice in item.choices)
            item.written_low, item.written_high, item.choices = low, high, None
        item.scale = kind.get("scale", item.scale)
        item.bounds = str(kind.get("bounds", "value"))
        base = self._part(entry, "base")
        stated = as_number(self.tree.resolve(base.node)) if base else None
        item.low = _value(item.written_low, item.bounds, stated)
        item.high = _value(item.written_high, item.bounds, stated)
        count = self._part(entry, "count")
        if count is not None and item.count is None:
            number = as_number(self.tree.resolve(count.node))
            item.count = None if number is None else int(number)
        if item.type == "categorical" and item.choices is not None:
            item.count = len(item.choices)

    def _number(self, entry: Entry | None, item: Parameter) -> float | None:
        if entry is None or entry.node.kind != "scalar":
            return None
        value = self.tree.resolve(entry.node)
        number = as_number(value)
        if number is not None and isinstance(value, str) and self.strict:
            item.texts.append(place_of_entry(entry))
        return number

    def _values(self, entry: Entry, item: Parameter) -> tuple[Any, ...] | None:
        values: list[Any] = []
        for index, node in enumerate(entry.node.items):
            if node.kind != "scalar":
                values.append(f"#{index}")
                continue
            value = self.tree.resolve(node)
            number = as_number(value)
            if isinstance(value, str) and number is not None and self.strict and not node.quoted:
                item.texts.append(Place(node, f"{entry.dotted}[{index}]"))
            values.append(value if number is None else number)
        return None if any(value is UNKNOWN for value in values) else tuple(values)

    def _pair(self, choices: Entry | None, item: Parameter) -> None:
        """NNI: ``{_type: uniform, _value: [low, high]}``."""
        if choices is None or choices.node.kind != "sequence":
            return
        values = self._values(choices, item)
        if item.word.casefold() in ("choice", "discrete"):
            item.choices = values
        elif values is not None and len(values) >= 2:
            item.written_low, item.written_high = as_number(values[0]), as_number(values[1])
            for key, index in (("low", 0), ("high", 1)):
                item.parts[key] = Place(choices.node.items[index], f"{choices.dotted}[{index}]")

    def _range(self, value: Entry | None, item: Parameter, kind: dict[str, Any]) -> None:
        """Polyaxon: a list, ``low:high:step``, or a mapping."""
        if value is None:
            return
        if kind.get("type") == "categorical":
            item.choices = self._weighted(value, item) if kind.get("weighted") else (
                self._values(value, item) if value.node.kind == "sequence" else None
            )  # fmt: skip
            return
        numbers = _triple(value, self.tree)
        if len(numbers) < 2:
            return
        item.written_low, item.written_high = numbers[0], numbers[1]
        if kind.get("type") == "grid" and len(numbers) > 2 and numbers[2]:
            item.count = _grid_count(numbers, points=bool(kind.get("points")))

    def _weighted(self, entry: Entry, item: Parameter) -> tuple[Any, ...] | None:
        nodes = [node.items[0] for node in entry.node.items if node.items]
        return tuple(node.text for node in nodes) if nodes else None

    def _expression(self, entry: Entry, name: str, place: Place) -> Parameter | None:
        if entry.node.kind == "sequence":
            values = self._values(entry, item := Parameter(name, place))
            item.type, item.choices = "categorical", values
            item.count = None if values is None else len(values)
            item.parts["choices"] = place_of_entry(entry)
            return item
        said = _parse(entry.node.text)
        return None if said is None else _from_expression(entry, name, place, said)

    def _deep(self, entry: Entry) -> Iterator[Parameter]:
        """Ray and Orion: distributions anywhere in a config."""
        for child in self.tree.entries(entry):
            name = ".".join(child.path[len(entry.path) :]) or child.name
            if child.node.kind == "scalar" and ("(" in child.node.text or "~" in child.node.text):
                said = _parse(child.node.text)
                if said is not None and said.word != "list":
                    yield _from_expression(child, name, place_of_key(child), said)
            elif child.node.kind == "mapping":
                found = self._ray_mapping(child, name)
                if found is not None:
                    yield found

    def _ray_mapping(self, entry: Entry, name: str) -> Parameter | None:
        inner = self.tree.under(entry)
        grid = inner.find("grid_search")
        if grid is not None and grid.node.kind == "sequence":
            item = Parameter(name, place_of_key(entry), type="categorical", word="grid_search")
            item.choices = self._values(grid, item)
            item.count = len(grid.node.items)
            item.parts["choices"] = place_of_entry(grid)
            return item
        target = inner.value("_target_")
        if not isinstance(target, str) or "tune." not in target:
            return None
        word = target.rsplit(".", 1)[-1]
        low, high = as_number(inner.value("lower")), as_number(inner.value("upper"))
        said = _parse(f"{word}({low}, {high})")
        return None if said is None else _from_expression(entry, name, place_of_key(entry), said)


def _parse(text: str) -> Distribution | None:
    from hpadvisor.facts.configs.expressions import parse_expression

    return parse_expression(text)


def _from_expression(entry: Entry, name: str, place: Place, said: Distribution) -> Parameter:
    where = place_of_entry(entry)
    return Parameter(
        name,
        place,
        type=said.type,
        scale=said.scale,
        low=said.low,
        high=said.high,
        written_low=said.low,
        written_high=said.high,
        choices=said.choices if said.type == "categorical" else None,
        count=len(said.choices) if said.type == "categorical" else None,
        word=said.word,
        parts={"kind": where, "low": where, "high": where, "choices": where},
    )


def _value(written: float | None, bounds: str, base: float | None) -> float | None:
    if written is None or bounds == "value":
        return written
    number = math.e if bounds == "e" else (base or 10.0)
    if abs(written) > _MAX_EXPONENT or number <= 0:
        return None
    return float(number**written)


def _triple(entry: Entry, tree: Tree) -> list[float]:
    node = entry.node
    if node.kind == "scalar":
        values: list[Any] = [part.strip() for part in node.text.split(":")]
    elif node.kind == "sequence":
        values = [tree.resolve(item) for item in node.items if item.kind == "scalar"]
    else:
        inner = tree.under(entry)
        names = (("low", "start"), ("high", "stop"), ("q", "step", "num"))
        values = [next((v for n in group if (v := inner.value(n)) is not None), None)
                  for group in names]  # fmt: skip
    numbers = [as_number(value) for value in values]
    return [number for number in numbers if number is not None]


def _grid_count(numbers: list[float], *, points: bool) -> int | None:
    if points:
        return int(numbers[2])
    count = math.ceil((numbers[1] - numbers[0]) / numbers[2])
    return count if 0 < count < 1_000_000 else None
