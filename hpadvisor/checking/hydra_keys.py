"""The key paths that the files of a Hydra tree have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hpadvisor.readers.configs.tree import Tree
from hpadvisor.readers.documents import Document
from hpadvisor.readers.yaml_nodes import Node

PACKAGE = re.compile(r"^\s*#\s*@package\s+(\S+)", re.MULTILINE)


@dataclass(slots=True)
class ConfigTree:
    """Every key path of a config tree, and its group folders; None where a file is unreadable."""

    keys: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    complete: bool = True


def has_defaults(document: Document) -> bool:
    """Return whether a document has a defaults list."""
    return any(
        root.kind == "mapping" and root.get("defaults") is not None for root in document.roots
    )


def collect(document: Document, package: str, tree: ConfigTree) -> None:
    """Add the key paths of a document that stands in a group."""
    header = PACKAGE.search(document.text)
    prefixes = {package, ""}
    if header is not None and header[1] not in ("_global_", "_group_"):
        prefixes.add(header[1])
    for root in document.roots:
        if root.kind != "mapping":
            continue
        own = Tree(root)
        for entry in own.entries():
            if entry.path[0] in ("defaults", "hydra"):
                continue
            for prefix in prefixes:
                tree.keys.add(".".join([prefix, *entry.path] if prefix else entry.path))
        _relocated(root, tree)


def _relocated(root: Node, tree: ConfigTree) -> None:
    """A defaults list that puts a group elsewhere (``group@package``) makes names unknowable."""
    defaults = root.get("defaults")
    for item in [] if defaults is None else defaults.items:
        text = item.text if item.kind == "scalar" else "".join(key.text for key, _ in item.pairs)
        if "@" in text:
            tree.complete = False


def is_plain_override(name: str) -> bool:
    """Return whether a searched name overrides a key, and does not add, delete or set Hydra."""
    return re.fullmatch(r"[A-Za-z_][\w.]*", name) is not None and not name.startswith("hydra.")


def is_known(name: str, tree: ConfigTree) -> bool:
    """Return whether a tree has a key, or cannot tell."""
    if name in tree.keys or name.replace(".", "/") in tree.groups:
        return True
    # A key below a value that another place fills in (an interpolation) cannot be judged.
    parts = name.split(".")
    above = (".".join(parts[:count]) for count in range(1, len(parts)))
    return any(prefix in tree.keys and not _has_children(prefix, tree) for prefix in above)


def _has_children(prefix: str, tree: ConfigTree) -> bool:
    return any(key.startswith(f"{prefix}.") for key in tree.keys)
