"""Column names to roles: which column is the training loss, the validation score, the rate."""

from __future__ import annotations

from typing import Final

from hpadvisor.readers.curves.vocabulary import (
    EPOCH,
    GLOBAL_STEP,
    GRADIENT_NORM,
    RATE,
    SKIP,
    STEP,
)
from hpadvisor.readers.metrics import (
    TEST,
    TRAIN,
    VALIDATION,
    Metric,
    is_loss,
    metrics_in_use,
    negated,
    words_of,
)
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

_STANDS_IN = 40
"""How far a metric that may be the loss stands behind a loss of that name."""

_GLUED = ("val", "valid", "validation")
"""Parts that are written in one word with what follows: ``valloss``."""

_WHOLE = frozenset(("total", "overall", "combined", "tot"))
"""Of all parts of a loss together."""

_TOGETHER = frozenset(("joint",))
"""Of several parts together, or of the joints of a body: before a part, behind a plain loss."""

_MEAN = frozenset(("mean", "avg", "average", "averaged"))
"""Over more than one batch."""

OF_NO_KIND = _WHOLE | _TOGETHER | _MEAN
"""What these say of a loss is no kind of it."""

_PASSING = frozenset(("step", "batch", "running", "current", "cur", "iter"))
"""Of one batch, where a mean over more may be logged as well."""


_COEFFICIENTS = frozenset(("coef", "coeff", "coefficient"))
_OF_SCORES = frozenset(("dice", "correlation", "corr", "jaccard", "similarity", "matthews"))
"""Beside these a coefficient is a score, else a setting."""


class Candidate(Record):
    """A reading of a column name; smaller ``rank`` is better.

    Attributes:
        role: One of ``ROLES``.
        rank: Plain names come first.
        higher_is_better: Direction of a metric.
        metric: What is measured, None for a loss of that name and for what is no score.
    """

    role: str
    rank: int
    higher_is_better: bool = True
    metric: Metric | None = None

    @property
    def is_score(self) -> bool:
        """Whether it is a loss or a metric, of whatever part."""
        return self.role.endswith(("loss", "metric"))

    @property
    def stands_in(self) -> bool:
        """Whether this is a metric that may be the loss where none is logged by that name."""
        return self.metric is not None and self.role.endswith("loss")


def tokens(name: str) -> list[str]:
    """Split a column name into lower-case words: at ``/``, ``_``, ``.``, blanks and camelCase."""
    return list(words_of(name))


def is_score(name: str) -> bool:
    """Whether a column name is that of a loss or a metric."""
    candidate = read_name(name)
    return candidate is not None and candidate.is_score


def role_of(name: str) -> str:
    """The role of a column name; empty where it is nothing that a diagnosis needs."""
    candidate = read_name(name)
    return "" if candidate is None else candidate.role


def read_name(name: str) -> Candidate | None:
    """Read one column name; None where it is nothing that a diagnosis needs."""
    words = tokens(name)
    joined = "_".join(words)
    axis = _axis(joined, words)
    if axis is not None:
        return axis
    if RATE & {*words, joined} or "learning_rate" in joined or _is_rate(words):
        plain = joined in ("lr", "learning_rate")
        return Candidate("learning_rate", 0 if plain else 1 + len(words))
    if GRADIENT_NORM & {*words, joined} or "grad" in words or "gradient" in words:
        normed = "norm" in words or bool(GRADIENT_NORM & {*words, joined})
        return Candidate("grad_norm", len(words)) if normed else None
    words = _without_coefficient(words)
    if SKIP & set(words):
        return None
    return _score(words)


def _without_coefficient(words: list[str]) -> list[str]:
    """A name without ``coefficient`` where that is of a score: ``Dice Coeff``; else as it is."""
    scored = _OF_SCORES & set(words) and not is_loss(words)
    return [word for word in words if word not in _COEFFICIENTS] if scored else words


def _is_rate(words: list[str]) -> bool:
    """Whether a name is a rate of a parameter group: ``lr0``, ``optim0_lr0``, ``lr/pg0``."""
    return any(word.rstrip("0123456789") == "lr" for word in words)


def is_axis(name: str) -> bool:
    """Whether a column counts epochs, steps or time."""
    words = tokens(name)
    return _axis("_".join(words), words) is not None


def _axis(joined: str, words: list[str]) -> Candidate | None:
    if joined in EPOCH:
        return Candidate("epoch", 0 if joined == "epoch" else 1)
    if joined in GLOBAL_STEP:
        return Candidate("step", 0)
    if joined in STEP:
        return Candidate("step", 1)
    if joined in ("time", "elapsed", "timestamp", "wall_time", "runtime", "elapsed_time"):
        return Candidate("time", 0)
    if words and words[-1] in ("seconds", "secs") and "per" not in words:
        return Candidate("time", 1)
    return None


def _score(words: list[str]) -> Candidate | None:
    """A loss or a metric; ``rmse`` and its like are the loss where nothing else is."""
    part = _part(words)
    if is_loss(words):
        role = "val_loss" if part else "train_loss"
        return Candidate(role, _rank(words, part, "loss"))
    metric = metrics_in_use().find(words)
    if metric is None or negated(words, metric):
        return None
    if metric.loss:
        return _standing_in(words, part, metric)
    return as_metric(words, part, metric)


def _standing_in(words: list[str], part: str | None, metric: Metric) -> Candidate:
    role = "val_loss" if part else "train_loss"
    return Candidate(role, _rank(words, part, "loss") + _STANDS_IN, False, metric)


def as_metric(words: list[str], part: str | None, metric: Metric) -> Candidate:
    """A column as a metric of its part; without a part it is of validation where it must be."""
    evaluated = metric.evaluated and not TRAIN & set(words)
    role = "val_metric" if part or evaluated else "train_metric"
    higher = metric.better != "lower"
    rank = _rank(words, part, "accuracy") + 2 * metric.order
    if "95" in words:  # AP over all thresholds is what COCO ranks by
        rank -= 3
    return Candidate(role, rank, higher_is_better=higher, metric=metric)


def running_best(name: str) -> Metric | None:
    """The metric of which a column is the best so far: ``val/acc_best``; None for all else."""
    words = tokens(name)
    return (
        metrics_in_use().find([word for word in words if word != "best"])
        if ("best" in words and not is_loss(words))
        else None
    )


def _part(words: list[str]) -> str | None:
    for word in words:
        base = word.rstrip("0123456789")
        if base in VALIDATION:
            return base
        if base in TRAIN:
            return None
        for known in _GLUED:
            if word in (f"{known}loss", f"{known}acc"):
                return known
    return None


def part_of(name: str) -> str | None:
    """Which part a name or a label says: ``train``, ``val`` or ``test``; None for none."""
    words = tokens(name)
    if any(word.rstrip("0123456789") in TRAIN for word in words):
        return "train"
    part = _part(words)
    return "test" if part in TEST else "val" if part else None


def _rank(words: list[str], part: str | None, plain: str) -> int:
    """Plain names first; ``test`` stands in for validation only where nothing else does."""
    rank = 2 * len(words)
    if part in TEST:
        rank += 20
    if plain in words:
        rank -= 1
    if TRAIN & set(words):
        rank -= 2
    if _WHOLE & set(words):
        rank -= 4
    if _TOGETHER & set(words):
        rank -= 1
    if part and _MEAN & set(words):
        rank -= 3  # beside it stands the value of one batch
    if _PASSING & set(words):
        rank += 3
    if "epoch" in words:
        rank -= 1
    return rank
