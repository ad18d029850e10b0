"""What a log does not say: of which part a score is, and what a number measures.

Nothing is made of it: a wrong role is worse than none. The lines that are left out say so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from hpadvisor.readers.curves.console.passes import give_part
from hpadvisor.readers.curves.console.plans import RecordPlan
from hpadvisor.readers.curves.console.rows import Log, numbers_of
from hpadvisor.readers.curves.roles import read_name
from hpadvisor.readers.curves.tables import Floats

_OF_BATCHES: Final = frozenset(("step", "batch", "bar", "iteration"))
_OF_A_PASS: Final = frozenset(
    ("f1", "precision", "recall", "auc", "roc", "auroc", "map", "miou", "iou", "bleu", "rouge",
     "wer", "cer", "ndcg", "mrr", "hits", "hit", "fscore", "f", "prauc", "auprc")
)  # fmt: skip
"""Words of scores that are taken over a whole set."""

_RARER: Final = 2
"""How many records of training stand for one of a pass, at the least."""


def of_no_part(log: Log) -> set[str]:
    """Scores without a part on lines of their own, between batches that log the loss alone.

    Those that are taken over a whole set (F1, mAP, BLEU, …) are of validation; of others nobody
    can tell.

    Returns:
        The names of columns that get no role.
    """
    trained = np.asarray([_is_training(group.plan) for group in log.groups], dtype=bool)
    rows = int(trained[log.which].sum()) if log.size else 0
    known = {
        item.name
        for which in np.unique(log.which).tolist()
        for item in log.groups[which].plan.items
        if trained[which] or item.part
    }
    told: dict[str, bool] = {}
    for which in np.unique(log.which).tolist():
        plan = log.groups[which].plan
        names = {item.name for item in plan.items if item.score}
        own = np.flatnonzero(log.which == which)
        if not _is_bare(plan) or names & known or len(own) * _RARER > rows:
            continue
        whole = bool(_OF_A_PASS & {word for name in names for word in _words(name)})
        if whole:
            give_part(log, own, "val")
        told |= dict.fromkeys(names, whole)
    for whole, text in (
        (True, "{} stand between the batches and name no part: taken for validation"),
        (False, "{} stand between the batches and name no part: neither training nor validation"),
    ):
        names = {name for name, said in told.items() if said == whole}
        if names:
            (log.notes if whole else log.left_out).append(text.format(", ".join(sorted(names))))
    return {name for name, whole in told.items() if not whole}


def of_no_measure(log: Log) -> set[str]:
    """Numbers that only a part names ("train: 0.4, val: 0.5") are losses where they fall.

    Returns:
        The names of columns that get no role.
    """
    values: dict[str, list[Floats]] = {}
    for which in np.unique(log.which).tolist():
        group = log.groups[which]
        for item in group.plan.items:
            if item.guessed:
                here = log.inside[log.which == which]
                values.setdefault(item.name, []).append(numbers_of(group, item)[here])
    if not values:
        return set()
    falling = [_falls(np.concatenate(pieces)) for pieces in values.values()]
    names = ", ".join(values)
    if "index" in log.places and "epoch" not in log.places and not falling[0]:
        _as_scores(log)  # CatBoost names no metric; on what it learns from a loss never rises
        log.notes.append(f"{names} name no measure; they rise, and are taken for scores")
        return set()
    if all(falling):
        log.notes.append(f"{names} name no measure; they fall, and are taken for losses")
        return set()
    log.left_out.append(f"{names} name no measure, and do not fall as losses do")
    return set(values)


def _as_scores(log: Log) -> None:
    for group in log.groups:
        items = [
            replace(one, name=f"{one.part}_score") if one.guessed else one
            for one in group.plan.items
        ]
        group.plan = RecordPlan(group.plan.places, items)


def _is_training(plan: RecordPlan) -> bool:
    """Whether a record is of a batch, with a loss of training."""
    losses = [item for item in plan.items if _role(item.name) == "train_loss" and item.score]
    return bool(_OF_BATCHES & set(plan.places)) and bool(losses)


def _is_bare(plan: RecordPlan) -> bool:
    """Whether a record holds nothing but scores that are no losses, without a part and a batch."""
    scores = [item for item in plan.items if item.score]
    if not scores or _OF_BATCHES & set(plan.places):
        return False
    return all(not one.part and _role(one.name) == "train_metric" for one in scores)


def _role(name: str) -> str:
    candidate = read_name(name)
    return "" if candidate is None else candidate.role


def _words(name: str) -> list[str]:
    return [
        word.rstrip("0123456789") if word != "f1" else word for word in name.lower().split("_")
    ]


def _falls(values: Floats) -> bool:
    """Whether the last third of numbers lies below the first; few of them say nothing."""
    known = values[np.isfinite(values)]
    third = max(len(known) // 3, 1)
    return len(known) < 2 or bool(known[-third:].mean() < known[:third].mean())
