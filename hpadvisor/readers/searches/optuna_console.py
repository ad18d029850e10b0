"""Optuna's printed lines: what a notebook or a log file keeps of a search.

Known are the wordings of all versions::

    [I 2020-03-01 10:00:00,123] Finished trial#4 resulted in value: 0.1. Current best value is …
    [I 2020-07-01 10:00:00,123] Finished trial#4 with value: 0.1 with parameters: {'x': 1}. Best …
    [I 2024-09-10 10:00:00,123] Trial 4 finished with value: 0.1 and parameters: {'x': 1}. Best …
    [I 2024-09-10 10:00:01,456] Trial 5 pruned.
    [W 2024-09-10 10:00:02,789] Trial 6 failed with parameters: {'x': 2} because of …
"""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.asking import audit_command
from hpadvisor.readers.searches.record import (
    MAXIMIZE,
    MINIMIZE,
    ReadOptions,
    State,
    Study,
    Trial,
)
from hpadvisor.readers.searches.values import observed_space

_STAMP = re.compile(r"\[[IWE] (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:[,.](\d+))?\]")
_ENDED = re.compile(
    r"(?:Trial (?P<new>\d+) finished|Finished trial ?#(?P<old>\d+)(?: resulted in| with)?)"
    r"[^:\[\n]*?(?:with |in )?values?: *(?P<value>\[[^\]]*\]|\S+?)"
    r"(?:,? (?:and|with) parameters: *(?P<params>\{.*?\}))?"
    r"(?=[.,]? +(?:Best|Current)|[.,]?\s*$)"
)
_BEST = re.compile(
    r"(?:Best is trial ?#?(?P<number>\d+)(?: with value)?|Current best value is)"
    r"(?:[: ]+(?P<best>[-+.\deE]*\d))?"
)
_BEST_PARAMS = re.compile(r"Current best value is [^\s]+ with parameters: (\{.*?\})")
_PRUNED = re.compile(r"Trial (\d+) pruned|status of trial ?#(\d+) as \w*\.?PRUNED", re.I)
_FAILED = re.compile(
    r"Trial (\d+) failed(?: with parameters: (\{.*?\}))?|status of trial ?#(\d+) as \w*\.?FAIL",
    re.I,
)
_MARKS = ("finished with value", "Finished trial", " pruned", "failed with parameters", "PRUNED")
_MOST = 100_000


def recognises(text: str) -> bool:
    """Whether a text holds Optuna's lines on trials."""
    return any(mark in text for mark in _MARKS) and bool(_ENDED.search(text))


def read(text: str, path: str | Path, options: ReadOptions) -> Study:
    """Read the trials that Optuna's lines tell of; other lines are passed over.

    The direction is the one in which each line's best value agrees with the values so far.

    Raises:
        UserError: no trial that ended, several objectives, or a direction that cannot be told.
    """
    trials: dict[int, Trial] = {}
    bests: list[tuple[float, float]] = []
    last: float | None = None
    unknown = 0
    for line in text.splitlines():
        if not any(mark in line for mark in _MARKS) and "failed" not in line:
            continue
        found, best = _trial(line)
        if found is None or len(trials) >= _MOST:
            continue
        found.end = _time(line)
        found.start = last if last is not None and found.end else None
        last = found.end or last
        unknown += not found.params and found.state is State.COMPLETE
        trials[found.number] = found
        if best is not None and found.value is not None:
            bests.append((found.value, best))
    if not any(trial.params for trial in trials.values()):
        raise UserError(
            "Optuna's lines without the parameters of its trials",
            path=path,
            remedy="Give the study's database, or study.trials_dataframe().to_csv(…).",
        )
    listed = [trials[number] for number in sorted(trials)]
    notes = [
        "Printed lines hold no search space: the ranges are those that the trials took. Give the "
        "real ones with --space FILE.",
        "Begin times are not printed: a trial is taken to begin when the one before ended.",
    ]
    if unknown:
        notes.append(f"{unknown} trials are printed without their parameters.")
    direction = options.direction or _direction(bests, path)
    name = options.study or Path(path).stem
    space = observed_space(listed)
    return Study(name, "optuna", direction, "value", space, listed, str(path), notes)


def _trial(line: str) -> tuple[Trial | None, float | None]:
    """The trial of a line, and the best value so far that the line names."""
    ended = _ENDED.search(line)
    if ended is not None:
        value = _value(ended["value"])
        best = _BEST.search(line, ended.start())
        named = _value(best["best"]) if best is not None and best["best"] else None
        params = _literal(ended["params"])
        told = _BEST_PARAMS.search(line)
        if not params and told is not None and named == value:
            params = _literal(told[1])
        state = State.COMPLETE if value is not None else State.FAILED
        return Trial(int(ended["new"] or ended["old"]), state, params, value), named
    pruned = _PRUNED.search(line)
    if pruned is not None:
        return Trial(int(pruned[1] or pruned[2]), State.PRUNED), None
    failed = _FAILED.search(line)
    if failed is not None:
        return Trial(int(failed[1] or failed[3]), State.FAILED, _literal(failed[2])), None
    return None, None


def _value(text: str) -> float | None:
    if text.startswith("["):
        raise UserError(
            "lines of a search with several objectives",
            remedy="Give the study's database and --objective NUMBER.",
        )
    try:
        return float(text.rstrip(".,"))
    except ValueError:
        return None


def _literal(text: str | None) -> dict[str, Any]:
    """Parameters as Python prints them; what is no plain literal is left out."""
    if not text:
        return {}
    cleaned = re.sub(r"np\.\w+\(([^()]*)\)", r"\1", text)
    cleaned = re.sub(r"\b(nan|inf)\b", "None", cleaned)
    try:
        found = ast.literal_eval(cleaned)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    return {str(k): v for k, v in found.items()} if isinstance(found, dict) else {}


def _time(line: str) -> float | None:
    stamp = _STAMP.search(line)
    if stamp is None:
        return None
    moment = datetime.strptime(stamp[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return moment.timestamp() + (float(f"0.{stamp[2]}") if stamp[2] else 0.0)


def _direction(bests: list[tuple[float, float]], path: str | Path) -> str:
    """The direction in which the named best is the best of those printed so far.

    Args:
        bests: A line's value, and the best value that it names.
        path: The file, for messages.
    """
    fits = {MAXIMIZE: 0, MINIMIZE: 0}
    for value, best in bests:
        if value != best:
            fits[MAXIMIZE if best > value else MINIMIZE] += 1
    for (_, before), (_, after) in pairwise(bests):
        if before != after:
            fits[MAXIMIZE if after > before else MINIMIZE] += 1
    if fits[MAXIMIZE] == fits[MINIMIZE]:
        raise UserError(
            "does not say whether the value should rise or fall",
            path=path,
            remedy=f"Add it: {audit_command(path, '--direction', 'maximize')} (or minimize).",
        )
    return max(fits, key=lambda key: fits[key])
