"""``diagnose --watch``: look at a growing log again and again, speak when the verdict changes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import typer

from hpadvisor.errors import UserError


def watch_log(
    paths: list[str], options: dict[str, Any], every: float, *, looks: int | None = None
) -> None:
    """Follow logs until interrupted.

    Args:
        paths: Logs or folders.
        options: Further arguments of ``api.diagnose``.
        every: Seconds between looks.
        looks: Looks at most; None goes on until Ctrl-C.

    Raises:
        UserError: standard input cannot be followed.
    """
    if "-" in paths:
        raise UserError("standard input cannot be followed", path="--watch", remedy="Name a file.")
    verdicts: dict[str, str] = {}
    stamps: dict[str, tuple[int, int]] | None = None
    number = 0
    while looks is None or number < looks:
        if number:
            time.sleep(every)
        number += 1
        seen = _stamps(paths)
        if seen == stamps and seen:
            continue
        stamps = seen
        _look(paths, options, verdicts)


def _stamps(paths: list[str]) -> dict[str, tuple[int, int]]:
    stamps = {}
    for item in paths:
        path = Path(item)
        if path.is_file():
            stat = path.stat()
            stamps[item] = (stat.st_size, stat.st_mtime_ns)
    return stamps if len(stamps) == len(paths) else {}


def _look(paths: list[str], options: dict[str, Any], verdicts: dict[str, str]) -> None:
    from hpadvisor.api import diagnose
    from hpadvisor.report.diagnosis import change_words, verdict_words

    try:
        diagnosis = diagnose(paths, **options)
    except UserError as error:
        if verdicts.get("") != str(error):
            verdicts[""] = str(error)
            typer.echo(f"waiting: {error}", err=True)
        return
    for run in diagnosis.runs:
        if verdicts.get(run.source) == run.verdict:
            continue
        verdicts[run.source] = run.verdict
        line = f"{run.source} at {run.epochs_or_steps:g}: {verdict_words(run.verdict)}"
        line += f" ({run.confidence:.0%})" if run.judged else f": {run.reason}"
        if run.judged and run.recommendations and run.verdict != "healthy":
            line += f" → {change_words(run.recommendations[0])}"
        typer.echo(line)
