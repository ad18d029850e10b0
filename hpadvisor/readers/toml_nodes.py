"""TOML to a tree of nodes with exact positions.

``tomllib`` judges the text first; the scanner below then only has to find the places, and may
trust that the text is well formed.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.json_nodes import LineIndex
from hpadvisor.readers.yaml_nodes import MAX_DEPTH, Node

_SPACE = re.compile(r"(?:[ \t\r\n]+|\#[^\n]*)*")
_KEY = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_PLAIN = re.compile(r"[^\s,\]}#]+(?: \d[^\s,\]}#]*)?")


def compose(text: str, path: str | Path) -> list[Node]:
    """Compose a TOML text.

    Args:
        text: The text, without a byte-order mark.
        path: Its name, for messages.

    Returns:
        A list with the root mapping.

    Raises:
        UserError: not TOML, or too deep.
    """
    try:
        tomllib.loads(text)
    except ValueError as error:  # also of a number with too many digits
        raise _syntax_error(str(error), path) from None
    except RecursionError:
        raise UserError(
            "nested too deep", path=path, remedy="Check that this is the right file."
        ) from None
    return [_Scanner(text, str(path)).run()]


def _syntax_error(message: str, path: str | Path) -> UserError:
    match = re.search(r"\(at line (\d+), column (\d+)\)", message)
    return UserError(
        f"not TOML: {message.partition(' (at ')[0]}",
        path=path,
        line=int(match[1]) if match else None,
        column=int(match[2]) if match else None,
        remedy="Check the quotes and brackets there.",
    )


class _Scanner:
    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.lines = LineIndex(text)
        self.position = 0

    def run(self) -> Node:
        """Read tables and entries until the end."""
        root = self.lines.node("mapping", 0, len(self.text))
        table = root
        self._skip()
        while self.position < len(self.text):
            if self.text[self.position] == "[":
                table = self._header(root)
            else:
                self._entry(table)
            self._skip()
        return root

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def _header(self, root: Node) -> Node:
        many = self.text.startswith("[[", self.position)
        self.position += 2 if many else 1
        self._skip()
        keys = self._key()
        self._skip()
        self.position += 2 if many else 1
        parent = self._descend(root, keys[:-1])
        return self._append_table(parent, keys[-1]) if many else self._child(parent, keys[-1])

    def _append_table(self, parent: Node, key: Node) -> Node:
        found = parent.get(key.text)
        if found is None:
            found = self.lines.node("sequence", key.start, key.end)
            parent.pairs.append((key, found))
        table = self.lines.node("mapping", key.start, key.end)
        found.items.append(table)
        return table

    def _descend(self, node: Node, keys: list[Node]) -> Node:
        for key in keys:
            node = self._child(node, key)
        return node

    def _child(self, node: Node, key: Node) -> Node:
        found = node.get(key.text)
        if found is not None:
            return found.items[-1] if found.kind == "sequence" and found.items else found
        child = self.lines.node("mapping", key.start, key.end)
        node.pairs.append((key, child))
        return child

    def _entry(self, table: Node, depth: int = 0) -> None:
        keys = self._key()
        self._skip()
        self.position += 1  # the equals sign
        self._skip()
        parent = self._descend(table, keys[:-1])
        parent.pairs.append((keys[-1], self._value(depth)))

    def _key(self) -> list[Node]:
        keys = []
        while match := _KEY.match(self.text, self.position):
            node = self.lines.node("scalar", match.start(), match.end())
            node.text = match.group().strip("\"'")
            node.quoted = match.group()[0] in "\"'"
            keys.append(node)
            self.position = match.end()
            dot = _DOT.match(self.text, self.position)
            if dot is None:
                break
            self.position = dot.end()
        if not keys:
            raise UserError("not TOML: a key is missing", path=self.path)
        return keys

    def _value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise UserError(f"nested deeper than {MAX_DEPTH} levels", path=self.path)
        mark = self.text[self.position]
        if mark == "[":
            return self._array(depth)
        if mark == "{":
            return self._inline_table(depth)
        return self._scalar()

    def _scalar(self) -> Node:
        string = _STRING.match(self.text, self.position)
        match = string or _PLAIN.match(self.text, self.position)
        if match is None:
            raise UserError("not TOML: a value is missing", path=self.path)
        node = self.lines.node("scalar", match.start(), match.end())
        node.quoted = string is not None
        raw = match.group()
        node.text = _unquoted(raw) if string else raw
        self.position = match.end()
        return node

    def _array(self, depth: int) -> Node:
        node = self.lines.node("sequence", self.position, self.position)
        self.position += 1
        self._skip()
        while self.text[self.position] != "]":
            node.items.append(self._value(depth + 1))
            self._separator()
        return self._closed(node)

    def _inline_table(self, depth: int) -> Node:
        node = self.lines.node("mapping", self.position, self.position)
        self.position += 1
        self._skip()
        while self.text[self.position] != "}":
            self._entry(node, depth + 1)
            self._separator()
        return self._closed(node)

    def _separator(self) -> None:
        self._skip()
        if self.text[self.position] == ",":
            self.position += 1
            self._skip()

    def _closed(self, node: Node) -> Node:
        self.position += 1
        node.end = self.position
        node.end_line, node.end_column = self.lines.at(self.position)
        return node


def _unquoted(raw: str) -> str:
    try:
        return str(tomllib.loads(f"v = {raw}")["v"])
    except ValueError:
        return raw
