"""Names of the scores of boosting: which part is trained on, which one is held out."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TRAINED = re.compile(r"(?:^|[^a-z])(?:train|training|dtrain|learn)(?:[^a-z]|$)", re.IGNORECASE)


def named_parts(scores: Sequence[tuple[str, str, float]]) -> dict[str, float]:
    """Name scores for the readers: ``train-logloss``, ``valid-logloss``.

    Of ``validation_0`` and ``validation_1``, scikit-learn's names for the sets in the order in
    which they were given, the first is customarily the training data; so it is here, where there
    are two. With one held-out part it is called ``valid``; with several each keeps its name.

    Args:
        scores: Part, metric and value of each.
    """
    parts = list(dict.fromkeys(part for part, _, _ in scores))
    named = dict.fromkeys(parts, "")
    if parts == ["validation_0", "validation_1"]:
        named = {"validation_0": "train", "validation_1": "valid"}
    else:
        held_out = [part for part in parts if not _TRAINED.search(part)]
        named |= {part: "train" for part in parts if part not in held_out}
        named |= dict.fromkeys(held_out, "valid") if len(held_out) == 1 else {}
    return {f"{named[part] or part}-{metric}": value for part, metric, value in scores}
