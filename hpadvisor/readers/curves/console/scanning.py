"""Lines to shapes and numbers: what stays the same from line to line, and what changes.

A shape is a line in which every run of digits is one zero. Lines of one shape mean the same, so
that each shape is understood once and its numbers are taken as a matrix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hpadvisor.readers.curves.tables import Floats

_CORE: Final = (
    r"(?:(?<![A-Za-z0-9_.])[-+]?|(?<=[Ee]poch)|(?<=[Bb]atch)|(?<=[Ii]ter)|(?<=[Ss]tep))"
    r"(?:(?<!:)[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9.,])"
    r"|[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?"
    r"|(?:[nN][aA][nN]|[iI][nN][fF](?:inity)?)(?![A-Za-z0-9_]))"
)
NUMBER: Final = re.compile(_CORE)
_RUN: Final = re.compile(r"[0-9]+")
_POWERS: Final = np.power(10.0, np.arange(309, dtype=np.float64))

MAX_LINE: Final = 20_000
"""Longer lines are cut: no record is that long."""

Whole = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Block:
    """Lines of one shape within a piece of a log.

    Attributes:
        shape: The line with every run of digits as one zero.
        sample: The first such line.
        lines: Numbers of the lines (n,) within the log.
        values: Their numbers (n, numbers of the sample).
        texts: The lines themselves.
    """

    shape: bytes
    sample: str
    lines: Floats
    values: Floats
    texts: list[str]


@dataclass(slots=True)
class _Runs:
    """Runs of digits of a text: what they come to, how long they are, where lines begin."""

    values: Floats
    lengths: Whole
    first: Whole


def blocks_of(text: str, first_line: float = 0.0, step: float = 1.0) -> Iterator[Block]:
    """Group the lines of a plain text by shape.

    Args:
        text: Plain lines.
        first_line: Number of the first of them in the log.
        step: How far apart they are; below one for parts of a line.
    """
    if len(text) > MAX_LINE and max(map(len, text.split("\n"))) > MAX_LINE:
        text = "\n".join(line[:MAX_LINE] for line in text.split("\n"))
    lines = text.split("\n")
    shapes, runs = _scanned(text.encode("utf-8", "replace"))
    groups: dict[bytes, list[int]] = {}
    for place, shape in enumerate(shapes):
        if shape:
            groups.setdefault(shape, []).append(place)
    for shape, places in groups.items():
        rows = np.asarray(places)
        sample = lines[places[0]]
        texts = [lines[place] for place in places]
        values = _numbers(texts, rows, runs)
        yield Block(shape, sample, first_line + step * rows, values, texts)


def _scanned(data: bytes) -> tuple[list[bytes], _Runs]:
    """The shapes of the lines, and the runs of digits in them."""
    signs = np.frombuffer(data, dtype=np.uint8)
    digit = (signs - 48) < 10
    before = np.concatenate(([False], digit[:-1]))
    begins = digit & ~before
    blank = signs == 32
    wide = blank[2:] & blank[1:-1] & blank[:-2]
    named = _named(signs, digit, begins)
    kept = ~digit | begins | named
    kept[2:] &= ~wide
    zeros = np.where(begins & ~named, 48, signs).astype(np.uint8)
    shapes = zeros[kept].tobytes().split(b"\n")
    starts = np.flatnonzero(begins)
    ends = np.flatnonzero(digit & ~np.concatenate((digit[1:], [False]))) + 1
    lengths = ends - starts
    places = np.flatnonzero(digit)
    weights = _POWERS[np.minimum(np.repeat(ends, lengths) - 1 - places, 308)]
    offsets = np.cumsum(lengths) - lengths
    figures = (signs[places] - 48) * weights
    values = np.add.reduceat(figures, offsets) if len(offsets) else np.empty(0)
    line_starts = np.concatenate(([0], np.flatnonzero(signs == 10) + 1))
    return shapes, _Runs(values, lengths, np.searchsorted(starts, line_starts))


def _named(signs: Bytes, digit: Flags, begins: Flags) -> Flags:
    """Digits that are of a name (n,): ``Top5``, ``acc_1``, ``recall@10``, not ``1h23`` or ``e5``.

    One or two of them behind a letter, ``_`` or ``@``, where no digit stands before that sign.
    """
    lower = signs | 32
    letter = ((lower - 97) < 26) | (signs == 95) | (signs == 64)
    first = np.zeros(len(signs), dtype=bool)
    first[2:] = begins[2:] & letter[1:-1] & ~digit[:-2]
    if len(signs) > 1:
        first[1] = begins[1] & letter[0]
    ends = np.zeros(len(signs), dtype=bool)
    ends[:-1] = digit[:-1] & ~digit[1:]
    ends[-1:] = digit[-1:]
    single = first & ends
    double = np.zeros(len(signs), dtype=bool)
    double[:-1] = first[:-1] & ~ends[:-1] & ends[1:]
    second = np.zeros(len(signs), dtype=bool)
    second[1:] = double[:-1]
    return single | double | second


def _numbers(lines: list[str], rows: Whole, runs: _Runs) -> Floats:
    """The numbers (lines, numbers) of lines of one shape."""
    sample = lines[0]
    matches = list(NUMBER.finditer(sample))
    if any("," in match[0] for match in matches):
        return _slowly(lines, len(matches))
    values = np.empty((len(lines), len(matches)))
    first = runs.first[rows]
    places = {match.start(): place for place, match in enumerate(_RUN.finditer(sample))}
    for column, match in enumerate(matches):
        values[:, column] = _value(match[0], match.start(), places, first, runs)
    return values


def _value(text: str, start: int, places: dict[int, int], first: Whole, runs: _Runs) -> Floats:
    """One number of all lines: ``-12.5e-3`` is made of the runs 12, 5 and 3."""
    inner = [(match.start(), places[start + match.start()]) for match in _RUN.finditer(text)]
    if not inner:
        return np.full(len(first), float(text))
    mantissa = text.lower().partition("e")[0]
    numbers = [first + place for at, place in inner if at < len(mantissa)]
    value = runs.values[numbers[0]]
    if len(numbers) == 2:
        value = (
            value * _POWERS[np.minimum(runs.lengths[numbers[1]], 308)] + runs.values[numbers[1]]
        )
    scale = np.zeros(len(first), dtype=np.int64)
    if "." in mantissa:
        fraction = numbers[-1] if len(numbers) == 2 or mantissa.lstrip("+-")[0] == "." else None
        scale = scale if fraction is None else -runs.lengths[fraction]
    if len(inner) > len(numbers):
        exponent = np.minimum(runs.values[first + inner[-1][1]], 400).astype(np.int64)
        scale = scale + (-exponent if text[len(mantissa) + 1] == "-" else exponent)
    value = _scaled(value, scale)
    return -value if text[0] == "-" else value


def _scaled(value: Floats, scale: Whole) -> Floats:
    """Times ten to the power of ``scale``; by a division for small ones, which stays exact."""
    with np.errstate(over="ignore"):
        low, high = np.clip(-scale, 0, 308), np.clip(scale, 0, 308)
        return value / _POWERS[low] * _POWERS[high]


def _slowly(lines: list[str], width: int) -> Floats:
    """Lines with separated thousands, whose numbers depend on the digits."""
    values = np.full((len(lines), width), np.nan)
    for row, line in enumerate(lines):
        for column, text in enumerate(NUMBER.findall(line)[:width]):
            values[row, column] = float(text.replace(",", ""))
    return values
