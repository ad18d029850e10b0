"""Ray Tune experiment folders."""

from __future__ import annotations

import json
import re
from array import array
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.files import json_lines, load_json
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial
from hpadvisor.readers.searches.values import (
    choose_metric,
    direction_of,
    mark_partial,
    number,
    observed_space,
)

_OWN = {
    "timestamp", "checkpoint_dir_name", "done", "training_iteration", "trial_id", "date",
    "time_this_iter_s", "time_total_s", "pid", "hostname", "node_ip", "config",
    "time_since_restore", "iterations_since_restore", "should_checkpoint", "experiment_tag",
    "warmup_time", "episodes_total", "timesteps_total", "timesteps_since_restore", "epoch",
    "step", "iteration",
}  # fmt: skip
_STATES = {
    "RUNNING": State.RUNNING,
    "PENDING": State.WAITING,
    "PAUSED": State.RUNNING,
    "ERROR": State.FAILED,
}
_NOTE = (
    "Ray keeps the search space and the mode only in pickles, which are never opened: the ranges "
    "are those that the trials took. Give the real ones with --space FILE."
)


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read an experiment folder.

    Traps: the search space, the metric and the mode live only in pickles, which are never
    opened; a trial that the scheduler stopped looks finished, and is told by its iterations.

    Raises:
        UserError: no trials, several metrics and none chosen, no direction known.
    """
    folder = Path(path)
    parents = sorted(file.parent for file in folder.glob("*/params.json"))
    if not parents:
        raise UserError(
            "a Ray experiment without trial folders",
            path=path,
            remedy="Give the folder that holds the trials' params.json files.",
        )
    reported = [json_lines(parent / "result.json") for parent in parents]
    names = {key for lines in reported for line in lines[-1:] for key in _metrics(line)}
    if not names:
        raise UserError(
            f"{len(parents)} trials, none of which reported a score",
            path=path,
            remedy="Read the error.txt of one of them; a trial reports with tune.report.",
        )
    notes = [_NOTE]
    metric = choose_metric(names, options, path, notes)
    direction = direction_of(metric, options, path, notes)
    states = _runtime_states(folder)
    trials = [
        _trial(index, parent, lines, metric, states)
        for index, (parent, lines) in enumerate(zip(parents, reported, strict=True))
    ]
    trials.sort(key=lambda trial: trial.number)
    mark_partial(trials)
    return Study(
        folder.name, "ray", direction, metric, observed_space(trials), trials, str(path), notes
    )


def _metrics(line: dict[str, Any]) -> list[str]:
    return [
        key
        for key, value in line.items()
        if key not in _OWN and isinstance(value, int | float) and not isinstance(value, bool)
    ]


def _trial(
    index: int, parent: Path, lines: list[dict[str, Any]], metric: str, states: dict[str, State]
) -> Trial:
    params = load_json(parent / "params.json")
    points = [(line["training_iteration"], line[metric]) for line in lines if metric in line]
    last = lines[-1] if lines else {}
    trial_id = str(last.get("trial_id") or "_".join(parent.name.split("_")[1:3]))
    state = states.get(trial_id, State.COMPLETE)
    crashed = (parent / "error.txt").exists() or (parent / "error.pkl").exists()
    if crashed or (not points and state is State.COMPLETE):
        state = State.FAILED
    ended = number(last.get("timestamp"))
    seconds = number(last.get("time_total_s"))
    # A folder is named TRAINABLE_ID_NUMBER_PARAMETERS_DATE.
    place = re.search(rf"_{re.escape(trial_id)}_(\d+)_", f"{parent.name}_")
    return Trial(
        int(place.group(1)) if place else index,
        state,
        _flat(params),
        number(points[-1][1]) if points else None,
        array("d", (float(point[0]) for point in points)),
        array("d", (float(point[1]) for point in points)),
        end=ended,
        start=None if ended is None or seconds is None else ended - seconds,
        seconds=seconds,
    )


def _flat(params: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in params.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}/")
        else:
            found[f"{prefix}{key}"] = value
    return found


def _runtime_states(folder: Path) -> dict[str, State]:
    """The states of trials that are not finished, from the newest state file (JSON only)."""
    files = sorted(folder.glob("experiment_state-*.json"))
    if not files:
        return {}
    try:
        pairs = load_json(files[-1])["trial_data"]
        entries = [json.loads(pair[0]) for pair in pairs]
        return {
            str(entry["trial_id"]): _STATES[entry["status"]]
            for entry in entries
            if entry.get("status") in _STATES
        }
    except (UserError, KeyError, TypeError, ValueError, IndexError):
        return {}  # the state file is being written; the trials' own files say enough
