"""The clinic at usual sizes: parts, changes, truth in two grades, logs in several forms."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.clinic.usual.draw import PICTURES, TASKS, TEXTS, changed, draw_group, rate_factor
from benchmarks.clinic.usual.logs import (
    TRAININGS,
    VALIDATIONS,
    Form,
    form_of,
    run_of_usual,
    truth_of_usual,
    usual_settings,
)


def test_no_data_set_is_in_both_parts() -> None:
    parts: dict[str, set[str]] = {}
    for task in TASKS:
        parts.setdefault(task.data, set()).add(task.part)
    assert all(len(found) == 1 for found in parts.values())
    assert {task.part for task in TASKS} == {"development", "test"}
    assert {task.data for task in TASKS} >= {*TEXTS, *PICTURES}


def test_the_same_number_draws_the_same_group() -> None:
    assert draw_group(31) == draw_group(31)
    assert draw_group(31) != draw_group(31 + len(TASKS))


@pytest.mark.parametrize("schedule", ["constant", "cosine", "linear", "step", "one-cycle"])
def test_rates_rise_in_warmup_and_never_pass_their_peak(schedule: str) -> None:
    warmup = 0.0 if schedule == "one-cycle" else 0.1
    factors = [rate_factor(schedule, warmup, share) for share in np.linspace(0, 0.999, 200)]
    assert factors[0] < 0.2
    assert 0.98 < max(factors) <= 1.01


def test_changes_change_one_thing() -> None:
    setting = draw_group(2).settings[0]
    hotter = changed(setting, "lr_x3")
    assert hotter.learning_rate == pytest.approx(3 * setting.learning_rate)
    assert hotter.weight_decay == setting.weight_decay
    stronger = changed(setting, "regularization_up")
    assert stronger.learning_rate == setting.learning_rate
    assert stronger.weight_decay > setting.weight_decay


def test_language_models_have_a_finer_bar() -> None:
    record = {
        "kind": "gpt", "trivial": 3.0,
        "test": {change: [1.0, 1.002] for change in (
            "reference", "lr_x0.1", "lr_x0.3", "lr_x10", "regularization_up",
            "regularization_down", "capacity_x4", "epochs_x3", "stop_at_best")}
        | {"lr_x3": [0.97, 0.971]},
    }  # fmt: skip
    assert set(truth_of_usual(record).helps) == {"lr_x3"}
    assert truth_of_usual({**record, "kind": "resnet"}).healthy


def test_every_setting_can_be_logged_in_every_form() -> None:
    records = usual_settings()
    assert len(records) >= 150
    assert len({record["task"] for record in records}) >= 25
    for record in records[::40]:
        for validation in VALIDATIONS:
            for training in TRAININGS:
                run = run_of_usual(record, 0, Form(validation, training, rate=True))
                assert {"train_loss", "val_loss", "learning_rate"} <= set(run.series)
                assert len(run.series["val_loss"].y) == record["steps"] // record["interval"]
    assert len({form_of(record, 0).name for record in records}) == 9
