"""Losses of single steps are judged by means, and what the means hide is kept."""

from __future__ import annotations

import numpy as np
import pytest

from hpadvisor.facts.curves.extract import curves_of, extract
from hpadvisor.facts.curves.pace import pace_note
from hpadvisor.readers.curves.record import RunRecord, Series


def run_of(axis: str, x: np.ndarray, y: np.ndarray, epoch_length: float | None) -> RunRecord:
    """A run with a training loss alone."""
    return RunRecord(
        source="log",
        format="csv",
        length=float(x[-1]),
        axis=axis,
        series={"train_loss": Series("loss", x, y)},
        epoch_length=epoch_length,
    )


STEPS = np.arange(200.0)
FALL = 2 * np.exp(-STEPS / 40) + 0.3 + 0.05 * np.sin(STEPS)


def test_fractions_of_few_epochs_are_judged_as_the_same_steps() -> None:
    by_step = extract(run_of("step", STEPS, FALL, None))
    by_epoch = extract(run_of("epoch", STEPS / 50, FALL, 1.0))
    for fact in ("level_ratio", "noise_share", "progress"):
        name = f"curve.train_loss.{fact}"
        assert by_epoch.get(name) == pytest.approx(by_step.get(name)), name


def test_the_note_says_why_parts_are_equal() -> None:
    few = run_of("epoch", STEPS / 50, FALL, 1.0)
    assert pace_note(few, curves_of(few))[0].endswith("as epochs are few")
    none = run_of("step", STEPS, FALL, None)
    assert pace_note(none, curves_of(none))[0].endswith("as epochs were not logged")


def test_a_value_an_epoch_is_left_as_it_is() -> None:
    whole = run_of("epoch", STEPS, FALL, 1.0)
    assert pace_note(whole, curves_of(whole)) == []


def test_a_loss_that_broke_within_the_first_part_ends_above_its_start() -> None:
    broken = np.full(200, 7.5)
    broken[:6] = (1.3, 1.4, 3.0, 20.0, 30.0, 12.0)
    ratio = extract(run_of("step", STEPS, broken, None)).get("curve.train_loss.level_ratio")
    assert ratio is not None
    assert ratio > 1.5


def test_an_epoch_length_that_makes_no_sense_takes_no_memory() -> None:
    for length in (1e-300, 1e-9, 1e-4):
        run = run_of("step", STEPS, FALL, length)
        assert pace_note(run, curves_of(run)) == []
        assert extract(run).get("curve.train_loss.points") == len(STEPS)
