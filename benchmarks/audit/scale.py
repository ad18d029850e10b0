"""Reading and reviewing 100,000 trials: seconds and peak memory, from SQLite and from a journal.

Run: ``python -m benchmarks.audit.scale [TRIALS]``. The files are written by the schema of Optuna
12, not by Optuna, which would take hours.
"""

from __future__ import annotations

import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def _float(low: float, high: float, log: bool) -> dict[str, object]:
    given = {"step": None, "low": low, "high": high, "log": log}
    return {"name": "FloatDistribution", "attributes": given}


SPACE: dict[str, dict[str, object]] = {
    "lr": _float(1e-5, 0.1, log=True),
    "momentum": _float(0.5, 0.99, log=False),
    "hidden": {
        "name": "IntDistribution",
        "attributes": {"log": True, "step": 1, "low": 8, "high": 256},
    },
    "batch": {"name": "CategoricalDistribution", "attributes": {"choices": [16, 32, 64]}},
}
STEPS = 5


def _draw(rng: random.Random) -> dict[str, float]:
    return {
        "lr": 10 ** rng.uniform(-5, -1),
        "momentum": rng.uniform(0.5, 0.99),
        "hidden": rng.randint(8, 256),
        "batch": rng.randrange(3),
    }


def write_sqlite(path: Path, trials: int) -> None:
    """Write a database with that many complete trials."""
    rng = random.Random(1)  # noqa: S311
    text = {name: json.dumps(value) for name, value in SPACE.items()}
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name TEXT);"
            "CREATE TABLE version_info (version_info_id INTEGER, schema_version INTEGER,"
            " library_version TEXT);"
            "CREATE TABLE study_directions (direction TEXT, study_id INTEGER, objective INTEGER);"
            "CREATE TABLE study_system_attributes (study_id INTEGER, key TEXT, value_json TEXT);"
            "CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER,"
            " state TEXT, datetime_start TEXT, datetime_complete TEXT);"
            "CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER,"
            " param_name TEXT, param_value REAL, distribution_json TEXT);"
            "CREATE TABLE trial_values (trial_id INTEGER, objective INTEGER, value REAL,"
            " value_type TEXT);"
            "CREATE TABLE trial_intermediate_values (trial_id INTEGER, step INTEGER,"
            " intermediate_value REAL, intermediate_value_type TEXT);"
            "CREATE TABLE trial_system_attributes (trial_id INTEGER, key TEXT, value_json TEXT);"
            "INSERT INTO studies VALUES (1, 'large');"
            "INSERT INTO version_info VALUES (1, 12, '5.0.0');"
            "INSERT INTO study_directions VALUES ('MAXIMIZE', 1, 0);"
        )
        moment = "2026-01-01 00:00:00.000000"
        for i in range(trials):
            row = (i, i, 1, "COMPLETE", moment, moment)
            db.execute("INSERT INTO trials VALUES (?,?,?,?,?,?)", row)
            for name, value in _draw(rng).items():
                db.execute(
                    "INSERT INTO trial_params VALUES (NULL,?,?,?,?)", (i, name, value, text[name])
                )
            for step in range(STEPS):
                db.execute(
                    "INSERT INTO trial_intermediate_values VALUES (?,?,?,'FINITE')",
                    (i, step, rng.random()),
                )
            db.execute("INSERT INTO trial_values VALUES (?,0,?,'FINITE')", (i, rng.random()))


def write_journal(path: Path, trials: int) -> None:
    """Write a journal with that many complete trials."""
    rng = random.Random(1)  # noqa: S311
    text = {name: json.dumps(value) for name, value in SPACE.items()}
    with path.open("w", encoding="utf-8") as stream:

        def line(code: int, **entry: object) -> None:
            stream.write(json.dumps({"op_code": code, "worker_id": "w", **entry}) + "\n")

        line(0, study_name="large", directions=[2])
        for i in range(trials):
            line(4, study_id=0, datetime_start="2026-01-01T00:00:00.000000")
            for name, value in _draw(rng).items():
                line(
                    5, trial_id=i, param_name=name, param_value_internal=value,
                    distribution=text[name],
                )  # fmt: skip
            for step in range(STEPS):
                line(7, trial_id=i, step=step, intermediate_value=rng.random())
            line(6, trial_id=i, state=1, values=[rng.random()])


def _processor() -> float:
    """Processor time of the ended children: what counts where other work runs beside."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(trials: int) -> None:
    """Write both, audit each in a process of its own, print seconds and memory."""
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("study.db", write_sqlite), ("journal.log", write_journal)):
            path = Path(folder) / name
            write(path, trials)
            start, before = time.perf_counter(), _processor()
            command = [sys.executable, "-m", "hpadvisor", "audit", str(path), "--no-plots"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            seconds, busy = time.perf_counter() - start, _processor() - before
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            first = (done.stdout or done.stderr).splitlines()[1:2]
            print(
                f"{name}: {seconds:.1f} s ({busy:.1f} s of processor time), "
                f"peak so far {peak:.0f} MB, rc {done.returncode} {first}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
