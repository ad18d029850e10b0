"""Findings for people: a line each, or with the code and a caret under the place."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter

from hpadvisor.checking.findings import CheckResult, FileResult, Finding, Mended
from hpadvisor.visible import one_line

_COLORS = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[1;36m"}
_BOLD, _DIM, _RESET = "\033[1m", "\033[2m", "\033[0m"
_LONGEST_LINE = 160
_LONGEST_CHANGE = 60


def concise(result: CheckResult) -> str:
    """Return a line per finding: ``path:line:column: severity ID message``."""
    return "".join(
        f"{one_line(f.path)}:{f.line}:{f.column}: {f.severity} {f.rule.id} {one_line(f.message)}\n"
        for f in result.findings
    )


def full(result: CheckResult, *, color: bool, width: int) -> str:
    """Return every finding with its code, and a summary."""
    parts = [
        _frame(finding, file, color=color, width=max(width, 40))
        for file in result.files
        for finding in file.findings
    ]
    return "".join(parts) + _mended(result) + summary(result)


def _mended(result: CheckResult) -> str:
    """Return a line for each fix that was applied."""
    lines = [
        f"fixed {one_line(item.path)}:{item.line} {item.rule}: {_change(item)}\n"
        for item in result.mended
    ]
    return "".join(lines) + ("\n" if lines else "")


def _change(item: Mended) -> str:
    before, after = _short(item.before), _short(item.after)
    if not before:
        return f"added {after}"
    return f"{before} became {after}" if after else f"took out {before}"


def _short(text: str) -> str:
    plain = one_line(text)
    return plain if len(plain) <= _LONGEST_CHANGE else f"{plain[: _LONGEST_CHANGE - 1]}…"


def summary(result: CheckResult) -> str:
    """Return one line that counts files and findings."""
    judged = sum(1 for file in result.files if file.formats)
    findings = result.findings
    text = f"{judged} {_plural('config', judged)} checked: "
    if findings:
        counts = [
            f"{n} {_plural(name, n)}"
            for name in ("error", "warning", "note")
            if (n := sum(1 for f in findings if f.severity == name))
        ]
        text += ", ".join(counts)
    else:
        text += "nothing found"
    if result.unreadable:
        text += f"; {result.unreadable} not judged (named above)"
    extra = [
        f"{count} {what}"
        for count, what in (
            (result.fixed, "fixed"),
            (result.hidden_by_ignores, "hidden by comments"),
            (result.hidden_by_baseline, "hidden by the baseline"),
            (result.hidden_by_base, "not of this change"),
            (result.too_large, "too large for a config, left out"),
        )
        if count
    ]
    safe = sum(1 for f in findings if f.fix is not None and f.fix.safe)
    unsafe = sum(1 for f in findings if f.fix is not None and not f.fix.safe)
    if safe:
        extra.append(f"{safe} fixable with --fix")
    if unsafe:
        extra.append(f"{unsafe} with --fix --unsafe-fixes")
    return text + (f" ({', '.join(extra)})" if extra else "") + _unread(result) + "\n"


def _unread(result: CheckResult) -> str:
    """Say in a few words what was not judged; the JSON form names every path."""
    counts = Counter(item.reason for item in result.unread)
    words = [
        f"{counts[reason]} {one if counts[reason] == 1 else many}"
        for reason, one, many in _UNREAD
        if counts[reason]
    ]
    return f"; not read: {', '.join(words)}" if words else ""


_UNREAD = (
    ("unrecognised", "file of no known format", "files of no known format"),
    ("training log", "training log", "training logs"),
    ("not supported", "file of an ending that is not supported",
     "files of endings that are not supported"),
    ("output folder", "output folder", "output folders"),
)  # fmt: skip


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _frame(finding: Finding, file: FileResult, *, color: bool, width: int) -> str:
    paint = _Paint(color)
    rule = finding.rule
    finding = finding._replace(
        path=one_line(finding.path), message=one_line(finding.message),
        advice=one_line(finding.advice),
    )  # fmt: skip
    margin = " " * len(str(finding.line))
    lines = textwrap.wrap(f"{finding.severity}[{rule.id}] {finding.message}", width)
    head = paint(_COLORS[finding.severity], lines[0]) if lines else rule.id
    out = [head, *lines[1:]]
    arrow = paint(_DIM, f"{margin}-->")
    out.append(f"{arrow} {finding.path}:{finding.line}:{finding.column}")
    out += _code(finding, file, margin, paint, width)
    for word, text in (("advice", finding.advice), ("why", finding.why)):
        out += _wrapped(margin, word, text, width) if text else []
    if finding.fix is not None:
        how = "--fix" if finding.fix.safe else "--fix --unsafe-fixes"
        out += _wrapped(margin, "fix", f"{how} mends it. {finding.fix.note}".strip(), width)
    return "\n".join(out) + "\n\n"


class _Paint:
    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self.on else text


def _wrapped(margin: str, word: str, text: str, width: int) -> list[str]:
    start = f"{margin} = {word}: "
    return textwrap.wrap(text, width, initial_indent=start, subsequent_indent=" " * len(start))


def _code(finding: Finding, file: FileResult, margin: str, paint: _Paint, width: int) -> list[str]:
    if file.document is None:
        return []
    lines = file.document.text.split("\n")
    if finding.line > len(lines):
        return []
    line = lines[finding.line - 1].rstrip("\r")
    end = finding.end_column if finding.end_line == finding.line else len(line) + 1
    start = finding.column - 1
    shown, shift = _window(line, start, max(width - len(margin) - 4, 30))
    before = line[shift:start]
    # Tabs stay tabs, and wide characters count two columns, so that the caret stands right.
    pad = "".join("\t" if char == "\t" else " " * _columns(char) for char in before)
    marked = line[start : max(end - 1, start + 1)] or " "
    carets = "^" * max(1, min(sum(_columns(c) for c in marked), len(shown) + 1))
    bar = paint(_DIM, "|")
    return [
        f"{margin} {bar}",
        f"{paint(_DIM, str(finding.line))} {bar} {_printable(shown)}",
        f"{margin} {bar} {pad}{paint(_COLORS[finding.severity], carets)}",
    ]


def _window(line: str, start: int, width: int) -> tuple[str, int]:
    """Return the part of a long line that holds the place, and where it begins."""
    if len(line) <= min(width, _LONGEST_LINE):
        return line, 0
    shift = max(0, start - width // 2)
    return line[shift : shift + width], shift


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _printable(text: str) -> str:
    return "".join(c if c == "\t" or c.isprintable() else "�" for c in text)
