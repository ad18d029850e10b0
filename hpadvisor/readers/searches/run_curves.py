"""The scores of past runs: curves by the readers of training logs, else results at the end."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.discovery import find_logs
from hpadvisor.readers.curves.reading import read_log, runs_in
from hpadvisor.readers.curves.record import RunRecord
from hpadvisor.readers.curves.tables import flattened
from hpadvisor.readers.searches.record import ReadOptions
from hpadvisor.readers.searches.run_settings import RESULT_FILES, SETTINGS_FILES, folder_of
from hpadvisor.readers.searches.scores import direction_of_score
from hpadvisor.readers.searches.values import number

_MOST_FOLDERS, _MOST_BYTES = 5000, 2_000_000
_SCORES = ("val_metric", "val_loss", "train_metric", "train_loss")


@dataclass(slots=True)
class Curve:
    """One score over time: positions and values, and whether it should rise (None: unknown)."""

    x: Sequence[float]
    y: Sequence[float]
    higher: bool | None = None


Run = tuple[Path, dict[str, Curve], dict[str, Any]]
"""Place, scores, and what the log itself tells of the settings."""


def curves_below(root: Path, options: ReadOptions) -> Iterator[Run]:
    """Every run below a folder that has a log or a result."""
    seen: set[Path] = set()
    try:
        logs: list[Path] = list(find_logs([str(root)]))
    except UserError:
        logs = []
    for log in logs:
        if log.name in RESULT_FILES and not _is_curve(log):
            continue
        for run in _of_log(log, options):
            seen.add(folder_of(log))
            yield run
    for folder in _folders(root):
        if folder in seen:
            continue
        scores = results_in(folder, options)
        if scores:
            yield folder, scores, {}


def _is_curve(log: Path) -> bool:
    """Whether a file of a name for results holds a history all the same."""
    try:
        if log.stat().st_size > _MOST_BYTES:
            return True
        raw = json.loads(log.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError, RecursionError):
        return True
    values = list(raw.values()) if isinstance(raw, dict) else raw
    return isinstance(values, list) and any(
        isinstance(value, list | dict) and len(value) > 1 for value in values
    )


def _of_log(log: Path, options: ReadOptions) -> Iterator[Run]:
    try:
        records = list(runs_in(log))
    except (UserError, OSError, ValueError):
        return
    for record in records:
        curves = _curves(record)
        if options.objective and options.objective not in curves:
            curves |= _column(log, options.objective)
        if curves:
            yield log, curves, _told(record, log, options)


def _curves(record: RunRecord) -> dict[str, Curve]:
    found: dict[str, Curve] = {}
    for role in _SCORES:
        series = record.series.get(role)
        if series is None or not len(series.y):
            continue
        higher = record.higher_is_better if role.endswith("metric") else False
        name = series.column
        if role.startswith("val") and not _says_part(name):
            name = f"val {name}"
        found[name] = Curve(series.x.tolist(), series.y.tolist(), higher)
    return found


def _says_part(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in ("val", "eval", "dev", "test"))


def _column(log: Path, name: str) -> dict[str, Curve]:
    """A column that was asked for, whatever it is."""
    try:
        for table in read_log(log):
            column = table.columns.get(name)
            if column is not None and column.texts is None:
                values = column.values[column.present].tolist()
                return {name: Curve(list(map(float, range(len(values)))), values)}
    except (UserError, OSError, ValueError):
        pass
    return {}


def _told(record: RunRecord, log: Path, options: ReadOptions) -> dict[str, Any]:
    """Settings that stand in the log: its config, what it prints, its highest learning rate."""
    found = dict(record.config)
    for name, told in record.told.items():
        if options.names.role_of(told.key) is not None:
            found.setdefault(told.key, told.value)
        elif name == "validation_examples":
            continue
        else:
            found.setdefault(name, told.value)
    found.pop("train_examples", None)
    if log.is_dir() or "tfevents" in log.name:
        from hpadvisor.readers.searches.tensorboard_settings import plugin_settings

        for key, value in plugin_settings(folder_of(log)).items():
            found.setdefault(key, value)
    rate = record.series.get("learning_rate")
    known = any(options.names.role_of(key) == "learning_rate" for key in found)
    if rate is not None and len(rate.y) and not known:
        highest = max((float(v) for v in rate.y if math.isfinite(v)), default=0.0)
        if highest > 0:
            found["learning_rate"] = float(f"{highest:.3g}")
    return found


def results_in(folder: Path, options: ReadOptions) -> dict[str, Curve]:
    """Scores at the end of a run, by its result files."""
    found: dict[str, Curve] = {}
    for name in RESULT_FILES:
        file = folder / name
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            continue
        try:
            raw = json.loads(file.read_text(encoding="utf-8", errors="replace"))
        except (OSError, ValueError, RecursionError):
            continue
        if not isinstance(raw, dict):
            continue
        for key, value in flattened(raw).items():
            score = number(value)
            direction = direction_of_score(str(key))
            if score is not None and direction is not None:
                found.setdefault(str(key), Curve([0.0], [score], direction == "maximize"))
    return found


def _folders(root: Path) -> Iterator[Path]:
    """Folders below with a config, the one given too; hidden ones and links are left out."""
    for count, (name, folders, files) in enumerate(os.walk(root)):
        if count >= _MOST_FOLDERS:
            return
        hydra = ".hydra" in folders
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
        if hydra or set(files) & set(SETTINGS_FILES):
            yield Path(name)
