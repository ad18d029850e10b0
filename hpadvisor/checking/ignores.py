"""Comments that hide findings: ``# hpadvisor: ignore[SPC001] reason``."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from hpadvisor.checking.findings import Finding
from hpadvisor.errors import UserError
from hpadvisor.facts.configs.subjects import Place, Subject
from hpadvisor.readers.documents import Document
from hpadvisor.readers.json_nodes import LineIndex

_COMMENT = re.compile(
    r"(?:#|//)[ \t]*hpadvisor:[ \t]*(?P<kind>ignore-file|ignore)(?P<ids>\[[^\]\n]*\])?"
    r"[ \t]*(?P<reason>[^\n\r]*)"
)
MOST = 2_000
"""Ignore comments of a file; more are no work of people."""
_COMMENT_LINE = re.compile(r"[ \t]*(?:#|//)[^\n]*\Z|[ \t\r]*\Z")


@dataclass(slots=True)
class Ignore:
    """One comment.

    Attributes:
        ids: Beginnings of rule ids; empty hides every rule.
        reason: Why.
        line: The line that it holds for; None for the whole file.
        start: Offset of the comment; ``end`` likewise.
        used: Whether it hid anything.
    """

    ids: tuple[str, ...]
    reason: str
    line: int | None
    start: int
    end: int
    used: bool = False

    def hides(self, finding: Finding) -> bool:
        """Return whether it hides a finding."""
        if self.line is not None and not finding.line <= self.line <= max(
            finding.line, finding.end_line
        ):
            return False
        return not self.ids or any(finding.rule.id.startswith(name) for name in self.ids)


def read_ignores(document: Document) -> list[Ignore]:
    """Return the ignore comments of a file."""
    text = document.text
    if "hpadvisor:" not in text:
        return []
    lines = LineIndex(text)
    found: list[Ignore] = []
    below = 0
    for match in _COMMENT.finditer(text):
        if not _is_comment(match, text):
            continue
        ids = tuple(
            word.strip().upper()
            for word in (match["ids"] or "[]")[1:-1].split(",")
            if word.strip()
        )
        line: int | None = lines.at(match.start())[0]
        if len(found) == MOST:
            raise UserError(
                f"more than {MOST:,} ignore comments",
                path=document.path,
                line=line,
                remedy="Leave the file out with --exclude.",
            )
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if match["kind"] == "ignore-file":
            line = None
        elif not before.strip():
            # Comments that follow each other hold for the same line: it is looked for once.
            if below <= lines.at(match.start())[0]:
                below = _next_line(text, match.end(), lines)
            line = below
        found.append(Ignore(ids, match["reason"].strip(), line, match.start(), match.end()))
    return found


def _is_comment(match: re.Match[str], text: str) -> bool:
    """Whether a match stands outside of quotes, and behind a space as YAML wants it."""
    before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    if before and not before[-1].isspace():
        return before[-1] in ",{}[]"
    return before.count('"') % 2 == 0 and before.count("'") % 2 == 0


def _next_line(text: str, position: int, lines: LineIndex) -> int:
    """Return the next line that holds more than a comment."""
    while position < len(text):
        end = text.find("\n", position + 1)
        start = text.find("\n", position) + 1
        if start <= 0:
            break
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if not _COMMENT_LINE.match(text[start:end]):
            return lines.at(start)[0]
        position = end
    return lines.at(max(len(text) - 1, 0))[0]


def hide(findings: list[Finding], ignores: list[Ignore]) -> tuple[list[Finding], int]:
    """Take out what comments hide; return the rest, and how many were hidden."""
    kept = []
    everywhere = [item for item in ignores if item.line is None]
    placed = sorted((item for item in ignores if item.line is not None), key=_line_of)
    for finding in findings:
        first = bisect_left(placed, finding.line, key=_line_of)
        last = bisect_right(placed, max(finding.line, finding.end_line), key=_line_of)
        hiding = [i for i in (*everywhere, *placed[first:last]) if i.hides(finding)]
        for item in hiding:
            item.used = True
        if not hiding:
            kept.append(finding)
    return kept, len(findings) - len(kept)


def _line_of(item: Ignore) -> int:
    return item.line or 0


def ignore_subjects(ignores: list[Ignore], document: Document) -> list[Subject]:
    """Return a subject for every comment that hides nothing or gives no reason."""
    lines = LineIndex(document.text)
    subjects = []
    for item in ignores:
        oddity = "unused-ignore" if not item.used else "bare-ignore" if not item.reason else ""
        if not oddity:
            continue
        node = lines.node("scalar", item.start, item.end)
        node.text = document.text[item.start : item.end]
        place = Place(node, "")
        subject = Subject("entry", place)
        subject.state("entry.oddity", oddity, place)
        subject.state("entry.text", node.text.strip())
        subjects.append(subject)
    return subjects
