"""Applying fixes to files, in rounds, byte for byte."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from hpadvisor.checking.edits import apply_edits
from hpadvisor.checking.findings import CheckResult, FileResult, Finding, Mended
from hpadvisor.checking.running import Checking
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import Document, parse_document
from hpadvisor.writing import write_bytes

_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file after its fixes.

    Attributes:
        before: The document as it was.
        after: The document as it is now; the same object where nothing was fixed.
        count: Fixes applied.
        mended: What each of them changed.
    """

    before: Document
    after: Document
    count: int
    mended: tuple[Mended, ...] = ()


def fix_document(checking: Checking, file: FileResult, *, unsafe: bool) -> Fixed | None:
    """Apply the fixes of a file's findings, until no more of them apply.

    A fix is kept only if the text can still be read, so no fix can break a file.

    Args:
        checking: Finds what is left after each round.
        file: The file and its findings.
        unsafe: Whether to apply unsafe fixes too.

    Returns:
        The outcome; None for a file that could not be read.
    """
    if file.document is None:
        return None
    before = document = file.document
    current, mended = file, list[Mended]()
    for _ in range(_ROUNDS):
        fixable = [f for f in current.findings if f.fix is not None and (f.fix.safe or unsafe)]
        if not fixable:
            break
        text, applied = apply_edits(document.text, [f.fix for f in fixable if f.fix is not None])
        if not applied or text == document.text:
            break
        done = [_mended(fixable[index], document) for index in applied]
        bom = b"\xef\xbb\xbf" if document.bom else b""
        try:
            document = parse_document(bom + text.encode("utf-8"), document.path)
        except UserError:
            break
        mended += done
        current = checking.check(document, CheckResult())
    return Fixed(before, document, len(mended), tuple(mended))


def _mended(finding: Finding, document: Document) -> Mended:
    """Say what a fix changes, in the words of the file."""
    edits = () if finding.fix is None else finding.fix.edits
    before = " ".join(document.text[edit.start : edit.end].strip() for edit in edits)
    after = " ".join(edit.text.strip() for edit in edits)
    return Mended(finding.path, finding.line, finding.rule.id, before, after)


def diff_of(fixed: Fixed) -> str:
    """Return a unified diff of a fixed file."""
    old, new = fixed.before, fixed.after
    lines = difflib.unified_diff(
        old.text.splitlines(keepends=True),
        new.text.splitlines(keepends=True),
        old.path,
        new.path,
    )
    out = []
    for line in lines:
        out.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(out)


def write_document(document: Document) -> None:
    """Write a document over its file, whole or not at all, keeping its mode.

    Raises:
        UserError: the file cannot be written.
    """
    write_bytes(document.path, document.data, force=True)
