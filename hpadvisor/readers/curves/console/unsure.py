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
from hpadvisor.readers.curves.roles import role_of
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
    """Scores without a part on lines of their own, beside a loss of training on others.

    That loss is of batches, between which the scores stand, or says itself that it is of training.
    Those that are taken over a whole set (F1, mAP, BLEU, …) are of validation; of others nobody
    can tell.

    Returns:
        The names of columns that get no role.
    """
    kinds = np.unique(log.which).tolist()
    plans = [log.groups[which].plan for which in kinds]
    held = any(role_of(one.name) == "val_loss" for plan in plans for one in plan.items)
    said = not held and any(map(_says_training, plans))  # with both losses see choosing.py
    trained = {which for which in kinds if _is_training(log.groups[which].plan, said)}
    rows = int(np.isin(log.which, sorted(trained)).sum()) * (_RARER if said else 1)
    known = {
        item.name
        for which in kinds
        for item in log.groups[which].plan.items
        if which in trained or item.part
    }
    of_validation, unclear = set[str](), set[str]()
    for which in kinds:
        plan, own = log.groups[which].plan, np.flatnonzero(log.which == which)
        names = {item.name for item in plan.items if item.score}
        if not _is_bare(plan, said) or names & known or len(own) * _RARER > rows:
            continue
        if any(word in _OF_A_PASS for name in names for word in _words(name)):
            give_part(log, own, "val")
            of_validation |= names
        elif all(role_of(name) == "train_metric" for name in names):
            unclear |= names
    text = "{} stand on lines of their own and name no part: "
    if of_validation:
        names_of = text.format(", ".join(sorted(of_validation)))
        log.notes.append(f"{names_of}taken for validation")
    if unclear:
        names_of = text.format(", ".join(sorted(unclear)))
        log.left_out.append(f"{names_of}neither training nor validation")
    return unclear


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


def _is_training(plan: RecordPlan, said: bool) -> bool:
    """Whether a record holds a loss of training: of a batch, or that says so itself."""
    losses = [one for one in plan.items if role_of(one.name) == "train_loss" and one.score]
    if said and _says_training(plan):
        return True
    return bool(_OF_BATCHES & set(plan.places)) and bool(losses)


def _says_training(plan: RecordPlan) -> bool:
    return any(one.part == "train" and role_of(one.name) == "train_loss" for one in plan.items)


def _is_bare(plan: RecordPlan, said: bool) -> bool:
    """Whether a record holds scores without a part and a batch.

    A loss may stand beside them where that of training says so itself.
    """
    scores = [item for item in plan.items if item.score]
    if not scores or _OF_BATCHES & set(plan.places) or any(one.part for one in scores):
        return False
    roles = {role_of(one.name) for one in scores}
    return roles == {"train_metric"} or (said and roles == {"train_metric", "train_loss"})


def _words(name: str) -> list[str]:
    return [
        word.rstrip("0123456789") if word != "f1" else word for word in name.lower().split("_")
    ]


def _falls(values: Floats) -> bool:
    """Whether the last third of numbers lies below the first; few of them say nothing."""
    known = values[np.isfinite(values)]
    third = max(len(known) // 3, 1)
    return len(known) < 2 or bool(known[-third:].mean() < known[:third].mean())
