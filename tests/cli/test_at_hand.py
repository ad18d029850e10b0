"""A plan from what is at hand: configs, scripts, logs, folders; and files of other commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.api import plan
from hpadvisor.at_hand import situation_of
from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
from hpadvisor.errors import UserError
from tests.cli.running import complaint, hpadvisor

KNOWLEDGE = load_knowledge(without=NOT_PLANNING)

TRAINER = {
    "model_name_or_path": "acme/tiny-1b", "per_device_train_batch_size": 3,
    "gradient_accumulation_steps": 5, "learning_rate": 7e-5, "num_train_epochs": 4,
    "warmup_ratio": 0.04, "lr_scheduler_type": "cosine_with_restarts", "optim": "adamw_torch",
    "max_seq_length": 512, "weight_decay": 0.03,
}  # fmt: skip
SCRIPT = """
import argparse, torch
from torchvision.datasets import SVHN
parser = argparse.ArgumentParser()
parser.add_argument("-b", "--batch-size", type=int, default=96)
parser.add_argument("--lr", type=float, default=3 * 1e-2)
parser.add_argument("--wd", type=float, default=None)
parser.add_argument("--epochs", default=17)
parser.add_argument("--name", default="first")
args = parser.parse_args()
lr = 0.5  # what the command line says comes first
data = SVHN("data")
optimizer = torch.optim.SGD([], lr=args.lr, momentum=0.85)
raise SystemExit("never run")
"""
AGENT = """
from dataclasses import dataclass
import torch.optim as optim
@dataclass
class Args:
    learning_rate: float = 4e-4
    num_envs: int = 6
    gamma: float = 0.97
    clip_coef: float = 0.15
    ent_coef: float = 0.02
agent = Agent()
optimizer = optim.Adam(agent.parameters(), lr=args.learning_rate, eps=1e-5)
"""
LOG = "Namespace(lr=0.2, batch_size=48, epochs=9, optimizer='sgd')\n" + "".join(
    f"epoch {n} train_loss {2.2 - 0.2 * n:.2f} val_loss {1.9 + 0.01 * (n - 3) ** 2:.3f}\n"
    for n in range(1, 10)
)


def said(path: Path) -> dict[str, Any]:
    return {one.path: one.value for one in situation_of(path, KNOWLEDGE).statements}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_training_config_is_a_situation(tmp_path: Path) -> None:
    path = write(tmp_path, "training_args.json", json.dumps(TRAINER))
    assert said(path) == {
        "training.kind": "llm-fine-tuning", "training.optimizer": "adamw",
        "training.learning_rate": 7e-5, "training.weight_decay": 0.03, "training.batch_size": 15,
        "training.epochs": 4, "training.warmup": 0.04, "training.lr_schedule": "cosine_restarts",
        "model.name": "acme/tiny-1b",
    }  # fmt: skip
    result = plan(path, knowledge=KNOWLEDGE)
    assert result.situation["training.learning_rate"].source.startswith(str(path))


def test_a_script_is_read_by_its_syntax_and_never_run(tmp_path: Path) -> None:
    path = write(tmp_path, "train.py", SCRIPT)
    assert said(path) == {
        "training.kind": "vision-from-scratch", "training.optimizer": "sgd",
        "training.learning_rate": pytest.approx(0.03), "training.momentum": 0.85,
        "training.batch_size": 96, "training.epochs": 17,
    }  # fmt: skip


def test_a_notebook_is_read_like_a_script(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": SCRIPT.splitlines(keepends=True)}
    path = write(tmp_path, "train.ipynb", json.dumps({"nbformat": 4, "cells": [cell]}))
    assert said(path)["training.batch_size"] == 96


def test_names_of_agents_count_in_scripts_of_agents(tmp_path: Path) -> None:
    found = said(write(tmp_path, "agent.py", AGENT))
    assert found["training.kind"] == "ppo"
    assert found["training.discount"] == 0.97
    assert found["training.clip_range"] == 0.15


def test_unlike_values_are_nobodys(tmp_path: Path) -> None:
    two = "import torch\na = torch.optim.Adam(x, lr=1e-3)\nb = torch.optim.Adam(y, lr=4e-3)\n"
    found = said(write(tmp_path, "two.py", two))
    assert "training.learning_rate" not in found
    assert found["training.optimizer"] == "adam"


def test_rates_of_an_unknown_optimizer_are_told_with_it(tmp_path: Path) -> None:
    text = "import torch\no = torch.optim.LBFGS(net.parameters(), lr=0.7)\n"
    assert said(write(tmp_path, "lbfgs.py", text))["training.optimizer"] == "other"


def test_a_folder_gives_its_config_and_its_logs(tmp_path: Path) -> None:
    write(tmp_path, "training_args.json", json.dumps(TRAINER))
    write(
        tmp_path, "metrics.csv", "epoch,train_loss\n" + "\n".join(f"{n},{9 - n}" for n in range(8))
    )
    found = situation_of(tmp_path, KNOWLEDGE)
    assert "training_args.json" in found.title
    assert list(found.logs) == [tmp_path]


def test_a_log_gives_its_symptom_and_what_it_repeats(tmp_path: Path) -> None:
    path = write(tmp_path, "out.log", LOG)
    run = hpadvisor("plan", path, "--training", "vision-from-scratch", "--format", "json")
    result = json.loads(run.stdout)
    assert result["situation"]["training.batch_size"]["value"] == 48
    assert result["situation"]["training.optimizer"]["value"] == "sgd"
    assert result["situation"]["symptoms"]["value"]
    assert "batch_size 48" in " ".join(run.stderr.split())


def test_what_was_understood_is_said_before_the_plan(tmp_path: Path) -> None:
    path = write(tmp_path, "train.py", SCRIPT)
    run = hpadvisor("plan", path, "--trainings", "12")
    words = " ".join(run.stderr.split())
    assert (
        "as Training script: kind vision-from-scratch, optimizer sgd, learning_rate 0.03" in words
    )
    assert "what may be spent" not in words
    assert "0.03" in run.stdout


def test_flags_win_over_what_is_at_hand(tmp_path: Path) -> None:
    path = write(tmp_path, "train.py", SCRIPT)
    run = hpadvisor("plan", path, "--lr", "0.07", "--format", "json")
    assert json.loads(run.stdout)["situation"]["training.learning_rate"]["value"] == 0.07


SWEEP = (
    "method: random\nmetric: {name: acc, goal: maximize}\nparameters:\n  lr: {min: 0.1, max: 1}\n"
)
SITUATION = "training: {kind: lora}\nbudget: {trainings: 9}\n"


@pytest.mark.parametrize(
    ("command", "name", "text", "right"),
    [
        ("plan", "sweep.yaml", SWEEP, "hpadvisor check"),
        ("plan", "study.db", "SQLite format 3", "hpadvisor audit"),
        ("diagnose", "situation.yaml", SITUATION, "hpadvisor plan"),
        ("diagnose", "train.py", SCRIPT, "hpadvisor plan"),
        ("diagnose", "study.db", "SQLite format 3", "hpadvisor audit"),
        ("diagnose", "sweep.yaml", SWEEP, "hpadvisor check"),
        ("audit", "out.log", LOG, "hpadvisor diagnose"),
        ("audit", "situation.yaml", SITUATION, "hpadvisor plan"),
        ("audit", "training_args.json", json.dumps(TRAINER), "hpadvisor plan"),
        ("check", "out.log", LOG, "hpadvisor diagnose"),
    ],
)
def test_a_wrong_file_names_the_right_command(
    tmp_path: Path, command: str, name: str, text: str, right: str
) -> None:
    run = hpadvisor(command, write(tmp_path, name, text))
    assert run.returncode == 2
    assert f"{right} " in run.stderr


def test_a_file_that_tells_of_no_training_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "plain.py", "import os\nprint(os.name)\n")
    assert "tells of a training" in complaint(hpadvisor("plan", path))
    with pytest.raises(UserError, match="tells of a training"):
        situation_of(path, KNOWLEDGE)


def test_slips_in_a_situation_stay_slips(tmp_path: Path) -> None:
    path = write(tmp_path, "mine.yaml", "tasks: {metric: acc}\nbudget: {hours: 9}\n")
    assert "Did you mean 'task'" in complaint(hpadvisor("plan", path))
