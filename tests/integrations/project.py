"""A small project of our own: a log, configs, a table of trials, a situation."""

from __future__ import annotations

import math
from pathlib import Path

SITUATION = """\
training: {kind: vision-fine-tuning, optimizer: sgd, learning_rate: 0.02}
budget: {hours: 24, hours_per_training: 3}
task: {metric: accuracy, current: 0.81, target: 0.88, acceptable: false}
"""
SWEEP = """\
method: bayes
metric: {name: val_loss, goal: maximize}
parameters:
  lr: {min: 0.00002, max: 0.2}
"""


def make_project(folder: Path) -> Path:
    """Write the project into a folder, and return it."""
    (folder / "runs").mkdir(parents=True)
    (folder / "conf").mkdir()
    log = ["epoch,train_loss,val_loss"]
    for epoch in range(32):
        train, rise = 1.9 * 0.84**epoch + 0.04, 0.035 * max(0, epoch - 9)
        log.append(f"{epoch},{train:.4f},{0.9 + 0.8 * 0.7**epoch + rise:.4f}")
    (folder / "runs" / "metrics.csv").write_text("\n".join(log) + "\n", encoding="utf-8")
    (folder / "conf" / "sweep.yaml").write_text(SWEEP, encoding="utf-8")
    (folder / "situation.yaml").write_text(SITUATION, encoding="utf-8")
    trials = ["number,learning_rate,weight_decay,val_accuracy"]
    for number in range(24):
        place, decay = (number * 7 % 24) / 24, (number * 11 % 24) / 24
        rate = 10 ** (-5 + 4 * place)
        score = 0.79 - 0.05 * abs(math.log10(rate) + 2.6) + 0.004 * math.sin(37.0 * number)
        trials.append(f"{number},{rate:.6g},{10 ** (-6 + 4 * decay):.6g},{score:.4f}")
    (folder / "trials.csv").write_text("\n".join(trials) + "\n", encoding="utf-8")
    return folder
