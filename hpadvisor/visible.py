"""Text of users made safe to show: control characters become visible, and act on nothing.

A name, a path, a cell can hold what a terminal obeys (ESC, C1 controls, BEL) or what makes a text
look like another one (bidi overrides, invisible blanks). All text that is shown passes here: the
program's streams for whatever is written, the reports for what stands inside a line, the errors.
"""

from __future__ import annotations

import re
from copy import copy
from typing import Any, TypeVar

_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line feed, DEL, C1
    "\u00ad\u061c\u115f\u180e\u200b\u200e\u200f"  # invisible, and marks of direction
    "\u2028-\u202e\u2060-\u206f"  # ends of lines, embeddings, overrides, isolates
    "\ud800-\udfff"  # lone surrogates: no encoding holds them
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROL = re.compile(f"[{_HIDDEN}]")
_CONTROL_OR_LINE = re.compile(f"[{_HIDDEN}\t\n]")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")

T = TypeVar("T")


def visible(text: str) -> str:
    """Return a text of several lines with its control characters written out as escapes."""
    return text if _CONTROL.search(text) is None else _CONTROL.sub(_written_out, text)


def one_line(text: str) -> str:
    """Return a text as one line: ends of lines and tabs are written out as well."""
    if _CONTROL_OR_LINE.search(text) is None:
        return text
    return _CONTROL_OR_LINE.sub(_written_out, text)


def has_control(text: str) -> bool:
    """Whether a text holds a character that a terminal or a reader would not see as itself."""
    return _CONTROL_OR_LINE.search(text) is not None


def visible_beside_color(text: str) -> str:
    """Like :func:`visible`, but the colours of a report, which were put around its texts, stay."""
    if _CONTROL.search(text) is None:
        return text
    colors = _COLOR.findall(text)
    parts = [visible(part) for part in _COLOR.split(text)]
    return parts[0] + "".join(f"{c}{part}" for c, part in zip(colors, parts[1:], strict=True))


def shortened(text: str, limit: int = 400) -> str:
    """Return a text with its middle left out where it is longer than a limit."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]} … {text[-limit // 2 :]}"


def _written_out(found: re.Match[str]) -> str:
    char = found.group()
    code = ord(char)
    if char in "\t\n\r":
        return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else (
        f"\\U{code:08x}"
    )  # fmt: skip


def json_text(document: Any, *, indent: int | None = 2) -> str:
    """Write a JSON document; control characters inside its texts are escaped as JSON has it.

    What JSON cannot hold (a date, a path) is written as its text; a number that is none is null.
    """
    import json

    text = json.dumps(_plain(document), indent=indent, ensure_ascii=False, default=str)
    return text if _CONTROL.search(text) is None else _CONTROL.sub(_json_escape, text)


def yaml_text(document: Any, *, escaped: bool = False) -> str:
    """Write a YAML document by a serialiser, its control characters escaped in quotes.

    Args:
        document: Plain values.
        escaped: Whether all that is not ASCII is escaped as well.
    """
    import yaml

    made = str(yaml.safe_dump(document, sort_keys=False, allow_unicode=not escaped, width=100))
    if _CONTROL.search(made) is None:
        return made
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=False, width=100))


def _json_escape(found: re.Match[str]) -> str:
    import json

    return json.dumps(found.group())[1:-1]


def _plain(value: Any) -> Any:
    """Return a document without numbers that JSON has no word for."""
    if isinstance(value, float):
        return value if -_LARGEST <= value <= _LARGEST else None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


_LARGEST = 1.7976931348623157e308


def shown(result: T) -> T:
    """Return a copy of a result in which every text is one line without control characters.

    The text reports call it first, so that no name, cell or path inside their lines can write
    lines of its own or reach the terminal.

    Args:
        result: A pydantic model, a record, a dataclass, a named tuple, or plain lists, tuples and
            dicts of them. Objects of other kinds (arrays, nodes) are kept as they are.
    """
    mapped: T = _shown(result)
    return mapped


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value) if type(value) is str else value
    if isinstance(value, dict):
        made = {_shown(key): _shown(item) for key, item in value.items()}
        return made if len(made) == len(value) else value
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, tuple):
        items = [_shown(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    names = _field_names(value)
    return _copied(value, names) if names else value


def _field_names(value: Any) -> tuple[str, ...]:
    for mark in ("record_fields", "__dataclass_fields__"):
        if hasattr(type(value), mark):
            return tuple(getattr(type(value), mark))
    return tuple(value.__dict__) if hasattr(value, "model_copy") else ()


def _copied(value: Any, names: tuple[str, ...]) -> Any:
    made = copy(value)
    for name in names:
        item = _shown(getattr(value, name))
        if hasattr(type(value), "record_fields"):
            made.__dict__[name] = item  # records refuse assignment
        else:
            object.__setattr__(made, name, item)
    return made
