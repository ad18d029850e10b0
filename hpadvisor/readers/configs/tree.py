"""A document's tree with quick look-up by dotted paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from hpadvisor.readers.scalars import LoaderProfile, resolve
from hpadvisor.readers.yaml_nodes import Node

Path = tuple[str, ...]


class Entry(NamedTuple):
    """A key of a document with its value.

    Attributes:
        path: The keys that lead to it; ``[0]`` for members of a sequence.
        key: The key's node; None for members of sequences and for the root.
        node: The value's node.
    """

    path: Path
    key: Node | None
    node: Node

    @property
    def name(self) -> str:
        """The last key."""
        return self.path[-1] if self.path else ""

    @property
    def dotted(self) -> str:
        """The key path as people write it: ``parameters.lr.min``."""
        return ".".join(self.path).replace(".[", "[")


class Tree:
    """The tree of one document under one loader profile.

    Args:
        root: The root node.
        profile: What the framework's loader makes of scalars.
        base: The path of the root in its document, where it is a part of it.
    """

    def __init__(self, root: Node, profile: LoaderProfile = "yaml12", base: Path = ()) -> None:
        self.root = root
        self.profile: LoaderProfile = profile
        self.base = base
        self._children: dict[int, dict[str, tuple[Node | None, Node]]] = {}

    def under(self, entry: Entry) -> Tree:
        """Return the tree of a part, with paths that still start at the document."""
        return Tree(entry.node, self.profile, entry.path)

    def children(self, node: Node) -> dict[str, tuple[Node | None, Node]]:
        """Return a node's children by key, merged keys (``<<``) folded in; the last wins."""
        found = self._children.get(id(node))
        if found is None:
            found = self._children[id(node)] = self._index(node)
        return found

    def _index(self, node: Node) -> dict[str, tuple[Node | None, Node]]:
        if node.kind == "sequence":
            return {f"[{index}]": (None, item) for index, item in enumerate(node.items)}
        children: dict[str, tuple[Node | None, Node]] = {}
        for key, value in node.pairs:
            if key.text == "<<" and not key.quoted:
                for part in value.items or [value]:
                    if part is not node and part.kind == "mapping":
                        for name, child in self.children(part).items():
                            children.setdefault(name, child)
        for key, value in node.pairs:
            children[key.text] = (key, value)
        return children

    def keys(self) -> dict[str, tuple[Node | None, Node]]:
        """Return the children of the root."""
        return self.children(self.root)

    def names(self) -> Collection[str]:
        """Return the keys of the root."""
        return self.children(self.root).keys()

    def find(self, dotted: str) -> Entry | None:
        """Return the first entry at a dotted path; ``*`` stands for any one key or index."""
        return next(self.find_all(dotted), None)

    def find_all(self, dotted: str) -> Iterator[Entry]:
        """Yield every entry at a dotted path; ``*`` stands for any one key or index."""
        return self._walk(Entry(self.base, None, self.root), split_path(dotted))

    def _walk(self, entry: Entry, steps: Path) -> Iterator[Entry]:
        if not steps:
            yield entry
            return
        children = self.children(entry.node)
        if steps[0] == "*":
            for name, (key, node) in children.items():
                yield from self._walk(Entry((*entry.path, name), key, node), steps[1:])
        elif steps[0] in children:
            key, node = children[steps[0]]
            yield from self._walk(Entry((*entry.path, steps[0]), key, node), steps[1:])

    def value(self, dotted: str) -> Any:
        """Return what the loader makes of the scalar at a path; None where there is none."""
        entry = self.find(dotted)
        return None if entry is None or entry.node.kind != "scalar" else self.resolve(entry.node)

    def resolve(self, node: Node) -> Any:
        """Return what the loader makes of a scalar node."""
        return resolve(node, self.profile)

    def entries(self, entry: Entry | None = None) -> Iterator[Entry]:
        """Yield every entry below one (the root, when left out), parents first."""
        start = entry or Entry(self.base, None, self.root)
        stack = [start]
        while stack:
            current = stack.pop()
            if current is not start:
                yield current
            below = self.children(current.node) if current.node.kind != "scalar" else {}
            stack.extend(
                Entry((*current.path, name), key, node)
                for name, (key, node) in reversed(below.items())
            )


@lru_cache(maxsize=4096)
def split_path(dotted: str) -> Path:
    """Split ``a.b[0].*`` into steps; an empty text is the root."""
    if not dotted:
        return ()
    return tuple(re.findall(r"\[\d+\]|[^.\[]+", dotted))
