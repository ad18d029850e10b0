"""Names in a list, then their numbers in a list: ``train, loss, acc ===> 0.4, 0.9``."""

from __future__ import annotations

from dataclasses import replace

from hpadvisor.readers.curves.console.naming import counter_of
from hpadvisor.readers.curves.console.pieces import Field, Label, Piece
from hpadvisor.readers.curves.roles import read_name

_MOST_WORDS = 3
"""Words of a name in such a list."""


def with_names(pieces: list[Piece]) -> list[Piece]:
    """Give each number of a list the name that stands at its place in the list before it.

    Nothing is changed where there are fewer names than numbers, or where fewer than two of the
    names say a score or a place.
    """
    found: list[Piece] = []
    place = 0
    while place < len(pieces):
        names, first = _names(pieces, place)
        numbers = _numbers(pieces, first)
        listed = [piece.words for piece in names if isinstance(piece, Label)]
        if numbers and numbers[0].words:
            listed.append(numbers[0].words)
        named = listed[len(listed) - len(numbers) :]
        if len(numbers) < 2 or len(listed) < len(numbers) or sum(map(_is_known, named)) < 2:
            found.append(pieces[place])
            place += 1
            continue
        found += names[: len(listed) - len(numbers)]
        found += [
            replace(number, words=words, joined="sign")
            for number, words in zip(numbers, named, strict=True)
        ]
        place = first + len(numbers)
    return found


def _names(pieces: list[Piece], start: int) -> tuple[list[Piece], int]:
    """The labels from a place on, and where they end."""
    end = start
    while end < len(pieces):
        piece = pieces[end]
        if not isinstance(piece, Label) or piece.value or len(piece.words) > _MOST_WORDS:
            break
        end += 1
    return pieces[start:end], end


def _numbers(pieces: list[Piece], start: int) -> list[Field]:
    """The numbers from a place on, of which all but the first have no name."""
    found: list[Field] = []
    for piece in pieces[start:]:
        if not isinstance(piece, Field) or (found and piece.words) or piece.of is not None:
            break
        found.append(piece)
    return found


def _is_known(words: list[str]) -> bool:
    """Whether words say a score, a rate or a place of the training."""
    return read_name("_".join(words)) is not None or counter_of(words) is not None
