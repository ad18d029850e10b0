"""Rules and table entries as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hpadvisor.engine.conditions import All, AnyOf, Condition, Leaf, Not
from hpadvisor.engine.entries import Entry
from hpadvisor.engine.judging import condition_json
from hpadvisor.engine.text import human
from hpadvisor.facts.registry import FactRegistry

SCHEMA_VERSION = "1.0"

EVIDENCE = {"M": "measured", "P": "published", "F": "folk", "": "ungraded"}


def listing(entries: Iterable[Entry]) -> str:
    """Return a line an entry: id, kind, evidence, title."""
    rows = [(e.id, e.kind, EVIDENCE[e.evidence], e.title) for e in entries]
    width = max((len(row[0]) for row in rows), default=0)
    return "\n".join(f"{i:<{width}}  {k:<15}  {ev:<9}  {t}" for i, k, ev, t in rows)


def listing_json(entries: Iterable[Entry]) -> dict[str, Any]:
    """Return the entries, whole, as one JSON document."""
    return {"schema_version": SCHEMA_VERSION, "entries": [entry_json(e) for e in entries]}


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain values."""
    document: dict[str, Any] = {}
    for name in entry.record_fields:
        value = getattr(entry, name)
        if name == "condition":
            document["when"] = condition_json(value)
        elif name == "citations":
            document["sources"] = [citation_json(citation) for citation in value]
        elif name == "examples":
            document["examples"] = [{"given": e.given, "expect": e.expect} for e in value]
        elif name in ("recommend", "phases"):
            document[name] = [_bare(member) for member in value]
        else:
            document[name] = value
    return document


def _bare(record: Any) -> dict[str, Any]:
    values = dict(zip(record.record_fields, record.record_values(), strict=True))
    return {name: value for name, value in values.items() if value not in (None, "", ())}


def citation_json(citation: Any) -> dict[str, Any]:
    """Return a citation as plain values: title, authors, year, url, locator, checked, kind."""
    source = citation.source
    values = {
        "title": source.title,
        "authors": source.authors,
        "year": source.year,
        "url": source.url,
        "locator": citation.locator,
        "checked": citation.checked,
        "kind": source.kind,
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


_WORDS = {
    "eq": "is", "ne": "is not", "gt": ">", "ge": "≥", "lt": "<", "le": "≤",
    "in": "is one of", "not_in": "is none of", "contains": "contains", "matches": "matches",
}  # fmt: skip


def condition_text(condition: Condition) -> str:
    """Return a condition as a sentence."""
    if isinstance(condition, Leaf):
        return _leaf_text(condition.fact, condition.op, condition.wanted)
    if isinstance(condition, Not):
        return f"not ({condition_text(condition.part)})"
    if isinstance(condition, All | AnyOf):
        if not condition.parts:
            return "always"
        word = " and " if isinstance(condition, All) else " or "
        parts = [condition_text(part) for part in condition.parts]
        nested = [isinstance(part, All | AnyOf) for part in condition.parts]
        texts = [f"({t})" if deep else t for t, deep in zip(parts, nested, strict=True)]
        return word.join(texts)
    raise TypeError(f"not a condition: {condition!r}")


def _leaf_text(fact: str, op: str, wanted: Any) -> str:
    if op == "exists":
        return f"{fact} is {'known' if wanted else 'not known'}"
    if op == "between":
        return f"{fact} is {human(wanted[0])} to {human(wanted[1])}"
    return f"{fact} {_WORDS[op]} {human(wanted)}"


def citation_text(citation: Any) -> str:
    """Return a citation in one line: authors (year), title, part, address, when re-read."""
    source = citation.source
    head = source.authors + (f" ({source.year})" if source.year else "")
    parts = [part for part in (head.strip(), source.title, citation.locator, source.url) if part]
    checked = f" (re-read {citation.checked})" if citation.checked else ""
    return ", ".join(parts) + checked


_TITLES = {
    "advice": "Advice", "answer": "Answer", "do_instead": "Do instead", "meaning": "Meaning",
    "why": "Why", "find_start": "How to find a start", "setting": "Setting", "lesson": "Lesson",
    "caution": "Caution", "limits": "Limits", "corrects": "Corrects",
}  # fmt: skip


def entry_text(entry: Entry) -> str:
    """Return an entry whole, as text."""
    return "\n".join(_entry_lines(entry))


def _entry_lines(entry: Entry) -> Iterator[str]:
    yield f"{entry.id}  {entry.title}"
    yield f"{entry.kind}, {entry.status}, evidence: {EVIDENCE[entry.evidence]}"
    yield f"{entry.path}:{entry.line}"
    for name, title in _TITLES.items():
        value = getattr(entry, name, "")
        if value:
            yield f"\n{title}: {value}"
    yield from _numbers(entry)
    yield f"\nHolds when: {condition_text(entry.condition)}"
    for citation in entry.citations:
        yield f"Source: {citation_text(citation)}"
    for example in entry.examples:
        given = ", ".join(f"{name} = {human(value)}" for name, value in example.given.items())
        yield f"Example: {given or 'nothing known'} → {example.expect}"
    for case in getattr(entry, "cases", ()):
        for name in ("wrong", "right"):
            if case.get(name):
                yield f"\n{name.capitalize()} ({case.get('file', 'a file')}):"
                yield from (f"    {row}" for row in case[name].splitlines())


def _numbers(entry: Entry) -> Iterator[str]:
    known = set(Entry.record_fields) | set(_TITLES) | {"cases"}
    for name in entry.record_fields:
        value = getattr(entry, name)
        if name in known or value in (None, "", (), {}, 0):
            continue
        yield f"{name.replace('_', ' ')}: {_value_text(name, value)}"


def _value_text(name: str, value: Any) -> str:
    if name == "recommend":
        return "; ".join(recommendation_text(item) for item in value)
    if name == "tiers" and isinstance(value, dict):
        return "; ".join(f"{tier}: {', '.join(names)}" for tier, names in value.items())
    if name == "rows":
        return "; ".join(f"{row['change']}: {row['effect']}" for row in value)
    if name == "phases":
        return "; ".join(f"{p.name} {p.share:.0%} {p.strategy}" for p in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {human(item)}" for key, item in value.items())
    return human(value)


def recommendation_text(item: Any) -> str:
    """Return a recommendation in a phrase: ``learning_rate: decrease × 0.1``."""
    text = f"{item.parameter}: {item.action}"
    if item.factor is not None:
        text += f" × {human(item.factor)}"
    if item.value is not None:
        text += f" to {human(item.value)}"
    if item.low is not None and item.high is not None:
        text += f" in {human(item.low)} to {human(item.high)}"
    if item.choices:
        text += f" of {human(item.choices)}"
    return f"{text} ({item.message})" if item.message else text


def facts_json(registry: FactRegistry) -> dict[str, Any]:
    """Return every fact definition as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "facts": [
            {
                "name": d.name,
                "type": d.type.value,
                "unit": d.unit,
                "meaning": d.meaning,
                "question": d.question,
                "choices": list(d.choices),
            }
            for d in registry
        ],
    }


def facts_text(registry: FactRegistry) -> str:
    """Return a line a fact: name, type, meaning."""
    width = max(len(definition.name) for definition in registry)
    return "\n".join(
        f"{d.name:<{width}}  {d.type.value:<5}  {d.meaning}{f' ({d.unit})' if d.unit else ''}"
        for d in registry
    )
