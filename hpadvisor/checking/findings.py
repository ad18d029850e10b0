"""What check found, and what it made of each file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hpadvisor.checking.rules import CheckRule
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import Document
from hpadvisor.showing import Showable

SEVERITIES = ("note", "warning", "error")


class Edit(NamedTuple):
    """A replacement of a part of a text: ``text[start:end]`` becomes ``text``."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """Edits that mend a finding together.

    Attributes:
        edits: In order, not overlapping.
        safe: Whether what the file means stays the same but for the mistake.
        note: What changes by an unsafe fix.
    """

    edits: tuple[Edit, ...]
    safe: bool
    note: str = ""


class Finding(NamedTuple):
    """A rule that matched in a file; lines and columns are one-based, ends exclusive.

    ``milder`` says that the harm is small here, so a warning is a note.
    """

    rule: CheckRule
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    key_path: str
    message: str
    advice: str
    why: str
    fix: Fix | None = None
    milder: bool = False

    @property
    def severity(self) -> str:
        """How bad it is here: that of the rule, or a note for a warning of little harm."""
        severity = self.rule.severity
        return "note" if self.milder and severity == "warning" else severity

    @property
    def key(self) -> tuple[str, str, str]:
        """What a baseline knows it by: rule, path and key path, not the line."""
        return self.rule.id, self.path, self.key_path

    def to_json(self) -> dict[str, Any]:
        """Return the finding as the published schema has it."""
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "severity": self.severity,
            "persona": self.rule.persona,
            "confidence": self.rule.confidence,
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "key_path": self.key_path,
            "message": self.message,
            "advice": self.advice,
            "fix": None if self.fix is None else {
                "safe": self.fix.safe,
                "note": self.fix.note,
                "edits": [
                    {"start": edit.start, "end": edit.end, "text": edit.text}
                    for edit in self.fix.edits
                ],
            },
        }  # fmt: skip


@dataclass(slots=True)
class FileResult:
    """What came of one file."""

    path: str
    document: Document | None = None
    formats: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    error: UserError | None = None


class Unread(NamedTuple):
    """Something among the paths that was not judged.

    Attributes:
        path: The file or folder.
        reason: ``unrecognised``, ``output folder``, ``not supported``, ``training log`` or
            ``unreadable``.
    """

    path: str
    reason: str


class Mended(NamedTuple):
    """A fix that was applied: the rule, the place before it, and what changed."""

    path: str
    line: int
    rule: str
    before: str
    after: str


@dataclass(slots=True, repr=False)
class CheckResult(Showable):
    """What came of a run.

    Attributes:
        files: Every file that was read, and those that could not be.
        hidden_by_baseline: Findings that a baseline knows.
        hidden_by_ignores: Findings that a comment hides.
        hidden_by_base: Findings that stood there before the change.
        mended: Fixes that were applied.
        unreadable: Files that the user named and that cannot be judged.
        left_out: Folders and files that were not read at all.
        too_large: Files inside folders that are too large to be configs, and were left out.
    """

    files: list[FileResult] = field(default_factory=list)
    hidden_by_baseline: int = 0
    hidden_by_ignores: int = 0
    hidden_by_base: int = 0
    mended: list[Mended] = field(default_factory=list)
    unreadable: int = 0
    left_out: list[Unread] = field(default_factory=list)
    too_large: int = 0

    @property
    def fixed(self) -> int:
        """How many fixes were applied."""
        return len(self.mended)

    @property
    def unread(self) -> list[Unread]:
        """What was not judged: left out, not readable, or of no known format.

        A script without a search space is no config, and so is not counted.
        """
        found = list(self.left_out)
        for file in self.files:
            if file.error is not None:
                found.append(Unread(file.path, "unreadable"))
            elif not file.formats and file.document is not None and file.document.roots:
                found.append(Unread(file.path, "unrecognised"))
        return found

    @property
    def findings(self) -> list[Finding]:
        """All findings, by file and place."""
        return [finding for file in self.files for finding in file.findings]

    def worst(self) -> int:
        """Return the rank of the worst severity found, -1 where nothing was."""
        return max((SEVERITIES.index(f.severity) for f in self.findings), default=-1)
