"""What one command judges by, from a small cache of entries that were checked when it was made.

A full load reads texts, sources and tables that a judgement of one run never looks at, and checks
them each time. Here the rules and scores that apply to a command are kept as JSON, and become
entries again without a check. They come back without citations and examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpadvisor.engine.conditions import ALWAYS, All, AnyOf, Condition, Leaf, Not, facts_of
from hpadvisor.engine.entries import Entry, Points, Recommendation, Rule, Score
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.facts.registry import FactDefinition, FactRegistry, FactType
from hpadvisor.readers.caching import cached
from hpadvisor.readers.location import builtin_rules, rule_files

FORM = 2
"""Counted up when the form of what is kept changes."""

_LEFT_OUT = ("citations", "examples", "condition")


def load_judging(
    command: str, extra: Sequence[str | Path] = (), *, without: Sequence[str] = ()
) -> Knowledge:
    """Load what a command judges by.

    Args:
        command: Rules that apply to this command are loaded.
        extra: Further folders or files of rules: with them everything is loaded and checked anew.
        without: Folders of the shipped rules that the command does not need.

    Returns:
        The rules and scores, and the registry of facts that somebody could be asked for.

    Raises:
        UserError: anything in a rules file is wrong.
    """
    if extra:
        from hpadvisor.engine.loading import load_knowledge

        return load_knowledge(extra, without=without)

    def read(_: Sequence[Path]) -> dict[str, Any]:
        from hpadvisor.engine.loading import load_knowledge

        return stored(load_knowledge(without=without), command)

    files = rule_files(builtin_rules(), without)
    return restored(cached(files, read, f"{command}_{FORM}"))


def stored(knowledge: Knowledge, command: str) -> dict[str, Any]:
    """Turn the rules of one command, the scores and their facts into plain values."""
    rules = [rule for rule in knowledge.rules if command in rule.applies_to]
    used = {name for rule in rules for name in facts_of(rule.condition)}
    definitions = [knowledge.registry.get(name) for name in sorted(used)]
    return {
        "rules": [_plain(rule) for rule in rules],
        "scores": [_plain(score) for score in knowledge.scores],
        "facts": [one.__dict__ for one in definitions if one is not None and one.question],
    }


def restored(document: dict[str, Any]) -> Knowledge:
    """Turn plain values into knowledge again."""
    facts = [
        FactDefinition(**values | {"type": FactType(values["type"])})
        for values in document["facts"]
    ]
    return Knowledge(
        FactRegistry(facts),
        rules=[Rule(**_values(raw)) for raw in document["rules"]],
        scores=[Score(**_values(raw)) for raw in document["scores"]],
    )


def condition_json(condition: Condition) -> Any:
    """Return a condition in the form in which a rules file writes it; None for always."""
    if isinstance(condition, Leaf):
        return {"fact": condition.fact, condition.op: condition.wanted}
    if isinstance(condition, Not):
        return {"not": condition_json(condition.part)}
    if isinstance(condition, All | AnyOf):
        word = "all" if isinstance(condition, All) else "any"
        return (
            {word: [condition_json(part) for part in condition.parts]} if condition.parts else None
        )
    raise TypeError(f"not a condition: {condition!r}")


def condition_of(raw: dict[str, Any] | None) -> Condition:
    """Turn the plain form of a sound condition into a condition again."""
    if raw is None:
        return ALWAYS
    (word, inner), *rest = raw.items()
    if word == "fact":
        return Leaf(inner, *rest[0])
    if word == "not":
        return Not(condition_of(inner))
    parts = tuple(condition_of(part) for part in inner)
    return All(parts) if word == "all" else AnyOf(parts)


def _plain(entry: Entry) -> dict[str, Any]:
    values = {name: value for name, value in entry.__dict__.items() if name not in _LEFT_OUT}
    for name in ("recommend", "points"):
        if name in values:
            values[name] = [item.__dict__ for item in values[name]]
    return values | {"when": condition_json(entry.condition)}


def _values(raw: dict[str, Any]) -> dict[str, Any]:
    """The fields of an entry: lists become tuples, mappings of known kinds records."""
    kinds: dict[str, type[Recommendation | Points]] = {
        "recommend": Recommendation,
        "points": Points,
    }
    values = {name: _tuple(value) for name, value in raw.items() if name != "when"}
    for name, kind in kinds.items():
        if name in raw:
            values[name] = tuple(kind(**_tuples(item)) for item in raw[name])
    return values | {"condition": condition_of(raw["when"])}


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in raw.items()}


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
