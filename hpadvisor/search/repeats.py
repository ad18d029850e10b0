"""Repeats on fresh seeds that cannot tell anything: the seed changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

POINTS = 3
"""Scores along a training from which on two equal curves are no coincidence."""
PAIRS = 2
"""Configurations with two equal last scores, where there are no curves: shares of a few hundred
examples may be equal once by chance."""


def seed_changes_nothing(trials: Sequence[FrozenTrial]) -> bool:
    """Tell whether trainings on fresh seeds repeat the scores of the search to the last digit.

    Args:
        trials: Those of a confirmation. Each remembers the score of its configuration in the
            search, and a mark of its curve.
    """
    complete = [t for t in trials if t.state == TrialState.COMPLETE and "score" in t.user_attrs]
    if not complete or any(t.values[0] != t.user_attrs["score"] for t in complete):
        return False
    curves = [t for t in complete if len(t.intermediate_values) >= POINTS]
    if any(t.user_attrs.get("curve") != curve_mark(t) for t in curves):
        return False
    return bool(curves) or len({t.user_attrs["finalist"] for t in complete}) >= PAIRS


def curve_mark(trial: FrozenTrial) -> str:
    """Return a short mark of the scores that a training has reported."""
    curve = sorted(trial.intermediate_values.items())
    return hashlib.sha256(repr(curve).encode()).hexdigest()[:16]
