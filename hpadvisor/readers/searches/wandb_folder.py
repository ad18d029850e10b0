"""The local run folders of Weights & Biases, of runs made online and offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.plain_yaml import PlainYamlError, load_plain_yaml
from hpadvisor.readers.searches.files import load_json
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial
from hpadvisor.readers.searches.values import (
    choose_metric,
    direction_of,
    number,
    observed_space,
)
from hpadvisor.readers.searches.wandb_log import WandbRun, duration, read_run

_RUN = re.compile(r"(?:offline-)?run-(\d{8}_\d{6})-([^/]+)")
_EXPONENT = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d+")
_SPACE_NOTE = (
    "Local runs of W&B hold no search space: the ranges are those that the trials took. Give the "
    "real ones with --space FILE."
)
_STATE_NOTE = (
    "Local runs of W&B do not say how they ended: those with a score were taken as complete, "
    "those without as still running."
)
_SYNC = "wandb sync its folder, then export the run table as CSV (--param and --objective)."


def run_folders(path: Path) -> list[Path]:
    """The run folders in a folder, by the time of their start; links to them left out."""
    found = (child for child in path.iterdir() if _RUN.fullmatch(child.name))
    return sorted((f for f in found if f.is_dir() and not f.is_symlink()), key=_started)


def _started(folder: Path) -> tuple[str, str]:
    match = _RUN.fullmatch(folder.name)
    return (match.group(1), match.group(2)) if match else ("", folder.name)


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read a folder ``wandb`` with a folder for each run, made online or offline.

    Parameters come from ``files/config.yaml``, the score from ``files/wandb-summary.json``; of a
    run that was made offline, or that was killed, both and the curve come from its binary log.
    Traps: plain files say neither how the run ended nor which score was optimised.

    Raises:
        UserError: no run with settings, several scores and none chosen, no direction known.
    """
    folder = Path(path)
    runs = run_folders(folder)
    read_ones = [run for folder_ in runs if (run := _read(folder_)).config or run.summary]
    if not read_ones:
        raise UserError(
            f"{len(runs)} runs of Weights & Biases without settings or scores",
            path=path,
            remedy=f"For each: {_SYNC}",
        )
    notes = [_SPACE_NOTE]
    metric = choose_metric(
        (key for run in read_ones for key in _scores(run.summary)), options, path, notes
    )
    direction = direction_of(metric, options, path, notes)
    if any(run.exit_code is None for run in read_ones):
        notes.append(_STATE_NOTE)
    if len(read_ones) < len(runs):
        notes.append(f"{len(runs) - len(read_ones)} more runs hold nothing and were left out.")
    trials = [_trial(index, run, metric) for index, run in enumerate(read_ones)]
    wanted = [name for name in options.params if any(name in t.params for t in trials)]
    space = observed_space(trials, wanted)
    return Study(folder.name, "wandb", direction, metric, space, trials, str(path), notes)


def _read(folder: Path) -> WandbRun:
    """A run by its plain files, else by its binary log."""
    plain = folder / "files" / "config.yaml"
    if plain.is_file():
        summary = _summary(folder / "files" / "wandb-summary.json")
        return WandbRun(config=_config(plain), summary=summary)
    log = next(iter(sorted(folder.glob("run-*.wandb"))), None)
    return WandbRun() if log is None else read_run(log)


def _config(file: Path) -> dict[str, Any]:
    """The parameters: ``name: {value: …}``, nested ones by dots; W&B's own entries left out."""
    try:
        raw = load_plain_yaml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, PlainYamlError) as error:
        raise UserError(
            "broken or unfinished YAML",
            path=file,
            line=getattr(error, "line", None),
            remedy="Wait until the run has written it, or copy it again.",
        ) from None
    if not isinstance(raw, dict):
        raise UserError("no configuration of a run", path=file, remedy=_SYNC)
    values = {
        str(key): entry["value"]
        for key, entry in raw.items()
        if not str(key).startswith("_") and isinstance(entry, dict) and "value" in entry
    }
    return dict(_flat(values))


def _summary(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    raw = load_json(file)
    return dict(_flat(raw)) if isinstance(raw, dict) else {}


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _scores(summary: dict[str, Any]) -> list[str]:
    return [
        key
        for key, value in summary.items()
        if not key.startswith("_") and _score(value) is not None
    ]


def _score(value: Any) -> float | None:
    """A number, also one that JSON cannot hold and W&B writes as a text ("NaN")."""
    if isinstance(value, str) and value not in ("NaN", "Infinity", "-Infinity"):
        return None
    return number(value)


def _value(value: Any) -> Any:
    """A parameter's value; YAML takes 1e-05 for a text, which it is not."""
    if isinstance(value, str) and _EXPONENT.fullmatch(value):
        return float(value)
    return str(value) if isinstance(value, list) else value


def _trial(index: int, run: WandbRun, metric: str) -> Trial:
    value = _score(run.summary.get(metric))
    seconds, ended = duration(run), number(run.summary.get("_timestamp"))
    rows = [(place, row[metric]) for place, row in enumerate(run.history) if metric in row]
    failed = run.exit_code not in (None, 0)
    state = State.RUNNING if value is None else State.COMPLETE
    return Trial(
        index,
        State.FAILED if failed else state,
        {key: _value(v) for key, v in run.config.items()},
        value,
        [float(place) for place, _ in rows],
        [float(found) for _, found in rows],
        start=None if seconds is None or ended is None else ended - seconds,
        end=ended,
        seconds=seconds,
        label=run.name,
    )
