"""Pages of what is known: of a hyperparameter, of a kind of training, of a topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hpadvisor.engine.conditions import Leaf
from hpadvisor.engine.entries import Claim, Entry, Hyperparameter, Range, Rule, TierTable, Training
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.terms import Term
from hpadvisor.facts.vocabulary import DIAGNOSES


@dataclass(slots=True)
class HyperparameterPage:
    """Everything that is known of one hyperparameter."""

    hyperparameter: Hyperparameter
    tiers: list[tuple[TierTable, int]]
    ranges: list[Range]
    rules: list[Rule]
    claims: list[Claim]
    training: Training | None = None
    """The kind of training that the question named; its ranges come first."""


@dataclass(slots=True)
class TopicPage:
    """Entries that share a topic, a chapter, a diagnosis or a kind of training."""

    title: str
    entries: list[Entry]
    training: Training | None = None


@dataclass(slots=True)
class ClaimAnswer:
    """The claim that was meant, and those that it might have been."""

    claim: Claim | None
    similarity: float
    near: list[tuple[Claim, float]] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    """Names that the question holds, each of which can be asked for."""


Answer = Entry | HyperparameterPage | TopicPage | ClaimAnswer | Term


def is_for(entry: Entry, kind: str, fact: str = "training.kind") -> bool:
    """Whether an entry was made for a kind of training: its condition names the kind.

    Args:
        entry: A rule or a row of a table.
        kind: The kind, or the value of another fact.
        fact: The fact that is looked at.
    """
    return any(
        leaf.fact == fact
        and leaf.op in ("eq", "in")
        and (leaf.wanted == kind or kind in listed(leaf))
        for leaf in entry.condition.leaves()
    )


def hyperparameter_page(item: Hyperparameter, knowledge: Knowledge) -> HyperparameterPage:
    """Return everything that is known of a hyperparameter."""
    tiers = [
        (table, tier)
        for table in knowledge.tiers
        for tier, names in table.tiers.items()
        if item.id in names
    ]
    rules = [rule for rule in knowledge.rules if concerns(rule, item.id)]
    words = {item.id.replace("_", " "), item.title.casefold(), *item.aliases}
    claims = [
        claim
        for claim in knowledge.claims
        if any(_mentions(f"{claim.claim} {' '.join(claim.phrases)}", word) for word in words)
    ]
    ranges = [entry for entry in knowledge.ranges if entry.hyperparameter == item.id]
    return HyperparameterPage(item, tiers, ranges, rules, claims)


def concerns(rule: Rule, name: str) -> bool:
    """Whether a rule asks for a hyperparameter or recommends something of it."""
    if any(item.parameter == name for item in rule.recommend):
        return True
    return any(_names(leaf, name) for leaf in rule.condition.leaves())


def _names(leaf: Leaf, name: str) -> bool:
    if leaf.fact == f"training.{name}":
        return True
    return leaf.fact.startswith("plan.") and leaf.op == "contains" and leaf.wanted == name


def _mentions(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word.casefold())}s?\b", text.casefold()) is not None


def topic_page(text: str, knowledge: Knowledge) -> TopicPage | None:
    """Return the page of a kind of training, a diagnosis, a topic, a chapter or a folder."""
    training = knowledge.training(text)
    if training is not None:
        return TopicPage(training.title, _of_training(training, knowledge), training)
    slug = re.sub(r"[\s_]+", "-", text.casefold())
    name = slug.replace("-", "_")
    groups: list[tuple[str, list[Entry]]] = []
    if name in DIAGNOSES:
        groups.append((name, [rule for rule in knowledge.rules if diagnoses(rule, name)]))
    chapters = [c for c in knowledge.chapters if slug in (c.id, c.id.removesuffix("s"))]
    for chapter in chapters:
        groups.append(
            (chapter.title, [e for e in knowledge.entries() if chapter.id in e.chapters])
        )
    topics = {name, name.removesuffix("s")}
    groups.append((name, [rule for rule in knowledge.rules if rule.topic in topics]))
    groups.append((name, [e for e in knowledge.entries() if _folder(e) in (name, f"{name}s")]))
    for title, entries in groups:
        if entries:
            return TopicPage(title.replace("_", " "), entries)
    return None


def optimizer_page(name: str, knowledge: Knowledge) -> TopicPage | None:
    """Return the ranges and rules that were made for an optimizer, or None."""
    entries = [one for one in knowledge.entries() if is_for(one, name, "training.optimizer")]
    return TopicPage(f"The optimizer {name}", entries) if entries else None


def diagnoses(rule: Rule, name: str) -> bool:
    """Whether a rule finds a symptom or answers to it."""
    return rule.diagnosis == name or any(
        leaf.fact == "symptoms" and leaf.wanted == name for leaf in rule.condition.leaves()
    )


def _folder(entry: Entry) -> str:
    parts = entry.path.split("/")
    return parts[-2] if len(parts) > 1 else ""


def _of_training(training: Training, knowledge: Knowledge) -> list[Entry]:
    return [entry for entry in knowledge.entries() if is_for(entry, training.id)]


def listed(leaf: Leaf) -> Sequence[str]:
    """Return the values of a leaf that lists some, or nothing."""
    return leaf.wanted if isinstance(leaf.wanted, list) else ()
