"""Regular expressions of users: refused where they could run without end, and timed where not.

Python's engine backtracks. A repeat of repeats (``(a+)+``) can take exponential time, so it is
refused when rules load; what remains is stopped after a while, where the system has a timer.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from hpadvisor.errors import UserError

LONGEST = 1_000
"""Characters of a pattern."""
MOST_REPEATS = 1_000
"""The largest number in braces."""
SECONDS = 2.0
_DEEPEST = 30
_FEW = 8
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


class Slow(Exception):  # noqa: N818 - a signal's word, turned into a UserError by who asked
    """The time for something is over."""


@contextmanager
def time_limit(seconds: float = SECONDS) -> Iterator[None]:
    """Stop the block after some seconds of its own, where this thread can have a timer.

    They are seconds of the processor: a machine that is busy elsewhere stops nothing.

    Raises:
        Slow: the time was over.
    """
    if not hasattr(signal, "setitimer") or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def stop(*_: Any) -> None:
        raise Slow

    handler = signal.signal(signal.SIGVTALRM, stop)
    before, _ = signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, before)
        signal.signal(signal.SIGVTALRM, handler)


class Pattern:
    """A compiled expression whose searches end.

    Args:
        text: The expression.
        flags: Flags of :mod:`re`.

    Raises:
        ValueError: not an expression, too long, or one that could run without end.
    """

    def __init__(self, text: str, flags: int = 0) -> None:
        if why := problem(text):
            raise ValueError(why)
        self.text = text
        self._compiled = re.compile(text, flags)

    def search(self, subject: str) -> bool:
        """Whether it matches somewhere in a text.

        Raises:
            UserError: it takes too long.
        """
        return self._run(self._compiled.search, subject)

    def fullmatch(self, subject: str) -> bool:
        """Whether it matches a whole text.

        Raises:
            UserError: it takes too long.
        """
        return self._run(self._compiled.fullmatch, subject)

    def _run(self, how: Any, subject: str) -> bool:
        try:
            with time_limit():
                return how(subject) is not None
        except Slow:
            raise UserError(
                f"the regular expression '{self.text}' of a rule takes too long",
                remedy="Write it with fewer repeats.",
            ) from None


@lru_cache(maxsize=256)
def pattern(text: str, flags: int = 0) -> Pattern:
    """Return a compiled pattern, each compiled once.

    Raises:
        ValueError: as :class:`Pattern`.
    """
    return Pattern(text, flags)


def problem(text: Any) -> str:
    """Say what is wrong with an expression; an empty text where nothing is."""
    if not isinstance(text, str):
        return "it is no text"
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST:,} characters"
    try:
        parsed = re._parser.parse(text)  # type: ignore[attr-defined]
        re.compile(text)
        return _walked(parsed, 0)
    except (re.error, OverflowError, ValueError) as error:
        return str(error)
    except RecursionError:
        return "it is nested too deep"


def _walked(parts: Any, depth: int) -> str:
    """Walk the parsed expression; complain of depth, large counts, and repeats of repeats."""
    if depth > _DEEPEST:
        return "it is nested too deep"
    for operator, argument in parts:
        if str(operator) in _REPEATS:
            low, high, body = argument
            if int(low) > MOST_REPEATS or (not _endless(high) and int(high) > MOST_REPEATS):
                return f"it repeats more than {MOST_REPEATS:,} times"
            if _many(high) and _only_repeats(body):
                return "it repeats a repeat, which can take for ever"
        for below in _below(argument):
            if why := _walked(below, depth + 1):
                return why
    return ""


def _endless(high: Any) -> bool:
    return str(high) == "MAXREPEAT"


def _many(high: Any) -> bool:
    return _endless(high) or int(high) > _FEW


def _only_repeats(body: Any) -> bool:
    """Whether a repeated part holds nothing but parts that are repeated themselves: ``(a+b*)+``.

    With a mark between them, as in ``(?:,[0-9]+)*``, there is one way to match, and no explosion.
    """
    kinds = []
    for operator, argument in body:
        name = str(operator)
        if name == "SUBPATTERN":
            kinds.append(_only_repeats(argument[-1]))
        elif name == "BRANCH":
            kinds.append(any(_only_repeats(one) for one in argument[1]))
        elif name != "AT":
            kinds.append(name in _REPEATS and _many(argument[1]))
    return bool(kinds) and all(kinds)


def _below(argument: Any) -> Iterator[Any]:
    """Yield the expressions inside an operator's argument."""
    if type(argument).__name__ == "SubPattern":
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _below(item)
