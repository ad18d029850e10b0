"""What the terminal can show: its width, colour and signs. All that is printed passes here."""

from __future__ import annotations

import codecs
import os
import shutil
import sys
from typing import Literal, NamedTuple

PIPE_WIDTH = 100
LEAST_WIDTH = 40

SIGNS = {
    "×": "x", "÷": "/", "−": "-", "–": "-", "—": "-", "…": "...", "·": "|", "•": "*", "’": "'",
    "‘": "'", "“": '"', "”": '"', "→": "->", "←": "<-", "≥": ">=", "≤": "<=", "≠": "!=",
    "≈": "~", "±": "+/-", "✓": "ok", "✗": "x", "√": "sqrt", "π": "pi", "θ": "theta", "µ": "u",
    "\u00a0": " ", "∞": "infinity", "²": "^2", "³": "^3", "ⁿ": "^n",
    "─": "-", "━": "-", "╌": "-", "│": "|", "┃": "|", "┊": ":", "╎": ":", "└": "`", "├": "|",
    "┄": "-", "◆": "@", "○": "o", "●": "x",
    "┌": ",", "┐": ".", "┘": "'", "┤": "|", "┬": "-", "┴": "-", "┼": "+", "█": "#", "░": ".",
    "▒": ":", "▓": "#", "▏": "|", "▎": "|", "▍": "|", "▌": "|", "▋": "|", "▊": "|", "▉": "|",
}  # fmt: skip
"""Signs of our own texts, and what stands for each where the encoding does not have it."""

Form = Literal["text", "code", "json", "xml"]
"""What is written: text for people, code of any language, JSON, or XML."""

_SIGNS = "hpadvisor.signs"
_ESCAPED = "hpadvisor.escaped"
_ESCAPES: dict[Form, str] = {"code": _SIGNS, "json": _ESCAPED, "xml": "xmlcharrefreplace"}


class Terminal(NamedTuple):
    """What standard output can show: columns, colours, and curves in Braille dots."""

    width: int
    color: bool
    braille: bool


FILE = Terminal(PIPE_WIDTH, False, True)
"""What a text file shows."""


def prepare_streams() -> None:
    """Let no character end a command: what an encoding does not have is replaced or escaped."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_SIGNS)


def terminal() -> Terminal:
    """Return what standard output can show.

    ``NO_COLOR`` (any value) and ``TERM=dumb`` switch colour off, ``FORCE_COLOR`` on; a pipe gets
    no colour and a fixed width. Curves are drawn where the encoding has Braille.
    """
    is_terminal = sys.stdout.isatty()
    color = is_terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        color = True
    if os.environ.get("NO_COLOR"):
        color = False
    braille = is_terminal and _has("\u2801")
    if not is_terminal and "COLUMNS" not in os.environ:
        return Terminal(PIPE_WIDTH, color, braille)
    return Terminal(max(shutil.get_terminal_size().columns, LEAST_WIDTH), color, braille)


def say(text: str, *, error: bool = False) -> None:
    """Print a text for people, with a line end, to standard output or standard error."""
    stream = sys.stderr if error else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def write(text: str, form: Form = "text") -> None:
    """Write a result to standard output as it is.

    Programs read code, JSON and XML as UTF-8, whatever the terminal's encoding: where that is
    another, all that is not ASCII is written as the form escapes it.
    """
    if form != "text" and not carries_unicode():
        text = text.encode("ascii", _ESCAPES[form]).decode("ascii")
    sys.stdout.write(text)


def carries_unicode() -> bool:
    """Whether standard output takes every character as it is."""
    return codecs.lookup(sys.stdout.encoding or "ascii").name.startswith("utf")


def _has(sign: str) -> bool:
    try:
        sign.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Put plainer signs for those that an encoding lacks; other characters become escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(SIGNS.get(sign) or _escape(sign) for sign in characters), error.end


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_escape, error.object[error.start : error.end])), error.end


def _escape(sign: str) -> str:
    """A character as JSON escapes it: two surrogates beyond the basic plane."""
    code = ord(sign)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


codecs.register_error(_SIGNS, _replaced)
codecs.register_error(_ESCAPED, _escaped)
