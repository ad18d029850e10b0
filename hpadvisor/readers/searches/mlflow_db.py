"""MLflow's SQLite database."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections import defaultdict
from pathlib import Path

from hpadvisor.readers.searches.mlflow_common import Run, runs_to_study
from hpadvisor.readers.searches.record import ReadOptions, Study
from hpadvisor.readers.searches.sqlite import opened


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read one search of a tracking database.

    Traps: parameters are texts; the parent of a search is a run too; deleted runs remain.

    Raises:
        UserError: several searches and none chosen, several metrics and none chosen.
    """
    with opened(path) as db:
        experiments = {
            int(row[0]): str(row[1])
            for row in db.execute("SELECT experiment_id, name FROM experiments")
        }
        runs = {
            str(row[0]): Run(
                str(row[0]), str(row[1] or row[0]), experiments.get(int(row[5]), ""), str(row[2]),
                row[3], row[4],
            )
            for row in db.execute(
                "SELECT run_uuid, name, status, start_time, end_time, experiment_id FROM runs "
                "WHERE lifecycle_stage = 'active' ORDER BY start_time, run_uuid"
            )
        }  # fmt: skip
        _fill(db, runs)
    return runs_to_study(list(runs.values()), options, path)


def _fill(db: sqlite3.Connection, runs: dict[str, Run]) -> None:
    for run_id, key, value in db.execute("SELECT run_uuid, key, value FROM params"):
        if run_id in runs:
            runs[run_id].params[key] = value
    for run_id, value in db.execute(
        "SELECT run_uuid, value FROM tags WHERE key = 'mlflow.parentRunId'"
    ):
        if run_id in runs:
            runs[run_id].parent = value
    curves: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for run_id, key, step, moment, value, is_nan in db.execute(
        "SELECT run_uuid, key, step, timestamp, value, is_nan FROM metrics"
    ):
        if run_id in runs:
            curves[run_id, key].append((step, moment, math.nan if is_nan else float(value)))
    for (run_id, key), points in curves.items():
        points.sort(key=lambda point: point[:2])
        runs[run_id].metrics[key] = (
            array("d", (float(point[0]) for point in points)),
            array("d", (point[2] for point in points)),
        )
