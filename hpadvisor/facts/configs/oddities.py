"""Entries that a loader reads otherwise than a person: duplicates, octal numbers, text numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpadvisor.facts.configs.roles import role_of
from hpadvisor.facts.configs.subjects import Place, Subject
from hpadvisor.readers.configs.formats import Recognised
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.scalars import NUMBER_LIKE, resolve
from hpadvisor.readers.yaml_nodes import Node

_OCTAL = re.compile(r"[-+]?0[0-7]{2,}\Z|[-+]?0[1-7]\Z")
_SEXAGESIMAL = re.compile(r"[-+]?[1-9][0-9]*(?::[0-5]?[0-9])+\Z")
_FLOAT_HINT = re.compile(r"[eE]")
_BOOLEAN_WORDS = frozenset(
    {"on", "off", "yes", "no", "On", "Off", "Yes", "No", "ON", "OFF", "NO", "YES"}
)
_MAX = 200
_NUMERIC_ROLES = frozenset(
    {"learning_rate", "weight_decay", "adam_epsilon", "dropout", "momentum", "label_smoothing"}
)


def oddity_subjects(found: Recognised, document: Subject) -> list[Subject]:
    """Return a subject for every entry that a loader reads otherwise than a person."""
    subjects: list[Subject] = []
    for subject in _walk(found.tree, found, document):
        subjects.append(subject)
        if len(subjects) >= _MAX:
            break
    return subjects


def _walk(tree: Tree, found: Recognised, document: Subject) -> Iterator[Subject]:
    stack: list[tuple[tuple[str, ...], Node]] = [(tree.base, tree.root)]
    old = tree.profile in ("yaml11", "yaml11-floats")
    seen: set[int] = set()
    while stack:
        path, node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.kind == "mapping":
            yield from _duplicates(path, node, tree, document)
            stack.extend(((*path, key.text), value) for key, value in reversed(node.pairs))
        elif node.kind == "sequence":
            stack.extend(
                ((*path, f"[{index}]"), item)
                for index, item in reversed(list(enumerate(node.items)))
            )
        elif old and not node.quoted and node.tag is None and node.text:
            odd = _scalar(path, node, found, document)
            if odd is not None:
                yield odd


def _subject(kind: str, entry: Entry, place: Place, document: Subject) -> Subject:
    subject = Subject("entry", place, document)
    subject.state("entry.oddity", kind, place)
    subject.state("entry.key", entry.name, place)
    subject.state("entry.role", role_of(".".join(entry.path)))
    return subject


def _duplicates(
    path: tuple[str, ...], node: Node, tree: Tree, document: Subject
) -> Iterator[Subject]:
    if len(node.pairs) < 2:
        return
    first: dict[str, tuple[Node, Node]] = {}
    for key, value in node.pairs:
        if key.kind != "scalar" or key.text == "<<":
            continue
        earlier = first.get(key.text)
        first[key.text] = (key, value)
        if earlier is None:
            continue
        entry = Entry((*path, key.text), key, value)
        subject = _subject("duplicate-key", entry, Place(key, entry.dotted, entry), document)
        subject.state("entry.conflict", not same(earlier[1], value, tree))
        subject.state("entry.first_line", earlier[0].line)
        dead = Entry(entry.path, earlier[0], earlier[1])
        subject.state("entry.first_text", brief(earlier[1]), Place(earlier[0], dead.dotted, dead))
        subject.state("entry.text", brief(value))
        yield subject


def _scalar(
    path: tuple[str, ...], node: Node, found: Recognised, document: Subject
) -> Subject | None:
    text = node.text
    kind = ""
    if text[0].isdigit() or text[0] in "+-.":
        if _OCTAL.match(text):
            kind = "octal-number"
        elif ":" in text and _SEXAGESIMAL.match(text):
            kind = "sexagesimal-number"
        elif (
            found.tree.profile == "yaml11" and _FLOAT_HINT.search(text) and NUMBER_LIKE.match(text)
        ):
            kind = "text-number"
    elif text in _BOOLEAN_WORDS:
        kind = "boolean-word"
    if not kind or (kind == "text-number" and _in_space(path, found)):
        return None
    value = resolve(node, found.tree.profile)
    if kind == "text-number" and not isinstance(value, str):
        return None
    entry = Entry(path, None, node)
    subject = _subject(kind, entry, Place(node, entry.dotted, entry), document)
    subject.state("entry.text", text)
    subject.state("entry.reads_as", str(value))
    subject.state("entry.numeric_role", subject.get("entry.role") in _NUMERIC_ROLES)
    subject.state("entry.strict", found.format.strict_text)
    return subject


def _in_space(path: tuple[str, ...], found: Recognised) -> bool:
    """Whether an entry belongs to a searched parameter, which has findings of its own."""
    search = found.format.search
    if search is None:
        return False
    own = path[len(found.tree.base) :]
    return any(own[: len(steps)] == steps for steps in map(_steps, search.parameters) if steps)


def _steps(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.split(".")) if dotted else ()


def same(one: Node, other: Node, tree: Tree) -> bool:
    """Return whether two nodes hold the same values."""
    stack = [(one, other)]
    while stack:
        left, right = stack.pop()
        if left.kind != right.kind or len(left.items) != len(right.items):
            return False
        if left.kind == "scalar" and tree.resolve(left) != tree.resolve(right):
            return False
        if len(left.pairs) != len(right.pairs):
            return False
        stack.extend(zip(left.items, right.items, strict=True))
        for (key, value), (other_key, other_value) in zip(left.pairs, right.pairs, strict=True):
            if key.text != other_key.text:
                return False
            stack.append((value, other_value))
    return True


def brief(node: Node) -> str:
    """Return a value as a short text for messages."""
    if node.kind == "scalar":
        return node.text if len(node.text) <= 40 else node.text[:37] + "…"
    if node.kind == "sequence":
        inner = ", ".join(brief(item) for item in node.items[:4])
        return f"[{inner}{', …' if len(node.items) > 4 else ''}]"
    return "{…}"
