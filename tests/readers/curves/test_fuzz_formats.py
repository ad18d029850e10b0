"""Small logs of every format, damaged anywhere: a diagnosis or one line, never a traceback."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpadvisor.diagnosing.composer import ELSEWHERE
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from tests.readers.curves.test_formats import (
    EPOCHS,
    TRAIN,
    VALIDATION,
    event,
    mlflow_database,
    mlflow_run,
    rows,
)
from tests.readers.curves.test_fuzz import survive

RECORDS = [{"epoch": e, "loss": TRAIN[e], "val_loss": VALIDATION[e]} for e in range(EPOCHS)]


def _text(text: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "log"
        path.write_bytes(text.encode(encoding))
        return path

    return make


def _events(folder: Path) -> Path:
    path = folder / "events.out.tfevents.1"
    path.write_bytes(b"".join(event(k, "loss/train", TRAIN[k]) for k in range(EPOCHS)))
    return path


def _database(folder: Path) -> Path:
    return mlflow_database(folder / "mlflow.db", {"loss": TRAIN})


def _mlflow_metric(folder: Path) -> Path:
    mlflow_run(folder / "run")
    return folder / "run" / "metrics" / "train_loss"


def _parquet(folder: Path) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = folder / "log.parquet"
    parquet.write_table(pyarrow.table({"epoch": range(EPOCHS), "train_loss": TRAIN}), path)
    return path


FORMATS: dict[str, Callable[[Path], Path]] = {
    "csv": _text(rows()),
    "csv-decimal-comma": _text(rows(";").replace(".", ",")),
    "csv-utf-16": _text(rows(), "utf-16"),
    "wandb": _text(rows(header="Step,fast - loss,slow - loss")),
    "jsonl": _text("\n".join(map(json.dumps, RECORDS))),
    "json-array": _text(json.dumps(RECORDS, indent=1)),
    "keras-history": _text(json.dumps({"loss": TRAIN, "val_loss": VALIDATION})),
    "scikit-learn": _text(json.dumps({"loss_curve_": TRAIN})),
    "trainer-state": _text(json.dumps({"log_history": RECORDS, "max_steps": 12})),
    "parts-in-a-column": _text(
        "epoch,split,loss\n"
        + "".join(f"{e},train,{TRAIN[e]}\n{e},val,{VALIDATION[e]}\n" for e in range(EPOCHS))
    ),
    "curves-in-records": _text(
        "\n".join(json.dumps({"lr": k, "train_loss": TRAIN, "val_loss": TRAIN}) for k in range(3))
    ),
    "pandas-by-column": _text(json.dumps({"loss": {str(e): TRAIN[e] for e in range(EPOCHS)}})),
    "pandas-split": _text(
        json.dumps({"columns": ["epoch", "loss"], "data": [[e, TRAIN[e]] for e in range(EPOCHS)]})
    ),
    "thousands": _text(rows(";").replace(";2.", ";1,002.")),
    "boosting": _text("".join(f"[{k}]\ttrain-rmse:0.{99 - k}\n" for k in range(12))),
    "printed-table": _text(
        "| epoch | train_loss |\n|---|---|\n"
        + "".join(f"| {k} | 0.{99 - k} |\n" for k in range(12))
    ),
    "console": _text("".join(f"epoch {k}/12 loss=0.{99 - k} val_loss: 0.5\n" for k in range(12))),
    "tensorboard": _events,
    "mlflow-database": _database,
    "mlflow-folder": _mlflow_metric,
    "parquet": _parquet,
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(without=ELSEWHERE)


@pytest.mark.parametrize("name", FORMATS)
def test_undamaged_logs_are_judged(tmp_path: Path, knowledge: Knowledge, name: str) -> None:
    path = FORMATS[name](tmp_path)
    found = survive(path.parents[1] if name == "mlflow-folder" else path, knowledge)
    assert found is not None
    assert all(run.judged for run in found.runs)


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 10**6), wounds=st.sampled_from([1, 5, 40]), cut=st.booleans())
def test_damaged_logs_are_survived(
    tmp_path: Path, knowledge: Knowledge, name: str, seed: int, wounds: int, cut: bool
) -> None:
    folder = tmp_path / f"{seed}-{wounds}-{cut}"
    folder.mkdir(exist_ok=True)
    path = FORMATS[name](folder)
    chance = random.Random(seed)  # noqa: S311
    data = bytearray(path.read_bytes())
    for _ in range(wounds):
        place = chance.randrange(len(data) or 1)
        data[place : place + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    path.write_bytes(bytes(data[: chance.randrange(len(data) + 1)] if cut else data))
    survive(path.parents[1] if name == "mlflow-folder" else path, knowledge)
