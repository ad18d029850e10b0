"""Where a table begins: below a title, or with names behind a ``#`` (``numpy.savetxt``)."""

from __future__ import annotations

import re
from typing import Final

from hpadvisor.readers.curves.delimited import cells_of, sniff
from hpadvisor.readers.curves.roles import read_name

_MOST_LINES: Final = 3
"""Lines of a title."""

_CELLS: Final = re.compile(r"[,;|\t]")
_FEWEST_KNOWN: Final = 2
"""Names that a header must hold to be told from a title."""


def from_header(lines: list[str]) -> list[str]:
    """Leave out what stands above the header of a table.

    Args:
        lines: The first lines of a log.

    Returns:
        The lines from the header on, a ``#`` in front of it taken away; the lines as they are
        where they begin with a header, or hold none that is surely one.
    """
    places = [place for place, line in enumerate(lines) if line.strip()][: _MOST_LINES + 1]
    for place in places:
        head = lines[place].lstrip()
        bare = head.lstrip("#").lstrip()
        if not _is_named(bare):
            continue
        if place == places[0] and bare == head:
            if any(read_name(cell) is not None for cell in _CELLS.split(head)):
                return lines
            continue
        below = [bare, *lines[place + 1 :]]
        filled = [line.rstrip("\r\n") for line in below if line.strip()]
        dialect = sniff(filled) if len(filled) > 2 else None
        if dialect is not None and dialect.header:
            known = [cell for cell in cells_of(filled[0], dialect) if read_name(cell) is not None]
            if len(known) >= _FEWEST_KNOWN:
                return below
    return lines


def _is_named(line: str) -> bool:
    """Whether a line may be a header: letters, and no sign of a console record."""
    return line[:1].isalpha() and not any(sign in line for sign in "=:{}")
