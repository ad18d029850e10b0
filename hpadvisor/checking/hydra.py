"""Hydra config trees: what the files of one tree say together.

Two questions are answered. Which keys does any config of the tree have (a sweep over a name that
none of them has stops at its first trial)? And what do the parts that a defaults list names add to
a config that is silent itself?
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.facts.configs.derived import derive_training
from hpadvisor.facts.configs.generic import fact_of
from hpadvisor.facts.configs.roles import optimizer_of
from hpadvisor.facts.configs.subjects import Place, Subject
from hpadvisor.readers.configs.formats import Recognised
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.documents import Document, read_document
from hpadvisor.readers.scalars import UNKNOWN, as_number
from hpadvisor.readers.yaml_nodes import Node

_PACKAGE = re.compile(r"^\s*#\s*@package\s+(\S+)", re.MULTILINE)
_MAX_FILES = 400
_MAX_ANCESTORS = 4
_COMPLETED = ("optimizer", "weight_decay", "steps", "epochs", "warmup_steps", "lr_schedule")


@dataclass(slots=True)
class _ConfigTree:
    """Every key path of a config tree, and its group folders; None where a file is unreadable."""

    keys: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    complete: bool = True


class HydraTrees:
    """Answers for Hydra configs; each tree is read once."""

    def __init__(self) -> None:
        self._trees: dict[Path, _ConfigTree] = {}
        self._files: dict[Path, Document | None] = {}

    def missing_names(self, path: str, found: Recognised, subjects: list[Subject]) -> None:
        """State ``parameter.missing_in`` where a searched name stands in no config of the tree.

        Args:
            path: The file with the search.
            found: The file, recognised.
            subjects: Its subjects; parameters get the fact.
        """
        search = found.format.search
        if search is None or not search.options.get("overrides"):
            return
        names = [s for s in subjects if s.each == "parameter"]
        primary = self._primary(Path(path)) if names else None
        if primary is None:
            return
        tree = self._tree(primary.parent)
        if not tree.complete or not self._all_parts_there(primary):
            return
        for subject in names:
            name = str(subject.get("parameter.name"))
            if not _is_plain_override(name) or _known(name, tree):
                continue
            subject.state("parameter.missing_in", primary.name, subject.place)
            close = difflib.get_close_matches(name, tree.keys, n=1, cutoff=0.75)
            if close:
                subject.state("parameter.suggestion", close[0])

    def _primary(self, path: Path) -> Path | None:
        """Return the config that the search starts from: the nearest one with a defaults list."""
        document = self._read(path)
        if document is not None and _defaults(document) and not _PACKAGE.search(document.text):
            return path
        for folder in list(path.resolve().parents)[1 : _MAX_ANCESTORS + 1]:
            for name in ("config.yaml", "train.yaml", "main.yaml"):
                candidate = folder / name
                if candidate.is_file():
                    document = self._read(candidate)
                    if document is not None and _defaults(document):
                        return candidate
        return None

    def _all_parts_there(self, primary: Path) -> bool:
        """Whether every group that a defaults list names has a file here."""
        document = self._read(primary)
        roots = [] if document is None else document.roots
        for root in roots:
            defaults = root.get("defaults")
            for item in [] if defaults is None else defaults.items:
                if item.kind == "scalar":
                    if (
                        item.text != "_self_"
                        and not (primary.parent / f"{item.text}.yaml").is_file()
                    ):
                        return False
                    continue
                for key, value in item.pairs:
                    group = key.text.split("@")[0].split(" ")[-1].strip("/")
                    folder = primary.parent / group
                    if not group.startswith("hydra") and not _is_there(folder, value):
                        return False
        return bool(roots)

    def _read(self, path: Path) -> Document | None:
        if path not in self._files:
            try:
                self._files[path] = read_document(path)
            except UserError:
                self._files[path] = None
        return self._files[path]

    def _tree(self, root: Path) -> _ConfigTree:
        if root not in self._trees:
            self._trees[root] = self._load(root)
        return self._trees[root]

    def _load(self, root: Path) -> _ConfigTree:
        tree = _ConfigTree()
        files = sorted([*root.rglob("*.yaml"), *root.rglob("*.yml")])
        if len(files) > _MAX_FILES:
            tree.complete = False
            return tree
        for path in files:
            document = self._read(path)
            if document is None:
                tree.complete = False
                continue
            folder = path.relative_to(root).parent.as_posix()
            if folder != ".":
                tree.groups.add(folder)
                tree.groups.update(
                    p.as_posix() for p in Path(folder).parents if p.as_posix() != "."
                )
            _collect(document, "" if folder == "." else folder.replace("/", "."), tree)
        return tree

    def complete(self, path: str, found: Recognised, trainings: list[Subject]) -> None:
        """Add to a training what the parts named in the defaults list say, where that is plain.

        Args:
            path: The file.
            found: The file, recognised.
            trainings: Its trainings; only a single one is completed.
        """
        if len(trainings) != 1:
            return
        subject = trainings[0]
        for group, part in self._parts(Path(path), found):
            for root in part.roots:
                tree = Tree(root, found.tree.profile, tuple(group.split("/")))
                for entry in tree.entries():
                    _add(entry, tree, part.path, subject)
        derive_training(subject)

    def _parts(self, path: Path, found: Recognised) -> Iterator[tuple[str, Document]]:
        entry = found.tree.find("defaults")
        for item in [] if entry is None else entry.node.items:
            if item.kind != "mapping" or not item.pairs:
                continue
            key, value = item.pairs[0]
            group = key.text.removeprefix("override ").removeprefix("optional ").split("@")[0]
            if value.kind != "scalar" or "${" in value.text or "hydra" in group:
                continue
            for folder in [path.parent, *list(path.resolve().parents)[1:_MAX_ANCESTORS]]:
                candidate = folder / group.strip().strip("/") / f"{value.text}.yaml"
                if candidate.is_file():
                    document = self._read(candidate)
                    if document is not None:
                        yield group.strip().strip("/"), document
                    break


def _is_there(folder: Path, value: Node) -> bool:
    """Whether the file that a group's entry names is there; ``???`` and the like name none."""
    if not folder.is_dir():
        return False
    if value.kind != "scalar" or value.text in ("???", "null", "") or "${" in value.text:
        return True
    return (folder / f"{value.text.removesuffix('.yaml')}.yaml").is_file()


def _add(entry: Entry, tree: Tree, path: str, subject: Subject) -> None:
    name = fact_of(entry, tree)
    if name is None or name.removeprefix("training.") not in _COMPLETED or name in subject:
        return
    value = tree.resolve(entry.node)
    if value is UNKNOWN or value is None:
        return
    place = Place(entry.node, entry.dotted, entry, path)
    if name == "training.optimizer":
        subject.state(name, optimizer_of(str(value)), place)
    elif name == "training.lr_schedule":
        subject.state(name, str(value).rsplit(".", 1)[-1].lower(), place)
    else:
        subject.state(name, as_number(value), place)


def _defaults(document: Document) -> bool:
    return any(
        root.kind == "mapping" and root.get("defaults") is not None for root in document.roots
    )


def _collect(document: Document, package: str, tree: _ConfigTree) -> None:
    header = _PACKAGE.search(document.text)
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


def _relocated(root: Node, tree: _ConfigTree) -> None:
    """A defaults list that puts a group elsewhere (``group@package``) makes names unknowable."""
    defaults = root.get("defaults")
    for item in [] if defaults is None else defaults.items:
        text = item.text if item.kind == "scalar" else "".join(key.text for key, _ in item.pairs)
        if "@" in text:
            tree.complete = False


def _is_plain_override(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z_][\w.]*", name) is not None and not name.startswith("hydra.")


def _known(name: str, tree: _ConfigTree) -> bool:
    if name in tree.keys or name.replace(".", "/") in tree.groups:
        return True
    # A key below a value that another place fills in (an interpolation) cannot be judged.
    parts = name.split(".")
    above = (".".join(parts[:count]) for count in range(1, len(parts)))
    return any(prefix in tree.keys and not _has_children(prefix, tree) for prefix in above)


def _has_children(prefix: str, tree: _ConfigTree) -> bool:
    return any(key.startswith(f"{prefix}.") for key in tree.keys)
