"""Values written into a copy of a config: every byte beside them stays, comments too."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpadvisor.checking.edits import apply_edits
from hpadvisor.checking.findings import Edit, Fix
from hpadvisor.errors import UserError, nearest
from hpadvisor.facts.configs.roles import role_of
from hpadvisor.readers.documents import Document, read_document
from hpadvisor.readers.yaml_nodes import Node
from hpadvisor.writing import write_text

WRITTEN = ("yaml", "json", "toml")


@dataclass(frozen=True)
class Place:
    """A scalar of a config, by its dotted path."""

    path: str
    node: Node


class ConfigTemplate:
    """A config of the user's, of which each trial gets a copy with its own values.

    Args:
        path: The file.

    Raises:
        UserError: it cannot be read, or is of a kind that cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._document: Document = read_document(path)
        if self._document.syntax not in WRITTEN or not self._document.roots:
            raise UserError(
                "no config that values can be written into", path=path,
                remedy="YAML, JSON and TOML can.",
            )  # fmt: skip
        self.places = {place.path: place for place in _scalars(self._document.roots[0], "")}

    def find(self, name: str) -> str:
        """Return the path of the value that a name means: its path, its last part, or its role.

        Raises:
            UserError: none or several are meant.
        """
        if name in self.places:
            return name
        wanted = name.rpartition(".")[2] if "." not in name else None
        found = [path for path in self.places if wanted and _last(path) == wanted]
        found = found or [path for path in self.places if self.role(path) == name]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(
                f"{name} may be {' or '.join(found[:4])}", path=self.path,
                remedy=f"Name it by its path in the situation: {{name: {found[0]}, role: {name}}}",
            )  # fmt: skip
        raise UserError(
            f"no value is called {name}", path=self.path,
            remedy=nearest(name, self.places) or "Name it by its path, such as optimizer.lr.",
        )  # fmt: skip

    def role(self, path: str) -> str:
        """Return the hyperparameter that a value's name means; empty where it means none."""
        return role_of(path) or ""

    def write(self, values: Mapping[str, object], target: Path) -> None:
        """Write a copy with some values changed.

        Args:
            values: Path (see :meth:`find`) to new value.
            target: Where the copy goes; an older one is replaced.
        """
        edits = [self._edit(self.places[path], value) for path, value in values.items()]
        text, _ = apply_edits(self._document.text, [Fix(tuple(edits), safe=True)])
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, text, force=True)

    def value(self, path: str) -> object:
        """Return the value that stands in the user's own file."""
        from hpadvisor.readers.yaml_nodes import construct

        return construct(self.places[path].node, self.path)

    def _edit(self, place: Place, value: object) -> Edit:
        node = place.node
        return Edit(node.start, node.end, written(value, self._document.syntax))


def written(value: object, syntax: str) -> str:
    """Return a value as a scalar of YAML, JSON or TOML; floats are floats for every parser.

    Raises:
        UserError: the syntax has no such number.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UserError(f"{value} cannot be written", path=syntax)
        return _float(value)
    # A JSON string is one of YAML and TOML, too.
    return "null" if value is None and syntax != "toml" else json.dumps(str(value))


def _float(value: float) -> str:
    """A float with a point: YAML 1.1 takes ``1e-05`` for a text."""
    text = repr(value)
    mantissa, sign, exponent = text.partition("e")
    if not sign:
        return text
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{mantissa}e{exponent if exponent[0] in '+-' else '+' + exponent}"


def _scalars(node: Node, path: str) -> Sequence[Place]:
    if node.kind == "scalar":
        return [Place(path, node)] if path else []
    found: list[Place] = []
    members = (
        [(key.text, value) for key, value in node.pairs]
        if node.kind == "mapping"
        else [(str(number), item) for number, item in enumerate(node.items)]
    )
    for name, value in members:
        found += _scalars(value, f"{path}.{name}" if path else name)
    return found


def _last(path: str) -> str:
    return path.rpartition(".")[2]
