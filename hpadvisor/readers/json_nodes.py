"""JSON to a tree of nodes with exact positions; comments and trailing commas are allowed.

More than half of the ``.json`` configs that strict parsers refuse only carry ``//`` comments or a
trailing comma, which the programs they belong to accept. Single quotes and bare keys (JSON5) are
read too. A stack of its own replaces recursion, so that depth is a limit and not a crash.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from pathlib import Path
from typing import Literal

from hpadvisor.errors import UserError
from hpadvisor.readers.yaml_nodes import MAX_DEPTH, MAX_NODES, Node

_TOKEN = re.compile(
    r"""(?P<space>[ \t\n\r]+)
    |(?P<comment>//[^\n]*|(?:(?<=[\s,])|\A)\#[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
    |(?P<mark>[{}\[\],:])
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<word>[^\s{}\[\],:"'/#]+)""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|Infinity|NaN)\Z"
    r"|true\Z|false\Z|null\Z"
)
"""A value without quotes: a number of JSON5, or one of the three words."""


class LineIndex:
    """Turns offsets of a text into one-based lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def node(self, kind: Literal["scalar", "sequence", "mapping"], start: int, end: int) -> Node:
        """Make a node that spans two offsets."""
        return Node(kind, *self.at(start), *self.at(end), start, end)


def compose(text: str, path: str | Path) -> list[Node]:
    """Compose the one value of a JSON text.

    Args:
        text: The text, without a byte-order mark.
        path: Its name, for messages.

    Returns:
        A list with the root node; empty when the text holds nothing but comments.

    Raises:
        UserError: not JSON even with comments and trailing commas, too deep or too large.
    """
    return _Composer(text, str(path)).run()


class _Composer:
    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.lines = LineIndex(text)
        self.root: list[Node] = []
        self.stack: list[Node] = []
        self.keys: list[Node | None] = []
        self.count = 0
        self.wants_colon = False
        self.wants_comma = False

    def run(self) -> list[Node]:
        """Read all tokens."""
        position, size = 0, len(self.text)
        while position < size:
            match = _TOKEN.match(self.text, position)
            if match is None:
                raise self._error("an unexpected character", position)
            kind = match.lastgroup
            if kind == "mark":
                self._mark(match.group(), position)
            elif kind in ("string", "word"):
                self._scalar(kind, match.start(), match.end())
            position = match.end()
        if self.stack:
            raise self._error("a bracket is never closed", self.stack[-1].start)
        return self.root

    def _mark(self, mark: str, position: int) -> None:
        if mark in "{[":
            self._open(mark, position)
        elif mark in "}]":
            self._close(mark, position)
        elif mark == ":":
            if not self.wants_colon:
                raise self._error("an unexpected colon", position)
            self.wants_colon = False
        elif not self.wants_comma or not self.stack:
            raise self._error("an unexpected comma", position)
        else:
            self.wants_comma = False

    def _open(self, mark: str, position: int) -> None:
        self._expect_value(position)
        if len(self.stack) >= MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", position)
        kind: Literal["mapping", "sequence"] = "mapping" if mark == "{" else "sequence"
        if kind == "mapping" and self._at_key():
            raise self._error("a key must be a text", position)
        self.stack.append(self.lines.node(kind, position, position))
        self.keys.append(None)

    def _close(self, mark: str, position: int) -> None:
        wanted = "mapping" if mark == "}" else "sequence"
        if not self.stack or self.stack[-1].kind != wanted or self.keys[-1] is not None:
            raise self._error(f"an unexpected '{mark}'", position)
        node = self.stack.pop()
        self.keys.pop()
        node.end = position + 1
        node.end_line, node.end_column = self.lines.at(node.end)
        self._attach(node)

    def _scalar(self, kind: str, start: int, end: int) -> None:
        self._expect_value(start)
        raw = self.text[start:end]
        node = self.lines.node("scalar", start, end)
        node.quoted = kind == "string"
        node.text = self._unquoted(raw, start) if node.quoted else raw
        if self._at_key():
            self.keys[-1] = node
            self.wants_colon = True
            return
        if not node.quoted and not _WORD.match(raw):
            raise self._error(f"'{raw[:20]}' is no JSON value", start)
        self._attach(node)

    def _unquoted(self, raw: str, start: int) -> str:
        if "\\" not in raw:
            return raw[1:-1]
        try:
            return str(json.loads(raw if raw[0] == '"' else _double_quoted(raw)))
        except ValueError:
            if raw[0] == '"':
                raise self._error("a backslash that escapes nothing", start) from None
            return raw[1:-1]

    def _at_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].kind == "mapping" and self.keys[-1] is None

    def _expect_value(self, position: int) -> None:
        if self.wants_colon:
            raise self._error("a colon is missing", position)
        if self.wants_comma or (self.root and not self.stack):
            raise self._error("a comma is missing", position)

    def _attach(self, node: Node) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise self._error(f"more than {MAX_NODES:,} values", node.start)
        if not self.stack:
            self.root.append(node)
            return
        parent = self.stack[-1]
        parent.size += node.size
        key = self.keys[-1]
        if parent.kind == "mapping" and key is not None:
            parent.pairs.append((key, node))
            self.keys[-1] = None
        else:
            parent.items.append(node)
        self.wants_comma = True

    def _error(self, what: str, position: int) -> UserError:
        line, column = self.lines.at(position)
        return UserError(
            f"not JSON: {what}",
            path=self.path,
            line=line,
            column=column,
            remedy="Check the brackets, commas and quotes there.",
        )


def _double_quoted(raw: str) -> str:
    inside = raw[1:-1].replace('"', '\\"')
    return f'"{inside}"'
