"""Explanations as text and JSON: pages of hyperparameters and topics, answers to claims."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from hpadvisor.engine.entries import Claim, Entry, Range, Rule
from hpadvisor.engine.lookup import Answer, ClaimAnswer, HyperparameterPage, TopicPage, is_for
from hpadvisor.engine.terms import Term
from hpadvisor.engine.text import human, named
from hpadvisor.facts.facts import Facts
from hpadvisor.report.entries import (
    EVIDENCE,
    SCHEMA_VERSION,
    citation_text,
    condition_text,
    entry_json,
    entry_text,
)
from hpadvisor.visible import one_line

HOLDS = {"yes": "True", "partly": "Partly true", "no": "Not true"}


def explanation_text(
    question: str,
    answer: Answer,
    facts: Facts | None = None,
    *,
    width: int = 100,
    sources: bool = False,
) -> str:
    """Return an answer as text, no line longer than the width where words can be broken.

    Args:
        question: What was asked.
        answer: What was found.
        facts: A situation's facts; conditions are then shown with what they saw.
        width: Columns.
        sources: Let the page of a hyperparameter end with its sources.
    """
    lines: Iterable[str]
    if isinstance(answer, HyperparameterPage):
        lines = map(named, _hyperparameter(answer, width, sources))
    elif isinstance(answer, Term):
        lines = _term(answer)
    elif isinstance(answer, TopicPage):
        lines = map(named, _topic(answer))
    elif isinstance(answer, ClaimAnswer):
        lines = _claim(question, answer)
    else:
        lines = [named(entry_text(answer)), *_trace(answer, facts)]
    return "\n".join(wrapped(text, width) for text in lines)


def wrapped(text: str, width: int) -> str:
    """Return a text whose lines are no longer than the width where words can be broken."""
    return "\n".join(_wrap(line, width) for line in text.split("\n"))


def _wrap(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
        initial_indent="", drop_whitespace=True, replace_whitespace=False,
    ) if line.strip() else ""  # fmt: skip


def _trace(entry: Entry, facts: Facts | None) -> Iterator[str]:
    if facts is None:
        return
    outcome = entry.condition.evaluate(facts)
    word = {True: "holds", False: "does not hold", None: "cannot be judged"}[outcome.truth]
    yield f"\nIn this situation it {word}:"
    for leaf in outcome.trace:
        mark = {True: "✓", False: "✗", None: "?"}[leaf.truth]
        got = "not known" if leaf.got is None else f"{human(leaf.got)} ({leaf.where})"
        yield f"  {mark} {leaf.fact} {leaf.op} {human(leaf.wanted)}: {got}"


def _hyperparameter(page: HyperparameterPage, width: int, sources: bool) -> Iterator[str]:
    item = page.hyperparameter
    yield f"{item.title}  ({item.id})"
    yield item.meaning
    if item.aliases:
        yield f"Also called: {', '.join(item.aliases)}"
    yield f"Scale: {item.scale}" + (f"; off is {human(item.off)}" if item.off is not None else "")
    own = _of_kind(page)
    if own and page.training is not None:
        yield f"\nFor this: {page.training.title} ({page.training.id})"
        yield from range_table(own, width)
    if item.find_start:
        yield f"\nHow to find a start\n  {item.find_start}"
    if page.tiers:
        yield "\nHow early to tune it (tier 1 is first, tier 5 is never searched)"
        yield from (f"  {line}" for line in _tier_lines(page))
    others = [entry for entry in page.ranges if entry not in own]
    if others:
        yield "\nRanges of other kinds" if own else "\nRanges"
        yield from range_table(others, width)
    yield from _rule_section("Interactions", page.rules, ("interaction",))
    yield from _rule_section("Advice", page.rules, ("advice", "diagnosis", "pitfall"))
    if page.claims:
        yield "\nWhat people say"
        yield from (
            f"  “{claim.claim}” {HOLDS[claim.holds].casefold()} [{claim.id}]"
            for claim in page.claims
        )
    if sources:
        yield "\nSources"
        yield from _source_table([item, *page.ranges], width)
    else:
        yield f"\nMore on each: hpadvisor explain ID.  Sources: explain {item.id} --sources"


def _of_kind(page: HyperparameterPage) -> list[Range]:
    """Return the ranges that were made for the kind of training that was asked for."""
    if page.training is None:
        return []
    return [entry for entry in page.ranges if is_for(entry, page.training.id)]


def _term(term: Term) -> Iterator[str]:
    yield term.names[0]
    yield term.meaning
    if term.see:
        yield f"\nSee: hpadvisor explain {term.see[0]}" + "".join(f", {x}" for x in term.see[1:])


_COLUMNS = ("kind of training", "optimizer", "also", "values", "start", "rule")
_MOST = (30, 12, 30, 24, 10, 8)
_LEAST = (19, 9, 14, 12, 6, 6)


def range_table(ranges: Iterable[Range], width: int) -> Iterator[str]:
    """Yield a table of ranges: kind of training, optimizer, other conditions, values, start, id.

    Args:
        ranges: What the table shows, a row or more each.
        width: Columns of the terminal; cells that are too long go on in the next line.
    """
    rows = sorted((_range_cells(entry) for entry in ranges), key=lambda row: row[:2])
    widths = [
        min(most, max(len(head), *(len(row[i]) for row in rows)))
        for i, (head, most) in enumerate(zip(_COLUMNS, _MOST, strict=True))
    ]
    spare = width - 2 - 2 * (len(widths) - 1)
    while sum(widths) > spare and any(w > low for w, low in zip(widths, _LEAST, strict=True)):
        over = [w - low for w, low in zip(widths, _LEAST, strict=True)]
        widths[over.index(max(over))] -= 1
    yield from _row(_COLUMNS, widths)
    for row in rows:
        yield from _row(row, widths)


def _row(cells: Iterable[str], widths: list[int]) -> Iterator[str]:
    parts = [
        textwrap.wrap(cell, width, break_on_hyphens=False) or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for line in range(max(map(len, parts))):
        texts = (part[line] if line < len(part) else "" for part in parts)
        yield ("  " + "  ".join(f"{t:<{w}}" for t, w in zip(texts, widths, strict=True))).rstrip()


def _range_cells(entry: Range) -> tuple[str, ...]:
    """Return kind, optimizer, other conditions, values, start and id of a range as texts."""
    kinds: list[str] = []
    optimizers: list[str] = []
    others: list[str] = []
    leaves = entry.condition.leaves()
    for leaf in leaves:
        wanted = leaf.wanted if isinstance(leaf.wanted, list) else [leaf.wanted]
        if leaf.op in ("eq", "in") and leaf.fact == "training.kind":
            kinds += map(str, wanted)
        elif leaf.op in ("eq", "in") and leaf.fact == "training.optimizer":
            optimizers += map(str, wanted)
        else:
            others.append(leaf.fact)
    also = condition_text(entry.condition) if others else ""
    for part in also.split(" and "):
        if part.startswith(("training.kind is ", "training.optimizer is ")):
            also = also.replace(f"{part} and ", "").replace(f" and {part}", "")
    if entry.choices:
        values = human(entry.choices)
    else:
        values = f"{human(entry.low)} to {human(entry.high)}, {entry.scale}"
    off = f", or {human(entry.off)}" if entry.off is not None else ""
    return (
        ", ".join(dict.fromkeys(kinds)) or "any",
        "Adam's kin" if {"adam", "adamw"} <= {*optimizers} else ", ".join(optimizers) or "any",
        re.sub(r"\b(?:training|model|data)\.", "", also).replace("_", " "),
        f"{values}{off}",
        human(entry.default),
        entry.id,
    )


def _tier_lines(page: HyperparameterPage) -> Iterator[str]:
    """Yield a line a tier, with the kinds of training for which it is that."""
    for tier in sorted({tier for _, tier in page.tiers}):
        tables = [table for table, number in page.tiers if number == tier]
        names = [
            "in general" if table.specificity == 0 else condition_text(table.condition)
            for table in tables
        ]
        short = (name.replace("training.kind is not known", "kind unknown") for name in names)
        kinds = "; ".join(name.removeprefix("training.kind is ") for name in short)
        yield f"tier {tier}: {kinds}"


def _range_line(entry: Range) -> str:
    where = condition_text(entry.condition)
    if entry.choices:
        values = f"one of {human(entry.choices)}"
    else:
        values = f"{human(entry.low)} to {human(entry.high)}, {entry.scale}"
    off = f", or {human(entry.off)} for off" if entry.off is not None else ""
    evidence = EVIDENCE[entry.evidence]
    return f"{values}{off}; start {human(entry.default)}: {where} [{entry.id}, {evidence}]"


def _rule_section(title: str, rules: Iterable[Rule], topics: tuple[str, ...]) -> Iterator[str]:
    chosen = [rule for rule in rules if rule.topic in topics]
    if chosen:
        yield f"\n{title}"
        yield from (f"  {rule.title} [{rule.id}]" for rule in chosen)


def _source_table(entries: Iterable[Entry], width: int) -> Iterator[str]:
    """Yield a table: rule, what it is for, kind of evidence; each with its sources below it.

    Sources are whole lines, since a URL that is broken cannot be followed.
    """
    rows = sorted(entries, key=lambda one: one.id)
    heads = [(one.id, _for(one), EVIDENCE[one.evidence]) for one in rows]
    names = ("rule", "for", "evidence")
    widths = [max(len(head[i]) for head in (names, *heads)) for i in range(3)]
    widths[1] = min(widths[1], max(width - 6 - widths[0] - widths[2], 20))
    yield from _row(names, widths)
    for one, head in zip(rows, heads, strict=True):
        yield from _row(head, widths)
        for text in map(citation_text, one.citations):
            yield from textwrap.wrap(
                text, width, initial_indent="    ", subsequent_indent="      ",
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip


def _for(entry: Entry) -> str:
    """What an entry is for: kind of training, optimizer and what else it asks."""
    if not isinstance(entry, Range):
        return "its meaning"
    return ", ".join(cell for cell in _range_cells(entry)[:3] if cell not in ("", "any")) or "any"


def _sources(entries: Iterable[Entry]) -> list[str]:
    texts = [citation_text(citation) for entry in entries for citation in entry.citations]
    return list(dict.fromkeys(texts))


def _topic(page: TopicPage) -> Iterator[str]:
    yield page.title[0].upper() + page.title[1:]
    if page.training is not None:
        yield page.training.meaning
        assumed = ", ".join(
            f"{name} {human(value)}" for name, value in page.training.assume.items()
        )
        if assumed:
            yield f"Assumed where nothing is said: {assumed}"
    for entry in page.entries:
        yield f"\n{_topic_entry(entry)}"
    yield "\nMore on each: hpadvisor explain ID"


def _topic_entry(entry: Entry) -> str:
    head = f"{entry.id}  {entry.title} ({EVIDENCE[entry.evidence]})"
    if isinstance(entry, Range):
        return f"{head}\n  {entry.hyperparameter}: {_range_line(entry)}"
    if isinstance(entry, Claim):
        return f"{head}\n  {HOLDS[entry.holds]}. {entry.answer}"
    text = getattr(entry, "advice", "") or entry.why or getattr(entry, "lesson", "")
    return f"{head}\n  {text}" if text else head


def _claim(question: str, answer: ClaimAnswer) -> Iterator[str]:
    if answer.claim is None:
        yield f"Nothing is known of “{one_line(question)}”."
        if answer.near or answer.related:
            yield "Related:"
    else:
        claim = answer.claim
        yield f"“{claim.claim}”  [{claim.id}]"
        yield f"\n{HOLDS[claim.holds]}. {claim.answer}"
        if claim.do_instead:
            yield f"\nDo instead: {claim.do_instead}"
        if claim.limits:
            yield f"Limits: {claim.limits}"
        yield f"\nEvidence: {EVIDENCE[claim.evidence]}"
        yield from (f"Source: {citation_text(citation)}" for citation in claim.citations)
        if answer.near:
            yield "\nAlso asked:"
    yield from (f"  “{claim.claim}” [{claim.id}]" for claim, _ in answer.near)
    if answer.claim is None:
        yield from (f"  hpadvisor explain {name}" for name in answer.related)
    if answer.claim is None and not answer.near and not answer.related:
        yield "See: hpadvisor rules list, hpadvisor rules list claims."


def explanation_json(question: str, answer: Answer, facts: Facts | None = None) -> dict[str, Any]:
    """Return an answer as plain values."""
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "question": question}
    if isinstance(answer, HyperparameterPage):
        return document | {
            "kind": "hyperparameter",
            "training": None if answer.training is None else answer.training.id,
            "hyperparameter": entry_json(answer.hyperparameter),
            "tiers": [
                {"rule": table.id, "title": table.title, "tier": t} for table, t in answer.tiers
            ],
            "ranges": [entry_json(entry) for entry in answer.ranges],
            "rules": [entry_json(rule) for rule in answer.rules],
            "claims": [entry_json(claim) for claim in answer.claims],
        }
    if isinstance(answer, Term):
        return document | {
            "kind": "term",
            "names": list(answer.names),
            "meaning": answer.meaning,
            "see": list(answer.see),
        }
    if isinstance(answer, TopicPage):
        entries = [entry_json(entry) for entry in answer.entries]
        return document | {"kind": "topic", "title": answer.title, "entries": entries}
    if isinstance(answer, ClaimAnswer):
        near = [{"id": c.id, "claim": c.claim, "similarity": round(s, 3)} for c, s in answer.near]
        claim = None if answer.claim is None else entry_json(answer.claim)
        return document | {
            "kind": "claim",
            "claim": claim,
            "similarity": round(answer.similarity, 3),
            "near": near,
            "related": answer.related,
        }
    found = document | {"kind": "entry", "entry": entry_json(answer)}
    if facts is not None:
        outcome = answer.condition.evaluate(facts)
        found["truth"] = outcome.truth
        found["trace"] = [
            {"fact": leaf.fact, "op": leaf.op, "wanted": leaf.wanted, "got": leaf.got,
             "where": leaf.where, "truth": leaf.truth}
            for leaf in outcome.trace
        ]  # fmt: skip
    return found
