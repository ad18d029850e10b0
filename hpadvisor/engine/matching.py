"""Facts against rules: findings in a deterministic order, and what unknown facts would decide."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from hpadvisor.engine.conditions import LeafTrace, Outcome
from hpadvisor.engine.entries import Entry, Example, Rule
from hpadvisor.engine.text import fill
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.registry import FactRegistry
from hpadvisor.records import Record

SEVERITY_RANK = {"error": 0, "warning": 1, "note": 2}
LEVEL_RANK = {"high": 3, "medium": 2, "low": 1}

EntryT = TypeVar("EntryT", bound=Entry)


class Finding(Record):
    """A rule that matched.

    Attributes:
        rule: The rule.
        evidence: The leaves that were true, with the values they saw.
        explained_by: The id of a finding that explains this one away, else None.
        message: The rule's advice, facts filled in.
        why: The rule's reason, facts filled in.
    """

    rule: Rule
    evidence: tuple[LeafTrace, ...]
    explained_by: str | None
    message: str
    why: str


class Undecided(Record):
    """A fact that nobody stated, and the entries that it would decide."""

    fact: str
    question: str
    would_decide: tuple[str, ...]


class Judgement(Record):
    """Everything that rules say of some facts."""

    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]


def judge(rules: Iterable[Rule], facts: Facts, registry: FactRegistry) -> Judgement:
    """Match rules against facts.

    Args:
        rules: The rules that apply, in any order.
        facts: What is known.
        registry: For the questions of unknown facts.

    Returns:
        Findings in order (``after``, then severity, impact × confidence, id), and the unknown
        facts, those that would decide the most first.
    """
    matched: list[tuple[Rule, Outcome]] = []
    open_rules: dict[str, list[str]] = defaultdict(list)
    for rule in rules:
        if rule.status == "deprecated":
            continue
        outcome = rule.condition.evaluate(facts)
        if outcome.truth:
            matched.append((rule, outcome))
        for name in outcome.unknown:
            open_rules[name].append(rule.id)
    ordered = order_rules([rule for rule, _ in matched])
    outcomes = {rule.id: outcome for rule, outcome in matched}
    explained = _explained(ordered)
    findings = tuple(_finding(rule, outcomes[rule.id], facts, explained) for rule in ordered)
    return Judgement(findings, rank_undecided(open_rules, registry))


def _finding(rule: Rule, outcome: Outcome, facts: Facts, explained: dict[str, str]) -> Finding:
    values = {fact.name: fact.value for fact in facts}
    for item in rule.recommend:
        for field in ("factor", "value", "low", "high"):
            values[f"recommend.{item.parameter}.{field}"] = getattr(item, field)
    evidence = tuple(leaf for leaf in outcome.trace if leaf.truth)
    return Finding(
        rule,
        evidence,
        explained.get(rule.id),
        fill(rule.advice, values),
        fill(rule.why, values),
    )


def _explained(rules: Sequence[Rule]) -> dict[str, str]:
    """Map each superseded rule to the first matched rule that supersedes it."""
    present = {rule.id for rule in rules}
    explained: dict[str, str] = {}
    for rule in rules:
        for other in rule.supersedes:
            if other in present and other != rule.id:
                explained.setdefault(other, rule.id)
    return explained


def rank_undecided(
    open_entries: dict[str, list[str]], registry: FactRegistry
) -> tuple[Undecided, ...]:
    """Order unknown facts: decisive ones first, then by how many entries they would decide."""

    def weight(name: str) -> tuple[bool, int, str]:
        definition = registry.get(name)
        decisive = definition is not None and definition.decisive
        return (not decisive, -len(open_entries[name]), name)

    return tuple(
        Undecided(name, _question(name, registry), tuple(sorted(open_entries[name])))
        for name in sorted(open_entries, key=weight)
    )


def _question(name: str, registry: FactRegistry) -> str:
    definition = registry.get(name)
    if definition is None:
        return ""
    return definition.question or f"{definition.meaning[0].upper()}{definition.meaning[1:]}?"


def rule_rank(rule: Rule) -> tuple[int, int, str]:
    """Return the sort key of a rule: severity, impact × confidence, id."""
    worth = LEVEL_RANK[rule.impact] * LEVEL_RANK[rule.confidence]
    return SEVERITY_RANK[rule.severity], -worth, rule.id


def order_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Order rules so that each follows those of its ``after``, and else by rank.

    References to rules that are not among them are ignored; cycles were refused at loading.
    """
    by_id = {rule.id: rule for rule in rules}
    waits = {rule.id: {name for name in rule.after if name in by_id} for rule in rules}
    ready = [(rule_rank(rule), rule.id) for rule in rules if not waits[rule.id]]
    heapq.heapify(ready)
    ordered: list[Rule] = []
    while ready:
        _, name = heapq.heappop(ready)
        ordered.append(by_id[name])
        for other, waiting in waits.items():
            if name in waiting:
                waiting.discard(name)
                if not waiting:
                    heapq.heappush(ready, (rule_rank(by_id[other]), other))
    return ordered


def holding(entries: Iterable[EntryT], facts: Facts) -> list[EntryT]:
    """Return the entries of a table whose condition is true, deprecated ones left out."""
    return [
        entry
        for entry in entries
        if entry.status != "deprecated" and entry.condition.evaluate(facts).truth
    ]


def most_specific(entries: Sequence[EntryT]) -> list[EntryT]:
    """Return those entries whose conditions look at the most facts, better evidence first."""
    if not entries:
        return []
    top = max(entry.specificity for entry in entries)
    best = [entry for entry in entries if entry.specificity == top]
    return sorted(best, key=lambda entry: ("MPF".find(entry.evidence or "F"), entry.id))


def run_example(entry: Entry, example: Example) -> str:
    """Return what an entry's condition answers for an example: match, no-match or unknown."""
    truth = entry.condition.evaluate(Facts.of(example.given, "example")).truth
    return {True: "match", False: "no-match", None: "unknown"}[truth]
