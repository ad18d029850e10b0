"""The command that follows from a diagnosis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.facts.facts import Facts

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%")


_FLAGS = {
    "training.optimizer": ("--optimizer", "--optimizer"),
    "training.learning_rate": ("--lr", "--lr"),
    "training.epochs": ("--epochs-planned", "--epochs"),
    "data.classes": ("--classes", "--classes"),
}
"""Facts that flags of ``diagnose`` say, and the flags of ``plan`` that say them."""


def next_command(
    runs: Sequence[RunDiagnosis],
    paths: Sequence[str],
    columns: Mapping[str, str] | None = None,
    situation: Facts | None = None,
) -> str:
    """The plan command that uses what was found; empty where there is nothing to plan.

    A folder of runs with different settings goes to ``audit``, which says what each change
    brought. A range test gives its rate to the plan; what came through a pipe gives its verdict;
    else the plan reads the log again, of several runs the best one's.

    Args:
        runs: The diagnosed runs.
        paths: Where they were read from.
        columns: Role to column name, as the user said.
        situation: What the user said of the training; its file and flags are passed on.
    """
    judged = [run for run in runs if run.judged]
    best = best_run(runs)
    if best is None:
        return ""
    if len(judged) > 1 and len(paths) == 1 and _differ(judged):
        return f"hpadvisor audit {_quoted(paths[0])}"
    rate = tested_rate(best)
    told = _told(situation)
    if rate is not None:
        kept = [word for word in told if not word.startswith("--lr ")]
        return " ".join(["hpadvisor plan", *kept, f"--set training.learning_rate={rate:g}"])
    if len(judged) == 1 and best.verdict == "healthy":
        return ""
    if "-" in paths or not paths:
        return " ".join(["hpadvisor plan", *told, f"--symptom {best.verdict}"])
    source = [best.source.partition("#")[0]] if len(judged) > 1 else paths
    logs = [f"--curves {_quoted(path)}" for path in source]
    maps = [f"--map {_quoted(f'{role}={name}')}" for role, name in (columns or {}).items()]
    return " ".join(["hpadvisor plan", *told, *logs, *maps])


def _differ(runs: Sequence[RunDiagnosis]) -> bool:
    """Whether runs have settings beside them that are not the same: a history of changes."""
    return all(run.config for run in runs) and any(run.config != runs[0].config for run in runs)


def best_run(runs: Sequence[RunDiagnosis]) -> RunDiagnosis | None:
    """The judged run with the lowest loss, from which a plan goes on; None without one."""
    judged = [run for run in runs if run.judged]
    return min(judged, key=lambda run: math.inf if run.best is None else run.best, default=None)


def tested_rate(run: RunDiagnosis) -> float | None:
    """The learning rate that a range test suggests; None where the run is none."""
    return next((one.value for one in run.recommendations if one.rule == "CUR060"), None)


def _told(situation: Facts | None) -> list[str]:
    """The situation file and the flags, as the plan takes them."""
    files: list[str] = []
    flags: list[str] = []
    for fact in situation or ():
        if fact.source.startswith("--"):
            said, flag = _FLAGS.get(fact.name, ("", ""))
            if fact.source == said:
                value = fact.value if isinstance(fact.value, str) else f"{fact.value:g}"
                flags.append(f"{flag} {_quoted(value)}")
            elif fact.name == "model.pretrained":
                flags.append("--pretrained" if fact.value else "--from-scratch")
        else:
            path, _, line = fact.source.rpartition(":")
            if line.isdecimal() and path not in files and not path.startswith("<"):
                files.append(path)
    return [*map(_quoted, files), *flags]


def _quoted(word: str) -> str:
    """Quote a path for a shell, as ``shlex.quote`` does, whose import takes a millisecond."""
    if word and set(word) <= _SAFE:
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"
