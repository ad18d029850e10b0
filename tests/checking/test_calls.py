"""Settings in the calls of scripts: what is found, where it points, what is left alone."""

from __future__ import annotations

import json

import pytest

from hpadvisor.checking.running import check_text
from hpadvisor.checking.settings import CheckSettings

TORCH = "import torch\nfrom torch import nn, optim\nmodel = nn.Linear(3, 2)\n"
KERAS = "from tensorflow import keras\nfrom tensorflow.keras import optimizers as opt\n"
KERAS_CALLS = "from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau\n"
ARGS = "from transformers import AutoModelForCausalLM, TrainingArguments\n"
LOADED = ARGS + "model = AutoModelForCausalLM.from_pretrained('a/b')\n"
TREES = "import lightgbm as lgb\nfrom xgboost import XGBClassifier\n"
STEPPED = """\
from torch.optim.lr_scheduler import ReduceLROnPlateau
plateau = ReduceLROnPlateau(optimizer%s)
for epoch in range(9):
    plateau.step(%s)
"""


def found(text: str, name: str = "train.py") -> list[tuple[str, int]]:
    result = check_text(text.encode(), name, CheckSettings())
    return [(finding.rule.id, finding.line) for finding in result.findings]


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        (TORCH + "o = optim.AdamW(model.parameters(), lr=.3)\n", "CFG001", 4),
        (TORCH + "rate = 0.3\no = torch.optim.Adam(model.parameters(), rate)\n", "CFG001", 5),
        (TORCH + "o = torch.optim.SGD(model.parameters(), 0.1, momentum=9)\n", "CFG032", 4),
        (TORCH + "o = optim.SGD(params, 0.1, weight_decay=0.5)\n", "CFG015", 4),
        (KERAS + "o = keras.optimizers.Adam(0.4)\n", "CFG001", 3),
        (KERAS + "o = opt.Adam(learning_rate=-0.4)\n", "CFG007", 3),
        (LOADED + "a = TrainingArguments('o', learning_rate=3e-3)\n", "CFG002", 3),
        (ARGS + "a = TrainingArguments('o', fp16=True, bf16=True)\n", "CFG020", 2),
        (ARGS + "a = TrainingArguments('o', warmup_steps=70, max_steps=60)\n", "CFG012", 2),
        (ARGS + "a = TrainingArguments('o', metric_for_best_model='wer')\n", "CFG040", 2),
        (ARGS + "a = TrainingArguments('o', learning_rate=1e-5, load_best_model_at_end=True)\n",
         "CFG047", 2),
        (TREES + "m = lgb.LGBMRegressor(n_estimators=15, learning_rate=0.02)\n", "CFG046", 3),
        (TREES + "m.fit(a, b, eval_set=[(a, b)], early_stopping_rounds=9)\n", "CFG041", 3),
        (KERAS + "m.fit(a, b, validation_data=(a, b))\n", "CFG041", 3),
        (KERAS_CALLS + "e = EarlyStopping(mode='max', patience=3)\n", "CFG039", 2),
        (KERAS_CALLS + "e = ModelCheckpoint('f', monitor='val_auc', mode='min')\n", "CFG039", 2),
        ("from lightning.pytorch.callbacks import EarlyStopping\nEarlyStopping('val_acc')\n",
         "CFG040", 2),
        (STEPPED % ("", "val_acc"), "CFG040", 4),
        (STEPPED % (", 'max'", "val_loss"), "CFG039", 2),
        (KERAS_CALLS + "c = [EarlyStopping(patience=5), ReduceLROnPlateau(patience=5)]\n",
         "CFG049", 2),
    ],
)  # fmt: skip
def test_a_mistake_in_a_call_is_found_at_its_place(text: str, rule: str, line: int) -> None:
    assert found(text) == [(rule, line)]


@pytest.mark.parametrize(
    "text",
    [
        TORCH + "o = optim.AdamW(model.parameters(), lr=1e-3)\n",
        TORCH + "o = optim.Adam([picture], lr=1.0)\n",
        TORCH + "o = optim.Adam(model.parameters(), lr=args.rate)\n",
        TORCH
        + "o = optim.Adam(model.parameters(), 1.0)\ns = optim.lr_scheduler.LambdaLR(o, noam)\n",
        "import tensorflow_addons as tfa\no = tfa.optimizers.AdamW(0.5, rate)\n",
        "class Adam:\n    pass\no = Adam(model.parameters(), lr=1.0)\n",
        "from mine.optim import best\no = Adam(model.parameters(), lr=1.0)\n",
        ARGS + "a = TrainingArguments('o', **more, load_best_model_at_end=True)\n",
        ARGS + "a = TrainingArguments('o', load_best_model_at_end=True, learning_rate=1e-5,\n"
        "    eval_strategy=IntervalStrategy.STEPS, save_strategy='steps')\n",
        ARGS + "a = TrainingArguments('o', eval_strategy=when, save_strategy='epoch',\n"
        "    load_best_model_at_end=True)\n",
        TREES + "m = XGBClassifier(n_estimators=400, learning_rate=0.02)\n",
        TREES + "m = XGBClassifier(learning_rate=0.02)\n",
        TREES + "m.fit(a, b, eval_set=[(a, b), (c, d)], early_stopping_rounds=9)\n",
        TREES + "m.fit(a, b, eval_set=[(a, b)])\n",
        KERAS + "m.fit(a, b, validation_data=(c, d))\n",
        KERAS_CALLS + "c = [EarlyStopping(patience=9), ReduceLROnPlateau(patience=3)]\n",
        KERAS_CALLS + "c = [EarlyStopping('val_f1', patience=2), ReduceLROnPlateau(patience=3)]\n",
        KERAS_CALLS + "e = EarlyStopping(monitor='loss', patience=2)\nm.fit(a, b)\n",
        KERAS_CALLS + "e = EarlyStopping(mode='max', **more)\n",
        "from mine import EarlyStopping\ne = EarlyStopping(mode='max')\n",
        STEPPED % (", 'max'", "val_acc"),
        STEPPED % ("", "val_loss"),
        STEPPED % ("", "score(model)"),
    ],
)
def test_what_is_right_or_not_known_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_call_in_a_notebook_points_at_its_cell() -> None:
    lines = ["import torch\n", "o = torch.optim.Adam(m.parameters(), lr=2.0)\n"]
    cell = {"cell_type": "code", "source": lines}
    book = json.dumps({"cells": [cell], "nbformat": 4}, indent=1)
    assert found(book, "train.ipynb") == [("CFG001", 7)]


def test_a_script_of_another_python_stays_unread() -> None:
    result = check_text(b"import torch\nprint 'a'\no = torch.optim.Adam(m.parameters())\n", "a.py")
    assert not result.files[0].formats
    assert result.files[0].error is None
