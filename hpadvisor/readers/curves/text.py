"""Bytes to text: encodings with and without a byte-order mark, said where they are not UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from hpadvisor.errors import UserError
from hpadvisor.readers.files import opened, read_standard_input

HEAD_BYTES = 65_536
EVENT_FILE = "events.out.tfevents"
"""How TensorBoard's writers begin the name of an event file."""

VALIDATION_FOLDERS = ("validation", "val", "valid", "eval", "test")
"""Folders beside ``train`` into which Keras and others write the events of validation."""

MAX_BYTES = 4 * 1024**3
MOST_STANDARD_INPUT = 256 * 1024**2

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(head: bytes) -> str | None:
    """Guess the encoding from the beginning of a file; None where it is binary."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        return _without_mark(head)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return "cp1252" if _mostly_printable(head) else None
    return "utf-8" if _mostly_printable(head) else None


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every second byte is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.8 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.8 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _mostly_printable(head: bytes) -> bool:
    control = sum(byte < 32 and byte not in (9, 10, 12, 13, 27, 8) for byte in head[:4096])
    return control <= 0.02 * max(1, len(head[:4096]))


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open a text file; bytes that do not fit the encoding become replacement characters."""
    with opened(path, encoding, newline="") as stream:
        yield stream


def read_whole(path: Path, encoding: str, limit: int = 512 * 1024**2) -> str:
    """Read a whole text file.

    Raises:
        UserError: the file is larger than ``limit``.
    """
    if path.stat().st_size > limit:
        raise UserError(
            f"larger than {limit // 1024**2} MB",
            path=path,
            remedy="Write it as CSV or JSON lines, which are read in pieces.",
        )
    with open_text(path, encoding) as stream:
        return stream.read()


def standard_input() -> bytes:
    """Read standard input to its end.

    Raises:
        UserError: it is closed, cannot be read, or gives more than is held in memory.
    """
    data = read_standard_input(MOST_STANDARD_INPUT + 1)
    if len(data) > MOST_STANDARD_INPUT:
        raise UserError(
            f"more than {MOST_STANDARD_INPUT // 1024**2} MB", path="<standard input>",
            remedy="Write it to a file, and name that.",
        )  # fmt: skip
    return data
