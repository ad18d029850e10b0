"""Callbacks in real trainings on PyTorch: Hugging Face, Lightning, Keras 3, fastai."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")

EPOCHS = 40


def need(*names: str) -> None:
    """Skip, visibly, where a library is missing."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}; .ci/engines live runs it")


def pairs(torch: Any, count: int = 64) -> tuple[Any, Any]:
    """Inputs (count, 8) and their noisy sums (count, 1)."""
    torch.manual_seed(3)
    x = torch.randn(count, 8)
    return x, x.sum(1, keepdim=True) / 3 + 0.1 * torch.randn(count, 1)


def judged(advisor: Any, rate: str) -> None:
    """What all callbacks must bring: both curves, the planned length, and a last verdict."""
    assert advisor.diagnosis is not None
    assert {"train_loss", "val_loss"} <= set(advisor.diagnosis.columns), advisor.diagnosis
    if rate == "good":
        assert advisor.epochs == EPOCHS
        assert advisor.diagnosis.judged, advisor.diagnosis.reason
        assert advisor.verdict == advisor.diagnosis.verdict
        assert not advisor.should_stop
    else:
        assert advisor.verdict == "diverged"
        assert advisor.should_stop
        assert advisor.diagnosis.epochs_or_steps < EPOCHS * 8


RATES = {"good": 0.05, "broken": 1e12}


@pytest.mark.parametrize("rate", RATES)
def test_hugging_face(rate: str, tmp_path: Path) -> None:
    need("transformers", "accelerate", "torch")
    import torch
    from transformers import Trainer, TrainingArguments

    from hpadvisor.live import HuggingFaceCallback

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(8, 1)

        def forward(self, x: Any, labels: Any) -> dict[str, Any]:
            out = self.layer(x)
            return {"loss": ((out - labels) ** 2).mean(), "logits": out}

    x, y = pairs(torch)
    rows = [{"x": a, "labels": b} for a, b in zip(x, y, strict=True)]
    callback = HuggingFaceCallback(stop_on={"diverged"}, show="none")
    arguments = TrainingArguments(
        output_dir=str(tmp_path), num_train_epochs=EPOCHS, per_device_train_batch_size=8,
        learning_rate=RATES[rate], max_grad_norm=0.0, optim="sgd", logging_steps=1,
        logging_nan_inf_filter=False, eval_strategy="epoch", save_strategy="no",
        report_to=[], disable_tqdm=True, use_cpu=True, lr_scheduler_type="constant",
    )  # fmt: skip
    trainer = Trainer(
        model=Net(), args=arguments, train_dataset=rows[:48], eval_dataset=rows[48:],
        callbacks=[callback],
    )  # fmt: skip
    trainer.train()
    if rate == "broken":
        assert trainer.state.global_step < trainer.state.max_steps
        assert callback.advisor.verdict == "diverged"
        return
    judged(callback.advisor, rate)
    assert callback.advisor.steps == trainer.state.max_steps


@pytest.mark.parametrize("rate", RATES)
def test_lightning(rate: str, tmp_path: Path) -> None:
    need("lightning", "torch")
    import torch
    from lightning import pytorch as lightning

    from hpadvisor.live import LightningCallback

    class Net(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(8, 1)

        def _loss(self, batch: Any) -> Any:
            return ((self.layer(batch[0]) - batch[1]) ** 2).mean()

        def training_step(self, batch: Any, place: int) -> Any:
            loss = self._loss(batch)
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, place: int) -> None:
            self.log("val_loss", self._loss(batch))

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), RATES[rate])

    x, y = pairs(torch)
    data = torch.utils.data.TensorDataset
    callback = LightningCallback(stop_on={"diverged"}, show="none")
    trainer = lightning.Trainer(
        max_epochs=EPOCHS, callbacks=[callback], logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
        default_root_dir=tmp_path, log_every_n_steps=1,
    )  # fmt: skip
    trainer.fit(
        Net(),
        torch.utils.data.DataLoader(data(x[:48], y[:48]), batch_size=8),
        torch.utils.data.DataLoader(data(x[48:], y[48:]), batch_size=8),
    )
    judged(callback.advisor, rate)


@pytest.mark.parametrize("rate", RATES)
def test_keras(rate: str) -> None:
    need("keras", "torch")
    import keras
    import torch

    from hpadvisor.live import KerasCallback

    keras.utils.set_random_seed(3)
    x, y = (part.numpy() for part in pairs(torch))
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(RATES[rate]), "mse")
    callback = KerasCallback(stop_on={"diverged"}, show="none")
    model.fit(
        x, y, batch_size=8, epochs=EPOCHS, validation_split=0.25, verbose=0, callbacks=[callback]
    )
    judged(callback.advisor, rate)


@pytest.mark.parametrize("rate", RATES)
def test_fastai(rate: str) -> None:
    need("fastai", "torch")
    import torch
    from fastai.callback import progress  # noqa: F401 - it adds no_bar
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.optimizer import SGD

    from hpadvisor.live import FastaiCallback

    x, y = pairs(torch)
    data = torch.utils.data.TensorDataset
    loaders = DataLoaders(
        torch.utils.data.DataLoader(data(x[:48], y[:48]), batch_size=8),
        torch.utils.data.DataLoader(data(x[48:], y[48:]), batch_size=8),
    )
    callback = FastaiCallback(stop_on={"diverged"}, show="none")
    learner = Learner(
        loaders, torch.nn.Linear(8, 1), loss_func=torch.nn.functional.mse_loss, opt_func=SGD,
        cbs=[callback],
    )  # fmt: skip
    with learner.no_bar(), learner.no_logging():
        learner.fit(EPOCHS, RATES[rate])
    judged(callback.advisor, rate)
