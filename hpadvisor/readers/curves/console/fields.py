"""One line to fields: which words name which number, and which words stand alone.

The line is walked once, from left to right. A number belongs to the phrase before it, joined by a
sign (``loss: 0.4``) or by nothing (``loss 0.4``); a number behind a slash, in brackets behind a
number, or behind ``+/-`` belongs to that number.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from hpadvisor.readers.curves.console import asides, signs
from hpadvisor.readers.curves.console.naming import counter_of
from hpadvisor.readers.curves.console.pieces import Field, Label, Piece, Walk
from hpadvisor.readers.curves.console.scanning import NUMBER
from hpadvisor.readers.curves.roles import read_name
from hpadvisor.readers.curves.vocabulary import word_set

_TOKEN: Final = re.compile(
    r"(?P<counter>(?<![\w./-])(?:[Ee]poch|[Bb]atch|[Ii]ter|[Ss]tep)(?=[-_]?\d)|"
    r"(?<=\d-)(?:batch|iter|step)(?=[-_]?\d))|"
    rf"(?P<word>[^\W\d]\w*(?:[./@+-]+\w+)*)|(?P<number>{NUMBER.pattern})|(?P<sign>[^\s\w]|\d+)"
)
_UNITS: Final = frozenset(
    [
        "s",
        "ms",
        "us",
        "sec",
        "secs",
        "seconds",
        "second",
        "h",
        "m",
        "min",
        "mins",
        "minutes",
        "it/s",
        "s/it",
        "b/s",
        "g",
        "gb",
        "gib",
        "m",
        "mb",
        "mib",
        "k",
        "kb",
        "mb/s",
        "kwh",
        "wh",
        "kj",
        "th",
        "st",
        "nd",
        "rd",
        "x",
        "images/s",
        "samples/s",
        "tok/s",
        "words/s",
        "steps/s",
        "iter/s",
        "it",
        "epochs/s",
        "frames",
    ]
)
_STAMP: Final = re.compile(
    r"(?<!\d)(?:\d{2,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T,]{1,2}|\d{2}[-/]\d{2}[ T]{1,2})?"
    r"\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?![\d/])|(?<!\d)\d{4}[-/]\d\d[-/]\d\d(?!\d)"
)
_FILE: Final = re.compile(
    r"\.(?:py|log|cpp|cc|cu|c|h|txt|json|ya?ml|pth?|ckpt|sh|csv|h5|md|ipynb|tar|gz|npy|npz|pkl|bin)$"
)
_PATH: Final = re.compile(r"(?i)(?:[^/]+/){4}|(?:checkpoint|ckpt)[^/]*/|/[^/]*(?:checkpoint|ckpt)")
"""Folders of checkpoints have scores in their names."""

_RAISED: Final = re.compile(r"[A-Z][A-Za-z]+(?:Error|Exception|Warning)")
"""``KeyError: 8`` is no error rate."""

_WRAPPERS: Final = word_set(
    "tensor array np.float32 np.float64 np.float16 numpy.float64 float32 float64 float variable "
    "numpy.float32 jnp.float32 devicearray param parameter"
)
"""What stands around a printed number: ``tensor(0.42, device='cuda:0')``."""

MAX_FIELDS: Final = 400
"""A line with more is data, not a record."""


def pieces_of(line: str) -> list[Piece]:
    """Split a line into fields and labels, in order."""
    slots = {match.start(): slot for slot, match in enumerate(NUMBER.finditer(line))}
    stamps = [match.span() for match in _STAMP.finditer(line)]
    walk = Walk()
    end = 0
    tokens = list(_TOKEN.finditer(line))
    resumed = 0
    for place, match in enumerate(tokens):
        if place < resumed:
            continue
        if _of_stamp(walk, stamps, match.start()):
            end = match.end()
            continue
        apart = match.start() > end
        after = line[match.end() : match.end() + 1]
        end = match.end()
        if match.lastgroup == "word" and match.start() in slots and _is_value(walk):
            _number(walk, match[0], slots[match.start()], apart)
        elif match.lastgroup in ("word", "counter"):
            _word(walk, match[0], apart)
        elif match.lastgroup == "number" and match.start() in slots:
            resumed = asides.taken(walk, tokens, place, slots)
            if resumed:
                end = tokens[resumed - 1].end()
                continue
            _number(walk, match[0], slots[match.start()], apart)
        elif match.lastgroup == "sign":
            following = tokens[place + 1] if place + 1 < len(tokens) else None
            signs.read(walk, match[0], apart, after, following)
        if len(walk.pieces) > MAX_FIELDS:
            break
    walk.flush()
    return walk.pieces


def _of_stamp(walk: Walk, stamps: list[tuple[int, int]], start: int) -> bool:
    """Take a token that is of a date or a time of day; False where it is of none."""
    while stamps and stamps[0][1] <= start:
        stamps.pop(0)
    if not stamps or stamps[0][0] > start:
        return False
    _stamp(walk, first=start == stamps[0][0])
    return True


def _stamp(walk: Walk, first: bool) -> None:
    """A date or a time of day: what is named so is no value."""
    if first:
        if walk.joined:
            walk.phrase, walk.joined = [], False
        walk.flush()
    walk.before = "stamp"


def _is_value(walk: Walk) -> bool:
    """Whether ``nan`` or ``inf`` stands where a number belongs; "nan iterations" are none."""
    if not walk.phrase:
        return False
    return walk.joined or read_name(walk.phrase[-1]) is not None


def _word(walk: Walk, text: str, apart: bool) -> None:
    last, low = walk.last, text.lower()
    if last is not None and walk.before == "number":
        if not apart or low in _UNITS:
            last.unit = last.unit if walk.inner else low
            walk.before = "unit"
            return
        if low == "of":
            walk.before = "of"
            return
    if _FILE.search(text) or _RAISED.fullmatch(text) or _PATH.search(text):
        walk.flush()
        walk.before = "word"
        return
    if walk.joined and walk.phrase:
        if low in ("is", "was") or low in _WRAPPERS:
            return
        walk.pieces.append(Label(walk.phrase, value=text))
        walk.phrase, walk.joined = [], False
    elif (low in ("is", "was") or low in _WRAPPERS) and walk.phrase:
        walk.joined = True
        return
    walk.phrase.append(text)
    walk.before = "word"


def _number(walk: Walk, text: str, slot: int, apart: bool) -> None:
    last = walk.last
    scope = tuple(name for close, name in walk.scopes if name and close != ")words")
    behind, walk.before = walk.before, "number"
    if behind == "#" and walk.phrase and not walk.joined and counter_of(walk.phrase) is None:
        walk.flush()  # "Train net output #0: accuracy = 0.8"
        walk.before = "number#"
        return
    if not walk.phrase and last is not None and _continues(walk, last, behind, slot, apart):
        return
    if walk.phrase:
        joined: Literal["sign", "bare", "bracket", "none"] = "sign" if walk.joined else "bare"
        if not walk.joined and walk.opened == "[":
            joined = "bracket"
        found = Field(walk.phrase, slot, joined, text, scope)
    else:
        found = Field([], slot, "bracket" if walk.opened == "[" else "none", text, scope)
    walk.pieces.append(found)
    walk.phrase, walk.joined, walk.last = [], False, found
    walk.opened, walk.inner = "", False


def _continues(walk: Walk, last: Field, behind: str, slot: int, apart: bool) -> bool:
    """Whether a number without a name belongs to the one before it."""
    if behind in ("/", "of"):
        if last.of is None:
            last.of = slot
            last.counts = walk.inner
        return True
    if behind == "number(":
        walk.inner = True
        if last.mean is None:
            last.mean = slot
        return True
    if behind == "+/-":
        return True
    if behind == ":" and not apart:
        last.clock = True
        return True
    if behind == "," and walk.scopes and walk.scopes[-1][0].endswith("list"):
        last.list = True
        return True
    return False
