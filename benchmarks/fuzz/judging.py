"""What may not come of any input."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from typing import Any, NamedTuple

import yaml

CLASSES = (
    "exit 3", "traceback", "hang", "memory", "false all-clear", "raw control character",
    "invalid emitted file",
)  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TOLERATED = re.compile(r"(?m)//[^\n]*|(?:^|(?<=[\s,]))#[^\n]*|,(?=\s*[}\]])")
"""What programs accept in JSON, and so do we: comments and trailing commas."""
_NUMBER5 = re.compile(r"(?<=[:\[,\s])(?:[-+]?0[xX][0-9a-fA-F]+|\+[0-9.]+)(?=[\s,}\]])")
"""Numbers of JSON5, which are read."""
_BARE_KEY = re.compile(r"(?m)(^\s*|[{,]\s*)([A-Za-z_]\w*)\s*:")
_COLOR = re.compile("\x1b\\[[0-9;]*m")


class Outcome(NamedTuple):
    """What came of an input: its exit code, what was said; or what ended it (hang, memory)."""

    code: int | None
    out: str
    err: str
    ended: str = ""


def faults_of(name: str, data: bytes, emits: str, outcome: Outcome) -> list[str]:
    """Return the classes that an outcome belongs to; none where all is well.

    Args:
        name: File name of the input.
        data: The input.
        emits: What the output has to be, empty for a report.
        outcome: What came of it.
    """
    if outcome.ended:
        return [outcome.ended]
    found = []
    if outcome.code == 3:
        found.append("exit 3")
    if "Traceback (most recent call last)" in outcome.out + outcome.err:
        found.append("traceback")
    if outcome.code == 0 and _unreadable(name, data):
        found.append("false all-clear")
    shown = _COLOR.sub("", outcome.out + outcome.err).replace("\r\n", "\n")
    if _CONTROL.search(shown):
        found.append("raw control character")
    if emits and outcome.code == 0 and not _is_valid(emits, outcome.out):
        found.append("invalid emitted file")
    return found


def _unreadable(name: str, data: bytes) -> bool:
    """Whether another parser says that a config or a document cannot be read, or it is empty."""
    if not data.strip():
        return True
    ending = name.rpartition(".")[2]
    if ending not in ("json", "toml"):
        return False
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False  # another encoding may be read
    try:
        if ending == "json":
            _read_json(text)
        else:
            import tomllib

            tomllib.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _read_json(text: str) -> None:
    """Read JSON as programs take it: a document, or one a line."""
    tolerated = _NUMBER5.sub("1", _TOLERATED.sub("", text))
    for form in (text, tolerated, _BARE_KEY.sub(r'\1"\2":', tolerated)):
        try:
            json.loads(form, strict=False)
        except ValueError:
            continue
        return
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise ValueError
    for line in lines:
        json.loads(line, strict=False)


def _is_valid(emits: str, text: str) -> bool:
    readers: dict[str, Any] = {
        "yaml": lambda: list(yaml.safe_load_all(text)),
        "json": lambda: json.loads(text),
        "python": lambda: ast.parse(text),
        "csv": lambda: list(csv.reader(io.StringIO(text))),
    }
    try:
        readers[emits]()
    except (yaml.YAMLError, ValueError, SyntaxError, csv.Error, RecursionError):
        return False
    return True
