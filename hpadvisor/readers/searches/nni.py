"""NNI's experiment database."""

from __future__ import annotations

import json
import sqlite3
from array import array
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.record import (
    MAXIMIZE,
    MINIMIZE,
    Parameter,
    ReadOptions,
    State,
    Study,
    Trial,
)
from hpadvisor.readers.searches.sqlite import opened
from hpadvisor.readers.searches.values import number

_STATES = {
    "WAITING": State.WAITING,
    "RUNNING": State.RUNNING,
    "SUCCEEDED": State.COMPLETE,
    "EARLY_STOPPED": State.PRUNED,
    "FAILED": State.FAILED,
    "USER_CANCELED": State.FAILED,
    "SYS_CANCELED": State.FAILED,
}


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read an ``nni.sqlite``.

    Traps: metrics are JSON inside JSON; a trial is a series of events, the last one counts;
    ``randint`` and the upper end of ``quniform`` follow NNI's own conventions.

    Raises:
        UserError: no experiment profile, or one that is not understood.
    """
    with opened(path) as db:
        row = db.execute(
            "SELECT params, id FROM ExperimentProfile ORDER BY revision DESC"
        ).fetchone()
        if row is None:
            raise UserError("holds no experiment", path=path, remedy="Run the search first.")
        profile = json.loads(row[0])
        trials = _trials(db)
        _metrics(db, trials)
    space = [p for n, e in profile["searchSpace"].items() if (p := _parameter(n, e)) is not None]
    tuner = profile.get("tuner") or profile.get("advisor") or {}
    mode = (tuner.get("classArgs") or {}).get("optimize_mode", "maximize")
    found = MINIMIZE if mode == "minimize" else MAXIMIZE
    for number_, trial in enumerate(trials.values()):
        trial.number = number_
        if trial.state is State.COMPLETE and trial.value is None:
            trial.state = State.FAILED
    return Study(
        str(row[1]),
        "nni",
        options.direction or found,
        "default",
        space,
        list(trials.values()),
        str(path),
    )


def _trials(db: sqlite3.Connection) -> dict[str, Trial]:
    found: dict[str, Trial] = {}
    rows = db.execute(
        "SELECT trialJobId, event, data, timestamp FROM TrialJobEvent ORDER BY timestamp, rowid"
    )
    for job, event, data, moment in rows:
        trial = found.setdefault(job, Trial(len(found), State.WAITING))
        if event in _STATES:
            trial.state = _STATES[event]
        if data:
            trial.params = json.loads(data).get("parameters", trial.params)
        if event == "RUNNING":
            trial.start = moment / 1000
        elif trial.state not in (State.WAITING, State.RUNNING):
            trial.end = moment / 1000
    return found


def _metrics(db: sqlite3.Connection, trials: dict[str, Trial]) -> None:
    curves: dict[str, list[tuple[float, float]]] = {}
    for job, kind, sequence, data in db.execute(
        "SELECT trialJobId, type, sequence, data FROM MetricData ORDER BY timestamp, rowid"
    ):
        value = _unwrapped(data)
        if job not in trials or value is None:
            continue
        if kind == "FINAL":
            trials[job].value = value
        else:
            curves.setdefault(job, []).append((float(sequence), value))
    for job, points in curves.items():
        points.sort()
        trials[job].steps = array("d", (p[0] for p in points))
        trials[job].values = array("d", (p[1] for p in points))


def _unwrapped(data: Any) -> float | None:
    for _ in range(3):
        if not isinstance(data, str):
            break
        try:
            data = json.loads(data)
        except ValueError:
            return None
    if isinstance(data, dict):
        data = data.get("default")
    return number(data)


def _parameter(name: str, entry: dict[str, Any]) -> Parameter | None:
    kind, given = str(entry["_type"]), entry["_value"]
    if kind == "choice":
        choices = tuple(json.dumps(v) if isinstance(v, dict | list) else v for v in given)
        return Parameter(name, "categorical", choices=choices)
    if kind in ("randint", "uniform", "quniform", "loguniform", "qloguniform"):
        low, high = float(given[0]), float(given[1])
        step = float(given[2]) if kind.startswith("q") else None
        if kind == "randint":
            return Parameter(name, "int", low, high - 1, "linear")
        return Parameter(name, "float", low, high, "log" if "log" in kind else "linear", step=step)
    return None  # normal distributions have no bounds
