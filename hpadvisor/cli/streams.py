"""Standard streams made safe: what is written is visible, closed ones say so, readers may leave.

The program wraps ``sys.stdout`` and ``sys.stderr`` once, so that every text, whoever writes it,
passes :func:`hpadvisor.visible.visible`.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from hpadvisor.errors import UserError
from hpadvisor.visible import has_control, visible, visible_beside_color


class ReaderLeft(Exception):  # noqa: N818 - no error: the reader has seen enough
    """Whoever read standard output has gone (``| head``); no OSError, which click would take."""


class SafeStream:
    """A text stream whose writes are made visible; all else is the stream's own.

    Args:
        stream: The stream behind it.
        result: Whether it is standard output: it may hold the colours of a report, and a failed
            write is told. What goes wrong with standard error can be told nowhere.
    """

    def __init__(self, stream: TextIO, *, result: bool) -> None:
        self.unguarded = stream
        """The stream itself, for a progress bar that moves the cursor."""
        self._result = result

    def write(self, text: str) -> int:
        """Write a text, its control characters written out."""
        try:
            self.unguarded.write(self._safe(text))
        except OSError as error:
            self._failed(error)
        return len(text)

    def _safe(self, text: str) -> str:
        if not has_control(text):
            return text
        if not self._result:
            return visible(text)
        from hpadvisor.report.terminal import terminal

        return visible_beside_color(text) if terminal().color else visible(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush, so that a full disk or a reader that left is known now."""
        try:
            self.unguarded.flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        if not self._result:
            return
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            raise ReaderLeft from None
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(error.strerror or "disk full", remedy="Free some space.") from None
        raise UserError(
            f"cannot be written ({error.strerror})",
            path="<standard output>",
        ) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


class _Closed(io.StringIO):
    """What stands for a standard output that was closed before the program began."""

    def write(self, text: str) -> int:
        raise UserError(
            "closed, so the result cannot be shown",
            path="<standard output>",
            remedy="Send it to a file or to /dev/null.",
        )


def guard_streams() -> None:
    """Wrap the standard streams of this process, whichever of them are open."""
    if isinstance(sys.stdout, SafeStream):
        return
    out = sys.stdout if sys.stdout is not None else _Closed()
    err = sys.stderr if sys.stderr is not None else io.StringIO()
    sys.stdout = SafeStream(out, result=True)
    sys.stderr = SafeStream(err, result=False)


def silence_output() -> None:
    """Point standard output nowhere, so that closing it at the end of the program is quiet."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError:
        return
