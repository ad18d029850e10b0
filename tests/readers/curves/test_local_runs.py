"""Runs of W&B and MLflow that lie on this machine: as folders, objects, ids, parts of a store."""

from __future__ import annotations

import json
import sqlite3
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest

import hpadvisor
from hpadvisor.errors import UserError
from hpadvisor.readers.curves.reading import read_runs

EPOCHS = 24
LOSSES = {
    "train/loss": [3 * 0.85**n + 0.05 for n in range(EPOCHS)],
    "val/loss": [3 * 0.85**n + 0.15 for n in range(EPOCHS)],
}


def varint(value: int) -> bytes:
    """A number as protocol buffers write it."""
    data = b""
    while value > 127:
        data += bytes([value & 127 | 128])
        value >>= 7
    return data + bytes([value])


def part(number: int, data: bytes) -> bytes:
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def item(name: str, value: object) -> bytes:
    """A name and its value as JSON, in a record of history, summary or config."""
    return part(1, part(2, name.encode()) + part(16, json.dumps(value).encode()))


def write_wandb(folder: Path, name: str = "k3x9", rows: int = EPOCHS) -> Path:
    """A run's folder as the client of W&B leaves it offline."""
    run = folder / f"offline-run-20260203_101112-{name}"
    (run / "files").mkdir(parents=True)
    (run / "logs").mkdir()
    (run / "files" / "output.log").write_text("epoch 1: loss 9.5\nepoch 2: loss 9.4\n")
    for place in (folder, run / "logs"):
        (place / "debug-internal.log").write_text('{"level": "INFO", "msg": "started"}\n')
    records = [part(17, part(1, name.encode()) + part(8, b"brisk-lake-7"))]
    records.append(part(5, item("lr", 0.004)))
    for epoch in range(rows):
        values = {"epoch": epoch + 1, **{key: ys[epoch] for key, ys in LOSSES.items()}}
        values |= {"_step": epoch, "_runtime": epoch * 3.5, "_timestamp": 1.7e9 + epoch}
        records.append(part(2, b"".join(item(key, value) for key, value in values.items())))
    data = b":W&B\xe1\xbe\x00"
    for record in records:  # each is far shorter than a block of 32 KiB, and so is the whole
        data += struct.pack("<IHB", 0, len(record), 1) + record
    assert len(data) < 32768
    (run / f"run-{name}.wandb").write_bytes(data)
    return run


def write_database(path: Path) -> Path:
    """Two runs in a database of MLflow."""
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE runs (run_uuid TEXT, name TEXT, start_time INTEGER)")
        base.execute(
            "CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT,"
            " step INTEGER, is_nan INTEGER)"
        )
        base.execute("CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT)")
        for number, run in enumerate(("aa11", "bb22")):
            base.execute("INSERT INTO runs VALUES (?, ?, ?)", (run, f"try-{number}", number))
            for key, values in LOSSES.items():
                base.executemany(
                    "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)",
                    [(key, (1 + number) * y, n, run, n) for n, y in enumerate(values)],
                )
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WANDB_DIR", raising=False)
    return tmp_path


def test_a_folder_of_wandb_holds_its_runs_and_nothing_else(here: Path) -> None:
    for name in ("k3x9", "p0q1"):
        write_wandb(here / "wandb", name)
    runs = list(read_runs(["wandb"]))
    assert [Path(run.source).name for run in runs] == [
        "run-k3x9.wandb#brisk-lake-7", "run-p0q1.wandb#brisk-lake-7",
    ]  # fmt: skip
    assert all(len(run.series["train_loss"].y) == EPOCHS for run in runs)
    assert runs[0].axis == "epoch"
    assert ("lr", 0.004) in runs[0].config.items()


@pytest.mark.parametrize("given", ["k3x9", "someone/project/k3x9"])
def test_a_run_of_wandb_by_its_id(here: Path, given: str) -> None:
    write_wandb(here / "wandb")
    (run,) = hpadvisor.diagnose(given).runs
    assert run.columns["val_loss"] == "val/loss"


def test_runs_of_wandb_as_objects(here: Path) -> None:
    folder = write_wandb(here / "wandb")
    running = SimpleNamespace(dir=str(folder / "files"), id="k3x9")
    fetched = SimpleNamespace(id="k3x9", scan_history=list)
    verdicts = {hpadvisor.diagnose(one).runs[0].verdict for one in (running, fetched, "k3x9")}
    assert len(verdicts) == 1
    away = SimpleNamespace(id="n0ne", scan_history=list)
    with pytest.raises(UserError, match=r"on a server.*scan_history"):
        hpadvisor.diagnose(away)


def test_a_run_of_wandb_that_wrote_nothing_yet(here: Path) -> None:
    write_wandb(here / "wandb", rows=0)
    with pytest.raises(UserError, match="no logged value in it yet"):
        list(read_runs(["k3x9"]))


def test_one_run_of_a_database(here: Path) -> None:
    write_database(here / "mlflow.db")
    for given in ("bb22", "mlflow.db#bb22", "mlflow.db#try-1"):
        (run,) = read_runs([given])
        assert run.series["train_loss"].y[0] == pytest.approx(6.1)
    assert len(list(read_runs(["mlflow.db"]))) == 2
    with pytest.raises(UserError, match="no run 'cc33' in it"):
        list(read_runs(["mlflow.db#cc33"]))


@pytest.mark.parametrize(
    "uri", ["{}/mlruns/0/bb22/artifacts", "mlflow-artifacts:/0/bb22/artifacts"]
)
def test_a_run_object_of_a_database(here: Path, uri: str) -> None:
    write_database(here / "mlflow.db")
    info = SimpleNamespace(artifact_uri=uri.format(here), run_id="bb22")
    (run,) = hpadvisor.diagnose(SimpleNamespace(info=info)).runs
    assert run.source == "mlflow.db#try-1"


def test_what_is_no_run_here_is_named(here: Path) -> None:
    with pytest.raises(UserError, match=r"missing: no such file or folder, and no run of that id"):
        list(read_runs(["missing"]))
