"""YAML text to a tree of nodes with exact positions, safe against hostile input.

PyYAML's C parser gives events; an iterative composer of ours builds the tree, because recursive
composers crash on deep nesting, and libraries that keep positions are 10 to 30 times slower.
Aliases become references, and their expanded size is counted, so that an alias bomb is refused
before anybody walks it. Nothing is ever constructed by tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hpadvisor.errors import UserError

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 128
MAX_NODES = 200_000
_RIGHT_FILE = "Check that this is the right file."
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


@dataclass(slots=True)
class Node:
    """One value of a document, with the place where it stands.

    Attributes:
        kind: What it is.
        text: The text of a scalar after unquoting; empty for collections.
        quoted: Whether a scalar was quoted or a block, and so is always text.
        tag: An explicit tag (``!new:…``), else None.
        items: The members of a sequence.
        pairs: The key and value nodes of a mapping, in order, duplicates included.
        line: One-based line of its first character; ``column`` likewise.
        end_line: One-based line after its last character; ``end_column`` likewise.
        start: Index of its first character in the text; ``end`` the one after its last.
        size: Nodes of its tree, aliases expanded.
    """

    kind: Literal["scalar", "sequence", "mapping"]
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int
    text: str = ""
    quoted: bool = False
    tag: str | None = None
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    size: int = 1

    def get(self, key: str) -> Node | None:
        """Return the value of a mapping's key (the last, when it stands twice), or None."""
        found = None
        for name, value in self.pairs:
            if name.kind == "scalar" and name.text == key:
                found = value
        return found

    def key_node(self, key: str) -> Node | None:
        """Return the key's own node in a mapping, or None."""
        for name, _ in self.pairs:
            if name.kind == "scalar" and name.text == key:
                return name
        return None

    def at(self, path: tuple[str | int, ...]) -> Node:
        """Return the node at a path of keys and indices, or the nearest one above it."""
        node = self
        for step in path:
            child = node._child(step)
            if child is None:
                return node
            node = child
        return node

    def _child(self, step: str | int) -> Node | None:
        if self.kind == "mapping":
            return self.get(str(step))
        if self.kind == "sequence" and isinstance(step, int) and step < len(self.items):
            return self.items[step]
        return None


def compose(text: str, path: str | Path) -> list[Node]:
    """Compose every document of a YAML text.

    Args:
        text: The text, without a byte-order mark.
        path: Its name, for messages.

    Returns:
        The root node of each document; empty documents are left out.

    Raises:
        UserError: not YAML, too deep, too large, or an alias bomb.
    """
    import yaml

    composer = _Composer(str(path))
    handlers = composer.handlers
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        # get_event alone, without check_event before it, saves a third of the time.
        while (event := loader.get_event()) is not None:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
            elif type(event) is yaml.StreamEndEvent:
                break
    except yaml.YAMLError as error:
        raise _syntax_error(error, path) from None
    finally:
        loader.dispose()
    return composer.documents


def _syntax_error(error: yaml.YAMLError, path: str | Path) -> UserError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    # Newer parsers refuse deep nesting themselves, at a depth beyond ours, in words of their own.
    deep = "nesting" in problem
    return UserError(
        _TOO_DEEP if deep else f"not YAML: {problem}",
        path=path,
        line=None if mark is None else mark.line + 1,
        column=None if mark is None else mark.column + 1,
        remedy="Check that this is the right file."
        if deep
        else "Check the indentation and quotes there.",
    )


class _Composer:
    """Builds trees from events with a stack of its own instead of recursion."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.documents: list[Node] = []
        self._stack: list[Node] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

        import yaml  # here, because most commands find their rules parsed already

        self.handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.DocumentStartEvent: self._start_document,
        }

    def _start_document(self, event: Any) -> None:
        self._anchors = {}

    def _scalar(self, event: Any) -> None:
        node = _node("scalar", event)
        node.text = event.value
        node.quoted = event.style not in (None, "")
        node.tag = event.tag if event.tag not in (None, "!") else None
        self._finish(node, event.anchor)

    def _open(self, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise self._refused(event, _TOO_DEEP)
        kind: Literal["mapping", "sequence"] = (
            "mapping" if type(event).__name__ == "MappingStartEvent" else "sequence"
        )
        node = _node(kind, event)
        node.tag = event.tag if event.tag not in (None, "!") else None
        self._stack.append(node)
        self._keys.append(None)
        if event.anchor:
            self._anchors[event.anchor] = node

    def _close(self, event: Any) -> None:
        node = self._stack.pop()
        self._keys.pop()
        mark = event.end_mark
        node.end_line, node.end_column, node.end = mark.line + 1, mark.column + 1, mark.index
        self._finish(node, None)

    def _alias(self, event: Any) -> None:
        target = self._anchors.get(event.anchor)
        if target is None:
            raise self._refused(event, f"alias *{event.anchor} has no anchor")
        if any(target is parent for parent in self._stack):
            raise self._refused(event, f"alias *{event.anchor} contains itself")
        self._finish(target, None)

    def _finish(self, node: Node, anchor: str | None) -> None:
        self._nodes += 1
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            if not (node.kind == "scalar" and not node.text and not node.quoted):
                self.documents.append(node)
            return
        self._attach(self._stack[-1], node)

    def _attach(self, parent: Node, node: Node) -> None:
        parent.size += node.size
        if parent.size > MAX_NODES or self._nodes > MAX_NODES:
            raise UserError(
                f"more than {MAX_NODES:,} values, aliases expanded",
                path=self.path,
                line=node.line,
                remedy=_RIGHT_FILE,
            )
        if parent.kind == "sequence":
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
        else:
            parent.pairs.append((key, node))
            self._keys[-1] = None

    def _refused(self, event: Any, what: str) -> UserError:
        return UserError(
            what,
            path=self.path,
            line=event.start_mark.line + 1,
            remedy=_RIGHT_FILE,
        )


def _node(kind: Literal["scalar", "sequence", "mapping"], event: Any) -> Node:
    start, end = event.start_mark, event.end_mark
    return Node(
        kind,
        start.line + 1,
        start.column + 1,
        end.line + 1,
        end.column + 1,
        start.index,
        end.index,
    )


_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED_INT = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
_MAX_DIGITS = 400


def plain_scalar(text: str) -> Any:
    """Resolve an unquoted scalar by the core schema of YAML 1.2 (``1e-5`` is a number).

    Args:
        text: The scalar's text.

    Returns:
        None, a bool, an int, a float, or the text itself.
    """
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if len(text) < _MAX_DIGITS:
        if _INT.match(text):
            return int(text)
        if _BASED_INT.match(text):
            return int(text, 0)
        if _FLOAT.match(text):
            return float(text)
    special = _SPECIAL.get(text.lower())
    return text if special is None else float(special)


_CORE = "tag:yaml.org,2002:"
_CORE_TAGS = frozenset(
    f"{_CORE}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")
)


def construct(node: Node, path: str | Path) -> Any:
    """Build plain Python values from a tree, by YAML 1.2, refusing what is ambiguous.

    Args:
        node: The root; at most :data:`MAX_DEPTH` deep, so recursion is safe.
        path: The file's name, for messages.

    Returns:
        Dicts with text keys, lists, and scalars.

    Raises:
        UserError: a key that stands twice, a key that is no scalar, or an unknown tag.
    """
    if node.tag is not None and node.tag not in _CORE_TAGS:
        raise UserError(
            f"tag {node.tag} is not supported",
            path=path,
            line=node.line,
            remedy="Write the plain value.",
        )
    if node.kind == "scalar":
        is_text = node.quoted or node.tag == f"{_CORE}str"
        return node.text if is_text else plain_scalar(node.text)
    if node.kind == "sequence":
        return [construct(item, path) for item in node.items]
    return _mapping(node, path)


def _mapping(node: Node, path: str | Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, value in node.pairs:
        if key.kind != "scalar":
            raise UserError(
                "a key must be a plain word", path=path, line=key.line, remedy="Quote it."
            )
        if key.text in lines:
            raise UserError(
                f"key '{key.text}' stands twice (first in line {lines[key.text]})",
                path=path,
                line=key.line,
                remedy="Keep one of them.",
            )
        lines[key.text] = key.line
        values[key.text] = construct(value, path)
    return values


def walk(
    node: Node, prefix: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """Yield every node below and including this one with its path of keys and indices."""
    yield prefix, node
    for key, value in node.pairs:
        yield from walk(value, (*prefix, key.text))
    for index, item in enumerate(node.items):
        yield from walk(item, (*prefix, index))
