"""The parameters of a search space, whatever its format, in one shape."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from hpadvisor.facts.configs.parameter import Parameter, choice_values
from hpadvisor.facts.configs.parameter_forms import (
    read_deep,
    read_expression,
    read_pair,
    read_range,
)
from hpadvisor.facts.configs.subjects import Place, place_of_entry, place_of_key
from hpadvisor.readers.configs.formats import SearchMap
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.scalars import as_number

_MAX_EXPONENT = 300.0
MAX_PARAMETERS = 5_000


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
            yield from read_deep(self.tree, entry)
            return
        for name, (key, node) in self.tree.children(entry.node).items():
            child = Entry((*entry.path, name), key, node)
            yield from self._read(child, prefix)

    def _read(self, entry: Entry, prefix: str) -> Iterator[Parameter]:
        name_entry = self._part(entry, "name")
        name = prefix + (name_entry.node.text if name_entry else entry.name)
        place = place_of_entry(name_entry) if name_entry else place_of_key(entry)
        if self.search.style == "expression" and entry.node.kind != "mapping":
            found = read_expression(self.tree, entry, name, place)
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
            read_pair(self.tree, parts["choices"], item)
        elif self.search.style == "range":
            read_range(self.tree, parts["choices"], item, kind)
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
            item.choices = choice_values(self.tree, choices, item, strict=self.strict)
        constant = self._part(entry, "constant")
        if constant is not None:
            item.type = "constant"
            if not constant.node.quoted:
                self._number(constant, item)
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
        self._steps(entry, item)
        item.sometimes = self._flag(entry, "sometimes")
        item.rounded = self._flag(entry, "rounded")
        ratio = self._part(entry, "ratio")
        item.ratio = as_number(self.tree.resolve(ratio.node)) if ratio is not None else None

    def _flag(self, entry: Entry, key: str) -> bool:
        part = self._part(entry, key)
        return part is not None and self.tree.resolve(part.node) is True

    def _steps(self, entry: Entry, item: Parameter) -> None:
        """Count the values of a range with steps, and of one of whole numbers."""
        step = self._part(entry, "step")
        width = as_number(self.tree.resolve(step.node)) if step is not None else None
        item.stepped = step is not None
        if item.count is not None or item.low is None or item.high is None:
            return
        if width is None and item.type == "int" and item.scale == "linear":
            width = 1
        if width and width > 0 and item.high >= item.low:
            count = math.floor((item.high - item.low) / width + 1e-9) + 1
            item.count = count if count < 1_000_000 else None

    def _number(self, entry: Entry | None, item: Parameter) -> float | None:
        if entry is None or entry.node.kind != "scalar":
            return None
        value = self.tree.resolve(entry.node)
        number = as_number(value)
        if number is not None and isinstance(value, str) and self.strict:
            item.texts.append(place_of_entry(entry))
        return number


def _value(written: float | None, bounds: str, base: float | None) -> float | None:
    if written is None or bounds == "value":
        return written
    number = math.e if bounds == "e" else (base or 10.0)
    if abs(written) > _MAX_EXPONENT or number <= 0:
        return None
    return float(number**written)
