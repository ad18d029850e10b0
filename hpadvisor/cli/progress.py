"""Progress of a long diagnosis: a bar on standard error, on a terminal only."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

FEWEST = 20
"""With fewer logs the bar would come and go before anybody saw it."""


class LogProgress:
    """Shows how many logs are read. In a pipe, and for a handful of logs, it shows nothing."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def step(self, done: int, total: int) -> None:
        """Say that so many of all logs have been read."""
        if total < FEWEST or not sys.stderr.isatty():
            return
        if self._bar is None or self._task is None:
            self._bar = _started()
            self._task = self._bar.add_task("reading runs", total=total)
        self._bar.update(self._task, completed=done)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _started() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # The bar moves the cursor, which the guarded stream would write out.
    console = Console(file=getattr(sys.stderr, "unguarded", sys.stderr), stderr=True)
    bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
    bar.start()
    return bar
