"""Which of several recorded scores was the aim, and whether it should rise."""

from __future__ import annotations

from collections.abc import Sequence

from hpadvisor.readers.metrics import direction_of, split_of, words_of
from hpadvisor.readers.searches.record import MAXIMIZE, MINIMIZE

SCORE_PREFIXES = (
    "metrics.", "metrics/", "metric_", "summary/", "summary.", "values_", "scores/", "scores.",
    "results/", "results.",
)  # fmt: skip
SCORE_WORDS = ("value", "objective", "target", "result", "score", "metric", "final_score",
               "objective_value", "best_value", "mean_test_score")  # fmt: skip


def plain_score(name: str) -> str:
    """A score's name without the prefix that engines put before it."""
    return next((name[len(p) :] for p in SCORE_PREFIXES if name.startswith(p)), name)


def direction_of_score(name: str) -> str | None:
    """The direction that a score's name tells, None where it tells none; see the metric table."""
    plain = plain_score(name)
    if plain.lower() in ("score", "mean_test_score", "best_score", "final_score"):
        return MAXIMIZE  # as scikit-learn means it
    return direction_of(plain)


def rank(name: str) -> int:
    """How likely a score is the one that was optimised; lower is likelier.

    A column that is called objective, then a validation metric, a validation loss, a metric, a
    loss, then those of test and training data; last what has no direction.
    """
    plain = plain_score(name)
    if plain.lower() in SCORE_WORDS or name.startswith("values_"):
        return 0
    direction = direction_of_score(name)
    if direction is None:
        return 9
    falls = direction == MINIMIZE and "loss" in plain.lower()
    split = split_of(plain)
    if split == "validation":
        return 2 if falls else 1
    if split == "test":
        return 6 if falls else 5
    if split == "training":
        return 8 if falls else 7
    return 4 if falls else 3


_PARTS = frozenset(
    ("precision", "recall", "sensitivity", "specificity", "ppv", "npv", "tpr", "tnr")
)
"""Each of them alone is had by saying yes, or no, to everything."""


def without_parts(names: Sequence[str]) -> list[str]:
    """Leave out precision, recall and their like where whole scores, such as F1, stand beside.

    A score of precision and recall both (``average_precision``) is whole.

    Args:
        names: Scores that are likely to the same degree.
    """
    whole = [name for name in names if not _is_part(name)]
    return whole or list(names)


def _is_part(name: str) -> bool:
    words = words_of(name)
    whole = any(word in ("average", "avg") or word.isdigit() for word in words)  # recall@10
    return bool(_PARTS & set(words)) and not whole


_ONLY_A_SCORE = frozenset(("score", "scores", "val", "valid", "validation", "cv", "mean", "avg"))


def says_little(name: str) -> bool:
    """Whether a score's name says no more than that it is one; some people score errors."""
    words = set(words_of(name))
    return bool(words & {"score", "scores"}) and words <= _ONLY_A_SCORE
