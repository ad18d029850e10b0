"""Python config files (OpenMMLab and the like) to a tree of nodes, read as syntax, never run.

Module-level assignments become the keys of one mapping; ``dict(…)`` and literals become values.
A name that was assigned before stands for its value; whatever else has to be computed is kept as
an unknown scalar (tag :data:`UNKNOWN_TAG`).
"""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import Literal

from hpadvisor.errors import UserError
from hpadvisor.readers.json_nodes import LineIndex
from hpadvisor.readers.numbers import unusable
from hpadvisor.readers.scripts.source import UNKNOWN_TAG
from hpadvisor.readers.yaml_nodes import MAX_DEPTH, Node


def compose(text: str, path: str | Path) -> list[Node]:
    """Compose the module-level assignments of a Python text.

    Args:
        text: The source.
        path: Its name, for messages.

    Returns:
        A list with one mapping: names to values.

    Raises:
        UserError: not Python, or nested too deep.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    except SyntaxError as error:
        raise UserError(
            f"not Python: {error.msg}", path=path, line=error.lineno, remedy="Mend the syntax."
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise UserError(
            "nested too deep", path=path, remedy="Check that this is the right file."
        ) from None
    return [_Builder(text).run(module)]


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = LineIndex(text)
        self.names: dict[str, Node] = {}
        self._bytes = [line.encode() for line in text.split("\n")]
        self._offsets = [0]
        for line in text.split("\n"):
            self._offsets.append(self._offsets[-1] + len(line) + 1)

    def run(self, module: ast.Module) -> Node:
        """Collect the assignments of a module."""
        root = self.lines.node("mapping", 0, len(self.text))
        for statement in module.body:
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                value = self.value(statement.value, 0)
                self.names[target.id] = value
                root.pairs.append((self._scalar(target, target.id, quoted=False), value))
        return root

    def _span(self, item: ast.expr | ast.keyword) -> tuple[int, int]:
        start = self._offset(item.lineno, item.col_offset)
        return start, self._offset(item.end_lineno or item.lineno, item.end_col_offset or 0)

    def _offset(self, line: int, column: int) -> int:
        # ast counts bytes of UTF-8; nodes count characters.
        return self._offsets[line - 1] + len(
            self._bytes[line - 1][:column].decode("utf-8", "ignore")
        )

    def _scalar(self, item: ast.expr, text: str, *, quoted: bool, tag: str | None = None) -> Node:
        node = self._node("scalar", item)
        node.text, node.quoted, node.tag = text, quoted, tag
        return node

    def _node(self, kind: Literal["scalar", "sequence", "mapping"], item: ast.expr) -> Node:
        return self.lines.node(kind, *self._span(item))

    def value(self, item: ast.expr, depth: int) -> Node:
        """Turn an expression into a node; what cannot be read is an unknown scalar."""
        if depth > MAX_DEPTH:
            return self._scalar(item, "", quoted=False, tag=UNKNOWN_TAG)
        if isinstance(item, ast.Call):
            return self._call(item, depth)
        if isinstance(item, ast.Dict):
            return self._dict(item, depth)
        if isinstance(item, (ast.List, ast.Tuple)):
            node = self._node("sequence", item)
            node.items = [self.value(element, depth + 1) for element in item.elts]
            return node
        if isinstance(item, ast.Name) and item.id in self.names:
            return self.names[item.id]
        if isinstance(item, (ast.Name, ast.Attribute)):
            return self._scalar(item, _dotted(item), quoted=True)
        return self._literal(item)

    def _literal(self, item: ast.expr) -> Node:
        sign = ""
        inner = item
        if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub):
            sign, inner = "-", item.operand
        if isinstance(inner, ast.Constant):
            value = inner.value
            if isinstance(value, str) and not sign:
                return self._scalar(item, value, quoted=True)
            if (
                value is None
                or isinstance(value, bool)
                or (isinstance(value, int | float) and not unusable(value))
            ):
                return self._scalar(item, _spelled(value, sign), quoted=False)
        return self._scalar(item, "", quoted=False, tag=UNKNOWN_TAG)

    def _call(self, item: ast.Call, depth: int) -> Node:
        if not (isinstance(item.func, ast.Name) and item.func.id == "dict") or item.args:
            return self._scalar(item, "", quoted=False, tag=UNKNOWN_TAG)
        node = self._node("mapping", item)
        for keyword in item.keywords:
            if keyword.arg is None:
                continue
            start, _ = self._span(keyword)
            key = self.lines.node("scalar", start, start + len(keyword.arg))
            key.text = keyword.arg
            node.pairs.append((key, self.value(keyword.value, depth + 1)))
        return node

    def _dict(self, item: ast.Dict, depth: int) -> Node:
        node = self._node("mapping", item)
        for key, value in zip(item.keys, item.values, strict=True):
            if isinstance(key, ast.Constant):
                name = self._scalar(key, str(key.value), quoted=isinstance(key.value, str))
                node.pairs.append((name, self.value(value, depth + 1)))
        return node


def _spelled(value: float | int | bool | None, sign: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return sign + repr(value)


def _dotted(item: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(item, ast.Attribute) and len(parts) < MAX_DEPTH:
        parts.append(item.attr)
        item = item.value
    if isinstance(item, ast.Name):
        parts.append(item.id)
    return ".".join(reversed(parts))
