"""Dictionaries in a script that are a search space as other tools write it in YAML or JSON.

W&B's ``{"method": …, "parameters": {…}}`` and NNI's ``{"lr": {"_type": …, "_value": […]}}``.
"""

from __future__ import annotations

import ast

from hpadvisor.readers.scripts.finding import Where
from hpadvisor.readers.scripts.folding import UNKNOWN, dotted, fold
from hpadvisor.readers.scripts.source import Source
from hpadvisor.readers.yaml_nodes import Node

_DEEPEST = 12


def dictionary_spaces(source: Source, where: Where) -> list[Node]:
    """Return a node for every dictionary that is a whole search space."""
    found: list[Node] = []
    taken: set[int] = set()
    for item in ast.walk(source.module):
        if not isinstance(item, ast.Dict) or id(item) in taken:
            continue
        if _is_sweep(item, where) or _is_nni(item):
            taken.update(id(part) for part in ast.walk(item))
            node = _node(item, source, where, 0)
            _later_keys(item, node, source, where)
            found.append(node)
    return found


def _keys(item: ast.Dict) -> list[str]:
    return [key.value for key in item.keys
            if isinstance(key, ast.Constant) and isinstance(key.value, str)]  # fmt: skip


def _is_sweep(item: ast.Dict, where: Where) -> bool:
    keys = set(_keys(item))
    if "method" not in keys:
        return False
    return "parameters" in keys or "parameters" in _later(item, where)


def _is_nni(item: ast.Dict) -> bool:
    values = [value for value in item.values if isinstance(value, ast.Dict)]
    return bool(values) and len(values) == len(item.values) and all(
        "_type" in _keys(value) for value in values
    )  # fmt: skip


def _later(item: ast.Dict, where: Where) -> dict[str, tuple[ast.expr, ast.stmt]]:
    """Return the keys that are put into the dictionary afterwards, by name."""
    name = _variable(item, where)
    if name is None:
        return {}
    return {key: (value, statement) for key, value, statement in where.names.keyed.get(name, [])}


def _variable(item: ast.Dict, where: Where) -> str | None:
    for parent in where.above(item):
        if isinstance(parent, ast.Assign) and parent.value is item:
            target = parent.targets[0]
            return target.id if isinstance(target, ast.Name) else None
        return None
    return None


def _later_keys(item: ast.Dict, node: Node, source: Source, where: Where) -> None:
    for key, (value, _) in _later(item, where).items():
        node.pairs.append((source.word(value, key), _node(value, source, where, 1)))


def _node(item: ast.expr, source: Source, where: Where, depth: int) -> Node:
    """Turn an expression into a node; names stand for what was assigned to them last."""
    if depth > _DEEPEST:
        return source.scalar(item, "", known=False)
    if isinstance(item, ast.Name):
        return _named(item, source, where, depth)
    if isinstance(item, ast.Dict):
        node = source.node("mapping", item)
        for key, value in zip(item.keys, item.values, strict=True):
            if isinstance(key, ast.Constant):
                pair = source.scalar(key, str(key.value)), _node(value, source, where, depth + 1)
                node.pairs.append(pair)
        return node
    if isinstance(item, ast.Call) and dotted(item.func) == "dict" and not item.args:
        node = source.node("mapping", item)
        for word in item.keywords:
            if word.arg is not None:
                name = source.word(word, word.arg, len(word.arg))
                node.pairs.append((name, _node(word.value, source, where, depth + 1)))
        return node
    if isinstance(item, (ast.List, ast.Tuple)):
        node = source.node("sequence", item)
        node.items = [_node(element, source, where, depth + 1) for element in item.elts]
        return node
    return _folded(item, fold(item, where.names), source)


def _named(item: ast.Name, source: Source, where: Where, depth: int) -> Node:
    value = where.names.of(item.id, item.lineno)
    if not isinstance(value, (ast.Dict, ast.List, ast.Tuple, ast.Call)):
        return _folded(item, fold(item, where.names), source)
    node = _node(value, source, where, depth + 1)
    if isinstance(value, ast.Dict):
        _later_keys(value, node, source, where)
    return node


def _folded(item: ast.expr, value: object, source: Source) -> Node:
    if isinstance(value, list):
        node = source.node("sequence", item)
        node.items = [_folded(item, member, source) for member in value]
        return node
    return source.scalar(item, "" if value is UNKNOWN else value, known=value is not UNKNOWN)
