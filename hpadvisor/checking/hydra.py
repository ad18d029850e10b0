"""Hydra config trees: what the files of one tree say together.

Two questions are answered. Which keys does any config of the tree have (a sweep over a name that
none of them has stops at its first trial)? And what do the parts that a defaults list names add to
a config that is silent itself?
"""

from __future__ import annotations

import difflib
from pathlib import Path

from hpadvisor.checking.hydra_defaults import (
    MAX_ANCESTORS,
    is_file,
    is_whole,
    parts_of,
)
from hpadvisor.checking.hydra_keys import (
    PACKAGE,
    ConfigTree,
    collect,
    has_defaults,
    is_known,
    is_plain_override,
)
from hpadvisor.checking.monitors import state_tree_mode
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

_MAX_FILES = 400
_PRIMARIES = ("config.yaml", "train.yaml", "main.yaml")
_COMPLETED = ("optimizer", "weight_decay", "steps", "epochs", "warmup_steps", "lr_schedule")


class HydraTrees:
    """Answers for Hydra configs; each tree is read once."""

    def __init__(self) -> None:
        self._trees: dict[Path, ConfigTree] = {}
        self._files: dict[Path, Document | None] = {}

    def missing_names(self, path: str, found: Recognised, subjects: list[Subject]) -> None:
        """State ``parameter.missing_in`` where a searched name stands in no config of the tree.

        Args:
            path: The file with the search.
            found: The file, recognised.
            subjects: Its subjects; parameters get the fact.
        """
        names = [s for s in subjects if s.each == "parameter"]
        if not names:
            return
        inside = found.format.id.startswith("hydra-")
        primary = self._primary(Path(path)) if inside else self._beside(Path(path))
        if primary is None:
            return
        tree = self._tree(primary.parent)
        if not tree.complete or not self._all_parts_there(primary):
            return
        for subject in names:
            name = str(subject.get("parameter.name"))
            if not is_plain_override(name) or is_known(name, tree):
                continue
            subject.state("parameter.missing_in", primary.name, subject.place)
            close = difflib.get_close_matches(name, tree.keys, n=1, cutoff=0.75)
            if close:
                subject.state("parameter.suggestion", close[0])

    def tree_mode(self, path: str, found: Recognised, whole: Subject) -> None:
        """State which way the tree's callbacks monitor the objective of a search.

        Args:
            path: The file with the search.
            found: The file, recognised.
            whole: The search as a whole; it gets ``space.tree_mode``.
        """
        if "space.metric" not in whole or "space.direction" not in whole:
            return
        inside = found.format.id.startswith("hydra-")
        primary = self._primary(Path(path)) if inside else self._beside(Path(path))
        if primary is None:
            return
        files = sorted([*primary.parent.rglob("*.yaml"), *primary.parent.rglob("*.yml")])
        if len(files) <= _MAX_FILES:
            state_tree_mode(whole, (self._read(file) for file in files), primary.parent)

    def _primary(self, path: Path) -> Path | None:
        """Return the config that the search starts from: the nearest one with a defaults list."""
        document = self._read(path)
        if document is not None and has_defaults(document) and not PACKAGE.search(document.text):
            return path
        for folder in list(path.resolve().parents)[1 : MAX_ANCESTORS + 1]:
            for name in _PRIMARIES:
                candidate = folder / name
                if is_file(candidate):
                    document = self._read(candidate)
                    if document is not None and has_defaults(document):
                        return candidate
        return None

    def _beside(self, path: Path) -> Path | None:
        """Return the config that a sweep of another tool drives, in a folder beside it."""
        for folder in list(path.resolve().parents)[:2]:
            for name in ("conf", "configs", "config"):
                for file in _PRIMARIES:
                    document = self._read(folder / name / file)
                    if document is not None and has_defaults(document):
                        return folder / name / file
        return None

    def _all_parts_there(self, primary: Path) -> bool:
        """Whether every group that a defaults list names has a file here."""
        document = self._read(primary)
        roots = [] if document is None else document.roots
        for root in roots:
            defaults = root.get("defaults")
            for item in [] if defaults is None else defaults.items:
                if item.kind == "scalar":
                    if item.text != "_self_" and not is_file(primary.parent / f"{item.text}.yaml"):
                        return False
                    continue
                for key, value in item.pairs:
                    group = key.text.split("@")[0].split(" ")[-1].strip("/")
                    folder = primary.parent / group
                    if not group.startswith("hydra") and not _is_there(folder, value):
                        return False
        return bool(roots) and is_whole(primary, self._read)

    def _read(self, path: Path) -> Document | None:
        if path not in self._files:
            try:
                self._files[path] = read_document(path)
            except UserError:
                self._files[path] = None
        return self._files[path]

    def _tree(self, root: Path) -> ConfigTree:
        if root not in self._trees:
            self._trees[root] = self._load(root)
        return self._trees[root]

    def _load(self, root: Path) -> ConfigTree:
        tree = ConfigTree()
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
            collect(document, "" if folder == "." else folder.replace("/", "."), tree)
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
        for group, part in parts_of(Path(path), self._read):
            for root in part.roots:
                tree = Tree(root, found.tree.profile, group)
                for entry in tree.entries():
                    if "defaults" not in entry.path:
                        _add(entry, tree, part.path, subject)
        derive_training(subject)


def _is_there(folder: Path, value: Node) -> bool:
    """Whether the file that a group's entry names is there; ``???`` and the like name none."""
    if value.kind != "scalar" or value.text in ("???", "null", "") or "${" in value.text:
        return _is_folder(folder)
    return is_file(folder / f"{value.text.removesuffix('.yaml')}.yaml")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


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
