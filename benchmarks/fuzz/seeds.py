"""Small well-formed inputs of every kind, and the command that reads each."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Seed:
    """An input.

    Attributes:
        name: File name; its ending tells the format.
        text: Content.
        command: Arguments; ``{}`` is the file.
        emits: Engine whose output is checked, empty for none.
    """

    name: str
    text: str
    command: tuple[str, ...]
    emits: str = ""


def _curve(rows: int = 24) -> list[tuple[int, float, float]]:
    return [(n, 2.0 / (n + 1) + 0.3, 2.1 / (n + 1) + 0.35) for n in range(rows)]


def _table(separator: str = ",") -> str:
    lines = [separator.join(("epoch", "train_loss", "val_loss", "lr"))]
    lines += [separator.join((str(n), f"{a:.4f}", f"{b:.4f}", "0.001")) for n, a, b in _curve()]
    return "\n".join(lines) + "\n"


def _records() -> str:
    lines = [{"epoch": n, "loss": round(a, 4), "val_loss": round(b, 4)} for n, a, b in _curve()]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def _state() -> str:
    history: list[dict[str, float]] = []
    for n, a, b in _curve():
        history.append({"epoch": n + 0.5, "loss": a, "learning_rate": 1e-4, "step": 10 * n})
        history.append({"epoch": n + 0.5, "eval_loss": b, "step": 10 * n})
    return json.dumps({"log_history": history, "max_steps": 240, "global_step": 240}, indent=1)


def _console() -> str:
    return "".join(
        f"Epoch {n + 1}/24 - loss: {a:.4f} - acc: {1 - a / 3:.4f} - val_loss: {b:.4f} - lr: 1e-3\n"
        for n, a, b in _curve()
    )


def _trials() -> str:
    lines = ["number,state,val_accuracy,params_lr,params_dropout,params_opt"]
    for n in range(24):
        lines.append(f"{n},COMPLETE,{0.8 + (n * 7 % 24) / 200:.4f},{10 ** (-4 + n / 8):.6f},"
                     f"{(n % 5) / 10},{'sgd' if n % 2 else 'adamw'}")  # fmt: skip
    return "\n".join(lines) + "\n"


def _journal() -> str:
    space = json.dumps(
        {
            "name": "FloatDistribution",
            "attributes": {"step": None, "low": 1e-5, "high": 0.1, "log": True},
        }
    )
    lines: list[dict[str, object]] = [
        {"op_code": 0, "worker_id": "w", "study_name": "s", "directions": [1]}
    ]
    for n in range(16):
        when = f"2026-01-01T00:{n:02d}:00.000000"
        lines += [
            {"op_code": 4, "worker_id": "w", "study_id": 0, "datetime_start": when},
            {
                "op_code": 5,
                "worker_id": "w",
                "trial_id": n,
                "param_name": "lr",
                "param_value_internal": 10 ** (-4 + n / 8),
                "distribution": space,
            },
            {
                "op_code": 6,
                "worker_id": "w",
                "trial_id": n,
                "state": 1,
                "values": [0.3 + (n % 7) / 100],
                "datetime_complete": when,
            },
        ]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


_CONFIG = """\
model_name_or_path: base
learning_rate: 2.0e-4
num_train_epochs: 3
per_device_train_batch_size: 8
gradient_accumulation_steps: 4
lr_scheduler_type: cosine
warmup_ratio: 0.03
weight_decay: 0.1
bf16: true
optim: adamw_torch
"""
_SWEEP = """\
program: train.py
method: bayes
metric: {name: val_loss, goal: minimize}
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0e-1}
  dropout: {min: 0.0, max: 0.5}
  batch_size: {values: [16, 32, 64]}
"""
_SCRIPT = """\
import optuna


def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    width = trial.suggest_int("width", 16, 256)
    kind = trial.suggest_categorical("kind", ["relu", "gelu"])
    return lr + width


study = optuna.create_study(direction="minimize")
study.optimize(objective, n_trials=50)
"""
_SITUATION = """\
task: {metric: val_acc, direction: maximize, current: 0.7}
training: {kind: vision-from-scratch, optimizer: sgd, learning_rate: 0.1, epochs: 90}
data: {train_examples: 50k, classes: 10}
budget: {hours: 2d, hours_per_training: 30min}
symptoms: [overfitting]
hyperparameters:
  - {name: eta, role: learning_rate, type: float, low: 1.0e-5, high: 1.0, scale: log, default: 0.1}
  - {name: kind, type: categorical, choices: [relu, gelu]}
"""
_TOML = '[train]\nlearning_rate = 3e-4\nbatch_size = 64\noptimizer = "adamw"\nepochs = 10\n'
_RULES = """\
rules:
  - id: OWN001
    title: A rate above one
    topic: training
    applies_to: [plan]
    evidence: F
    sources: [{cite: tuning-playbook, locator: a chapter, checked: 2026-11}]
    when: {fact: training.learning_rate, gt: 1.0}
    severity: warning
    advice: Lower it.
"""

CHECK = ("check", "--isolated", "{}")
DIAGNOSE = ("diagnose", "{}")
AUDIT = ("audit", "{}")
PLAN = ("plan", "{}", "--no-input")

SEEDS: tuple[Seed, ...] = (
    Seed("log.csv", _table(), DIAGNOSE),
    Seed("log.tsv", _table("\t"), DIAGNOSE),
    Seed("log.jsonl", _records(), DIAGNOSE),
    Seed("trainer_state.json", _state(), DIAGNOSE),
    Seed("history.json", json.dumps({"loss": [a for _, a, _ in _curve()],
                                     "val_loss": [b for *_, b in _curve()]}), DIAGNOSE),
    Seed("console.log", _console(), DIAGNOSE),
    Seed("trials.csv", _trials(), AUDIT),
    Seed("journal.log", _journal(), (*AUDIT, "--noise", "0.01")),
    Seed("trials.csv", _trials(), (*AUDIT, "--emit", "wandb"), "yaml"),
    Seed("trials.csv", _trials(), (*AUDIT, "--emit", "json"), "json"),
    Seed("config.yaml", _CONFIG, CHECK),
    Seed("config.json", json.dumps({"learning_rate": 2e-4, "optimizer": {"name": "adamw"},
                                    "batch_size": 32, "epochs": 3}, indent=1), CHECK),
    Seed("config.toml", _TOML, CHECK),
    Seed("sweep.yaml", _SWEEP, CHECK),
    Seed("search.py", _SCRIPT, CHECK),
    Seed("situation.yaml", _SITUATION, PLAN),
    Seed("situation.yaml", _SITUATION, (*PLAN, "--emit", "wandb"), "yaml"),
    Seed("situation.yaml", _SITUATION, (*PLAN, "--emit", "katib"), "yaml"),
    Seed("situation.yaml", _SITUATION, (*PLAN, "--emit", "hydra-optuna"), "yaml"),
    Seed("situation.yaml", _SITUATION, (*PLAN, "--emit", "optuna"), "python"),
    Seed("situation.yaml", _SITUATION, (*PLAN, "--emit", "ray"), "python"),
    Seed("situation.yaml", _SITUATION, (*PLAN, "--emit", "csv"), "csv"),
    Seed("rules.yaml", _RULES, ("rules", "test", "{}")),
)  # fmt: skip
