"""Baselines: findings that are known, so that only new ones count.

An entry is a rule, a path and a key path. Lines are left out, because they move with every edit.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from hpadvisor.checking.findings import CheckResult, Finding
from hpadvisor.errors import UserError
from hpadvisor.readers.files import read_text
from hpadvisor.visible import json_text
from hpadvisor.writing import write_text

VERSION = 1


def read_baseline(path: str | Path) -> Counter[tuple[str, str, str]]:
    """Read a baseline.

    Raises:
        UserError: missing, or not a baseline.
    """
    try:
        raw: Any = json.loads(read_text(path, kind="a baseline"))
        entries = raw["findings"]
        return Counter(
            {
                (str(e["rule"]), str(e["path"]), str(e["key_path"])): int(e.get("count", 1))
                for e in entries
            }
        )
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        raise UserError(
            "not a baseline", path=path, remedy="Write one with --write-baseline."
        ) from None


def write_baseline(path: str | Path, findings: list[Finding], *, force: bool = False) -> None:
    """Write the findings of a run as a baseline, in a stable order.

    Raises:
        UserError: the file exists and ``force`` is off, or it cannot be written.
    """
    counts = Counter(finding.key for finding in findings)
    entries = [
        {"rule": rule, "path": name, "key_path": key_path}
        | ({"count": count} if count > 1 else {})
        for (rule, name, key_path), count in sorted(counts.items())
    ]
    text = json_text({"version": VERSION, "findings": entries}, indent=1)
    write_text(path, text + "\n", force=force)


def hide_known(result: CheckResult, known: Counter[tuple[str, str, str]]) -> None:
    """Take the findings of a baseline out of a result, each as often as it stands there."""
    left = Counter(known)
    for file in result.files:
        kept = []
        for finding in file.findings:
            if left[finding.key] > 0:
                left[finding.key] -= 1
                result.hidden_by_baseline += 1
            else:
                kept.append(finding)
        file.findings = kept
