"""Numbers that stand within a name: ``loss at step 100: 0.4``, ``accuracy on 500 images: 0.9``."""

from __future__ import annotations

import re
from typing import Final

from hpadvisor.readers.curves.console.naming import (
    counter_of,
    name_of,
    part_of_phrase,
    part_of_word,
)
from hpadvisor.readers.curves.console.pieces import Field, Walk
from hpadvisor.readers.curves.roles import is_score
from hpadvisor.readers.curves.vocabulary import word_set

_LEADING: Final = word_set("of over on the in across from after at for with within")
"""Words between a name and what tells on what or when it was measured."""

_MOST_WORDS: Final = 3
"""How many words may follow such a number: ``10000 test images``."""


def taken(walk: Walk, tokens: list[re.Match[str]], place: int, slots: dict[int, int]) -> int:
    """Take a number within a name: as a place of the training, or as nothing.

    Args:
        walk: Where the walk along the line stands; its phrase becomes the name alone.
        tokens: Of the line.
        place: Which of them the number is.
        slots: Where a number begins in the line, and which number of the line it is.

    Returns:
        The token to go on with; 0 where the number is no such aside.
    """
    leading = (at for at, word in enumerate(walk.phrase) if at and word.lower() in _LEADING)
    start = next(leading, 0)
    if not start or walk.joined or not tokens[place][0].isdigit():
        return 0
    end, behind = _words_from(tokens, place + 1)
    told = [word for word in walk.phrase[start:] if word.lower() not in _LEADING]
    words = [*told, *behind]
    counter = counter_of(words) if words else None
    further: list[Field] = []
    if counter is not None and not behind:
        end, further = _further(tokens, end, slots)
    if not _is_joint(tokens, end) or not _is_named(walk.phrase[:start]):
        return 0
    if counter is not None and (told or walk.phrase[-1].lower() in ("after", "at")):
        found = Field(words, slots[tokens[place].start()], "bare", tokens[place][0])
        walk.pieces += [found, *further]
        walk.last = found
    elif not behind and not told:
        return 0
    part = part_of_phrase(words)
    named = walk.phrase[:start]
    said = any(part_of_word(word) is not None for word in named)
    walk.phrase = [part, *named] if part is not None and not said else named
    walk.before = "word"
    return end


def _words_from(tokens: list[re.Match[str]], start: int) -> tuple[int, list[str]]:
    """The few words from a token on, without a closing "is", and where they end."""
    end = start
    while end < min(len(tokens), start + _MOST_WORDS) and tokens[end].lastgroup == "word":
        end += 1
    behind = [token[0] for token in tokens[start:end]]
    if behind and behind[-1].lower() in ("is", "was"):
        return end - 1, behind[:-1]
    return end, behind


def _further(
    tokens: list[re.Match[str]], start: int, slots: dict[int, int]
) -> tuple[int, list[Field]]:
    """More counters behind a first one, and where they end: ``epoch7-batch-50``."""
    found: list[Field] = []
    end = start
    while True:
        place = end
        while place < len(tokens) and tokens[place][0] in ("-", ",", "/", "_"):
            place += 1
        number = place + 1
        if number < len(tokens) and tokens[number][0] in ("-", "_", "="):
            number += 1
        if number >= len(tokens) or counter_of([tokens[place][0]]) is None:
            return end, found
        at = tokens[number]
        if at.start() not in slots or not at[0].isdigit():
            return end, found
        found.append(Field([tokens[place][0]], slots[at.start()], "bare", at[0]))
        end = number + 1


def _is_joint(tokens: list[re.Match[str]], place: int) -> bool:
    """Whether a sign or "is" joins a name to a number that follows."""
    if place + 1 >= len(tokens) or tokens[place][0].lower() not in (":", "=", "is", "was"):
        return False
    after = tokens[place + 1]
    return after.lastgroup == "number" or after[0].lower() in ("nan", "inf")


def _is_named(words: list[str]) -> bool:
    """Whether words name a loss or a metric."""
    return is_score("_".join(name_of(words)))
