"""Parameters in forms of their own: pairs (NNI), ranges (Polyaxon), expressions (Hydra, Ray)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hpadvisor.facts.configs.parameter import Parameter, choice_values
from hpadvisor.facts.configs.subjects import Place, place_of_entry, place_of_key
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.scalars import as_number

if TYPE_CHECKING:
    from hpadvisor.facts.configs.expressions import Distribution


def read_pair(tree: Tree, choices: Entry | None, item: Parameter) -> None:
    """Read NNI's ``{_type: uniform, _value: [low, high]}``."""
    if choices is None or choices.node.kind != "sequence":
        return
    values = choice_values(tree, choices, item, strict=False)
    if item.word.casefold() in ("choice", "discrete"):
        item.choices = values
    elif values is not None and len(values) >= 2:
        item.written_low, item.written_high = as_number(values[0]), as_number(values[1])
        for key, index in (("low", 0), ("high", 1)):
            item.parts[key] = Place(choices.node.items[index], f"{choices.dotted}[{index}]")


def read_range(tree: Tree, value: Entry | None, item: Parameter, kind: dict[str, Any]) -> None:
    """Read Polyaxon's list, ``low:high:step``, or mapping."""
    if value is None:
        return
    if kind.get("type") == "categorical":
        if kind.get("weighted"):
            nodes = [node.items[0] for node in value.node.items if node.items]
            item.choices = tuple(node.text for node in nodes) if nodes else None
        elif value.node.kind == "sequence":
            item.choices = choice_values(tree, value, item, strict=False)
        return
    numbers = _triple(value, tree)
    if len(numbers) < 2:
        return
    item.written_low, item.written_high = numbers[0], numbers[1]
    if kind.get("type") == "grid" and len(numbers) > 2 and numbers[2]:
        item.count = _grid_count(numbers, points=bool(kind.get("points")))


def read_expression(tree: Tree, entry: Entry, name: str, place: Place) -> Parameter | None:
    """Read a text such as ``interval(a, b)``, or a plain list of choices."""
    if entry.node.kind == "sequence":
        item = Parameter(name, place, type="categorical")
        item.choices = choice_values(tree, entry, item, strict=False)
        item.count = None if item.choices is None else len(item.choices)
        item.parts["choices"] = place_of_entry(entry)
        return item
    said = _parse(entry.node.text)
    return None if said is None else _from_expression(entry, name, place, said)


def read_deep(tree: Tree, entry: Entry) -> Iterator[Parameter]:
    """Yield the distributions that stand anywhere below an entry (Ray and Orion)."""
    for child in tree.entries(entry):
        name = ".".join(child.path[len(entry.path) :]) or child.name
        if child.node.kind == "scalar" and ("(" in child.node.text or "~" in child.node.text):
            said = _parse(child.node.text)
            if said is not None and said.word != "list":
                yield _from_expression(child, name, place_of_key(child), said)
        elif child.node.kind == "mapping":
            found = _ray_mapping(tree, child, name)
            if found is not None:
                yield found


def _ray_mapping(tree: Tree, entry: Entry, name: str) -> Parameter | None:
    inner = tree.under(entry)
    grid = inner.find("grid_search")
    if grid is not None and grid.node.kind == "sequence":
        item = Parameter(name, place_of_key(entry), type="categorical", word="grid_search")
        item.choices = choice_values(tree, grid, item, strict=False)
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
