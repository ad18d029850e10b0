"""Signatures: what in a document tells its format, as small declared trees.

``all``, ``any`` and ``not`` over leaves: ``{key: a.b}`` (is there), with ``is``, ``in`` or
``matches`` (its value); ``{any_key: […]}``, ``{all_keys: […]}``; ``{every_value_has: […]}``;
``{keys_match: regex, at_least: n}``; ``{text: regex}`` over the source; ``{file: regex}`` over its
path; ``{root: sequence}``. A signature answers yes or no: what is not there is a no.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.patterns import pattern


class Subject(NamedTuple):
    """What a signature looks at."""

    tree: Tree
    text: str
    path: str


Test = Callable[[Subject], bool]


def compile_signature(raw: Any) -> Test:
    """Turn a declared signature into a test.

    Raises:
        ValueError: it names something that signatures do not have.
    """
    if not isinstance(raw, dict) or not raw:
        raise ValueError(f"a signature is a mapping, not {raw!r}")
    if "all" in raw or "any" in raw:
        parts = [compile_signature(part) for part in raw.get("all") or raw["any"]]
        if "all" in raw:
            return lambda subject: all(part(subject) for part in parts)
        return lambda subject: any(part(subject) for part in parts)
    if "not" in raw:
        inner = compile_signature(raw["not"])
        return lambda subject: not inner(subject)
    for name, build in _LEAVES.items():
        if name in raw:
            return build(raw)
    raise ValueError(f"a signature has no leaf {', '.join(raw)}")


def _key(raw: dict[str, Any]) -> Test:
    path = raw["key"]
    check = _value_check(raw)
    if "." not in path and "*" not in path and check is None:
        return lambda subject: path in subject.tree.names()
    if check is None:
        return lambda subject: subject.tree.find(path) is not None
    return lambda subject: any(check(subject, entry) for entry in subject.tree.find_all(path))


def _value_check(raw: dict[str, Any]) -> Callable[[Subject, Entry], bool] | None:
    if "is" in raw:
        kind = raw["is"]
        if kind == "number":
            return _is_number
        return lambda subject, entry: entry.node.kind == kind
    if "in" in raw:
        words = {str(word).casefold() for word in raw["in"]}
        return lambda subject, entry: (
            entry.node.kind == "scalar" and entry.node.text.casefold() in words
        )
    if "matches" in raw:
        expression = pattern(raw["matches"])
        return lambda subject, entry: (
            entry.node.kind == "scalar" and expression.search(entry.node.text)
        )
    return None


def _is_number(subject: Subject, entry: Entry) -> bool:
    value = subject.tree.resolve(entry.node) if entry.node.kind == "scalar" else None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _any_key(raw: dict[str, Any]) -> Test:
    names = frozenset(raw["any_key"])
    return lambda subject: not names.isdisjoint(subject.tree.keys())


def _all_keys(raw: dict[str, Any]) -> Test:
    names = frozenset(raw["all_keys"])
    return lambda subject: names <= subject.tree.keys().keys()


def _every_value_has(raw: dict[str, Any]) -> Test:
    groups = [frozenset([group] if isinstance(group, str) else group)
              for group in raw["every_value_has"]]  # fmt: skip

    def test(subject: Subject) -> bool:
        values = [node for _, node in subject.tree.keys().values()]
        if not values:
            return False
        for node in values:
            keys = subject.tree.children(node).keys() if node.kind == "mapping" else ()
            if not any(group <= set(keys) for group in groups):
                return False
        return True

    return test


def _keys_match(raw: dict[str, Any]) -> Test:
    expression = pattern(raw["keys_match"])
    wanted = raw.get("at_least", 1)
    return lambda subject: (
        sum(1 for key in subject.tree.names() if expression.search(key)) >= wanted
    )


def _text(raw: dict[str, Any]) -> Test:
    expression = pattern(raw["text"], re.MULTILINE)
    return lambda subject: expression.search(subject.text)


def _file(raw: dict[str, Any]) -> Test:
    expression = pattern(raw["file"])
    return lambda subject: expression.search(subject.path)


def _root(raw: dict[str, Any]) -> Test:
    kind = raw["root"]
    return lambda subject: subject.tree.root.kind == kind


_LEAVES: dict[str, Callable[[dict[str, Any]], Test]] = {
    "key": _key,
    "any_key": _any_key,
    "all_keys": _all_keys,
    "every_value_has": _every_value_has,
    "keys_match": _keys_match,
    "text": _text,
    "file": _file,
    "root": _root,
}
