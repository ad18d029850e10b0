"""Folders of YAML to knowledge; every error names file, line and remedy, all in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from hpadvisor.engine import entries
from hpadvisor.engine.checking import Checker
from hpadvisor.engine.conditions import ALWAYS, Condition
from hpadvisor.engine.entries import Citation, Entry, Phase, Recommendation, Source
from hpadvisor.engine.fields import ALL_KINDS, BARE_KINDS, READ_APART, fields_of
from hpadvisor.engine.integrity import check_integrity
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.parsing import parse_condition, parse_examples
from hpadvisor.errors import UserError, UserErrors, nearest
from hpadvisor.facts.configs.definitions import CONFIG_FACTS
from hpadvisor.facts.curves.change_facts import CHANGE_FACTS
from hpadvisor.facts.curves.definitions import CURVE_FACTS
from hpadvisor.facts.registry import FactDefinition, FactRegistry, FactType
from hpadvisor.facts.searches.definitions import STUDY_FACTS
from hpadvisor.facts.situation.definitions import (
    DERIVED_FACTS,
    PLAN_FACTS,
    RELATIVE_FACTS,
    SITUATION_FACTS,
)
from hpadvisor.readers.caching import cached
from hpadvisor.readers.files import read_text
from hpadvisor.readers.location import builtin_rules, rule_files
from hpadvisor.readers.yaml_nodes import Node, compose, construct

_CLASSES: dict[str, type[Entry]] = {
    "scores": entries.Score,
    "rules": entries.Rule,
    "hyperparameters": entries.Hyperparameter,
    "trainings": entries.Training,
    "tiers": entries.TierTable,
    "ranges": entries.Range,
    "strategies": entries.Strategy,
    "pruners": entries.Pruner,
    "claims": entries.Claim,
    "cases": entries.Case,
    "metrics": entries.MetricEntry,
}
_VOCABULARY_FIRST = ("hyperparameters", "trainings", "scores")


@dataclass(slots=True)
class _RawFile:
    """A parsed file: entries by kind, each with its raw values and its node."""

    name: str
    checker: Checker
    entries: dict[str, list[tuple[dict[str, Any], Node]]] = field(default_factory=dict)


EXPLAINING = ("claims", "cases", "config", "space", "formats", "metrics", "roles")
"""Folders that only explain, only judge files, or are read beside the rules."""
NOT_PLANNING = (*EXPLAINING, "curves", "search")
"""What a plan need not read: it judges neither curves nor searches."""


def load_knowledge(
    extra: Sequence[str | Path] = (),
    *,
    builtin: bool = True,
    without: Sequence[str] = (),
    fresh: bool = False,
) -> Knowledge:
    """Load the rules that ship with the package, and a user's own.

    Args:
        extra: Further folders or files, as given by ``--rules``.
        builtin: Whether to load the shipped rules.
        without: Folders of the shipped rules to leave out, for speed.
        fresh: Read the shipped rules from their YAML, with the exact line of everything, even
            where a cache holds them.

    Returns:
        The knowledge, checked.

    Raises:
        UserError: anything in a rules file is wrong; all errors are reported together.
    """
    files = _shipped(without, fresh) if builtin else []
    files += [_read_file(path, name) for path, name in _own_files(extra)]
    stated = (
        *SITUATION_FACTS, *DERIVED_FACTS, *RELATIVE_FACTS, *PLAN_FACTS, *CURVE_FACTS,
        *CHANGE_FACTS, *STUDY_FACTS,
    )  # fmt: skip
    registry = FactRegistry(stated)
    knowledge = Knowledge(registry)
    loader = _Loader(knowledge)
    loader.load_bare(files)
    for kind in _VOCABULARY_FIRST:
        loader.load_kind(kind, files)
    _register_vocabulary(knowledge)
    # Last, because a fact of a situation or hyperparameter keeps its own meaning and question.
    for definition in CONFIG_FACTS:
        registry.add(definition)
    for kind in _CLASSES:
        if kind not in _VOCABULARY_FIRST:
            loader.load_kind(kind, files)
    errors = [error for file in files for error in file.checker.errors]
    if not errors:
        errors = check_integrity(knowledge)
    if errors:
        raise UserErrors(errors)
    return knowledge


def _shipped(without: Sequence[str], fresh: bool) -> list[_RawFile]:
    """Read the shipped rules, from the cache where they have not changed."""
    root = builtin_rules()
    paths = rule_files(root, without)

    def read_all(files: Sequence[Path]) -> dict[str, Any]:
        raw = [_read_file(path, f"rules/{path.relative_to(root).as_posix()}") for path in files]
        errors = [error for file in raw for error in file.checker.errors]
        if errors:
            raise UserErrors(errors)
        return {"files": [_stored(file) for file in raw]}

    if fresh:
        return [_read_file(path, f"rules/{path.relative_to(root).as_posix()}") for path in paths]
    return [_restored(item) for item in cached(paths, read_all, "rules")["files"]]


def _stored(file: _RawFile) -> dict[str, Any]:
    """Turn a sound file into plain values: each entry with the line on which it stands."""
    kinds = {
        kind: [[raw, node.line] for raw, node in members] for kind, members in file.entries.items()
    }
    return {"name": file.name, "entries": kinds}


def _restored(stored: dict[str, Any]) -> _RawFile:
    raw = _RawFile(stored["name"], Checker(stored["name"]))
    for kind, members in stored["entries"].items():
        raw.entries[kind] = [(values, _entry_node(line)) for values, line in members]
    return raw


def _entry_node(line: int) -> Node:
    """Stand in for an entry's node: of a cached entry only the line is known."""
    return Node("mapping", line, 1, line, 1, 0, 0)


def _own_files(extra: Sequence[str | Path]) -> Iterable[tuple[Path, str]]:
    for given in extra:
        path = Path(given)
        if not path.exists():
            raise UserError(
                "no such folder or file", path=path, remedy="Name a folder of rules, or a file."
            )
        if path.is_dir():
            found = sorted(path.rglob("*.yaml"))
            if not found:
                raise UserError(
                    "no *.yaml file in this folder", path=path, remedy="Name a folder of rules."
                )
            yield from ((item, str(item)) for item in found)
        else:
            yield path, str(path)


def _read_file(path: Path, name: str) -> _RawFile:
    raw = _RawFile(name, Checker(name))
    text = read_text(path, kind="a rules file")
    documents = compose(text, name)
    for root in documents:
        values = construct(root, name)
        if not isinstance(values, dict):
            raw.checker.error(
                "a rules file is a mapping of kinds to lists", root, "Start with 'rules:'."
            )
            continue
        for kind, members in values.items():
            _collect(raw, kind, members, root)
    return raw


def _collect(raw: _RawFile, kind: str, members: Any, root: Node) -> None:
    node = root.get(kind) or root
    if kind in READ_APART:
        return
    if kind not in ALL_KINDS:
        place = root.key_node(kind) or root
        hint = nearest(kind, ALL_KINDS) or f"One of: {', '.join(ALL_KINDS)}."
        raw.checker.error(f"unknown kind '{kind}'", place, hint)
        return
    if not isinstance(members, list):
        raw.checker.error(f"{kind} is no list", node, "Start each entry with '- id: …'.")
        return
    for index, member in enumerate(members):
        place = node.at((index,))
        label = member.get("id", f"entry {index + 1}") if isinstance(member, dict) else kind
        if raw.checker.check_object(member, place, fields_of(kind), str(label)):
            raw.entries.setdefault(kind, []).append((member, place))


class _Loader:
    """Builds entries of one kind after another into a knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._seen: dict[str, str] = {}
        self._sources: dict[str, Source] = {}

    def load_bare(self, files: Iterable[_RawFile]) -> None:
        """Load sources and chapters, which other entries name."""
        for file in files:
            for kind in BARE_KINDS:
                for raw, node in file.entries.get(kind, []):
                    if not self._claim_id(f"{kind}:{raw['id']}", raw["id"], node, file):
                        continue
                    place: dict[str, Any] = {"path": file.name, "line": node.line}
                    if kind == "sources":
                        source = Source(**raw, **place)
                        self._sources[source.id] = source
                        self.knowledge.sources.append(source)
                    else:
                        self.knowledge.chapters.append(entries.Chapter(**raw, **place))

    def load_kind(self, kind: str, files: Iterable[_RawFile]) -> None:
        """Load every entry of a kind."""
        target = cast("list[Entry]", getattr(self.knowledge, kind))
        for file in files:
            for raw, node in file.entries.get(kind, []):
                if self._claim_id(raw["id"].casefold(), raw["id"], node, file):
                    entry = self._entry(kind, raw, node, file)
                    if entry is not None:
                        target.append(entry)

    def _claim_id(self, key: str, label: str, node: Node, file: _RawFile) -> bool:
        if key in self._seen:
            file.checker.error(
                f"id {label} is taken (first in {self._seen[key]})", node, "Choose another id."
            )
            return False
        self._seen[key] = f"{file.name}:{node.line}"
        return True

    def _entry(self, kind: str, raw: dict[str, Any], node: Node, file: _RawFile) -> Entry | None:
        label, checker = raw["id"], file.checker
        registry = self.knowledge.registry
        condition: Condition | None = ALWAYS
        if "when" in raw:
            place = node.get("when") or node
            condition = parse_condition(raw["when"], place, registry, checker, label)
        if condition is None:
            return None
        if "milder" in raw:
            parse_condition(raw["milder"], node.get("milder") or node, registry, checker, label)
        values = {
            name: _convert(name, value)
            for name, value in raw.items()
            if name not in ("sources", "when", "examples")
        }
        examples_node = node.get("examples") or node
        return _CLASSES[kind](
            **(_DEFAULTS.get(kind, dict)() | values),
            kind=kind,
            path=file.name,
            line=node.line,
            citations=self._citations(raw["sources"], node.get("sources") or node, file, label),
            condition=condition,
            examples=parse_examples(
                raw.get("examples", []), examples_node, registry, checker, label
            ),
        )

    def _citations(
        self, raw: list[dict[str, str]], node: Node, file: _RawFile, label: str
    ) -> tuple[Citation, ...]:
        found = []
        for index, item in enumerate(raw):
            source = self._sources.get(item["cite"])
            if source is None:
                file.checker.error(
                    f"{label}: cites unknown source '{item['cite']}'",
                    node.at((index,)),
                    nearest(item["cite"], self._sources) or "Add it under 'sources:'.",
                )
            else:
                found.append(Citation(source, item.get("locator", ""), item.get("checked", "")))
        return tuple(found)


_DEFAULTS: dict[str, Callable[[], dict[str, Any]]] = {
    "trainings": lambda: {"assume": {}},
    "strategies": lambda: {"sampler": {}, "confirm": {}},
    "pruners": lambda: {"settings": {}},
}


def _convert(name: str, value: Any) -> Any:
    if name == "recommend":
        return tuple(Recommendation(**_tuples(item)) for item in value)
    if name == "points":
        return tuple(entries.Points(**_tuples(item)) for item in value)
    if name == "phases":
        return tuple(Phase(**item) for item in value)
    if name == "tiers" and isinstance(value, dict):
        return {int(tier): tuple(names) for tier, names in sorted(value.items())}
    return tuple(value) if isinstance(value, list) else value


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}


def _register_vocabulary(knowledge: Knowledge) -> None:
    """Add the facts that come with the vocabulary, and the choices of ``training.kind``."""
    registry = knowledge.registry
    types = {"float": FactType.FLOAT, "int": FactType.FLOAT, "categorical": FactType.TEXT}
    for item in knowledge.hyperparameters:
        if item.group == "abstract":
            continue
        registry.add(
            FactDefinition(
                f"training.{item.id}",
                types[item.type],
                item.meaning,
                unit=item.unit,
                question=f"{item.title} today?",
                choices=tuple(str(choice) for choice in item.choices),
            )
        )
    for score in knowledge.scores:
        registry.add(FactDefinition(score.fact, FactType.FLOAT, score.meaning))
    kinds = tuple(training.id for training in knowledge.trainings)
    names = tuple(item.id for item in knowledge.hyperparameters)
    registry.set_choices("training.kind", kinds)
    for listed in ("search.tune", "search.fixed", "plan.parameters", "plan.log_parameters",
                   "plan.off_choices", "user.hyperparameters"):  # fmt: skip
        registry.set_choices(listed, names)
