"""A script's or a notebook's Python with the places of its expressions in the file."""

from __future__ import annotations

import ast
import json
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from hpadvisor.errors import UserError
from hpadvisor.readers.json_nodes import LineIndex, compose
from hpadvisor.readers.yaml_nodes import Node

UNKNOWN_TAG = "!unknown"
"""The tag of a value that only running the program would give."""

CALL = "script_call"
"""The key that tells what a call is; declared formats read it."""


class _Line(NamedTuple):
    """A line of the program: where it begins in the file, and what stands before it there.

    Attributes:
        start: The offset of the text that holds the line.
        before: What of that text comes before the line.
        text: The line.
        escaped: Whether the text is a JSON string.
    """

    start: int
    before: str
    text: str
    escaped: bool


class Source:
    """A parsed program and the places of its parts.

    Args:
        text: The file's text.
        lines: The lines of the program.
        module: Its syntax tree.
    """

    def __init__(self, text: str, lines: list[_Line], module: ast.Module) -> None:
        self.text = text
        self.module = module
        self._lines = lines
        self._index = LineIndex(text)

    def offset(self, line: int, column: int) -> int:
        """Return where a place of the program stands in the file; columns count UTF-8 bytes."""
        at = self._lines[min(line, len(self._lines)) - 1]
        text = at.text.encode()[:column].decode("utf-8", "ignore")
        if not at.escaped:
            return at.start + len(text)
        return at.start + 1 + len(json.dumps(at.before + text, ensure_ascii=False)) - 2

    def span(self, item: ast.expr | ast.keyword | ast.stmt) -> tuple[int, int]:
        """Return where a part of the program begins and ends in the file."""
        start = self.offset(item.lineno, item.col_offset)
        end = self.offset(item.end_lineno or item.lineno, item.end_col_offset or 0)
        return start, max(start, end)

    def node(
        self, kind: Literal["scalar", "sequence", "mapping"], item: ast.expr | ast.keyword
    ) -> Node:
        """Make an empty node at a part of the program."""
        return self._index.node(kind, *self.span(item))

    def marked(self, call: ast.Call, what: str) -> Node:
        """Make the mapping of a call that states how a script trains, with what the call is."""
        node = self.node("mapping", call)
        node.pairs.append((self.word(call, CALL), self.scalar(call, what)))
        return node

    def scalar(self, item: ast.expr | ast.keyword, value: Any, *, known: bool = True) -> Node:
        """Make a scalar node of a Python value; texts are quoted, what is unknown is tagged."""
        node = self.node("scalar", item)
        node.quoted = isinstance(value, str)
        node.text = spelled(value)
        node.tag = None if known else UNKNOWN_TAG
        return node

    def word(self, item: ast.expr | ast.keyword, text: str, length: int | None = None) -> Node:
        """Make a bare word at the beginning of a part of the program, for keys of our own."""
        start, end = self.span(item)
        node = self._index.node("scalar", start, end if length is None else start + length)
        node.text = text
        return node

    def whole(self) -> Node:
        """Make a mapping that spans the file."""
        return self._index.node("mapping", 0, len(self.text))


def spelled(value: Any) -> str:
    """Return a value as the tree's loader reads it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else repr(value)


def parse_source(text: str, path: str | Path) -> Source | None:
    """Parse a script or, by its ending, a notebook; None for a notebook without Python.

    Raises:
        UserError: not Python, or nested too deep; or no notebook.
    """
    notebook = str(path).endswith(".ipynb")
    return parse_notebook(text, path) if notebook else parse_script(text, path)


@lru_cache(maxsize=1)
def parse_script(text: str, path: str | Path) -> Source:
    """Parse a Python file; the last one is kept, since several readers look at it.

    Raises:
        UserError: not Python, or nested too deep.
    """
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append(_Line(start, "", line, escaped=False))
        start += len(line) + 1
    return Source(text, lines, _parse(text, path))


def _parse(text: str, path: str | Path) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise UserError(
            f"not Python: {error.msg}", path=path, line=error.lineno, remedy="Mend the syntax."
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise UserError(
            "nested too deep", path=path, remedy="Check that this is the right file."
        ) from None


@lru_cache(maxsize=1)
def parse_notebook(text: str, path: str | Path) -> Source | None:
    """Parse the code cells of a Jupyter notebook; cells that are no Python are left out.

    Returns:
        The program of all cells, or None where the file is no notebook.

    Raises:
        UserError: not JSON, or nested too deep.
    """
    roots = compose(text, path)
    cells = roots[0].get("cells") if roots and roots[0].kind == "mapping" else None
    if cells is None or cells.kind != "sequence":
        return None
    lines: list[_Line] = []
    for cell in cells.items:
        kind = cell.get("cell_type") if cell.kind == "mapping" else None
        source = cell.get("source") if kind is not None and kind.text == "code" else None
        if source is not None:
            lines += _cell(source, path)
    module = _parse("\n".join(line.text for line in lines), path)
    return Source(text, lines, module)


def _cell(source: Node, path: str | Path) -> list[_Line]:
    parts = source.items if source.kind == "sequence" else [source]
    lines: list[_Line] = []
    for part in parts:
        before = ""
        pieces = part.text.split("\n")
        for number, piece in enumerate(pieces):
            if number + 1 == len(pieces) and not piece and len(pieces) > 1:
                break
            lines.append(_Line(part.start, before, _plain(piece), escaped=True))
            before += piece + "\n"
    try:
        _parse("\n".join(line.text for line in lines), path)
    except UserError:
        return [line._replace(text="") for line in lines]
    return lines


def _plain(line: str) -> str:
    """Return a line without what only IPython understands (``%matplotlib``, ``!pip``)."""
    bare = line.lstrip()
    if not bare.startswith(("%", "!", "?")):
        return line
    return line[: len(line) - len(bare)] + "pass"
