"""Judges that need no training of ours: DeepOBS runs at every rate, and the QLoRA gallery.

Both are public data that is not part of this repository. They are looked for in
``../shared/corpus/curves`` beside it and left out, visibly, where that is missing.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "curves"
KEEP_WITHIN = 0.05
DIRECTIONS = ("up", "down", "keep")


def deepobs_runs() -> list[dict[str, Any]]:
    """The DeepOBS runs with ``truth``: which way each run's learning rate should have gone.

    Of all rates at which a problem was trained with an optimizer, those are good whose final test
    result (accuracy where there is one, else loss; seeds averaged) is within 5 % of the way from
    the best to the untrained model. A run at a good rate, or between good rates, keeps its rate;
    below them it goes up, above them down.
    """
    path = CORPUS / "deepobs" / "runs.jsonl.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        runs = [json.loads(line) for line in stream]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        groups[run["problem"], run["optimizer"]].append(run)
    for group in groups.values():
        _judge_group(group)
    return runs


def _judge_group(group: list[dict[str, Any]]) -> None:
    scored = [_regret(run) for run in group]
    start = float(np.median([begin for begin, _ in scored]))
    by_rate: dict[float, list[float]] = defaultdict(list)
    for run, (_, end) in zip(group, scored, strict=True):
        by_rate[run["learning_rate"]].append(min(end, start) if np.isfinite(end) else start)
    means = {rate: float(np.mean(ends)) for rate, ends in by_rate.items()}
    best = min(means.values())
    good = [rate for rate, end in means.items() if end <= best + KEEP_WITHIN * (start - best)]
    for run in group:
        rate = run["learning_rate"]
        run["truth"] = "up" if rate < min(good) else "down" if rate > max(good) else "keep"


def _regret(run: dict[str, Any]) -> tuple[float, float]:
    """Result before training and at the end, smaller is better."""
    if run.get("test_acc"):
        curve = [1 - (value if value is not None else 0.0) for value in run["test_acc"]]
    else:
        curve = [np.inf if value is None else value for value in run["test_loss"]]
    return float(curve[0]), float(curve[-1])


def deepobs_csv(run: dict[str, Any]) -> str:
    """The run as the log that a diagnosis sees: its rate is not in it."""
    names = {"train_loss": "train_loss", "test_loss": "val_loss", "test_acc": "val_accuracy"}
    columns = {new: run[old] for old, new in names.items() if run.get(old)}
    lines = [",".join(("epoch", *columns))]
    for epoch, row in enumerate(zip(*columns.values(), strict=True)):
        cells = ["nan" if value is None else f"{value:g}" for value in row]
        lines.append(",".join((str(epoch), *cells)))
    return "\n".join(lines) + "\n"


def direction_scores(
    runs: list[dict[str, Any]], direction: Callable[[dict[str, Any]], str]
) -> dict[str, float]:
    """Recall of each direction, their mean, and the share that goes the wrong way."""
    said = [(run["truth"], direction(run)) for run in runs]
    recalls = {}
    for truth in DIRECTIONS:
        answers = [answer for real, answer in said if real == truth]
        recalls[truth] = (
            float(np.mean([answer == truth for answer in answers])) if answers else 0.0
        )
    wrong = np.mean([{real, answer} == {"up", "down"} for real, answer in said])
    return {**recalls, "macro": float(np.mean(list(recalls.values()))), "wrong": float(wrong)}


SENSIBLE = {
    "healthy": {"healthy"},
    "lr_hot": {"diverged", "learning_rate_too_high", "unstable"},
    "fp16_nan": {"diverged", "learning_rate_too_high", "unstable"},
    "lr_zero": {"not_learning", "learning_rate_too_low"},
    "bad_labels": {"not_learning", "underfitting", "plateau"},
    "overfit": {"overfitting"},
}
"""Verdicts that make sense of each cause in the gallery."""


def gallery() -> list[tuple[str, Path]]:
    """Cause and log of each run of the QLoRA gallery."""
    root = CORPUS / "qlora-gallery"
    return [
        (path.relative_to(root).parts[0], path)
        for path in sorted(root.rglob("trainer_state.json"))
    ]
