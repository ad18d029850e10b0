"""``diagnose --watch``: look at growing logs again and again, speak when a verdict changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hpadvisor.errors import UserError
from hpadvisor.report.terminal import say

if TYPE_CHECKING:
    from hpadvisor.diagnosing.following import Watch
    from hpadvisor.diagnosing.model import RunDiagnosis


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
    said: dict[str, str] = {}
    number = 0
    while looks is None or number < looks:
        if number:
            time.sleep(every)
        number += 1
        for found in watch.look():
            if isinstance(found, UserError):
                _speak(said, found.path or "", f"waiting: {found}", str(found), error=True)
            else:
                _speak(said, found.source, _line(found), found.verdict)


def _speak(said: dict[str, str], source: str, line: str, state: str, error: bool = False) -> None:
    """Say a line where the state of its log is another than before."""
    if said.get(source) != state:
        said[source] = state
        say(line, error=error)


def _line(run: RunDiagnosis) -> str:
    from hpadvisor.report.diagnosis import change_words, headline, how_sure
    from hpadvisor.visible import shown

    run = shown(run)
    line = f"{run.source} at {run.epochs_or_steps:g}: {headline(run)}"
    sure = how_sure(run)
    line += f": {run.reason}" if not run.judged else f", {sure}" if sure else ""
    if run.judged and run.recommendations and run.verdict != "healthy":
        line += f" → {change_words(run.recommendations[0])}"
    return line
