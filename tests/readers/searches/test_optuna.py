"""Optuna's storages against Optuna itself, and every way in which a file can be broken."""

from __future__ import annotations

import math
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import ReadOptions, State, read_search

optuna.logging.set_verbosity(optuna.logging.ERROR)
Storage = Callable[[Path], optuna.storages.BaseStorage]


def _sqlite(path: Path) -> optuna.storages.BaseStorage:
    return RDBStorage(f"sqlite:///{path}")


def _journal(path: Path) -> optuna.storages.BaseStorage:
    return JournalStorage(JournalFileBackend(str(path)))


def _objective(trial: optuna.Trial) -> float:
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    kind = trial.suggest_categorical("kind", ["a", None, 3, True])
    width = trial.suggest_int("width", 8, 64, step=8)
    drop = trial.suggest_float("drop", 0.0, 0.5, step=0.1) if kind == "a" else 0.0
    for step in range(5):
        trial.report(-abs(math.log10(lr) + 3) * (5 - step) - drop, step)
        if trial.number > 5 and trial.should_prune():
            raise optuna.TrialPruned
    if trial.number == 3:
        raise ValueError("on purpose")
    if trial.number == 4:
        return math.inf
    return -abs(math.log10(lr) + 3) - drop - width / 1000


def _make(storage: optuna.storages.BaseStorage, trials: int = 30) -> optuna.Study:
    study = optuna.create_study(
        storage=storage,
        study_name="one",
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=1),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
    )
    study.enqueue_trial({"lr": 1e-3, "kind": "a", "width": 8, "drop": 0.1})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study.optimize(_objective, n_trials=trials, catch=(ValueError,))
    study.set_metric_names(["score"])
    return study


@pytest.mark.parametrize("make", [_sqlite, _journal])
def test_equals_what_optuna_says(tmp_path: Path, make: Storage) -> None:
    path = tmp_path / "study.file"
    theirs = _make(make(path))
    ours = read_search(path)
    assert (ours.name, ours.direction, ours.metric) == ("one", "maximize", "score")
    assert len(ours.trials) == len(theirs.trials)
    for mine, other in zip(ours.trials, theirs.trials, strict=True):
        assert mine.number == other.number
        assert mine.state.name.replace("FAILED", "FAIL") == other.state.name
        assert mine.params == other.params
        assert mine.value == other.value
        assert dict(zip(mine.steps, mine.values, strict=True)) == other.intermediate_values
        assert mine.enqueued == ("fixed_params" in other.system_attrs)
        assert other.datetime_complete is not None
        assert other.duration is not None
        assert mine.duration == pytest.approx(other.duration.total_seconds(), abs=1e-5)
    space = {p.name: p for p in ours.parameters}
    assert (space["lr"].low, space["lr"].high, space["lr"].scale) == (1e-5, 1e-1, "log")
    assert space["kind"].choices == ("a", None, 3, True)
    assert space["width"].step == 8
    assert not ours.space_observed


@pytest.mark.parametrize("make", [_sqlite, _journal])
def test_several_studies_are_listed_and_chosen(tmp_path: Path, make: Storage) -> None:
    path = tmp_path / "study.file"
    storage = make(path)
    for name in ("first", "second"):
        study = optuna.create_study(storage=storage, study_name=name)
        study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=2)
    with pytest.raises(UserError, match=r"2 studies: first, second.*--study first"):
        read_search(path)
    assert read_search(path, ReadOptions(study="second")).name == "second"
    with pytest.raises(UserError, match=r"no study 'third'.*first, second"):
        read_search(path, ReadOptions(study="third"))


@pytest.mark.parametrize("make", [_sqlite, _journal])
def test_several_objectives_need_a_choice(tmp_path: Path, make: Storage) -> None:
    path = tmp_path / "study.file"
    study = optuna.create_study(storage=make(path), directions=["minimize", "maximize"])
    study.optimize(lambda t: (t.suggest_float("x", 0, 1), 2.0), n_trials=3)
    with pytest.raises(UserError, match=r"2 objectives: 0 to 1.*--objective 0"):
        read_search(path)
    chosen = read_search(path, ReadOptions(objective="1"))
    assert chosen.direction == "maximize"
    assert [trial.value for trial in chosen.trials] == [2.0, 2.0, 2.0]


def test_journal_with_a_torn_last_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    _make(_journal(path), trials=8)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    study = read_search(path)
    assert len(study.trials) == 8
    assert any("last line is unfinished" in note for note in study.notes)


def test_journal_with_garbage(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    path.write_text('{"op_code": 0}\n' + "nonsense\n" * 50)
    with pytest.raises(UserError, match="lines are not understood"):
        read_search(path)


def test_sqlite_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _make(_sqlite(path), trials=6)
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE trials SET state = 'RUNNING'")
        assert read_search(path).trials[0].state is State.COMPLETE
        writer.execute("ROLLBACK")


def test_sqlite_in_write_ahead_mode_leaves_no_files(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _make(_sqlite(path), trials=6)
    with sqlite3.connect(path) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
    writer.close()
    before = sorted(tmp_path.iterdir())
    assert len(read_search(path).trials) == 6
    assert sorted(tmp_path.iterdir()) == before


def test_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpadvisor.readers.searches.sqlite._PATIENCE_SECONDS", 0.05)
    path = tmp_path / "study.db"
    _make(_sqlite(path), trials=6)
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError, match=r"locked by a process.*Try again"):
            read_search(path)


def test_torn_database(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _make(_sqlite(path), trials=20)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(UserError, match="damaged or unfinished"):
        read_search(path)


def test_foreign_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(UserError, match=r"no engine known here \(tables: songs\)"):
        read_search(path)


def test_newer_schema_is_read_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _make(_sqlite(path), trials=6)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE version_info SET schema_version = 99")
    study = read_search(path)
    assert any("schema 99" in note for note in study.notes)


def test_newer_schema_that_lacks_a_table(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _make(_sqlite(path), trials=6)
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE trial_params")
    with pytest.raises(UserError, match=r"lacks what.*trial_params.*export the trials"):
        read_search(path)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0" * 100])
def test_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(content)
    with pytest.raises(UserError, match="empty"):
        read_search(path)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        read_search(tmp_path / "nothing.db")


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "trials.pkl"
    path.write_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(UserError, match=r"a pickle.*never opened.*--param"):
        read_search(path)


def test_url_by_optuna_equals_the_file(tmp_path: Path) -> None:
    from hpadvisor.readers.searches import optuna_url

    path = tmp_path / "study.db"
    _make(_sqlite(path), trials=12)
    by_url = optuna_url.read(f"sqlite:///{path}", ReadOptions())
    by_file = read_search(path)
    assert [t.params for t in by_url.trials] == [t.params for t in by_file.trials]
    assert [t.value for t in by_url.trials] == [t.value for t in by_file.trials]
    assert {p.name: p for p in by_url.parameters} == {p.name: p for p in by_file.parameters}


def test_url_without_a_server_is_one_line_without_the_password() -> None:
    with pytest.raises(UserError) as caught:
        read_search("postgresql://user:secret@nowhere.invalid/db")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
