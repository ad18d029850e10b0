"""Pipes that arguments name (``diagnose <(zcat log.gz)``), held so that they can be read again.

A pipe gives its bytes once, while readers look at a head first and at the whole afterwards. On
Linux its descriptor is turned into one of a temporary file without a name: what the argument names
stays the same, and can be opened as often as one likes.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hpadvisor.errors import UserError
from hpadvisor.readers.files import require_standard_input

MOST_BYTES: Final = 2 * 1024**3
"""A pipe that gives more is refused, so that one without an end fills no disk."""

STANDARD_INPUT: Final = "/dev/stdin"
_DESCRIPTOR = re.compile(
    r"^(?:--[a-z-]+=)?(?:/dev/stdin|(?:/dev/fd/|/proc/self/fd/)(?P<number>\d{1,4}))$"
)
_PIECE = 1 << 20


def hold_pipes(arguments: Sequence[str]) -> None:
    """Hold every pipe among the arguments, up to ``--``, after which a training's own stand.

    Raises:
        UserError: one gives more than 2 GB, or the temporary file cannot be written.
    """
    if sys.platform != "linux":
        return
    for argument in arguments:
        if argument == "--":
            return
        found = _DESCRIPTOR.match(argument)
        if found:
            _hold(int(found["number"] or 0), argument)


def held_standard_input() -> Path:
    """Standard input as a path that can be opened again; elsewhere than on Linux as it is.

    Raises:
        UserError: it is closed, or as :func:`hold_pipes`.
    """
    require_standard_input()
    hold_pipes([STANDARD_INPUT])
    return Path(STANDARD_INPUT)


def _hold(descriptor: int, name: str) -> None:
    import tempfile

    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return
        with tempfile.TemporaryFile() as held:
            size = 0
            while piece := os.read(descriptor, _PIECE):
                size += len(piece)
                if size > MOST_BYTES:
                    raise UserError(
                        "a pipe that gives more than 2 GB", path=name, remedy="Give a part of it."
                    )
                held.write(piece)
            held.flush()
            held.seek(0)
            os.dup2(held.fileno(), descriptor)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"cannot be read ({reason})", path=name, remedy="Write it to a file, and name that."
        ) from None
