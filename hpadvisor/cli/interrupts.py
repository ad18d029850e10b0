"""Ctrl-C at any moment: exit code 130, and never Python's traceback.

While a command runs, Ctrl-C raises KeyboardInterrupt as usual, so that half-written files are
taken away. Before and after, when there is nothing to tidy up, the process ends at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_INTERRUPTED = 130
TERMINATED = 128 + signal.SIGTERM


def leave_at_once(*_: Any) -> None:
    """End the process, without unwinding: a handler of the signal."""
    os._exit(_INTERRUPTED)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt inside the block, and end the process after it."""
    # An interrupt inside a callback of the collector is only printed by Python: it would go on.
    sys.unraisablehook = _unraisable
    _handle(signal.default_int_handler)
    try:
        yield
    finally:
        _handle(leave_at_once)


class TerminatedError(KeyboardInterrupt):
    """The process was asked to end by SIGTERM: a cluster's time limit, for example."""


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM, too, unwind what is inside the block: it has processes of its own to end."""

    def leave(*_: Any) -> None:
        raise TerminatedError

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not the main thread: signals are somebody else's
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _handle(handler: Any) -> None:
    try:
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # nohup, a shell's background
            signal.signal(signal.SIGINT, handler)
    except ValueError:  # not the main thread: signals are somebody else's
        return


def _unraisable(found: Any) -> None:
    if found.exc_type is not None and issubclass(found.exc_type, KeyboardInterrupt):
        leave_at_once()
    sys.__unraisablehook__(found)
