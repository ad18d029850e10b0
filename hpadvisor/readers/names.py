"""Which hyperparameter a name means: whole words against the one table in ``rules/roles``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from hpadvisor.readers.caching import cached
from hpadvisor.readers.location import builtin_rules

FOLDER: Final = "roles"
"""Where the table stands among the rules, and the kind under which files list it."""

Words = tuple[str, ...]

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\s\-/.:]+")
_WORD = re.compile(r"[a-z]+|[0-9]+|\{\}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%[sd]")
_SCHEDULE = frozenset({"sched", "scheduler", "schedule", "schedulers", "anneal", "annealing"})
_PARTS = re.compile(r"[./]|__")
_HOLDERS = frozenset(
    {"name", "type", "target", "class", "class_path", "class_name", "value", "values", "algo",
     "kind", "init_args", "params", "kwargs", "args"}
)  # fmt: skip
"""Last parts that say nothing by themselves: ``optimizer.name`` is the optimizer."""


class Role(NamedTuple):
    """What a name means.

    Attributes:
        name: The role, as ``rules/roles`` has it.
        certain: Whether the name can hardly mean anything else.
    """

    name: str
    certain: bool = True


class _Alias(NamedTuple):
    words: Words
    role: Role
    after: frozenset[str]
    never: frozenset[str]
    under: frozenset[str]
    alone: bool


class _Table(NamedTuple):
    by_first: dict[str, list[_Alias]]
    exact: dict[str, Role]


@lru_cache(maxsize=8192)
def normal(name: str) -> str:
    """Return a name in lower snake case: ``first-layer-size`` → ``first_layer_size``."""
    return _SEPARATORS.sub("_", _CAMEL.sub("_", name)).strip("_").lower().replace("__", "_")


@lru_cache(maxsize=8192)
def words_of(name: str) -> Words:
    """Cut a name into words: ``fcLayer2_size`` → fc, layer, 2, size."""
    return tuple(_WORD.findall(normal(name)))


@lru_cache(maxsize=8192)
def role(name: str) -> Role | None:
    """Return the role of a (dotted) name, or None where the table has none.

    Args:
        name: ``model.optimizer.lr``, ``first-layer-size``, ``learningRate``, ``optimizer.name``.
    """
    plain = _PLACEHOLDER.sub("{}", name)
    parts = [part for part in _PARTS.split(plain) if part and not part.startswith("[")]
    if not parts:
        return None
    while len(parts) > 1 and (normal(parts[-1]) in _HOLDERS or parts[-1].isdigit()):
        parts.pop()
    exact = _table().exact.get(parts[-1])
    if exact is not None:
        return exact
    above = frozenset(word for part in parts[:-1] for word in words_of(part))
    found = _of_words(words_of(parts[-1]), above)
    if found is not None and not _SCHEDULE.isdisjoint(above):
        return Role("lr_schedule")
    return found


def _of_words(words: Words, above: frozenset[str]) -> Role | None:
    best: tuple[tuple[int, int], Role] | None = None
    for start, word in enumerate(words):
        for alias in _table().by_first.get(word, ()):
            end = start + len(alias.words)
            if words[start:end] != alias.words or not _fits(alias, words, start, end, above):
                continue
            # The longest alias wins, then the one nearest to the end of the name.
            rank = (len(alias.words), end)
            if best is None or rank > best[0]:
                best = rank, alias.role
    return None if best is None else best[1]


def _fits(alias: _Alias, words: Words, start: int, end: int, above: frozenset[str]) -> bool:
    if alias.under and not alias.under & (above | set(words[:start])):
        return False
    behind = [word for word in words[end:] if not word.isdigit() and word != "{}"]
    if any(word not in alias.after or alias.alone for word in behind):
        return False
    if alias.alone and start:
        return False
    others = (*words[:start], *words[end:])
    return alias.never.isdisjoint(others)


@lru_cache(maxsize=1)
def _table() -> _Table:
    files = sorted((builtin_rules() / FOLDER).glob("*.yaml"))
    return _build(cached(files, _read, FOLDER)["roles"])


def _read(files: Sequence[Path]) -> dict[str, Any]:
    from hpadvisor.readers.files import read_text
    from hpadvisor.readers.yaml_nodes import compose, construct

    entries: list[dict[str, Any]] = []
    for path in files:
        for node in compose(read_text(path, kind="a rules file"), path):
            entries += map(_cut, construct(node, path).get(FOLDER, ()))
    return {"roles": entries}


def _cut(entry: dict[str, Any]) -> dict[str, Any]:
    """Cut the names of an entry into words, once for all that read the cache."""
    names = {
        key: [words_of(str(text)) for text in entry[key]]
        for key in ("words", "alone", "perhaps")
        if key in entry
    }
    return entry | names


def known_roles() -> frozenset[str]:
    """Return the roles that the table has."""
    files = sorted((builtin_rules() / FOLDER).glob("*.yaml"))
    return frozenset(entry["role"] for entry in cached(files, _read, FOLDER)["roles"])


def _build(raw: Iterable[dict[str, Any]]) -> _Table:
    by_first: dict[str, list[_Alias]] = defaultdict(list)
    exact: dict[str, Role] = {}
    for entry in raw:
        sets = [_words(entry.get(key, ())) for key in ("after", "never", "under")]
        for key, certain in (("words", True), ("alone", True), ("perhaps", False)):
            meaning = Role(entry["role"], certain)
            for words in entry.get(key, ()):
                alias = _Alias(
                    tuple(words), meaning, sets[0], sets[1], sets[2], alone=key == "alone"
                )
                by_first[words[0]].append(alias)
        for text in entry.get("exact", ()):
            exact[str(text)] = Role(entry["role"])
    return _Table(dict(by_first), exact)


def _words(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(str(text) for text in texts)
