"""Configurations that were trained on the same seeds, compared seed by seed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hpadvisor.facts.searches.student import student_tail
from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import Trial

LEVEL = 0.05
"""Chance of a false alarm, one-sided, of every comparison with the baseline."""


def shared_seeds(trials: Sequence[Trial]) -> list[str]:
    """The seeds on which every one of some trials has a score, in the first one's order."""
    if not trials:
        return []
    common = set(trials[0].seeds).intersection(*(trial.seeds for trial in trials))
    return [seed for seed in trials[0].seeds if seed in common]


def paired_gain(table: Table, best: Trial, baseline: Trial) -> tuple[float, float] | None:
    """Compare the best mean with the baseline's over the seeds that all configurations share.

    A block design: configurations × seeds, so that what a seed does to all of them cancels. The
    standard error is the larger of the pooled one and that of the pair's own differences, and the
    level is divided by the number of configurations, for the best of them was picked by the same
    scores. With nothing better it gives a false alarm in 2 to 10 % (benchmarks/audit/confirming).

    Args:
        table: All configurations.
        best: The one with the best mean.
        baseline: The default.

    Returns:
        The gain (more is better) and what it must exceed at a one-sided 5 % level; None where
        fewer than two seeds are shared.
    """
    import numpy as np

    members = [trial for trial in table.trials if len(trial.seeds) > 1]
    if best is baseline or best not in members or baseline not in members:
        return None
    seeds = shared_seeds(members)
    if len(seeds) < 2:
        members = [best, baseline]
        seeds = shared_seeds(members)
    if len(seeds) < 2:
        return None
    scores = np.array(
        [[t.replicates[t.seeds.index(seed)] for seed in seeds] for t in members]
    ) * table.sign  # fmt: skip
    gains = scores[members.index(best)] - scores[members.index(baseline)]
    freedom = (len(members) - 1) * (len(seeds) - 1)
    rest = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + scores.mean()
    pooled = math.sqrt(2 * float((rest**2).sum()) / freedom / len(seeds))
    own = float(gains.std(ddof=1)) / math.sqrt(len(seeds))
    margin = student_tail(LEVEL / (len(members) - 1), freedom) * max(pooled, own)
    return float(gains.mean()), margin
