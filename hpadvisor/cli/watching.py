"""``diagnose --watch``: look at growing logs again and again, speak when a verdict changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hpadvisor.diagnosing.lasting import Lasting, is_plain
from hpadvisor.errors import UserError
from hpadvisor.report.terminal import say

if TYPE_CHECKING:
    from hpadvisor.diagnosing.following import Watch
    from hpadvisor.diagnosing.model import RunDiagnosis

QUIET_LOOKS = 6
"""Looks without news after which a log rests: what it showed last is its verdict."""


def watch_logs(watch: Watch, every: float, *, looks: int | None = None) -> None:
    """Follow logs until interrupted.

    Args:
        watch: What to follow.
        every: Seconds between looks.
        looks: Looks at most; None goes on until Ctrl-C.

    Raises:
        UserError: standard input cannot be followed.
    """
    if "-" in watch.paths:
        raise UserError("standard input cannot be followed", path="--watch", remedy="Name a file.")
    followed = _Followed()
    number = 0
    while looks is None or number < looks:
        if number:
            time.sleep(every)
        number += 1
        for found in watch.look():
            if isinstance(found, UserError):
                followed.wait(found, number)
            else:
                followed.judge(found, number)
        followed.settle(number)


class _Followed:
    """What was said of each run, and when it last had news."""

    def __init__(self) -> None:
        self._errors: dict[str, str] = {}
        self._verdicts: dict[str, Lasting] = {}
        self._last: dict[str, tuple[RunDiagnosis, int]] = {}

    def wait(self, error: UserError, number: int) -> None:
        """Say why a log cannot be read, once; a run that was judged there may be another one."""
        path = error.path or ""
        if self._errors.get(path) != str(error):
            self._errors[path] = str(error)
            say(f"waiting: {error}", error=True)
        for source in [one for one in self._last if one.partition("#")[0] == path]:
            del self._last[source], self._verdicts[source]

    def judge(self, run: RunDiagnosis, number: int) -> None:
        """Say the verdict of a run where it is new and lasts."""
        self._errors.pop(run.source, None)
        lasting = self._verdicts.setdefault(run.source, Lasting())
        self._last[run.source] = (run, number)
        if lasting.look(run.verdict, run.epochs_or_steps, plain=is_plain(run)):
            _speak(run)

    def settle(self, number: int) -> None:
        """Say the last verdict of logs that grow no more."""
        for source, (run, seen) in self._last.items():
            if number - seen >= QUIET_LOOKS and self._verdicts[source].rest():
                _speak(run)


def _speak(run: RunDiagnosis) -> None:
    from hpadvisor.report.diagnosis import run_line

    say(run_line(run))
