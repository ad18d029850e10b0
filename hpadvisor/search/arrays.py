"""What a model of scores counts with: the type of its arrays, and scores made alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def levelled(scores: Array) -> Array:
    """Return scores, higher is better, with mean 0 and variance 1.

    What lies far below the median tells no more than that it is bad, so it is cut there; what
    diverged stands with it.
    """
    finite = scores[np.isfinite(scores)]
    if not len(finite):
        return np.zeros(len(scores))
    middle, upper, top = np.quantile(finite, [0.5, 0.75, 1.0])
    floor = middle - 4 * ((upper - middle) or (top - middle) or 1.0)
    scores = np.maximum(np.where(np.isfinite(scores), scores, floor), floor)
    return np.asarray((scores - scores.mean()) / (scores.std() or 1.0))
