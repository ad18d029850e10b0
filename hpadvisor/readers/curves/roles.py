"""Column names to roles: which column is the training loss, the validation score, the rate."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from hpadvisor.records import Record

ROLES: Final = (
    "train_loss",
    "val_loss",
    "train_metric",
    "val_metric",
    "learning_rate",
    "grad_norm",
    "epoch",
    "step",
    "time",
)
"""What a column can be for a diagnosis."""

_TRAIN = frozenset(("train", "training", "trn", "tr"))
_VALIDATION = ("val", "valid", "validation", "eval", "evaluation", "dev", "holdout", "test")
_LOSS = frozenset(
    (
        "loss",
        "nll",
        "xent",
        "crossentropy",
        "cross_entropy",
        "ce",
        "bce",
        "mse",
        "mae",
        "rmse",
        "perplexity",
        "ppl",
        "bpc",
        "elbo",
        "cost",
        "objective",
        "deviance",
        "logloss",
    )
)
_HIGHER = frozenset(
    (
        "acc",
        "accuracy",
        "f1",
        "fbeta",
        "auc",
        "auroc",
        "auprc",
        "iou",
        "miou",
        "map",
        "map50",
        "ap",
        "dice",
        "bleu",
        "rouge",
        "chrf",
        "score",
        "scores",
        "r2",
        "precision",
        "recall",
        "sensitivity",
        "specificity",
        "top1",
        "top5",
        "psnr",
        "ssim",
        "mcc",
        "kappa",
        "em",
        "exact_match",
        "ndcg",
        "mrr",
        "reward_accuracy",
        "hit",
        "correct",
        "accuracies",
    )
)
_LOWER = frozenset(
    (
        "cer",
        "wer",
        "error",
        "err",
        "fid",
        "top1_err",
        "mape",
        "eer",
    )
)
_EVALUATED = frozenset(("map", "ap", "miou", "bleu", "rouge", "chrf", "ndcg", "mrr"))
"""Scores that nobody computes on training batches: without a part they are of validation."""
_RATE = frozenset(("lr", "lrs", "learning_rate", "learning_rates", "learningrate"))
_SKIP = frozenset(
    (
        "std",
        "stderr",
        "min",
        "max",
        "best",
        "smooth",
        "smoothed",
        "avg_time",
        "gpu",
        "mem",
        "memory",
        "samples_per_second",
        "steps_per_second",
        "runtime",
        "patience",
    )
)


class Candidate(Record):
    """A reading of a column name; smaller ``rank`` is better."""

    role: str
    rank: int
    higher_is_better: bool = True


def tokens(name: str) -> list[str]:
    """Split a column name into lower-case words: at ``/``, ``_``, ``.``, blanks and camelCase."""
    plain = name.replace("mAP", "map").replace("mIoU", "miou")
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    return [word for word in re.split(r"[^A-Za-z0-9]+", spaced.lower()) if word]


def read_name(name: str) -> Candidate | None:
    """Read one column name; None where it is nothing that a diagnosis needs."""
    words = tokens(name)
    joined = "_".join(words)
    axis = _axis(joined, words)
    if axis is not None:
        return axis
    if _RATE & {*words, joined} or "learning_rate" in joined:
        plain = joined in ("lr", "learning_rate")
        return Candidate("learning_rate", 0 if plain else 1 + len(words))
    if "grad" in words or "gradient" in words:
        return Candidate("grad_norm", len(words)) if "norm" in words else None
    if _SKIP & set(words):
        return None
    return _score(words, joined)


def _axis(joined: str, words: list[str]) -> Candidate | None:
    if joined in ("epoch", "epochs", "train_epoch", "current_epoch", "epoch_num"):
        return Candidate("epoch", 0 if joined == "epoch" else 1)
    if joined in ("step", "global_step", "trainer_global_step", "train_global_step"):
        return Candidate("step", 0)
    if joined in ("iteration", "iter", "iterations", "steps", "iters", "batch", "train_step"):
        return Candidate("step", 1)
    if joined in ("time", "elapsed", "timestamp", "wall_time", "runtime", "elapsed_time"):
        return Candidate("time", 0)
    if words and words[-1] in ("seconds", "secs") and "per" not in words:
        return Candidate("time", 1)
    return None


def _score(words: list[str], joined: str) -> Candidate | None:
    bag = set(words) | {joined} | {f"{a}_{b}" for a, b in pairwise(words)}
    part = _part(words)
    is_loss = bool(bag & _LOSS) or words[-1:] == ["losses"]
    if not is_loss and any(word.endswith("loss") and len(word) > 4 for word in words):
        is_loss = True
    if is_loss:
        role = "val_loss" if part else "train_loss"
        return Candidate(role, _rank(words, part, "loss"))
    names = {word.rstrip("0123456789") for word in words} | bag
    if names & _HIGHER:
        role = "val_metric" if part or names & _EVALUATED else "train_metric"
        return Candidate(role, _rank(words, part, "accuracy") + _metric_rank(bag))
    if names & _LOWER:
        role = "val_metric" if part else "train_metric"
        return Candidate(role, _rank(words, part, "error") + 8, higher_is_better=False)
    return None


def _part(words: list[str]) -> str | None:
    for word in words:
        base = word.rstrip("0123456789")
        if base in _VALIDATION:
            return base
        if base in _TRAIN:
            return None
        for known in _VALIDATION[:3]:
            if word in (f"{known}loss", f"{known}acc"):
                return known
    return None


def part_of(name: str) -> str | None:
    """Which part a name or a label says: ``train``, ``val`` or ``test``; None for none."""
    words = tokens(name)
    if any(word.rstrip("0123456789") in _TRAIN for word in words):
        return "train"
    part = _part(words)
    return "test" if part == "test" else "val" if part else None


def _rank(words: list[str], part: str | None, plain: str) -> int:
    """Plain names first; ``test`` stands in for validation only where nothing else does."""
    rank = 2 * len(words)
    if part == "test":
        rank += 20
    if plain in words:
        rank -= 1
    if _TRAIN & set(words):
        rank -= 2
    if "total" in words:
        rank -= 4
    if "step" in words:
        rank += 1
    if "epoch" in words:
        rank -= 1
    return rank


def _metric_rank(bag: set[str]) -> int:
    if bag & {"acc", "accuracy", "top1"}:
        return 0
    if {"map50", "95"} <= bag:
        return 1
    if bag & {"map50_95", "ap", "miou", "f1", "dice", "auc", "r2", "bleu"}:
        return 2
    return 4
