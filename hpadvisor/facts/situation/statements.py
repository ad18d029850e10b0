"""What was said of a training by a file, a flag or an answer: path, value, and who said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.files import read_text
from hpadvisor.readers.yaml_nodes import Node, compose, construct, plain_scalar

MAX_SITUATION_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that was said: a dotted path, a value, and who said it.

    Attributes:
        path: Where it stands in a situation.
        value: What was said.
        source: The file or flag; ``line`` the line of its key there.
        node: The value's place in a file, for errors inside lists.
    """

    path: str
    value: Any
    source: str
    line: int | None = None
    node: Node | None = field(default=None, compare=False, repr=False)

    def line_at(self, steps: tuple[str | int, ...]) -> int | None:
        """Return the line of something inside the value."""
        return self.node.at(steps).line if self.node is not None and steps else self.line


def read_statements(path: str | Path) -> list[Statement]:
    """Read a situation file.

    Args:
        path: A YAML or JSON file, or ``-`` for standard input.

    Returns:
        A statement for each value, in order.

    Raises:
        UserError: missing, not YAML, not a mapping, too large, too deep.
    """
    text = read_text(path, kind="a situation file", max_bytes=MAX_SITUATION_BYTES)
    name = "<standard input>" if str(path) == "-" else str(path)
    documents = compose(text, name)
    if len(documents) != 1 or documents[0].kind != "mapping":
        line = documents[-1].line if documents else 1
        raise UserError(
            "a situation is one mapping of sections",
            path=name,
            line=line,
            remedy="Start with 'training:' or 'task:'.",
        )
    return statements_of(construct(documents[0], name), name, documents[0])


def statements_of(
    values: Mapping[str, Any], source: str, node: Node | None = None
) -> list[Statement]:
    """Turn nested values into statements: sections are opened, lists stay whole."""
    found: list[Statement] = []
    for key, value in values.items():
        line = _line(node, (key,))
        if isinstance(value, Mapping):
            for inner, item in value.items():
                inner_line = _line(node, (key, inner))
                found.append(Statement(f"{key}.{inner}", item, source, inner_line))
            if not value:
                found.append(Statement(key, {}, source, line))
        elif value is not None:
            inside = None if node is None else node.get(key)
            found.append(Statement(key, value, source, line, inside))
    return found


def _line(node: Node | None, path: tuple[str | int, ...]) -> int | None:
    if node is None:
        return None
    parent = node.at(path[:-1])
    key = parent.key_node(str(path[-1]))
    return (key or parent).line


def parse_assignment(text: str) -> Statement:
    """Read ``path=value`` of ``--set``; the value is YAML (a number, a text, a [list]).

    Raises:
        UserError: there is no equals sign, or the value is no YAML.
    """
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise UserError(
            f"'{text}' is no assignment", path="--set", remedy="Write --set budget.hours=48."
        )
    documents = compose(value, "--set") if value.strip()[:1] in ("[", "{", '"', "'") else []
    parsed = construct(documents[0], "--set") if documents else plain_scalar(value.strip())
    return Statement(path.strip(), parsed, f"--set {path.strip()}")
