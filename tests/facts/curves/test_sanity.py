"""What cannot be, what is missing, what was logged: each on a log that was made to have it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hpadvisor.facts.curves.definitions import CURVE_FACTS
from hpadvisor.facts.curves.extract import extract
from hpadvisor.facts.curves.logged import logged_facts
from hpadvisor.facts.curves.units import in_units
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.record import RunRecord, Series

RNG = np.random.default_rng(3)
FALL = 0.2 + 2 * np.exp(-np.linspace(0, 5, 40))


def run_of(
    *, axis: str = "epoch", first: float = 0.0, step: float = 1.0, **more: Any
) -> RunRecord:
    """A run of named roles; a value is an array, or a column name and an array."""
    series = {}
    settings = {key: more.pop(key) for key in ("blank_from", "higher_is_better") if key in more}
    for role, given in more.items():
        name, values = given if isinstance(given, tuple) else (role, given)
        x = first + step * np.arange(len(values), dtype=np.float64)
        series[role] = Series(name, x, np.asarray(values, dtype=np.float64))
    length = max(float(one.x[-1]) for one in series.values())
    epoch = 1.0 if axis == "epoch" else None
    return RunRecord("log", "csv", series, axis, length, epoch_length=epoch, **settings)


def facts_of(**given: Any) -> Facts:
    return extract(run_of(**given))


def test_a_loss_below_zero_is_told_by_its_share_and_its_name_s_bound() -> None:
    below = np.where(np.arange(40) < 10, FALL, -FALL)
    plain = facts_of(train_loss=("loss", below))
    assert plain.get("curve.train_loss.below_zero") == pytest.approx(0.75)
    assert plain.get("curve.train_loss.floor") is None
    known = facts_of(train_loss=("ctc_loss", below))
    assert known.get("curve.train_loss.floor") == 0
    assert known.get("curve.train_loss.below_floor") == pytest.approx(0.75)
    free = facts_of(train_loss=("neg_elbo_loss", below))
    assert free.get("curve.train_loss.may_be_negative") is True
    rounded = facts_of(train_loss=np.append(FALL, -1e-7))
    assert rounded.get("curve.train_loss.below_zero") == 0


def test_a_loss_without_a_lower_bound() -> None:
    wild = 1.5 - np.exp(np.linspace(0, 20, 40))
    assert facts_of(train_loss=wild).get("curve.train_loss.unbounded_fall") is True
    calm = np.append(30.0, np.linspace(-7, -8.5, 20))
    assert facts_of(train_loss=calm).get("curve.train_loss.unbounded_fall") is False
    assert facts_of(train_loss=FALL).get("curve.train_loss.unbounded_fall") is False


def test_a_loss_that_steps_to_exactly_zero() -> None:
    broken = np.append(FALL[:30], np.zeros(10))
    place = facts_of(train_loss=broken).get("curve.train_loss.zero_from")
    assert place == pytest.approx(30 / 39)
    learned = np.append(np.geomspace(2, 1e-4, 30), np.zeros(10))
    assert "curve.train_loss.zero_from" not in facts_of(train_loss=learned)


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_a_loss_at_that_of_guessing(classes: int) -> None:
    level = math.log(classes) + 0.002 * RNG.standard_normal(40)
    assert facts_of(train_loss=level).get("curve.train_loss.stuck_at_classes") == classes
    elsewhere = 1.05 * math.log(classes) + 0.002 * RNG.standard_normal(40)
    assert "curve.train_loss.stuck_at_classes" not in facts_of(train_loss=elsewhere)
    learning = math.log(classes) * np.linspace(1, 0.9, 40)
    assert "curve.train_loss.stuck_at_classes" not in facts_of(train_loss=learning)


def test_near_zero_is_not_told_of_squared_errors() -> None:
    low = np.geomspace(3, 1e-3, 40)
    assert facts_of(train_loss=("loss", low)).get("curve.train_loss.near_zero") is True
    assert facts_of(train_loss=("mse", low)).get("curve.train_loss.near_zero") is False
    assert facts_of(train_loss=FALL).get("curve.train_loss.near_zero") is False


@pytest.mark.parametrize(
    ("column", "value", "higher", "stuck"),
    [("mAP50", 0.0, True, "floor"), ("val_wer", 100.0, False, "floor"),
     ("val_acc", 1.0, True, "ceiling"), ("val_acc", 100.0, True, "ceiling"),
     ("val_acc", 0.4, True, None), ("val_rmse", 0.0, False, "ceiling")],
)  # fmt: skip
def test_a_score_at_one_end_of_its_range(
    column: str, value: float, higher: bool, stuck: str | None
) -> None:
    run = run_of(train_loss=FALL, val_metric=(column, np.full(40, value)), higher_is_better=higher)
    facts = extract(in_units(run))
    assert facts.get("curve.val_metric.stuck") == stuck
    assert facts.get("curve.val_metric.points") == 40


def test_the_family_of_a_score_and_what_it_lost() -> None:
    score = np.append(np.linspace(0.2, 0.8, 20), np.linspace(0.8, 0.5, 20))
    facts = facts_of(train_loss=FALL, val_metric=("val_bleu", score))
    assert facts.get("curve.val_metric.family") == "language"
    assert facts.get("curve.val_metric.lost_share") == pytest.approx(0.5, abs=0.02)
    assert facts.get("curve.val_metric.lost_significance") > 100
    assert facts.get("curve.val_metric.gain_significance") > 100
    falling = facts_of(train_loss=FALL, val_metric=("val_bleu", score[20:]))
    assert falling.get("curve.val_metric.gain_significance") < 1


def test_gradients_that_are_no_numbers() -> None:
    norms = np.append(np.ones(30), np.full(10, np.nan))
    facts = facts_of(train_loss=FALL, grad_norm=norms)
    assert facts.get("curve.grad_norm.points") == 40
    assert facts.get("curve.grad_norm.nonfinite_at_end") == 1
    assert facts.get("curve.grad_norm.nonfinite_share") == pytest.approx(0.25)
    skipped = np.ones(40)
    skipped[12] = np.inf
    assert (
        facts_of(train_loss=FALL, grad_norm=skipped).get("curve.grad_norm.nonfinite_at_end") == 0
    )


def test_validation_alone_is_nan() -> None:
    nan = np.full(40, np.nan)
    facts = facts_of(train_loss=FALL, val_loss=nan)
    assert facts.get("curve.validation_alone_nonfinite") is True
    assert facts.get("curve.nonfinite_from_start") is False
    both = facts_of(train_loss=np.append(FALL[:20], nan[:20]), val_loss=nan)
    assert both.get("curve.validation_alone_nonfinite") is False


def test_how_much_of_a_rise_is_kept() -> None:
    steady = np.append(np.linspace(2, 1, 10), np.linspace(1, 2, 30))
    assert facts_of(train_loss=FALL, val_loss=steady).get("curve.val_loss.rise_kept") > 0.95
    back = np.append(steady, np.linspace(2, 1.02, 30))
    assert facts_of(train_loss=FALL, val_loss=back).get("curve.val_loss.rise_kept") < 0.1


@pytest.mark.parametrize(
    ("axis", "first", "step", "late"),
    [("step", 250_030, 10, True), ("epoch", 8, 1, True), ("epoch", 1, 1, False),
     ("epoch", 5, 5, False), ("step", 500, 500, False), ("step", 30, 10, False),
     ("row", 0, 1, False)],
)  # fmt: skip
def test_a_log_that_begins_late(axis: str, first: float, step: float, late: bool) -> None:
    facts = facts_of(axis=axis, first=first, step=step, train_loss=FALL)
    assert facts.get("curve.begins_late") is late
    assert facts.get("curve.first") == first
    assert ("curve.train_loss.level_ratio" in facts) is not late
    assert "curve.train_loss.explosion" in facts


def test_the_epochs_of_a_log() -> None:
    assert facts_of(train_loss=FALL).get("curve.epochs") == 40
    assert "curve.epochs" not in facts_of(axis="step", train_loss=FALL)


def test_rows_without_a_loss_at_the_end() -> None:
    facts = facts_of(train_loss=FALL, blank_from=40.0)
    assert facts.get("curve.ends_blank") is True
    assert facts.get("curve.blank_from") == 40
    assert facts.get("curve.last_before_blank") == 39
    assert "curve.ends_blank" not in facts_of(train_loss=FALL)


def test_what_was_logged_is_told_as_logged() -> None:
    noisy = FALL + 0.05 * RNG.standard_normal(40)
    run = run_of(val_loss=noisy, val_metric=("acc", 100 * np.linspace(0.1, 0.9, 40)))
    found = logged_facts(run, "val_loss")
    assert found["logged_best"] == noisy.min()
    assert found["logged_best_at"] == float(noisy.argmin())
    assert (found["logged_first"], found["logged_first_at"]) == (noisy[0], 0)
    assert (found["logged_last"], found["logged_last_at"]) == (noisy[-1], 39)
    assert logged_facts(run, "val_metric")["logged_best"] == pytest.approx(90)
    assert in_units(run).series["val_metric"].y[-1] == pytest.approx(0.9)


def test_every_name_is_in_the_registry() -> None:
    names = {definition.name.rpartition(".")[2] for definition in CURVE_FACTS}
    assert names >= {
        "boosting", "below_zero", "below_floor", "floor", "may_be_negative", "unbounded_fall",
        "zero_from",
        "stuck_at_classes", "near_zero", "rise_kept", "stuck", "family", "points",
        "lost_share", "lost_significance", "gain_significance", "nonfinite_at_end",
        "nonfinite_share",
        "validation_alone_nonfinite", "first", "begins_late", "epochs", "ends_blank",
        "blank_from", "last_before_blank", "fine_tuning", "seen", "logged_first",
        "logged_first_at", "logged_last", "logged_last_at", "logged_best", "logged_best_at",
    }  # fmt: skip
