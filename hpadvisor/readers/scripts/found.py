"""What the readers of single engines find in a script: parameters, and settings of a search."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from hpadvisor.readers.scripts.folding import UNKNOWN, Names, fold
from hpadvisor.readers.scripts.source import Source
from hpadvisor.readers.yaml_nodes import Node


@dataclass(slots=True)
class FoundParameter:
    """One searched parameter in a script.

    Attributes:
        engine: The library that searches.
        name: Its name, with ``{}`` for what only running would tell.
        at: The expression that declares it.
        name_at: The expression of its name.
        kind: The library's word for the distribution.
        parts: Expressions of ``low``, ``high``, ``choices``, ``step``.
        said: Values that the source states otherwise: ``log``, ``rounded``, ``ratio``, ``low``, …
        conditional: Whether only some trials draw it.
        group: What it belongs to, before settings are joined: a function, a class, a dictionary.
    """

    engine: str
    name: str
    at: ast.expr
    name_at: ast.expr | ast.keyword
    kind: str
    parts: dict[str, ast.expr] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    conditional: bool = False
    group: object = None


@dataclass(slots=True)
class FoundSettings:
    """What a call says about a search as a whole.

    Attributes:
        engine: The library.
        at: The call.
        parts: Expressions of ``method``, ``metric``, ``direction``, ``trials``, ``startup``, ….
        said: Values that the source states otherwise.
        names: Functions, classes and variables that the call mentions: they tell its space.
    """

    engine: str
    at: ast.expr
    parts: dict[str, ast.expr] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Space:
    """A space: its parameters and what was found about its search."""

    engine: str
    parameters: list[FoundParameter]
    settings: list[FoundSettings] = field(default_factory=list)


def as_node(space: Space, source: Source, names: Names) -> Node:
    """Turn a space into a mapping that a declared format reads.

    The keys are ``hpo_engine``, the settings, and ``parameters``: one mapping per parameter with
    ``name``, ``kind``, ``low``, ``high``, ``choices``, ``log``, ``step``, ``sometimes``,
    ``rounded`` and ``ratio``.
    """
    first = space.parameters[0].at
    root = source.node("mapping", first)
    _pair(root, source, first, "hpo_engine", source.scalar(first, space.engine))
    stated: set[str] = set()
    for settings in space.settings:
        for key, item in settings.parts.items():
            if key not in stated:
                stated.add(key)
                _pair(root, source, item, key, _value(item, source, names))
        for key, value in settings.said.items():
            if key not in stated:
                stated.add(key)
                _pair(root, source, settings.at, key, source.scalar(settings.at, value))
    holder = source.node("mapping", first)
    taken: dict[str, int] = {}
    for parameter in space.parameters:
        taken[parameter.name] = taken.get(parameter.name, 0) + 1
        number = taken[parameter.name]
        key = parameter.name if number == 1 else f"{parameter.name} ({number})"
        holder.pairs.append(
            (source.word(parameter.name_at, key), _parameter(parameter, source, names))
        )
    _pair(root, source, first, "parameters", holder)
    return root


def _parameter(found: FoundParameter, source: Source, names: Names) -> Node:
    node = source.node("mapping", found.at)
    _pair(node, source, found.at, "name", source.scalar(found.name_at, found.name))
    if "kind" not in found.said:
        _pair(node, source, found.at, "kind", source.scalar(found.at, found.kind))
    for key, item in found.parts.items():
        if key not in found.said:
            _pair(node, source, item, key, _value(item, source, names))
    for key, value in found.said.items():
        _pair(node, source, found.at, key, _said(found, key, value, source))
    if found.conditional:
        _pair(node, source, found.at, "sometimes", source.scalar(found.at, True))
    return node


def _said(found: FoundParameter, key: str, value: Any, source: Source) -> Node:
    at = found.parts.get(key, found.at)
    return _folded(at, value, source)


def _pair(node: Node, source: Source, at: ast.expr, key: str, value: Node) -> None:
    node.pairs.append((source.word(at, key), value))


def _value(item: ast.expr, source: Source, names: Names) -> Node:
    """Turn an expression into a node; members of a list keep their own places."""
    if isinstance(item, (ast.List, ast.Tuple)):
        node = source.node("sequence", item)
        node.items = [_value(element, source, names) for element in item.elts]
        return node
    return _folded(item, fold(item, names), source)


def _folded(item: ast.expr, value: Any, source: Source) -> Node:
    if isinstance(value, list):
        node = source.node("sequence", item)
        node.items = [_folded(item, member, source) for member in value]
        return node
    if value is UNKNOWN:
        return source.scalar(item, "", known=False)
    return source.scalar(item, value)
