"""Mutations that know what a file is made of: cells, keys, numbers, lines, nesting."""

from __future__ import annotations

import random
import re

NUMBERS = (
    "nan", "-nan(ind)", "1.#QNAN", "inf", "-inf", ".inf", ".nan", "∞", "1e400", "-1e400",
    "1e-400", "9" * 350, "0x10", "0b_", "1:1:1.5", "1_000", "-0", "5e-324", "true", "null", "",
    "N/A", "#NUM!", "2026-01-01", "!!float 9", "9223372036854775808", "-9223372036854775809",
    "1d3", "\u0661\u0662", "1e308", "--1", "+1", "0.1.2",
)  # fmt: skip
TEXTS = (
    "\x1b[2J", "\x1b]0;t\x07", "\x9b", "\u202e", "\u2028", "\x85", "\x00", "\ufeff", "学習率",
    "é", "a: b", "[x]", "*", "&a", "%s", "{}", "$(touch x)", "`touch x`", "'", '"', "\\", "#",
    "=1+1", "@x", "- x", "true", "on", "x\ny: z", "\r", "\t", "a" * 5000, "../../x", "${x}",
    "---", "...", "\ud800", "!", "|", ">",
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]{2,}")


def mutate(text: str, random_: random.Random) -> bytes:
    """Change a text in one to four places.

    Args:
        text: A well-formed input.
        random_: Decides everything; the same state gives the same bytes.
    """
    for _ in range(random_.choice((1, 1, 2, 4))):
        text = random_.choice(_TEXT_MUTATIONS)(text, random_)
    data = text.encode("utf-8", "surrogatepass")
    if random_.random() < 0.15:
        data = random_.choice(_BYTE_MUTATIONS)(data, random_)
    return data


def _number(text: str, random_: random.Random) -> str:
    return _replaced(text, _NUMBER, random_.choice(NUMBERS), random_)


def _word(text: str, random_: random.Random) -> str:
    return _replaced(text, _WORD, random_.choice(TEXTS), random_)


def _value_for_word(text: str, random_: random.Random) -> str:
    return _replaced(text, _WORD, random_.choice(NUMBERS), random_)


def _word_for_number(text: str, random_: random.Random) -> str:
    return _replaced(text, _NUMBER, random_.choice(TEXTS), random_)


def _replaced(text: str, pattern: re.Pattern[str], by: str, random_: random.Random) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text + by
    place = random_.choice(found)
    return text[: place.start()] + by + text[place.end() :]


def _tail(text: str, random_: random.Random) -> str:
    """From some line on every number but the first is the same odd one: a run that broke."""
    lines = text.split("\n")
    start, by = random_.randrange(len(lines)), random_.choice(NUMBERS)

    def broken(line: str) -> str:
        return _NUMBER.sub(lambda m: m[0] if m.start() < 3 else by, line)

    return "\n".join(lines[:start] + [broken(line) for line in lines[start:]])


def _lines(text: str, random_: random.Random) -> str:
    lines = text.split("\n")
    first = random_.randrange(len(lines))
    last = min(len(lines), first + random_.choice((1, 1, 3, 10)))
    way = random_.randrange(4)
    if way == 0:
        del lines[first:last]
    elif way == 1:
        lines[first:first] = lines[first:last] * random_.choice((1, 3, 50))
    elif way == 2:
        random_.shuffle(lines)
    else:
        lines = lines[first:]
    return "\n".join(lines)


def _cut(text: str, random_: random.Random) -> str:
    return text[: random_.randrange(len(text) + 1)]


def _insert(text: str, random_: random.Random) -> str:
    place = random_.randrange(len(text) + 1)
    return text[:place] + random_.choice((*TEXTS, *NUMBERS)) + text[place:]


def _nest(text: str, random_: random.Random) -> str:
    opening, closing = random_.choice((("[", "]"), ("{a: ", "}"), ('{"a":', "}"), ("(", ")")))
    depth = random_.choice((3, 60, 1200))
    place = random_.randrange(len(text) + 1)
    return text[:place] + opening * depth + "1" + closing * depth + text[place:]


def _wide(text: str, random_: random.Random) -> str:
    line = random_.choice((",x" * 3000, " a_" * 4000, "ab" * 8000, "k: 1, " * 2000))
    place = random_.randrange(len(text) + 1)
    return text[:place] + line + text[place:]


def _swap(text: str, random_: random.Random) -> str:
    """Two words change places: a value gets the name of another."""
    found = list(_WORD.finditer(text))
    if len(found) < 2:
        return text
    one, two = sorted(random_.sample(found, 2), key=lambda m: m.start())
    return (
        text[: one.start()] + two[0] + text[one.end() : two.start()] + one[0] + text[two.end() :]
    )


_TEXT_MUTATIONS = (
    _number, _number, _number, _word, _word, _value_for_word, _word_for_number, _tail, _tail,
    _lines, _cut, _insert, _nest, _wide, _swap,
)  # fmt: skip


def _flip(data: bytes, random_: random.Random) -> bytes:
    if not data:
        return data
    place = random_.randrange(len(data))
    return data[:place] + bytes([random_.randrange(256)]) + data[place + 1 :]


def _other_encoding(data: bytes, random_: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(random_.choice(("utf-16", "utf-32", "latin-1", "cp1252")), "replace")


_BYTE_MUTATIONS = (_flip, _other_encoding)
