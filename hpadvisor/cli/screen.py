"""The live screen of a run: budget, best so far, running trainings. In a pipe, plain lines."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hpadvisor.running.documents import read_json
from hpadvisor.running.training import COMPLETE, PROGRESS, RESULT, TRIALS, outcomes

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hpadvisor.running.loop import Loop

EVERY = 0.5
"""Seconds between two pictures."""
ROWS = 12
LOG = "run.log"


@contextlib.contextmanager
def shown_while(loop: Loop) -> Iterator[None]:
    """Show a run on a terminal while it lasts; what is said goes to ``run.log`` meanwhile."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield
        return
    from rich.live import Live

    root = loop.options.root
    root.mkdir(parents=True, exist_ok=True)
    ended = threading.Event()
    with _stderr_into(root / LOG), Live(auto_refresh=False, transient=True) as live:

        def draw() -> None:
            while not ended.wait(EVERY):
                live.update(picture(loop), refresh=True)

        thread = threading.Thread(target=draw, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def picture(loop: Loop) -> RenderableType:
    """Return the screen of a run as it stands in its folder."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    root = loop.options.root
    done = list(outcomes(root))
    maximize = loop.maximizes
    whole = [one for one in done if one.status == COMPLETE]
    best = (max if maximize else min)(whole, key=lambda one: one.score, default=None)
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in ("training", "position", "score", ""):
        table.add_column(title, style="dim" if not title else "")
    for folder in running(root)[:ROWS]:
        seen = read_json(folder / PROGRESS) or {}
        since = time.time() - folder.stat().st_mtime
        table.add_row(
            folder.name, _short(seen.get("position")), _short(seen.get("score")),
            str(seen.get("column", f"started {since:.0f} s ago")),
        )  # fmt: skip
    total = max(loop.planned_trainings, len(done), 1)
    head = Text.assemble(
        (f"{len(done)} of about {total:g} trainings", "bold"),
        "" if not whole else f"  baseline {whole[0].score:.6g}",
        "" if best is None else f"  best {best.score:.6g} ({best.folder.name})",
        f"  {sum(one.status == 'failed' for one in done)} failed",
    )
    bar = ProgressBar(total=total, completed=len(done), width=60)
    said = [Text(loop.last_said, "yellow")] if loop.last_said else []
    return Group(head, bar, *said, table)


def running(root: Path) -> list[Path]:
    """Return the folders of trainings that have not ended."""
    folders = sorted(path for path in (root / TRIALS).glob("*") if path.is_dir())
    return [folder for folder in folders if not (folder / RESULT).exists()]


def _short(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, int | float) else ""


@contextlib.contextmanager
def _stderr_into(path: Path) -> Iterator[None]:
    """Send standard error, the children's too, to a file; the screen would be torn by it."""
    sys.stderr.flush()
    kept = os.dup(2)
    with path.open("ab") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
