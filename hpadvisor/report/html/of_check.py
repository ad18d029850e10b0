"""What check found as a page: the findings by file, each with what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hpadvisor.checking.findings import CheckResult, Finding
from hpadvisor.report.html.document import (
    Detail,
    Document,
    Grid,
    Item,
    Listing,
    Section,
    Tone,
)
from hpadvisor.report.html.rendering import html_page
from hpadvisor.report.html.resting import resting
from hpadvisor.visible import one_line

_ORDER = ("error", "warning", "note")
_TONES: dict[str, Tone] = {"error": "bad", "warning": "warning", "note": "plain"}


def check_document(result: CheckResult) -> Document:
    """Turn what check found into a document."""
    counts = Counter(finding.severity for finding in result.findings)
    said = ", ".join(f"{counts[word]} {word}{'s' * (counts[word] != 1)}" for word in _ORDER)
    files = len(result.files)
    checked = f"{files} file{'s' * (files != 1)} checked"
    tone: Tone = next((_TONES[word] for word in _ORDER if counts[word]), "good")
    basis = resting({finding.rule.id for finding in result.findings})
    sections = [_file(path, found, basis) for path, found in _by_file(result).items()]
    broken = tuple(
        Item(str(one.error), one_line(one.path), "bad") for one in result.files if one.error
    )
    if broken:
        sections.append(Section("Could not be read", (Listing(broken),)))
    unread = tuple((one_line(one.path), one.reason) for one in result.unread)
    if unread:
        table = Grid(("path", "reason"), unread, "Not judged")
        sections.append(Section("Not judged", (table,), folded=True))
    verdict = said if sum(counts.values()) else "nothing found"
    if broken:
        verdict = f"{len(broken)} of {files} could not be read; {verdict}"
        tone = "bad"
    return Document("check", checked, verdict, tone, tuple(sections))


def check_page(result: CheckResult) -> str:
    """Render what check found as an HTML page."""
    return html_page([check_document(result)])


def _by_file(result: CheckResult) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in result.findings:
        found.setdefault(finding.path, []).append(finding)
    return found


def _file(path: str, findings: list[Finding], basis: Mapping[str, list[Detail]]) -> Section:
    items = tuple(_item(finding, basis) for finding in findings)
    return Section(one_line(path), (Listing(items),))


def _item(finding: Finding, basis: Mapping[str, list[Detail]]) -> Item:
    rule = finding.rule
    details = [
        Detail("do", one_line(finding.advice)),
        Detail("why", one_line(finding.why)),
        Detail("rule", f"{rule.id}, {finding.severity}"),
        *basis.get(rule.id, []),
    ]
    kept = tuple(detail for detail in details if detail.text)
    lead = f"line {finding.line}, {rule.id}"
    return Item(one_line(finding.message), lead, _TONES[finding.severity], kept)
