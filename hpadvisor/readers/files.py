"""Reading whole text files, with the guards that every command shares."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from hpadvisor.errors import UserError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_TEXT_BYTES = 4 * 1024 * 1024


def read_text(path: str | Path, *, kind: str, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """Read a text file of the user; ``-`` reads standard input.

    Args:
        path: The file, or ``-``.
        kind: What the file should be, for messages ("a situation file").
        max_bytes: Larger files are refused, so that no input can exhaust memory.

    Returns:
        The text, without a byte-order mark.

    Raises:
        UserError: missing, a folder, unreadable, empty, too large, or not text.
    """
    if str(path) == "-":
        data = read_standard_input(max_bytes + 1)
        name = "<standard input>"
    else:
        data = _read_bytes(Path(path), kind, max_bytes)
        name = str(path)
    if len(data) > max_bytes:
        raise UserError(
            f"larger than {max_bytes // 1024**2} MB, too large for {kind}",
            path=name,
            remedy="Check that this is the right file.",
        )
    if b"\0" in data[:8192]:
        raise UserError(f"binary, not {kind}", path=name, remedy="Give a text file in UTF-8.")
    return _decode(data, name, kind)


def require_standard_input() -> None:
    """Make sure that there is a standard input.

    Raises:
        UserError: it is closed.
    """
    if sys.stdin is None:
        raise UserError("closed", path="<standard input>", remedy="Give it a file or a pipe.")


def read_standard_input(size: int = -1) -> bytes:
    """Read standard input, whole or as far as a size.

    Raises:
        UserError: it is closed, or cannot be read.
    """
    require_standard_input()
    try:
        return sys.stdin.buffer.read(size)
    except OSError as error:
        raise UserError(
            f"cannot be read ({error.strerror})", path="<standard input>", remedy="Give a file."
        ) from None


def _read_bytes(path: Path, kind: str, max_bytes: int) -> bytes:
    if is_folder(path):
        raise UserError(f"a folder, not {kind}", path=path, remedy="Name a file in it.")
    return read_head(path, max_bytes + 1)


def is_folder(path: Path) -> bool:
    """Whether a path is a folder.

    Raises:
        UserError: it cannot be looked at: no permission above it, a name that cannot be.
    """
    try:
        return path.is_dir()
    except (OSError, ValueError) as error:
        raise _unreadable(error, path) from None


def refuse_pipe(path: Path) -> None:
    """Refuse a named pipe: readers look at a file more than once.

    Raises:
        UserError: it is one.
    """
    if path.is_fifo():
        raise UserError(
            "a named pipe, which can be read only once", path=path,
            remedy="Give it as standard input: - in place of its name, and < before it.",
        )  # fmt: skip


def _unreadable(error: OSError | ValueError, path: str | Path) -> UserError:
    reason = getattr(error, "strerror", None) or str(error)
    return UserError(f"cannot be read ({reason})", path=path, remedy="Check its permissions.")


def read_head(
    path: Path, size: int, *, name: str | Path | None = None, missing: str = "no such file"
) -> bytes:
    """Read the beginning of a file.

    Args:
        path: The file.
        size: Bytes at most.
        name: How it is named in messages; the path itself when left out.
        missing: What to say of a path that is not there.

    Returns:
        The bytes, all of them where the file is shorter.

    Raises:
        UserError: missing, a folder, or unreadable.
    """
    shown = path if name is None else name
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except FileNotFoundError:
        raise UserError(missing, path=shown, remedy="Check the path.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unreadable(error, shown) from None


@contextmanager
def opened(path: Path, encoding: str, newline: str | None = None) -> Iterator[TextIO]:
    """Open a text file as it is at this moment; what is written to it from now on is left out.

    Else a last line that is half written comes in two pieces, with the lines after it: a file that
    grows is read past its end. Bytes that do not fit the encoding become replacement characters.

    Args:
        path: The file; one that has no size (a pipe, a device) is read to its end.
        encoding: Of its text.
        newline: As of :func:`open`.

    Raises:
        OSError: it cannot be opened.
    """
    raw = io.BufferedReader(_Moment(path), 1 << 16)
    with io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline=newline) as stream:
        yield stream


class _Moment(io.RawIOBase):
    """The bytes that a file held when it was opened."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        status = os.fstat(self._file.fileno())
        sized = stat.S_ISREG(status.st_mode) and status.st_size > 0
        self._left = status.st_size if sized else sys.maxsize

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._file.readinto(memoryview(buffer)[: self._left]) or 0
        self._left -= count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def _decode(data: bytes, name: str, kind: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(
            "not UTF-8 text", path=name, line=line, remedy="Save the file as UTF-8."
        ) from None
    if not text.strip():
        raise UserError("empty", path=name, remedy=f"Give {kind} with content.")
    return text
