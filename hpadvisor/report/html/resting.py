"""What a rule rests on, looked up when a page is made: its measured figure, limits and sources.

A diagnosis and a check carry the rules' ids alone, so that they stay quick.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hpadvisor.engine.reasons import source_note
from hpadvisor.report import plan_words as words
from hpadvisor.report.html.document import Detail


def resting(ids: Iterable[str]) -> dict[str, list[Detail]]:
    """Return the details of rules by their ids; a user's own rules have none here."""
    from hpadvisor.engine.loading import load_knowledge

    wanted = set(ids)
    if not wanted:
        return {}
    knowledge = load_knowledge()
    found = {}
    for name in wanted:
        entry = knowledge.find(name)
        if entry is None:
            continue
        details = [Detail("evidence", words.GRADES.get(entry.evidence, "ungraded"))]
        measured = measured_words(getattr(entry, "measured", None))
        details += [Detail("measured", measured)] if measured else []
        details += [Detail("limits", entry.limits)] if entry.limits else []
        for citation in entry.citations:
            note = source_note(citation)
            text = words.source(note).removesuffix(f", {note.url}") if note.url else ""
            details.append(Detail("source", text or words.source(note), note.url))
        found[name] = details
    return found


def measured_words(measured: dict[str, Any] | None) -> str:
    """Say how often a rule was right, on which benchmark; empty where nobody measured it."""
    if not measured or not measured.get("n"):
        return ""
    count, share = measured["n"], measured.get("precision")
    if share is None:
        return ""
    return f"right in {share:.0%} of {count} trainings where it spoke ({measured['benchmark']})"
