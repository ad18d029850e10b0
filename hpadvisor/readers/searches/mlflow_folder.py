"""MLflow's folders of files (``mlruns``)."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.mlflow_common import Run, runs_to_study
from hpadvisor.readers.searches.record import ReadOptions, Study
from hpadvisor.readers.searches.values import number

# The file store writes the status as a number.
_STATUS = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read one search of an ``mlruns`` folder, or of one experiment in it.

    Raises:
        UserError: no runs, several searches and none chosen, several metrics and none chosen.
    """
    root = Path(path)
    runs = []
    for file in sorted([*root.glob("*/*/meta.yaml"), *root.glob("*/meta.yaml")]):
        meta = _meta(file)
        if "run_id" in meta and meta.get("lifecycle_stage", "active") == "active":
            runs.append(_run(file.parent, meta))
    if not runs:
        raise UserError("an MLflow folder without runs", path=path, remedy="Check the path.")
    runs.sort(key=lambda run: (run.start or 0, run.run_id))
    return runs_to_study(runs, options, path)


def _meta(file: Path) -> dict[str, str]:
    """The flat ``key: value`` lines that MLflow writes."""
    found = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        key, colon, value = line.partition(": ")
        if colon:
            found[key.strip()] = value.strip().strip("'\"")
    return found


def _run(folder: Path, meta: dict[str, str]) -> Run:
    experiment = _meta(folder.parent / "meta.yaml").get("name", folder.parent.name)
    run = Run(
        meta["run_id"],
        meta.get("run_name") or meta["run_id"],
        experiment,
        _STATUS.get(meta.get("status", ""), meta.get("status", "")),
        number(meta.get("start_time")),
        number(meta.get("end_time")),
    )
    parent = folder / "tags" / "mlflow.parentRunId"
    run.parent = parent.read_text(encoding="utf-8").strip() if parent.is_file() else ""
    for file in _files(folder / "params"):
        run.params[_name(file, folder / "params")] = file.read_text(encoding="utf-8").strip()
    for file in _files(folder / "metrics"):
        run.metrics[_name(file, folder / "metrics")] = _curve(file)
    return run


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def _curve(file: Path) -> tuple[Sequence[float], Sequence[float]]:
    """Lines of ``timestamp value step``; a torn last line is left out."""
    points = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        parts = line.split()
        value = number(parts[1]) if len(parts) >= 2 else None
        if value is not None:
            points.append((number(parts[2]) or 0.0 if len(parts) > 2 else 0.0, value))
    points.sort(key=lambda point: point[0] if not math.isnan(point[0]) else 0.0)
    return array("d", (p[0] for p in points)), array("d", (p[1] for p in points))
