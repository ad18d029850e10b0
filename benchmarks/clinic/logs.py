"""Settings as the logs that a diagnosis sees: curves only, never the test loss."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from hpadvisor.readers.curves.record import RunRecord, Series

ROLES = ("train_loss", "val_loss", "train_accuracy", "val_accuracy", "learning_rate")


def columns_of(record: dict[str, Any], seed: int) -> dict[str, list[float]]:
    """The columns of a setting's log.

    Accuracies stand in classification logs only; every second setting (by its id) logs its
    learning rate.
    """
    values = dict(zip(ROLES, record["curves"][seed], strict=True))
    if not record["classes"]:
        del values["train_accuracy"], values["val_accuracy"]
    if zlib.crc32(record["id"].encode()) % 2:
        del values["learning_rate"]
    return {
        name: [float("nan") if value is None else value for value in column]
        for name, column in values.items()
    }


def situation_of(record: dict[str, Any]) -> dict[str, Any]:
    """What a user could tell of the setting, by the paths of a situation file."""
    optimizer = record["optimizer"]
    told = {
        "training.optimizer": "sgd" if optimizer == "momentum" else optimizer,
        "training.momentum": 0.9 if optimizer == "momentum" else 0.0,
        "training.learning_rate": record["learning_rate"],
        "training.weight_decay": record["weight_decay"],
        "training.dropout": record["dropout"],
        "training.batch_size": record["batch_size"],
        "training.epochs": record["epochs"],
        "model.pretrained": False,
        "data.train_examples": record["train_examples"],
    }
    if record["classes"]:
        told["data.classes"] = record["classes"]
    return told


def csv_of(record: dict[str, Any], seed: int) -> str:
    """The log as CSV, an epoch a row."""
    columns = columns_of(record, seed)
    lines = [",".join(("epoch", *columns))]
    for epoch, row in enumerate(zip(*columns.values(), strict=True), start=1):
        lines.append(",".join((str(epoch), *(f"{value:g}" for value in row))))
    return "\n".join(lines) + "\n"


def run_of(record: dict[str, Any], seed: int) -> RunRecord:
    """The log as the readers would return it."""
    names = {"train_accuracy": "train_metric", "val_accuracy": "val_metric"}
    columns = columns_of(record, seed)
    epochs = np.arange(1, len(columns["train_loss"]) + 1, dtype=np.float64)
    return RunRecord(
        source=record["id"],
        format="csv",
        series={
            names.get(name, name): Series(name, epochs, np.asarray(values, dtype=np.float64))
            for name, values in columns.items()
        },
        axis="epoch",
        length=float(len(epochs)),
        epoch_length=1.0,
    )


def stepwise(run: RunRecord, steps: dict[str, Any], seed: int, *, counted: bool = True) -> None:
    """Put losses of every few steps in place of the epochs' means, with their gradient norms.

    Args:
        run: As ``run_of`` returns it; changed in place.
        steps: The setting's line of ``truth.steps_seen``.
        seed: 0 or 1.
        counted: Whether the log tells epochs; else positions are steps alone.
    """
    places = np.asarray(steps["at"])
    for role in ("train_loss", "grad_norm"):
        values = [float("nan") if value is None else value for value in steps[role][seed]]
        run.series[role] = Series(role, places, np.asarray(values, dtype=np.float64))
    run.length = max(run.length, float(places[-1]))
    if not counted:
        run.axis, run.epoch_length = "step", None
