"""Entries that contradict or repeat one beside them: what is found, and what is left alone."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from hpadvisor.checking.running import check_text
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.engine.loading import load_knowledge

ROOT = Path(__file__).resolve().parents[2]
KINDS = {f"CFG{number:03d}" for number in range(39, 46)}
TRAINER = "output_dir: out\nlearning_rate: 2.0e-5\nnum_train_epochs: 2\n"
MODEL = "optimizer: {_target_: torch.optim.SGD, lr: 0.02}\n"
CHECKPOINT = "_target_: lightning.pytorch.callbacks.ModelCheckpoint"


def found(text: str) -> set[str]:
    result = check_text(text.encode(), "train.yaml", CheckSettings())
    assert result.files[0].formats, "not recognised, so its silence says nothing"
    return {finding.rule.id for finding in result.findings} & KINDS


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (TRAINER + "metric_for_best_model: eval_f1\ngreater_is_better: false\n", "CFG039"),
        (TRAINER + "metric_for_best_model: eval_loss\ngreater_is_better: true\n", "CFG039"),
        (TRAINER + "metric_for_best_model: eval_rmse\n", "CFG040"),
        (MODEL + f"keep: {{{CHECKPOINT}, monitor: val/acc}}\n", "CFG040"),
        (MODEL + "stop: {monitor: val_loss, mode: MAX}\n", "CFG039"),
        (MODEL + "save_best: top1_acc\nrule: less\n", "CFG039"),
        (MODEL + "data: {train: images/train24, val: images/train24}\n", "CFG041"),
        (MODEL + "datasets: [{name: a}, {name: b}, {name: a}]\n", "CFG042"),
    ],
)
def test_what_contradicts_is_found(text: str, rule: str) -> None:
    assert found(text) == {rule}


@pytest.mark.parametrize(
    "text",
    [
        TRAINER + "metric_for_best_model: eval_loss\n",
        TRAINER + "metric_for_best_model: f1\n",
        TRAINER + "metric_for_best_model: score\ngreater_is_better: false\n",
        TRAINER + "metric_for_best_model: neg_rmse\ngreater_is_better: true\n",
        TRAINER + "metric_for_best_model: eval_loss\ngreater_is_better: ${way}\n",
        MODEL + f"keep: {{{CHECKPOINT}, monitor: val/loss}}\n",
        MODEL + "keep: {_target_: mine.Keep, monitor: val/acc}\n",
        MODEL + "data: {train_dir: data/coins, val_dir: data/coins}\n",
        MODEL + "data: {train_file: a.csv, val_file: a.csv, val_size: 0.2}\n",
        MODEL + "data: {train_file: a.csv, test_file: a.csv}\n",
        MODEL + "datasets: [{name: a, split: x}, {name: a, split: y}]\n",
        "pretrain: {lr: 0.01}\nfinetune: {lr: 0.001}\noptimizer: adam\n",
    ],
)
def test_what_may_be_meant_is_left_alone(text: str) -> None:
    assert found(text) == set()


def test_the_fix_turns_the_direction() -> None:
    text = TRAINER + "metric_for_best_model: eval_loss\ngreater_is_better: True\n"
    result = check_text(text.encode(), "train.yaml", CheckSettings())
    (finding,) = [one for one in result.findings if one.rule.id == "CFG039"]
    assert finding.fix is not None
    assert [edit.text for edit in finding.fix.edits] == ["False"]


def test_each_class_of_mistake_names_rules_and_tests_that_are_there() -> None:
    where = ROOT / "docs" / "check_classes.py"
    spec = importlib.util.spec_from_file_location("check_classes", where)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rules = {rule.id: rule for rule in load_knowledge().rules}
    for title, names, tests in module.CLASSES:
        assert names or tests, title
        assert all(rules[name].cases for name in names if name != "SPC048"), title
        assert all((ROOT / test).is_file() for test in tests), title
