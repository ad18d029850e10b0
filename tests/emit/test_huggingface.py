"""The emitted module on a real Trainer: a tiny model with random weights, nothing downloaded."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hpadvisor.emit.engines import emit
from hpadvisor.planning.model import Parameter, Plan
from hpadvisor.readers.searches import State, read_search
from tests.support import load_module

from .plans import plan, search

PARAMETERS = [
    Parameter(
        name="eta", role="learning_rate", type="float", low=1e-4, high=1e-1, scale="log",
        default=1e-3,
    ),
    Parameter(name="warmup", type="float", low=0.05, high=0.3, scale="linear", default=0.1),
    Parameter(
        name="weight_decay", type="float", low=1e-6, high=1e-2, scale="log", off=0.0, default=0.0
    ),
    Parameter(name="batch_size", type="categorical", choices=[4, 8], default=4),
    Parameter(name="hidden", type="int", low=8, high=16, scale="linear", default=8),
]  # fmt: skip
KNOWN = [
    {
        "number": 3,
        "value": 0.25,
        "params": {
            "eta": 1e-2, "warmup": 0.2, "weight_decay": 1e-3, "batch_size": 8, "hidden": 12,
        },
    }
]  # fmt: skip


def _plan() -> Plan:
    made = plan(search(parameters=PARAMETERS, trials=3, trainings=3, baseline={"eta": 1e-3}))
    made.objective = {"metric": "accuracy", "direction": "maximize"}
    return made


def _module(folder: Path) -> ModuleType:
    path = folder / "tune_hf.py"
    path.write_text(emit(_plan(), "huggingface", created_by="a test", known=KNOWN))
    return load_module(path, "tune_hf")


def _trainer(module: ModuleType, folder: Path, seen: list[dict[str, Any]]) -> Any:
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            seen.append({
                "learning_rate": args.learning_rate,
                "warmup": args.get_warmup_steps(state.max_steps) / state.max_steps,
                "weight_decay": args.weight_decay,
                "batch_size": args.per_device_train_batch_size,
                "hidden": rest["model"].config.hidden_size,
            })  # fmt: skip

    def build(trial: Any) -> Any:
        hidden = 4 * (module.model_space(trial)["hidden"] // 4)
        config = BertConfig(
            vocab_size=20, hidden_size=hidden, num_hidden_layers=1, num_attention_heads=1,
            intermediate_size=8, max_position_embeddings=8,
        )  # fmt: skip
        return BertForSequenceClassification(config)

    class Rows(torch.utils.data.Dataset):  # type: ignore[type-arg, misc, unused-ignore]
        def __len__(self) -> int:
            return 32

        def __getitem__(self, index: int) -> dict[str, Any]:
            words = torch.tensor([index % 20, 1, 2, 3])
            return {"input_ids": words, "labels": torch.tensor(index % 2)}

    arguments = TrainingArguments(
        output_dir=str(folder / "out"), num_train_epochs=1, report_to=[], use_cpu=True,
        eval_strategy="epoch", save_strategy="no", logging_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    return Trainer(
        model_init=build, args=arguments, train_dataset=Rows(), eval_dataset=Rows(),
        compute_metrics=lambda p: {"accuracy": float((p[0].argmax(-1) == p[1]).mean())},
        callbacks=[Watch()],
    )  # fmt: skip


def test_a_real_trainer(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("torch", reason="torch is not installed")
    module = _module(tmp_path)
    seen: list[dict[str, Any]] = []
    journal = tmp_path / "journal.log"
    best = module.search(_trainer(module, tmp_path, seen), storage=str(journal))
    assert 0 <= best.objective <= 1
    assert len(seen) == 3
    assert seen[0] == {
        "learning_rate": 1e-3, "warmup": pytest.approx(1 / 8), "weight_decay": 0.0,
        "batch_size": 4, "hidden": 8,
    }  # fmt: skip
    for training in seen:
        assert 1e-4 <= training["learning_rate"] <= 1e-1
        assert training["warmup"] > 0  # the Trainer would cut a share down to 0 steps
        assert training["batch_size"] in (4, 8)
    study = read_search(journal)
    assert len(study.trials) == 4  # and the one of the earlier search
    assert study.trials[0].value == 0.25
    assert study.trials[1].enqueued
    assert all(trial.state is State.COMPLETE for trial in study.trials)
    module.search(_trainer(module, tmp_path, seen), storage=str(journal))
    assert len(seen) == 3  # all trials are done


def test_a_missing_metric_is_named(tmp_path: Path) -> None:
    module = _module(tmp_path)
    with pytest.raises(ValueError, match=r"no eval_accuracy.*\(eval_f1, eval_loss\)"):
        module.SEARCH_BY_PLAN.objective({"eval_loss": 1.0, "eval_f1": 0.5})
