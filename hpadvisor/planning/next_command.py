"""The command that follows from a diagnosis."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hpadvisor.planning.diagnosis import RunDiagnosis

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%")


def next_command(runs: Sequence[RunDiagnosis], paths: Sequence[str]) -> str:
    """The plan command that uses what was found; empty where there is nothing to plan.

    A range test gives its rate to the plan; what came through a pipe gives its verdict; else the
    plan reads the log again, of several runs the best one's.
    """
    judged = [run for run in runs if run.judged]
    if not judged:
        return ""
    best = min(judged, key=lambda run: run.best if run.best is not None else math.inf)
    rate = next((one.value for one in best.recommendations if one.rule == "CUR060"), None)
    if rate is not None:
        return f"hpadvisor plan --set training.learning_rate={rate:g}"
    if len(judged) == 1 and best.verdict == "healthy":
        return ""
    if "-" in paths or not paths:
        return f"hpadvisor plan --symptom {best.verdict}"
    source = [best.source.partition("#")[0]] if len(judged) > 1 else paths
    return " ".join(["hpadvisor plan", *(f"--curves {_quoted(path)}" for path in source)])


def _quoted(word: str) -> str:
    """Quote a path for a shell, as ``shlex.quote`` does, whose import takes a millisecond."""
    if word and set(word) <= _SAFE:
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"
