"""Checking raw values of a rules file against the table of fields, with the line of each error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hpadvisor.engine.fields import Field
from hpadvisor.errors import UserError, nearest
from hpadvisor.readers.yaml_nodes import Node


class Checker:
    """Collects the errors of one file instead of stopping at the first."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.errors: list[UserError] = []

    def error(self, what: str, node: Node, remedy: str = "") -> None:
        """Note an error at the place of a node."""
        self.errors.append(UserError(what, path=self.path, line=node.line, remedy=remedy))

    def check_object(self, raw: Any, node: Node, fields: dict[str, Field], label: str) -> bool:
        """Check keys, required fields and types of an object.

        Returns:
            Whether it is sound.
        """
        before = len(self.errors)
        if not isinstance(raw, dict):
            self.error(f"{label} is no mapping", node, "Write key: value lines.")
            return False
        for key in raw:
            if key not in fields:
                self.error(
                    f"{label}: unknown key '{key}'",
                    node.key_node(key) or node,
                    nearest(key, fields) or f"Known keys: {', '.join(fields)}.",
                )
        for name, field in fields.items():
            if field.required and raw.get(name) in (None, "", []):
                self.error(f"{label}: '{name}' is missing", node, f"Add {name}: {field.meaning}.")
            elif raw.get(name) is not None:
                self._check_field(raw[name], node.get(name) or node, field, f"{label}: {name}")
        return len(self.errors) == before

    def _check_field(self, value: Any, node: Node, field: Field, label: str) -> None:
        if not _has_type(value, field.type):
            self.error(
                f"{label} is not {_ARTICLES[field.type]}", node, f"It says {field.meaning}."
            )
            return
        for member in value if isinstance(value, list) else [value]:
            if field.choices and member not in field.choices:
                self.error(
                    f"{label} is '{member}'",
                    node,
                    nearest(str(member), field.choices) or f"One of: {', '.join(field.choices)}.",
                )
        if field.fields is not None:
            members = value if field.type == "objects" else [value]
            for index, member in enumerate(members):
                place = node.at((index,)) if field.type == "objects" else node
                self.check_object(member, place, field.fields, label)


_ARTICLES = {
    "text": "a text",
    "number": "a number",
    "integer": "a whole number",
    "bool": "true or false",
    "scalar": "a single value",
    "texts": "a list of texts",
    "scalars": "a list of values",
    "mapping": "a mapping",
    "object": "a mapping",
    "objects": "a list of mappings",
    "condition": "a condition",
    "examples": "a list of examples",
    "tiers": "a mapping of tier numbers to lists",
}


def _has_type(value: Any, kind: str) -> bool:
    is_bool = isinstance(value, bool)
    if kind == "text":
        return isinstance(value, str)
    if kind == "number":
        return isinstance(value, int | float) and not is_bool
    if kind == "integer":
        return isinstance(value, int) and not is_bool
    if kind == "bool":
        return is_bool
    if kind == "scalar":
        return not isinstance(value, dict | list)
    if kind in ("mapping", "object", "condition"):
        return isinstance(value, dict)
    if kind == "tiers":
        return isinstance(value, dict) and all(
            tier.isdecimal() and isinstance(names, list) and all(map(_is_text, names))
            for tier, names in value.items()
        )
    return isinstance(value, list) and all(_MEMBERS[kind](item) for item in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_MEMBERS: dict[str, Callable[[Any], bool]] = {
    "texts": _is_text,
    "scalars": lambda item: not isinstance(item, dict | list),
    "objects": lambda item: isinstance(item, dict),
    "examples": lambda item: isinstance(item, dict),
}
