"""The local run folders of Weights & Biases: the plain files of each run, never its binary log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.files import load_json
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial
from hpadvisor.readers.searches.values import (
    choose_metric,
    direction_of,
    number,
    observed_space,
)

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
    """Read a folder ``wandb`` with a folder for each run.

    Parameters come from ``files/config.yaml``, the score from ``files/wandb-summary.json``. Traps:
    neither says how the run ended, or which score was optimised; a run that was made offline, or
    that was killed, leaves the binary log alone.

    Raises:
        UserError: binary logs alone, several scores and none chosen, no direction known.
    """
    folder = Path(path)
    runs = run_folders(folder)
    readable = [run for run in runs if (run / "files" / "config.yaml").is_file()]
    if not readable:
        raise UserError(
            f"{len(runs)} runs of Weights & Biases with nothing but their binary logs (they were "
            "made offline)",
            path=path,
            remedy=f"For each: {_SYNC}",
        )
    configs = [_config(run / "files" / "config.yaml") for run in readable]
    summaries = [_summary(run / "files" / "wandb-summary.json") for run in readable]
    metric = choose_metric(
        (key for summary in summaries for key in _scores(summary)), options, path
    )
    notes = [_SPACE_NOTE]
    direction = direction_of(metric, options, path, notes)
    notes.append(_STATE_NOTE)
    if len(readable) < len(runs):
        left = len(runs) - len(readable)
        notes.append(f"{left} more runs hold nothing but a binary log and were left out: {_SYNC}")
    trials = [
        _trial(index, config, summary, metric)
        for index, (config, summary) in enumerate(zip(configs, summaries, strict=True))
    ]
    wanted = [name for name in options.params if any(name in t.params for t in trials)]
    space = observed_space(trials, wanted)
    return Study(folder.name, "wandb", direction, metric, space, trials, str(path), notes)


def _config(file: Path) -> dict[str, Any]:
    """The parameters: ``name: {value: …}``, nested ones by dots; W&B's own entries left out."""
    import yaml

    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(
            "broken or unfinished YAML",
            path=file,
            line=None if mark is None else mark.line + 1,
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


def _trial(index: int, config: dict[str, Any], summary: dict[str, Any], metric: str) -> Trial:
    value = _score(summary.get(metric))
    seconds, ended = number(summary.get("_runtime")), number(summary.get("_timestamp"))
    if seconds is None:
        seconds = number(summary.get("_wandb.runtime"))
    return Trial(
        index,
        State.RUNNING if value is None else State.COMPLETE,
        {key: _value(v) for key, v in config.items()},
        value,
        start=None if seconds is None or ended is None else ended - seconds,
        end=ended,
        seconds=seconds,
    )
