"""The rules and formats that check needs, and nothing else, loaded without ceremony.

The full loader (:func:`hpadvisor.engine.loading.load_knowledge`) checks every field and reference;
tests hold the shipped rules to it. Here the same files are only built, so that one small file can
be checked in a blink; a user's own rules go through the full loader first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from hpadvisor.engine.conditions import All, AnyOf, Condition, Leaf, Not
from hpadvisor.errors import UserError
from hpadvisor.readers.caching import cached
from hpadvisor.readers.configs.formats import Format, Recogniser, parse_format
from hpadvisor.readers.configs.signature import compile_signature
from hpadvisor.readers.location import builtin_rules

FOLDERS = ("formats", "config", "space")
_USED = (
    "id", "title", "each", "when", "severity", "confidence", "persona", "message", "advice", "why",
    "at", "milder", "fix", "supersedes",
)  # fmt: skip


class CheckRule(NamedTuple):
    """A rule as check needs it; fields as in the rules folder's README.

    Attributes:
        needed: Facts without which the condition cannot be true.
        milder: Where a warning is a note only.
    """

    id: str
    title: str
    each: str
    condition: Condition
    needed: frozenset[str]
    severity: str
    confidence: str
    persona: str
    message: str
    advice: str
    why: str
    at: tuple[str, ...]
    fix: dict[str, str] | None
    supersedes: tuple[str, ...]
    milder: Condition | None


class RuleSet(NamedTuple):
    """Rules by what they match against, and the formats."""

    rules: tuple[CheckRule, ...]
    recogniser: Recogniser

    def ids(self) -> list[str]:
        """Return the ids of all rules, in order."""
        return [rule.id for rule in self.rules]


@lru_cache(maxsize=4)
def load_rule_set(extra: tuple[str, ...] = ()) -> RuleSet:
    """Load the shipped rules for configs, and a user's own.

    Args:
        extra: Further folders or files of rules.

    Raises:
        UserError: anything in a user's rules is wrong.
    """
    root = builtin_rules()
    files = [path for name in FOLDERS for path in sorted((root / name).glob("*.yaml"))]
    if extra:
        files += _extra_files(extra)
    raw = cached(files, _read_raw, "check")
    formats = [_format(item, checked=bool(extra)) for item in raw["formats"]]
    rules = [_rule(item) for item in raw["rules"]]
    rules.sort(key=lambda rule: rule.id)
    return RuleSet(tuple(rules), Recogniser(formats))


def _format(raw: Any, *, checked: bool) -> Format:
    """Build a format; those of users are checked whole, the shipped ones when they are asked."""
    try:
        if checked:
            compile_signature(raw["signature"])
        return parse_format(raw)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        name = raw.get("id") if isinstance(raw, dict) else raw
        raise UserError(
            f"format '{name}' is unsound ({error})",
            path="--rules",
            remedy="See formats in rules/README.md.",
        ) from None


def _read_raw(files: Sequence[Path]) -> dict[str, Any]:
    """Read what check needs of the rules files: no examples, no sources."""
    from hpadvisor.readers.files import read_text
    from hpadvisor.readers.yaml_nodes import compose, construct

    formats: list[dict[str, Any]] = []
    rules: list[dict[str, Any]] = []
    for path in files:
        for node in compose(read_text(path, kind="a rules file"), path):
            raw = construct(node, path)
            formats += raw.get("formats", ())
            rules += [
                {name: item[name] for name in _USED if name in item}
                for item in raw.get("rules", ())
                if _is_ours(item)
            ]
    return {"formats": formats, "rules": rules}


def _extra_files(extra: Sequence[str]) -> Iterable[Path]:
    from hpadvisor.engine.loading import load_knowledge

    load_knowledge(list(extra))
    for name in extra:
        path = Path(name)
        yield from sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def _is_ours(raw: dict[str, Any]) -> bool:
    return "check" in raw.get("applies_to", ()) and raw.get("status") != "deprecated"


def _rule(raw: dict[str, Any]) -> CheckRule:
    condition = _condition(raw["when"])
    return CheckRule(
        id=raw["id"],
        title=raw["title"],
        each=raw.get("each", "document"),
        condition=condition,
        needed=_needed(condition),
        severity=raw.get("severity", "note"),
        confidence=raw.get("confidence", "medium"),
        persona=raw.get("persona", "default"),
        message=raw.get("message", raw["title"]),
        advice=raw["advice"],
        why=raw.get("why", ""),
        at=tuple(raw.get("at", ())),
        fix=raw.get("fix"),
        supersedes=tuple(raw.get("supersedes", ())),
        milder=_condition(raw["milder"]) if "milder" in raw else None,
    )


def _condition(raw: dict[str, Any]) -> Condition:
    if "all" in raw:
        return All(tuple(_condition(part) for part in raw["all"]))
    if "any" in raw:
        return AnyOf(tuple(_condition(part) for part in raw["any"]))
    if "not" in raw:
        return Not(_condition(raw["not"]))
    op = next(key for key in raw if key != "fact")
    return Leaf(raw["fact"], op, raw[op])


def _needed(condition: Condition) -> frozenset[str]:
    """Return the facts that must be known for a condition to be true."""
    if isinstance(condition, Leaf):
        absent = condition.op == "exists" and condition.wanted is False
        return frozenset() if absent else frozenset({condition.fact})
    if isinstance(condition, All):
        return frozenset().union(*(_needed(part) for part in condition.parts))
    if isinstance(condition, AnyOf):
        parts = [_needed(part) for part in condition.parts]
        return frozenset.intersection(*parts) if parts else frozenset()
    if isinstance(condition, Not) and isinstance(condition.part, Leaf):
        return frozenset({condition.part.fact}) if condition.part.op != "exists" else frozenset()
    return frozenset()


def unknown_ids(words: Iterable[str], rules: RuleSet, option: str) -> None:
    """Refuse words that begin no rule id.

    Raises:
        UserError: a word selects nothing.
    """
    ids = rules.ids()
    for word in words:
        if word.upper() != "ALL" and not any(name.startswith(word.upper()) for name in ids):
            raise UserError(
                f"{option}: no rule begins with '{word}'",
                remedy=f"Rules are {ids[0]} to {ids[-1]}; see hpadvisor rules list.",
            )
