"""What the callbacks of a config tree say of an objective: that it shall fall, or rise."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hpadvisor.facts.configs.subjects import Subject
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.documents import Document
from hpadvisor.readers.yaml_nodes import Node

_MODES = {"min": "minimize", "max": "maximize"}
_MONITORS = ("monitor", "metric_for_best_model")
_SUFFIXES = ("_best", "/best", ".best")


def state_tree_mode(whole: Subject, documents: Iterable[Document | None], root: Path) -> None:
    """State which way the files of a tree monitor a search's objective, where they agree.

    Args:
        whole: The search; its ``space.metric`` is looked for.
        documents: The files of the tree; None for one that could not be read.
        root: The tree's folder, to name files by.
    """
    metric = whole.get("space.metric")
    if not isinstance(metric, str):
        return
    found: dict[str, str] = {}
    for document in documents:
        for node in [] if document is None else document.roots:
            mode = _mode_in(Tree(node), _plain(metric))
            if mode is not None and document is not None:
                found.setdefault(mode, _shown(document.path, root))
    if len(found) == 1:
        ((mode, path),) = found.items()
        whole.state("space.tree_mode", mode)
        whole.state("space.tree_mode_path", path)


def _plain(name: str) -> str:
    """Return a metric without what only says that it is the best so far."""
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _shown(path: str, root: Path) -> str:
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return Path(path).name


def _mode_in(tree: Tree, metric: str) -> str | None:
    """Return the mode beside a ``monitor`` that names the metric."""
    for entry in tree.entries():
        if entry.name in _MONITORS and entry.node.kind == "scalar":
            if _plain(entry.node.text) != metric:
                continue
            mode = _beside(entry, tree)
            if mode is not None:
                return mode
    return None


def _beside(entry: Entry, tree: Tree) -> str | None:
    holder: Node = tree.root
    for step in entry.path[len(tree.base) : -1]:
        holder = tree.children(holder)[step][1]
    siblings = tree.children(holder)
    if "mode" in siblings:
        return _MODES.get(siblings["mode"][1].text)
    greater = siblings.get("greater_is_better")
    if greater is None or greater[1].text.lower() not in ("true", "false"):
        return None
    return "maximize" if greater[1].text.lower() == "true" else "minimize"
