"""Every engine's files torn, emptied, locked, foreign, newer, or written while they are read."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import ReadOptions, Study, read_search
from tests.readers.searches import test_engines as engines

OPTIONS = ReadOptions(direction="minimize")


def _syne_tune(folder: Path) -> None:
    engines.test_syne_tune(folder)  # which ends with a torn archive
    rows = [
        "epoch,acc,st_decision,trial_id,config_lr",
        "1,0.5,CONTINUE,0,0.01",
        "2,0.6,STOP,0,0.01",
    ]
    with zipfile.ZipFile(folder / "results.csv.zip", "w") as archive:
        archive.writestr("results.csv", "\n".join(rows))


def _scikit_learn(folder: Path) -> None:
    rows = [f"{c},0.{c},0.{c},0.{c},{{'C': {c}}}" for c in range(1, 8)]
    header = "param_C,split0_test_score,split1_test_score,mean_test_score,params"
    (folder / "cv.csv").write_text("\n".join([header, *rows]))


# The tests of the readers leave a sound search in the folder that they are given.
SAMPLES: dict[str, Callable[[Path], object]] = {
    "ray": engines._ray,
    "keras-tuner": engines.test_keras_tuner,
    "smac": engines.test_smac,
    "syne-tune": _syne_tune,
    "mlflow-database": lambda folder: engines._mlflow(folder / "mlflow.db"),
    "mlflow-folders": engines.test_mlflow_folders,
    "nni": engines.test_nni,
    "katib": engines.test_katib,
    "scikit-learn": _scikit_learn,
}


def _read(folder: Path) -> Study | None:
    """The study, or None where one clear line said what is wrong."""
    found = [path for path in folder.iterdir() if path.is_file()]
    alone = len(found) == 1 and not any(path.is_dir() for path in folder.iterdir())
    try:
        return read_search(found[0] if alone else folder, OPTIONS)
    except UserError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 500
    return None


@pytest.mark.parametrize("name", SAMPLES)
def test_sound(name: str, tmp_path: Path) -> None:
    SAMPLES[name](tmp_path)
    study = _read(tmp_path)
    assert study is not None
    assert study.trials


@pytest.mark.parametrize("name", SAMPLES)
def test_any_file_torn_anywhere(name: str, tmp_path: Path) -> None:
    """One clear line, or a study of what is whole; never anything else."""
    SAMPLES[name](tmp_path)
    rng = random.Random(name)  # noqa: S311 (no secret)
    for file in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        whole = file.read_bytes()
        for share in (0.0, 0.3, 0.6, 0.9, rng.random(), rng.random()):
            file.write_bytes(whole[: int(share * len(whole))])
            _read(tmp_path)
        file.write_bytes(os.urandom(200))
        _read(tmp_path)
        file.unlink()
        _read(tmp_path)
        file.write_bytes(whole)
    assert _read(tmp_path) is not None


@pytest.mark.parametrize("name", SAMPLES)
def test_foreign_values_in_the_right_form(name: str, tmp_path: Path) -> None:
    """JSON whose values are of other types, as a newer version may write them."""
    SAMPLES[name](tmp_path)
    for file in sorted(tmp_path.rglob("*.json")):
        whole = file.read_text()
        try:
            keys = list(json.loads(whole))
        except ValueError:
            continue  # lines
        for key in keys if whole.startswith("{") else []:
            for value in (None, 3, "text", [], {}, [1, 2], {"a": 1}):
                file.write_text(json.dumps({**json.loads(whole), key: value}))
                _read(tmp_path)
        others: tuple[object, ...] = (None, 3, "text", [], {}, [{}], [3])
        for other in others:
            file.write_text(json.dumps(other))
            _read(tmp_path)
        file.write_text(whole)


@pytest.mark.parametrize("name", ["mlflow-database", "nni"])
class TestDatabases:
    """What holds for every SQLite database."""

    def _path(self, name: str, folder: Path) -> Path:
        SAMPLES[name](folder)
        return next(path for path in folder.iterdir() if path.is_file())

    def test_locked(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hpadvisor.readers.searches.sqlite._PATIENCE_SECONDS", 0.05)
        path = self._path(name, tmp_path)
        with sqlite3.connect(path, isolation_level=None) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            with pytest.raises(UserError, match=r"locked by a process.*Try again"):
                read_search(path)

    def test_while_it_is_written(self, name: str, tmp_path: Path) -> None:
        path = self._path(name, tmp_path)
        before = len(read_search(path).trials)
        table = "runs" if name.startswith("mlflow") else "TrialJobEvent"
        with sqlite3.connect(path, isolation_level=None) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute(f"DELETE FROM {table}")  # noqa: S608
            assert len(read_search(path).trials) == before
            writer.execute("ROLLBACK")

    def test_a_newer_schema_with_more_columns(self, name: str, tmp_path: Path) -> None:
        path = self._path(name, tmp_path)
        before = len(read_search(path).trials)
        with sqlite3.connect(path) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master")]
            for table in tables:
                db.execute(f"ALTER TABLE {table} ADD COLUMN something_new TEXT")
            db.execute("CREATE TABLE another (thing TEXT)")
        assert len(read_search(path).trials) == before

    def test_a_newer_schema_that_lacks_a_column(self, name: str, tmp_path: Path) -> None:
        path = self._path(name, tmp_path)
        table, column = (
            ("metrics", "step") if name.startswith("mlflow") else ("MetricData", "data")
        )
        with sqlite3.connect(path) as db:
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        with pytest.raises(UserError, match=r"lacks what.*export the trials as CSV"):
            read_search(path)

    def test_nothing_is_left_beside_it(self, name: str, tmp_path: Path) -> None:
        path = self._path(name, tmp_path)
        with sqlite3.connect(path) as writer:
            writer.execute("PRAGMA journal_mode=WAL")
        writer.close()
        before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
        read_search(path)
        assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


WRITER = """
import sys, time
import optuna
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)
path = sys.argv[1]
sqlite = path.endswith(".db")
storage = RDBStorage(f"sqlite:///{path}") if sqlite else JournalStorage(JournalFileBackend(path))
study = optuna.create_study(storage=storage, study_name="live", direction="maximize")
study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=60)
"""


@pytest.mark.parametrize("name", ["live.db", "live.log"])
def test_a_study_that_another_process_is_writing(name: str, tmp_path: Path) -> None:
    """Each read is of one moment: the counts only grow, and complete trials have values."""
    path = tmp_path / name
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    counts = [0]
    refused: list[tuple[int, str]] = []
    try:
        while writer.poll() is None:
            try:
                study = read_search(path)
            except UserError as error:  # not there yet, empty, or locked for a moment
                refused.append((len(counts), str(error)))
                continue
            complete = [trial for trial in study.trials if trial.state.value == "complete"]
            assert all(trial.value == trial.params["x"] for trial in complete)
            counts.append(len(complete))
    finally:
        writer.kill()
        writer.wait()
    assert counts == sorted(counts)
    assert len(set(counts)) > 3
    assert [said for known, said in refused if known > 1 and "locked" not in said] == []
    assert len(read_search(path).trials) == 60
