"""NNI's database against a plain reading of its tables: NNI itself runs on old Pythons only."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from hpadvisor.readers.searches import read_search
from tests.readers.searches.libraries.common import best, real


def test_real_searches(tmp_path: Path) -> None:
    path = real("nni/nni.sqlite", tmp_path)
    with sqlite3.connect(path) as db:
        jobs = db.execute(
            "SELECT count(DISTINCT trialJobId) FROM TrialJobEvent WHERE event = 'SUCCEEDED'"
        ).fetchone()[0]
        finals = db.execute("SELECT data FROM MetricData WHERE type = 'FINAL'").fetchall()
        given = db.execute(
            "SELECT data FROM TrialJobEvent WHERE data IS NOT NULL GROUP BY trialJobId"
        ).fetchall()
    scores = [json.loads(json.loads(row[0])) for row in finals]
    values = [score["default"] if isinstance(score, dict) else score for score in scores]
    study = read_search(path)
    assert len(study.trials) == jobs
    assert best(study) == max(values)
    params = [json.loads(row[0])["parameters"] for row in given]
    assert sorted(map(str, params)) == sorted(str(trial.params) for trial in study.trials)
