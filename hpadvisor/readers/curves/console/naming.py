"""Phrases of a console log to names: what a number is called, and of which part it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from hpadvisor.readers.curves.roles import read_name, tokens
from hpadvisor.readers.curves.vocabulary import (
    EPOCH,
    GLOBAL_STEP,
    NUMBERED,
    SKIP,
    STEP,
    word_set,
)
from hpadvisor.readers.metrics import TRAIN, VALIDATION

_PARTS: Final = {
    **dict.fromkeys(TRAIN, "train"),
    **dict.fromkeys(VALIDATION, "val"),
    "dev": "dev",
    "eval": "eval",
    "evaluation": "eval",
    "evaluating": "eval",
    "test": "test",
    "testing": "test",
    "tst": "test",
    "te": "test",
    "validating": "val",
    "crossvalidation": "val",
}
_NO_PARTS: Final = frozenset(("tr", "te"))
"""Words that name a part within a name, but not when they stand alone in a text."""

_MODIFIERS: Final = word_set(
    "avg average averaged mean total overall batch epoch global running final current cur "
    "macro micro weighted top class pixel word char character phone token sentence exact "
    "match box mask set phase net lm main aux auxiliary reg smooth hard soft semi raw ema "
    "student teacher binary categorical sparse cross entropy log negative likelihood "
    "squared absolute error rate learning gradient grad norm root bits value center triplet "
    "focal"
)
_BATCH: Final = word_set("batch batches minibatch mini_batch batch_id batch_idx i")
_RUNS: Final = word_set("fold folds kfold cv_fold run trial seed repeat split")
_NO_PLACE: Final = word_set(
    "number num n total max maximum warmup per skipped nan save log every interval "
    "accumulation bad stale waited waiting wait stagnant improvement best "
    "remaining last from load loaded loading resume resumed resuming "
    "restored restoring stopping stopped stop checkpoint saved saving until decay eta by patience"
)
_TAILS: Final = word_set("so far now was of at to")
_RANKS: Final = word_set("rank local_rank global_rank node_rank")
_PART_KEYS: Final = word_set("phase split mode stage subset set part partition type")
_RECORD_SO_FAR: Final = word_set("best improved improving improve lowest highest decreased")


@lru_cache(maxsize=4096)
def part_of_word(word: str) -> str | None:
    """The part that a single word of a text says: ``Validating``, ``[dev]``, ``valid_1``."""
    low = word.lower().strip("_")
    if low in _NO_PARTS:
        return None
    if low == "cv":
        return "val" if word == "CV" else None
    for piece in (low, low.rstrip("0123456789").rstrip("_")):
        if piece in _PARTS:
            return _PARTS[piece]
    joined = low.split("-")
    if read_name(word) is not None:
        return None  # "train-logloss" is a name of its own
    if 2 <= len(joined) <= 3 and "/" not in low and "." not in low:
        return next((_PARTS[piece] for piece in joined if piece in _PARTS), None)
    return None


def is_plain_part(word: str) -> bool:
    """Whether a word is nothing but a part: ``val``, ``valid_1``, not ``decode-walltime-val``."""
    return word.lower().strip("_").rstrip("0123456789").rstrip("_") in _PARTS


def part_of_phrase(words: list[str]) -> str | None:
    """The part that a phrase says: the last of its words that says one, alone or joined."""
    for word in reversed(words):
        part = part_of_word(word)
        if part is not None:
            return part
    return None


@lru_cache(maxsize=4096)
def part_inside(name: str) -> str | None:
    """The part that stands within a name: ``val_loss``, ``train/acc``, ``lossTest``."""
    for word in tokens(name):
        base = word.rstrip("0123456789")
        if base in _PARTS:
            return _PARTS[base]
    return None


def name_of(words: list[str]) -> list[str]:
    """The end of a phrase that is a name: ``Average Train Loss`` of ``The Average Train Loss``."""
    while len(words) > 1 and words[-1].lower() in _TAILS:
        words = words[:-1]
    if "on" in words[1:]:  # "Learning rate on architecture1"
        named = words[: words.index("on", 1)]
        if _belongs(named[-1]) and part_of_word(named[-1]) is None:
            words = named
    lowered = [word.lower() for word in words]
    if "of" in lowered[1:-1] and lowered[lowered.index("of", 1) + 1] in ("the", "our", "this"):
        named = words[: lowered.index("of", 1)]  # "Accuracy of the network"
        candidate = read_name(named[-1])
        words = named if candidate is not None and candidate.role.endswith("metric") else words
    start = len(words)
    while start > 0 and start > len(words) - 6:
        if not _belongs(words[start - 1]):
            # "mean orientation loss" is no mean loss, whatever the word in between means
            within = 1 < start < len(words) and _belongs(words[start - 2])
            if not within or counter_of(words[: start - 1]) is not None:
                break
        start -= 1
    return words[start:] if start < len(words) else words[-1:]


@lru_cache(maxsize=4096)
def _belongs(word: str) -> bool:
    low = word.lower()
    if low in _MODIFIERS or low in SKIP or part_of_word(word) is not None:
        return True
    if any(piece in _MODIFIERS for piece in low.split("-")):
        return True
    return read_name(word) is not None


def counter_of(words: list[str]) -> str | None:
    """What a phrase counts: ``epoch``, ``step``, ``batch``, ``fold``, ``rank``; None for nothing.

    "Number of skipped iterations", "warmup steps", "resumed from epoch" count no place of a log.
    """
    if len(words) > 1 and words[-1].lower() in NUMBERED:
        words = words[:-1]
    if any(word.lower() in _NO_PLACE for word in words[:-1]):
        return None
    low = [word.lower().strip("_#") for word in words]
    last, two = low[-1], "_".join(low[-2:])
    if last in EPOCH:
        return "epoch"
    if two in GLOBAL_STEP or last in GLOBAL_STEP:
        return "step"
    if last in _BATCH or two in _BATCH:
        return "batch"
    if last in STEP:
        return "step"
    if last in _RUNS:
        return last
    return "rank" if last in _RANKS else None


def says_part(words: list[str], value: str) -> str | None:
    """The part that a word behind a name says: ``valid=dev``, ``phase: val``."""
    if words[-1].lower().strip("_") in _PART_KEYS:
        said = part_of_word(value) or part_of_word(value.replace("_", "-"))  # "val_epoch"
        if said is not None:
            return said
    part = part_of_phrase(words) if len(words) <= 3 else None
    if part is None:
        return None
    return part_of_word(value) or part


def is_record_so_far(words: list[str]) -> bool:
    """Whether a phrase tells of the best so far."""
    return any(word.lower() in _RECORD_SO_FAR for word in words)
