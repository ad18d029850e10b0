"""Plain decimal numbers of a delimited text to floats, all digits at once.

A number of up to fifteen digits and a power of ten up to 10^22 are exact in double precision, so
that one division rounds as reading each number for itself would (Clinger, How to read floating
point numbers accurately, PLDI 1990). Everything else is left to the reader that asked.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hpadvisor.readers.curves.tables import Floats

_MOST_DIGITS: Final = 15
_POWERS: Final = np.power(10.0, np.arange(_MOST_DIGITS + 1))
_PLAIN: Final = b"0123456789.-\n"

Whole = NDArray[np.int32]


def table_of_digits(raw: bytes, delimiter: bytes, rows: int, width: int) -> Floats | None:
    """Read rows of plain decimal numbers and empty cells.

    Args:
        raw: The rows, each ended by a line feed.
        delimiter: One byte.
        rows: How many rows there must be.
        width: How many cells each row must have.

    Returns:
        The numbers (rows, width), NaN for empty cells. None where a cell holds anything but up to
        fifteen digits with a point among them and a minus in front, or where a row is ragged.
    """
    if raw.translate(None, _PLAIN + delimiter):
        return None
    signs = np.frombuffer(raw, dtype=np.uint8)
    ends = np.flatnonzero((signs == ord(delimiter)) | (signs == 10))
    if len(ends) != rows * width or not _is_even(signs, ends, width):
        return None
    digit = (signs - 48) < 10
    counted = np.cumsum(digit, dtype=np.int32)
    last = counted[ends]
    lengths = np.diff(last, prepend=np.int32(0))
    decimals = _decimals(signs, ends, counted, last)
    starts = np.concatenate(([0], ends[:-1] + 1))
    negative = signs[starts] == 45
    dotted = np.count_nonzero(signs == 46)
    if decimals is None or np.count_nonzero(signs == 45) != np.count_nonzero(negative):
        return None
    empty = lengths == 0
    if lengths.max(initial=0) > _MOST_DIGITS or (ends - starts)[empty].any():
        return None
    values = _values(signs[digit] - 48, lengths, last, empty)
    if dotted:
        values /= _POWERS[decimals]
    values[negative] *= -1
    return values.reshape(rows, width)


def _is_even(signs: NDArray[np.uint8], ends: NDArray[np.int64], width: int) -> bool:
    """Whether each row has as many cells: every such separator is a line feed, and no other."""
    return (
        bool((signs[ends[width - 1 :: width]] == 10).all())
        and int(np.count_nonzero(signs == 10)) == len(ends) // width
    )


def _decimals(
    signs: NDArray[np.uint8], ends: NDArray[np.int64], counted: Whole, last: Whole
) -> Whole | None:
    """How many digits stand behind the point of each cell; None where a cell has two points."""
    dots = np.flatnonzero(signs == 46)
    decimals = np.zeros(len(ends), dtype=np.int32)
    if not len(dots):
        return decimals
    cells = np.searchsorted(ends, dots)
    if (np.diff(cells) == 0).any():
        return None
    decimals[cells] = last[cells] - counted[dots]
    return decimals


def _values(
    figures: NDArray[np.uint8], lengths: Whole, last: Whole, empty: NDArray[np.bool_]
) -> Floats:
    """The digits of each cell as one whole number; NaN where there are none."""
    values = np.full(len(lengths), np.nan)
    if not len(figures):
        return values
    places = np.repeat(last, lengths) - np.arange(1, len(figures) + 1, dtype=np.int32)
    filled = ~empty
    values[filled] = np.add.reduceat(figures * _POWERS[places], (last - lengths)[filled])
    return values
