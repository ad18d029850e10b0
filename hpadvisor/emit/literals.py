"""Plain values as Python literals that a person can review."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping

WIDTH = 99
LONG = 86
"""Texts beyond are written in several pieces."""


def literal(value: Mapping[str, object], used: int = 0) -> str:
    """Write plain values as a Python literal: lists an item a line, what is short side by side.

    Args:
        value: Dicts, lists, strings, numbers, booleans and None.
        used: Columns of the first line that are taken already.
    """
    if used + len(_flat(value)) < WIDTH:
        return _flat(value)
    lines, line = ["{"], ""
    for key, inner in value.items():
        start = f"{_flat(key)}: "
        short = f"{start}{_flat(inner)},"
        if line and 5 + len(line) + len(short) >= WIDTH:
            lines.append(f"    {line}")
            line = ""
        if 4 + len(short) < WIDTH:
            line = f"{line} {short}".strip()
        elif isinstance(inner, list):
            items = [f"        {_filled(item, 8, 9)}," for item in inner]
            lines += [f"    {start}[", *items, "    ],"]
        else:
            lines.append(f"    {start}{_filled(inner, 4 + len(start), 8)},")
    return "\n".join([*lines, f"    {line}", "}"] if line else [*lines, "}"])


def _filled(value: object, used: int, indent: int) -> str:
    """Write a value over as few lines as it takes, the later ones indented."""
    lines, line = [], ""
    for piece in _pieces(value):
        if line and used + len(line) + 1 + len(piece) >= WIDTH:
            lines.append(line)
            line, used = piece, indent
        else:
            line = f"{line} {piece}" if line else piece
    return f"\n{' ' * indent}".join([*lines, line])


def _pieces(value: object) -> Iterator[str]:
    """Yield a value's text, broken where a line may end."""
    if isinstance(value, str) and len(value) > LONG:
        parts = textwrap.wrap(value, LONG, drop_whitespace=False, break_long_words=False)
        if "".join(parts) == value and len(parts) > 1:
            yield f"({_flat(parts[0])}"
            yield from map(_flat, parts[1:-1])
            yield f"{_flat(parts[-1])})"
            return
    if not isinstance(value, dict | list) or not value:
        yield _flat(value)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    items = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
    for place, (key, inner) in enumerate(items):
        pieces = list(_pieces(inner))
        if isinstance(value, dict):
            pieces[0] = f"{_flat(key)}: {pieces[0]}"
        if place == 0:
            pieces[0] = opening + pieces[0]
        pieces[-1] += closing if place == len(items) - 1 else ","
        yield from pieces


def _flat(value: object) -> str:
    if isinstance(value, str):
        return re.sub(r"[^ -~]", _visible, json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flat(k)}: {_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return repr(value)


def _visible(found: re.Match[str]) -> str:
    """Write what cannot be seen as an escape: it could make the text look like another one."""
    sign = found.group()
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
