"""Settings of a usual size as logs: the same training, logged in several ways.

A form says how the validation part was evaluated (``fresh`` random examples each time, a ``fixed``
subset, the ``whole`` part) and what stands for the training loss (``mean`` of the steps since the
last evaluation, ``seen``: an estimate in evaluation mode on random training examples, ``steps``:
single batches every few steps). The test loss is never in a log.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clinic.truth import Truth, judged, truth_of
from hpadvisor.readers.curves.record import RunRecord, Series

DATA = Path(__file__).parent.parent / "data" / "usual"
VALIDATIONS, TRAININGS = ("fresh", "fixed", "whole"), ("mean", "seen", "steps")
LANGUAGE = ("gpt", "gpt_pieces", "gru")


@dataclass(frozen=True)
class Form:
    """How a training was logged."""

    validation: str
    training: str
    rate: bool

    @property
    def name(self) -> str:
        """Such as ``fresh-seen``."""
        return f"{self.validation}-{self.training}"


@lru_cache(maxsize=1)
def _all() -> tuple[dict[str, Any], ...]:
    with gzip.open(DATA / "settings.jsonl.gz", "rt", encoding="utf-8") as stream:
        return tuple(json.loads(line) for line in stream)


def usual_settings(part: str | None = None) -> list[dict[str, Any]]:
    """The committed settings of a part (``development`` or ``test``), or all."""
    return [record for record in _all() if part in (None, record["part"])]


def truth_of_usual(record: dict[str, Any]) -> Truth:
    """What helps: as ``truth_of``, for language models also 2 % and three times the spread."""
    if record["kind"] in LANGUAGE:
        return judged(record, ((0.05, 2.0), (0.02, 3.0)))
    return truth_of(record)


def form_of(record: dict[str, Any], seed: int) -> Form:
    """The form in which a training is logged where one is asked for: drawn by its id."""
    lot = zlib.crc32(f"{record['id']}/{seed}/form".encode())
    if record["kind"] in LANGUAGE:  # most trainers of language models evaluate random batches
        validation = ("fresh", "fresh", "fixed", "whole")[lot % 4]
    else:
        validation = ("whole", "whole", "fixed", "fresh")[lot % 4]
    return Form(validation, TRAININGS[lot // 4 % 3], bool(lot // 12 % 2))


def forms_of(record: dict[str, Any], seed: int, count: int) -> list[Form]:
    """The form drawn for a training, and up to two others."""
    own = form_of(record, seed)
    first, second = VALIDATIONS.index(own.validation), TRAININGS.index(own.training)
    return [own] + [
        Form(VALIDATIONS[(first + n) % 3], TRAININGS[(second + n) % 3], own.rate == (n % 2 == 0))
        for n in range(1, count)
    ]


_EVALUATED = {"fresh": ("fresh", "fresh_hits"), "fixed": ("fixed", "fixed_hits"),
              "whole": ("val", "hits")}  # fmt: skip


def run_of_usual(record: dict[str, Any], seed: int, form: Form) -> RunRecord:
    """The base training as the readers would return its log."""
    curves = record["curves"]["reference"][seed]
    counted = record["kind"] not in LANGUAGE
    interval = 1.0 if counted else float(record["interval"])
    places = np.arange(1, len(curves["train"]) + 1) * interval
    series = {"val_loss": _series("val_loss", places, curves[_EVALUATED[form.validation][0]][1:])}
    scored = record["classes"] and counted
    if scored:
        hits = curves[_EVALUATED[form.validation][1]][1:]
        series["val_metric"] = _series("val_accuracy", places, hits)
    if form.training == "steps":
        count, steps = len(curves["steps"]), record["steps"]
        sparse = max(1, steps // 100)
        at = np.arange(count) * sparse / (record["interval"] if counted else 1)
        series["train_loss"] = _series("train_loss", at, curves["steps"])
    else:
        key = "train" if form.training == "mean" else "seen"
        series["train_loss"] = _series("train_loss", places, curves[key][-len(places) :])
        if scored:
            hits = curves["train_hits" if form.training == "mean" else "seen_hits"]
            series["train_metric"] = _series("train_accuracy", places, hits[-len(places) :])
    if form.rate:
        series["learning_rate"] = _series("lr", places, rates_of(record))
    return RunRecord(
        source=record["id"], format="csv", series=series, axis="epoch" if counted else "step",
        length=float(places[-1]), epoch_length=1.0 if counted else None,
    )  # fmt: skip


def rates_of(record: dict[str, Any]) -> list[float]:
    """The rate at each evaluation."""
    from benchmarks.clinic.usual.draw import rate_factor

    steps, interval = record["steps"], record["interval"]
    return [
        record["learning_rate"]
        * rate_factor(record["schedule"], record["warmup"], (step - 1) / steps)
        for step in range(interval, steps + 1, interval)
    ]


def _series(name: str, places: Any, values: list[float | None]) -> Series:
    numbers = [float("nan") if value is None else value for value in values]
    return Series(name, places, np.asarray(numbers, dtype=np.float64))


def told_of(record: dict[str, Any]) -> dict[str, Any]:
    """What a user could tell of the setting: rate, optimizer, batch, regularisation, kind."""
    optimizer = record["optimizer"]
    kinds = {"gpt": "transformer", "gpt_pieces": "transformer", "vit": "transformer",
             "encoder": "transformer", "series_transformer": "transformer", "gru": "rnn",
             "gru_reader": "rnn", "series_gru": "rnn", "mlp": "mlp"}  # fmt: skip
    told = {
        "training.optimizer": "sgd" if optimizer == "momentum" else optimizer,
        "training.momentum": 0.9 if optimizer == "momentum" else 0.0,
        "training.learning_rate": record["learning_rate"],
        "training.weight_decay": record["weight_decay"],
        "training.dropout": record["dropout"],
        "training.batch_size": record["batch_size"],
        "model.pretrained": record["pretrained"],
        "model.family": kinds.get(record["kind"], "cnn"),
    }
    if optimizer in ("adam", "adamw", "lion", "muon"):
        del told["training.momentum"]
    return told


def csv_of_usual(record: dict[str, Any], seed: int, form: Form) -> str:
    """The log as text, a row a position of the axis, for tools that read files."""
    run = run_of_usual(record, seed, form)
    names = {"train_loss": "train_loss", "val_loss": "val_loss",
             "train_metric": "train_accuracy", "val_metric": "val_accuracy",
             "learning_rate": "lr"}  # fmt: skip
    rows: dict[float, dict[str, float]] = {}
    for role, series in run.series.items():
        for place, value in zip(series.x.tolist(), series.y.tolist(), strict=True):
            rows.setdefault(place, {})[names[role]] = value
    columns = [name for role, name in names.items() if role in run.series]
    lines = [",".join((run.axis, *columns))]
    for place, row in sorted(rows.items()):
        cells = [f"{row[name]:g}" if name in row else "" for name in columns]
        lines.append(",".join((f"{place:g}", *cells)))
    return "\n".join(lines) + "\n"
