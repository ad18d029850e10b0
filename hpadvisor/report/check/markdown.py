"""Findings as Markdown: the summary of a job, or a comment in a pull request."""

from __future__ import annotations

import re
from pathlib import Path

from hpadvisor.checking.findings import SEVERITIES, CheckResult, Finding
from hpadvisor.report.check.frames import summary
from hpadvisor.visible import one_line

_MOST = 50
"""Findings of one table; a longer comment is read by nobody."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def markdown_report(result: CheckResult) -> str:
    """Return a heading, a table of the findings, the worst first, and the closing line."""
    findings = sorted(
        result.findings,
        key=lambda f: (-SEVERITIES.index(f.severity), f.path, f.line, f.column),
    )
    lines = ["## hpadvisor check", ""]
    if findings:
        lines += ["| severity | place | finding | advice |", "|---|---|---|---|"]
        lines += [_row(finding) for finding in findings[:_MOST]]
        if len(findings) > _MOST:
            lines += ["", f"… and {len(findings) - _MOST} more."]
        lines.append("")
    lines.append(_escaped(summary(result).strip()))
    return "\n".join(lines) + "\n"


def _row(finding: Finding) -> str:
    rule = finding.rule
    place = f"{Path(finding.path).as_posix()}:{finding.line}"
    cells = (
        f"{finding.severity} {rule.id}",
        f"`{one_line(place).replace('`', chr(39)).replace('|', '¦')}`",
        _escaped(one_line(finding.message)),
        _escaped(one_line(finding.advice)),
    )
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Escape what Markdown would take for a sign of its own."""
    return _SPECIAL.sub(r"\\\1", text)
