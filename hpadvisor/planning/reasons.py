"""Rules and table entries to the reasons that a plan carries."""

from __future__ import annotations

from collections.abc import Iterable

from hpadvisor.engine.conditions import LeafTrace
from hpadvisor.engine.entries import Citation, Entry
from hpadvisor.engine.matching import Finding
from hpadvisor.engine.text import fill
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.model import Evidence, SourceNote, Why


def why_finding(finding: Finding) -> Why:
    """Return the reason that a finding gives."""
    rule = finding.rule
    return Why(
        rule=rule.id,
        title=rule.title,
        message=" ".join(part for part in (finding.message, finding.why) if part),
        grade=rule.evidence,
        matched=_matched(finding.evidence),
        sources=[_source(citation) for citation in rule.citations],
        limits=rule.limits,
    )


def why_entry(entry: Entry, facts: Facts, message: str = "") -> Why:
    """Return the reason that a table entry gives, with the facts that its condition saw."""
    outcome = entry.condition.evaluate(facts)
    values = {fact.name: fact.value for fact in facts}
    return Why(
        rule=entry.id,
        title=entry.title,
        message=fill(message or entry.why or entry.title, values),
        grade=entry.evidence,
        matched=_matched(outcome.trace),
        sources=[_source(citation) for citation in entry.citations],
        limits=entry.limits,
    )


def _matched(leaves: Iterable[LeafTrace]) -> list[Evidence]:
    """Return the leaves of a condition that were true, with what they saw."""
    return [
        Evidence(fact=leaf.fact, op=leaf.op, wanted=leaf.wanted, got=leaf.got, where=leaf.where)
        for leaf in leaves
        if leaf.truth
    ]


def _source(citation: Citation) -> SourceNote:
    source = citation.source
    return SourceNote(
        title=source.title,
        authors=source.authors,
        year=source.year,
        url=source.url,
        locator=citation.locator,
        kind=source.kind,
    )
