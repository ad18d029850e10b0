"""The callbacks against stand-ins of their libraries; tests/live/libraries has the real ones."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hpadvisor import live


def columns(callback: Any) -> dict[str, str]:
    """Role to column of the last look."""
    found: dict[str, str] = callback.advisor.diagnosis.columns
    return found


class Base:
    """A callback class of a library."""


class Stopped(Exception):  # noqa: N818 - as the libraries call theirs
    """What a library takes as the wish to stop."""

    def __init__(self, *given: Any) -> None:
        super().__init__()
        self.given = given


STAND_INS: dict[str, dict[str, dict[str, type]]] = {
    "on_transformers": {"transformers": {"TrainerCallback": Base}},
    "on_lightning": {
        "lightning": {}, "lightning.pytorch": {}, "lightning.pytorch.callbacks": {"Callback": Base}
    },
    "on_keras": {"keras": {}, "keras.callbacks": {"Callback": Base}},
    "on_fastai": {
        "fastai": {}, "fastai.callback": {},
        "fastai.callback.core": {"Callback": Base, "CancelFitException": Stopped},
    },
    "on_xgboost": {"xgboost": {}, "xgboost.callback": {"TrainingCallback": Base}},
    "on_lightgbm": {"lightgbm": {}, "lightgbm.callback": {"EarlyStopException": Stopped}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put small modules in place of the libraries, and forget the callbacks afterwards."""
    for modules in STAND_INS.values():
        for name, members in modules.items():
            module = ModuleType(name)
            module.__dict__.update(members)
            monkeypatch.setitem(sys.modules, name, module)
    for home in STAND_INS:
        monkeypatch.delitem(sys.modules, f"hpadvisor.live.{home}", raising=False)
    yield
    for home in STAND_INS:
        sys.modules.pop(f"hpadvisor.live.{home}", None)


def losses() -> Iterator[float]:
    """A loss that falls for ten rounds, then breaks."""
    yield from (2 / (1 + place) for place in range(10))
    while True:
        yield math.nan


def test_hugging_face() -> None:
    callback = live.HuggingFaceCallback(stop_on={"diverged"}, show="none")
    state = SimpleNamespace(
        max_steps=40, num_train_epochs=4, global_step=0, epoch=0.0, is_world_process_zero=True
    )
    control = SimpleNamespace(should_training_stop=False)
    callback.on_train_begin(None, state, control)
    assert (callback.advisor.steps, callback.advisor.epochs) == (40, 4)
    for step, loss in zip(range(1, 41), losses(), strict=False):
        state.global_step, state.epoch = step, step / 10
        callback.on_log(None, state, control, {"loss": loss, "learning_rate": 0.1})
        if control.should_training_stop:
            break
    callback.on_log(None, state, control, {"train_runtime": 3.0, "train_loss": 0.1})
    callback.on_train_end(None, state, control)
    assert state.global_step == 11
    assert columns(callback) == {
        "train_loss": "loss", "learning_rate": "learning_rate"
    }  # fmt: skip


@pytest.mark.parametrize("main", [True, False])
def test_lightning(main: bool, capsys: pytest.CaptureFixture[str]) -> None:
    callback = live.LightningCallback(stop_on={"diverged"}, show="line")
    trainer = SimpleNamespace(
        max_epochs=30, is_global_zero=main, should_stop=False, current_epoch=0,
        callback_metrics={},
        strategy=SimpleNamespace(reduce_boolean_decision=lambda one, all: one),
    )  # fmt: skip
    callback.on_fit_start(trainer, None)
    for epoch, loss in zip(range(30), losses(), strict=False):
        trainer.current_epoch = epoch
        trainer.callback_metrics = {"loss": 9.0, "loss_step": 9.0, "loss_epoch": loss}
        callback.on_train_epoch_end(trainer, None)
        if trainer.should_stop:
            break
    callback.on_fit_end(trainer, None)
    assert trainer.current_epoch == 10
    assert callback.advisor.epochs == 30
    assert ("diverged" in capsys.readouterr().err) is main


def test_keras() -> None:
    callback = live.KerasCallback(stop_on={"diverged"}, show="none")
    callback.params = {"epochs": 30}
    callback.model = SimpleNamespace(stop_training=False)
    callback.on_train_begin()
    for epoch, loss in zip(range(30), losses(), strict=False):
        callback.on_epoch_end(epoch, {"loss": loss, "val_loss": loss})
        if callback.model.stop_training:
            break
    callback.on_train_end()
    assert epoch == 10
    assert callback.advisor.epochs == 30
    assert set(columns(callback)) == {"train_loss", "val_loss"}


def test_fastai() -> None:
    callback = live.FastaiCallback(stop_on={"diverged"}, show="none")
    recorder = SimpleNamespace(metric_names=["epoch", "train_loss", "valid_loss", "time"])
    callback.learn = SimpleNamespace(n_epoch=30, epoch=0, recorder=recorder)
    callback.before_fit()

    def go_on() -> None:
        for epoch, loss in zip(range(30), losses(), strict=False):
            callback.learn.epoch = epoch
            recorder.values = [[loss, loss + 0.1]]
            callback.after_epoch()

    with pytest.raises(Stopped):
        go_on()
    callback.after_fit()
    assert callback.learn.epoch == 10
    assert set(columns(callback)) == {"train_loss", "val_loss"}


def test_a_learning_rate_finder_of_fastai_is_no_training() -> None:
    callback = live.FastaiCallback(show="none")
    callback.learn = SimpleNamespace(n_epoch=1, epoch=0, lr_finder=object())
    callback.before_fit()
    callback.after_epoch()
    callback.after_fit()
    assert callback.advisor.diagnosis is None


def test_xgboost() -> None:
    callback = live.XGBoostCallback(stop_on={"diverged"}, show="none", steps=50)
    history: dict[str, dict[str, list[Any]]] = {"train": {"rmse": []}, "test": {"rmse": []}}
    for place, loss in zip(range(50), losses(), strict=False):
        history["train"]["rmse"].append(loss)
        history["test"]["rmse"].append((loss, 0.1))  # cross-validation: mean and deviation
        if callback.after_iteration(None, place, history):
            break
    model = object()
    assert callback.after_training(model) is model
    assert place == 10
    assert columns(callback) == {
        "train_loss": "train-rmse", "val_loss": "valid-rmse"
    }  # fmt: skip


def test_lightgbm() -> None:
    callback = live.LightGBMCallback(stop_on={"diverged"}, show="none")
    rounds = iter(zip(range(100, 150), losses(), strict=False))

    def go_on() -> None:
        for place, loss in rounds:
            results = [("training", "l2", loss, False), ("held out", "l2", loss, False)]
            callback(SimpleNamespace(
                iteration=place, begin_iteration=100, end_iteration=150,
                evaluation_result_list=results,
            ))  # fmt: skip

    with pytest.raises(Stopped) as stop:
        go_on()
    assert stop.value.given[0] == 110
    assert callback.advisor.steps == 50
    assert columns(callback) == {
        "train_loss": "train-l2", "val_loss": "valid-l2"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        (["validation_0", "validation_1"], ["train", "valid"]),
        (["validation_0"], ["valid"]),
        (["dtrain", "a", "b"], ["train", "a", "b"]),
        (["eval"], ["valid"]),
    ],
)
def test_parts_of_boosting(parts: list[str], named: list[str]) -> None:
    from hpadvisor.live.boosting import named_parts

    found = named_parts([(part, "auc", 0.5) for part in parts])
    assert list(found) == [f"{name}-auc" for name in named]


def test_a_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError("No module named 'keras'", name="keras")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ModuleNotFoundError, match="pip install keras"):
        _ = live.KerasCallback
    with pytest.raises(AttributeError, match="NoSuch"):
        _ = live.NoSuch
    assert "Advisor" in dir(live)
