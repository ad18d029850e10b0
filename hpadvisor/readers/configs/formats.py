"""Config formats as declared in ``rules/formats``: signature, loader, and where values live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hpadvisor.readers.configs.signature import Subject, Test, compile_signature
from hpadvisor.readers.configs.tree import Tree
from hpadvisor.readers.documents import Document
from hpadvisor.readers.scalars import LoaderProfile
from hpadvisor.readers.yaml_nodes import Node


class SearchMap(NamedTuple):
    """Where a search-space format keeps its parameters and settings; paths are dotted.

    Attributes:
        parameters: Candidate paths of the parameters.
        layout: ``mapping`` of names, or ``list`` of mappings that carry their name.
        style: How one parameter is spelled: ``mapping``, ``expression``, ``pair``, ``range``.
        settings: Paths of ``method``, ``metric``, ``goal``, ``trials``, ``early_stopping``.
        words: Per setting, the format's words to canonical ones.
        keys: Keys inside one parameter: ``name``, ``kind``, ``low``, ``high``, ``choices``,
            ``constant``, ``log``, ``nested``, ``step``, ``count``.
        kinds: The format's distributions: ``type``, ``scale``, ``bounds`` (value, e, 10).
        options: What else the format has: ``default_goal``, ``log_kind``, ``prunes``, …
    """

    parameters: tuple[str, ...]
    layout: str
    style: str
    settings: dict[str, tuple[str, ...]]
    words: dict[str, dict[str, Any]]
    keys: dict[str, tuple[str, ...]]
    kinds: dict[str, dict[str, Any]]
    options: dict[str, Any]


class TrainingMap(NamedTuple):
    """Where a training format keeps what facts need.

    Attributes:
        each: Paths of the trainings in a file; the root for most formats.
        facts: Per fact, the candidate paths in order.
        kinds: Signatures and the kind of training that they tell, in order.
        optimizers: This framework's optimizer names, where they mean another algorithm.
        defaults: What the framework itself assumes for a fact that is not stated.
        generic: Whether facts without a hit may be found by key names anywhere in the file.
    """

    each: tuple[str, ...]
    facts: dict[str, tuple[str, ...]]
    kinds: tuple[tuple[Test, str], ...]
    optimizers: dict[str, str]
    defaults: dict[str, Any]
    generic: bool


class Format(NamedTuple):
    """One config format.

    Attributes:
        id: Its name in reports.
        title: What it belongs to.
        order: Formats are tried from low to high: specific ones first.
        loader: What its loader makes of scalars; JSON and TOML files override it.
        strict_text: Whether a number that is read as text stays text until it does harm.
        unwrap: Keys that may hold the whole config.
        syntaxes: The syntaxes in which it occurs.
        signature: Whether a document is of this format.
        search: Set for search spaces.
        training: Set for training configs; search spaces may have both.
    """

    id: str
    title: str
    order: int
    loader: LoaderProfile
    strict_text: bool
    unwrap: tuple[str, ...]
    syntaxes: frozenset[str]
    signature: Test
    search: SearchMap | None
    training: TrainingMap | None


class Recognised(NamedTuple):
    """A document with its format."""

    format: Format
    tree: Tree


def parse_format(raw: dict[str, Any]) -> Format:
    """Build a format from its raw entry.

    Raises:
        ValueError: the signature is unsound.
    """
    search, training = raw.get("search"), raw.get("training")
    return Format(
        id=raw["id"],
        title=raw["title"],
        order=raw.get("order", 500),
        loader=raw.get("loader", "yaml11-floats"),
        strict_text=raw.get("strict_text", False),
        unwrap=tuple(raw.get("unwrap", ())),
        syntaxes=frozenset(raw.get("syntaxes", ("yaml", "json", "toml"))),
        signature=_lazy(raw["signature"]),
        search=None if search is None else _search(search),
        training=None if training is None else _training(training),
    )


def _lazy(raw: Any) -> Test:
    """Compile a signature when it is first asked: most files are recognised by an early one."""
    made: list[Test] = []

    def test(subject: Subject) -> bool:
        if not made:
            made.append(compile_signature(raw))
        return made[0](subject)

    return test


def _paths(raw: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: (v,) if isinstance(v, str) else tuple(v) for name, v in raw.items()}


def _search(raw: dict[str, Any]) -> SearchMap:
    parameters = raw.get("parameters", [])
    return SearchMap(
        parameters=(parameters,) if isinstance(parameters, str) else tuple(parameters),
        layout=raw.get("layout", "mapping"),
        style=raw.get("style", "mapping"),
        settings=_paths(raw.get("settings", {})),
        words={
            name: {str(word).casefold(): to for word, to in table.items()}
            for name, table in raw.get("words", {}).items()
        },
        keys=_paths(raw.get("keys", {})),
        kinds={str(name).casefold(): dict(kind) for name, kind in raw.get("kinds", {}).items()},
        options=raw.get("options", {}),
    )


def _training(raw: dict[str, Any]) -> TrainingMap:
    return TrainingMap(
        each=tuple(raw.get("each", ("",))),
        facts=_paths(raw.get("facts", {})),
        kinds=tuple((_lazy(item["when"]), item["kind"]) for item in raw.get("kinds", [])),
        optimizers=raw.get("optimizers", {}),
        defaults=raw.get("defaults", {}),
        generic=raw.get("generic", False),
    )


class Recogniser:
    """Tells the format of documents.

    Args:
        formats: Every known format.
    """

    def __init__(self, formats: Iterable[Format]) -> None:
        self.formats: Sequence[Format] = sorted(formats, key=lambda item: (item.order, item.id))

    def recognise(self, root: Node, document: Document) -> Recognised | None:
        """Return the first format whose signature holds, or None."""
        if root.kind == "scalar":
            return None
        shared = Tree(root)
        path = document.path.replace("\\", "/")
        for item in self.formats:
            if document.syntax not in item.syntaxes:
                continue
            found = self._match(item, shared, document.text, path)
            if found is not None:
                profile = item.loader if document.syntax == "yaml" else document.syntax
                return Recognised(item, Tree(found.root, profile, found.base))
        return None

    @staticmethod
    def _match(item: Format, tree: Tree, text: str, path: str) -> Tree | None:
        if item.signature(Subject(tree, text, path)):
            return tree
        for key in item.unwrap:
            entry = tree.find(key)
            if entry is not None and entry.node.kind == "mapping":
                inner = tree.under(entry)
                if item.signature(Subject(inner, text, path)):
                    return inner
        return None
