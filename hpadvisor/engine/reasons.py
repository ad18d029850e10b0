"""Rules and table entries to the reasons that a result carries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hpadvisor.engine.conditions import LeafTrace
from hpadvisor.engine.entries import Citation, Entry
from hpadvisor.engine.matching import Finding
from hpadvisor.engine.text import fill
from hpadvisor.facts.facts import Facts


class Part(BaseModel):
    """A part of a result: it takes the fields that it names and no others."""

    model_config = ConfigDict(extra="forbid")


class SourceNote(Part):
    """A source, and the part of it that is meant."""

    title: str
    authors: str = ""
    year: int | None = None
    url: str = ""
    locator: str = ""
    kind: str = ""


class Evidence(Part):
    """What a rule looked at, and who had said it."""

    fact: str
    op: str
    wanted: Any
    got: Any
    where: str


class Why(Part):
    """The reason for a line: the rule, what it says, what it matched on, its sources."""

    rule: str
    title: str
    message: str
    grade: str = Field("", description="M measured, P published, F folk")
    matched: list[Evidence] = Field(default_factory=list)
    sources: list[SourceNote] = Field(default_factory=list)
    limits: str = ""


class Unknown(Part):
    """A fact that nobody stated, and what would hang on it."""

    fact: str
    question: str
    would_decide: list[str]


def why_finding(finding: Finding) -> Why:
    """Return the reason that a finding gives."""
    rule = finding.rule
    return Why(
        rule=rule.id,
        title=rule.title,
        message=" ".join(part for part in (finding.message, finding.why) if part),
        grade=rule.evidence,
        matched=_matched(finding.evidence),
        sources=[source_note(citation) for citation in rule.citations],
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
        sources=[source_note(citation) for citation in entry.citations],
        limits=entry.limits,
    )


def _matched(leaves: Iterable[LeafTrace]) -> list[Evidence]:
    """Return the leaves of a condition that were true, with what they saw."""
    return [
        Evidence(fact=leaf.fact, op=leaf.op, wanted=leaf.wanted, got=leaf.got, where=leaf.where)
        for leaf in leaves
        if leaf.truth
    ]


def source_note(citation: Citation) -> SourceNote:
    """Return a source, and the part of it that is meant."""
    source = citation.source
    return SourceNote(
        title=source.title,
        authors=source.authors,
        year=source.year,
        url=source.url,
        locator=citation.locator,
        kind=source.kind,
    )
