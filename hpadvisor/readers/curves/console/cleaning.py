"""Raw console text to plain lines: colours, bars, backspaces, records run together.

All expressions are linear in the length of the text.
"""

from __future__ import annotations

import re
from typing import Final

from hpadvisor.readers.curves.vocabulary import TRANSLATED

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,512}(?:\x07|\x1b\\)?|[@-Z\\-_])"
)
_BACK: Final = re.compile(r"\x08+")
_DRAWN: Final = re.compile(r"[\u2500-\u259f\u23b8-\u23bf\u25cf\u2022]+")
_ARROWS: Final = re.compile(r"[\u2190-\u21ff\u27f5-\u27ff]+")
_WINDOWS_NAN: Final = re.compile(
    r"-?1\.#(?:QNAN|SNAN|IND)\d*|-?nan\((?:ind|snan)\)", re.IGNORECASE
)
_WINDOWS_INF: Final = re.compile(r"1\.#INF\d*")
_NEXT_DICT: Final = re.compile(r"(?<=\})[ ,]{0,2}(?=\{['\"])")
_NEXT_STAMP: Final = re.compile(
    r"(?<=[0-9A-Za-z}|%\])])(?=20\d\d[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d)"
)
_GLUED: Final = re.compile(r"loss(?=\d+\.\d)")
_LONG_RUNS: Final = re.compile(r"([=.\-#*_~>])\1{3,}")
_BLANKS: Final = re.compile(r" {3,}|\t+")
_QUOTED: Final = re.compile(r"(?:>[ ]?)+(?!=)")
_POSSESSIVE: Final = re.compile(r"(?<=\w)'s (?=\w)")
_EMPHASIS: Final = re.compile(r"\*\*(?=[\w.+-])|(?<=[\w.%])\*\*")
_NAMED: Final = re.compile(r"\[([A-Za-z][A-Za-z _-]{0,30})\](?= ?[:=] ?[-+]?[.\d])")
"""``[loss]: 0.4`` is a name in brackets."""

_SIGNS: Final = str.maketrans({"\u2212": "-", "，": ",", "：": ":", "（": "(", "）": ")"})


def plain_text(text: str) -> str:
    """Take from some lines what only a terminal needs.

    A carriage return or backspaces begin a new state of a line, which becomes a line of its own.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "\x08" in text:
        text = _BACK.sub("\n", text)
    if not text.isascii():
        text = _DRAWN.sub(" ", text)
        text = _ARROWS.sub(" -> ", text).replace("∞", "inf")
        text = text.replace("\u00a0", " ").replace("±", "+/-").translate(_SIGNS)
        for word, english in TRANSLATED.items():
            text = text.replace(word, english)
    if "1.#" in text or "(ind)" in text:
        text = _WINDOWS_INF.sub("inf", _WINDOWS_NAN.sub("nan", text))
    if _GLUED.search(text):  # "mean_loss0.13"
        text = _GLUED.sub("loss ", text)
    if "(lrate" in text:  # Kaldi: "(lrate0.008)"
        text = text.replace("(lrate", "(lrate ")
    if "}{" in text or "} {" in text or "},{" in text or "}, {" in text:
        text = _NEXT_DICT.sub("\n", text)
    return text


def plain_line(line: str) -> str:
    """Take the rest of what is no text from one line; its numbers stay as they are."""
    line = _BLANKS.sub("  ", _LONG_RUNS.sub(r"\1\1\1", line))
    if line.startswith(">"):
        line = _QUOTED.sub("", line, count=1)
    if "]:" in line or "]=" in line or "] :" in line or "] =" in line:
        line = _NAMED.sub(r"\1", line)
    if "'s " in line:
        line = _POSSESSIVE.sub(" ", line)
    return _EMPHASIS.sub("", line) if "**" in line else line


def records_of(line: str) -> list[str]:
    """Split a line into which a record with a time stamp was run at the end of another."""
    return _NEXT_STAMP.split(line)
