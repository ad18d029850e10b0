"""Lines that announce what stands below them: a part, the best epoch, the columns of a table."""

from __future__ import annotations

import re
from typing import Final

from hpadvisor.readers.curves.console.naming import is_record_so_far, part_of_word
from hpadvisor.readers.curves.console.pieces import Field, Piece
from hpadvisor.readers.curves.console.plans import Plan, RecordPlan
from hpadvisor.readers.curves.vocabulary import word_set

_ON_DATA: Final = re.compile(r"\W*(?:Train|Validat|Test|Evaluat)(?:e|ing|ion) on [^()=;]+$")
"""``Validating on TIMIT_dev`` announces a part, whatever the data are called."""

_LOGGERS: Final = frozenset(("INFO", "DEBUG", "WARNING", "ROOT", "__MAIN__", "LOG"))
_BEGINS: Final = word_set("start starting begin beginning run running now")
_ENDED: Final = word_set("end ended finished done complete completed")
_MOST_WORDS: Final = 6


def announced(plan: Plan, pieces: list[Piece], line: str) -> None:
    """Say of a line without a score what it announces, if anything.

    Args:
        plan: Of the line; changed in place.
        pieces: Of the line.
        line: Plain, as read.
    """
    for record in plan.records:
        record.places = {name: one for name, one in record.places.items() if not one.plural}
    words = [word for piece in pieces for word in piece.words]
    fields = [piece for piece in pieces if isinstance(piece, Field)]
    parts = [part for word in words if (part := part_of_word(word)) is not None]
    counted = [word for word in words if word.upper() not in _LOGGERS]
    few = len(counted) <= _MOST_WORDS and not any(piece.words for piece in fields)
    if few and parts and (len(set(parts)) == 1 or "train" not in parts) and _is_heading(line):
        plan.heading = parts[-1]
    if _ENDED & {word.lower() for word in words}:
        for record in plan.records:
            for place in record.places.values():
                place.ended = True
    plan.best = is_record_so_far(words) and line.rstrip().endswith(":")
    if plan.best:  # "best iteration 12:" is no place of the training
        plan.records = [RecordPlan()]
    plan.words = words


def _is_heading(line: str) -> bool:
    """Whether a line announces something; a line of code or a path does not."""
    text = line.strip()
    if _ON_DATA.match(text):
        return True
    if "()" in text or "_" in text or text.endswith((",", ";", "\\")):
        return False
    decorated = any(mark in text for mark in ("***", "===", "---", "###", "...", ":", "[", "<"))
    begun = text.lower().split()[:1]  # "start testing"
    return decorated or text[:1].isupper() or (bool(begun) and begun[0] in _BEGINS)
