"""Why a stop rule keeps its promise on one pool and not on another.

``python -m benchmarks.audit.why`` prints it.

A search that stops after a share s of its random trials loses half a point where all trials within
half a point of its best were still to come. With k such trials that happens in (1 - s)^k of the
searches, whatever the scores showed before, if they do not foretell which searches still gain.
"""

from __future__ import annotations

import numpy as np

from benchmarks.audit.pools import Pool, load_pools
from benchmarks.audit.rates import HALF_A_POINT, Row

DRAWS, TRIALS, SPENT = 4000, 100, 0.65


def row(pool: Pool) -> Row:
    """Near bests among a hundred trials, the loss that follows, noise and gaps at the top."""
    truth = np.asarray(pool.truth)
    rng = np.random.default_rng(0)
    near = np.empty(DRAWS)
    for place in range(DRAWS):
        drawn = truth[rng.choice(len(truth), min(TRIALS, len(truth)), replace=False)]
        near[place] = (drawn >= drawn.max() - HALF_A_POINT).sum()
    order = np.argsort(-truth)
    best = np.asarray(pool.final)[order[: max(5, len(truth) // 20)]]
    return {
        "pool": f"{pool.name}{'' if pool.chosen_on else ' *'}",
        "near_best_of_100": round(float(near.mean()), 1),
        "best_alone": round(float((near == 1).mean()), 2),
        "loss_that_follows": round(float(((1 - SPENT) ** near).mean()), 3),
        "noise_at_the_top": round(float(np.sqrt(best.var(axis=1, ddof=1).mean())), 4),
        "best_less_fifth": round(float(truth[order[0]] - truth[order[4]]), 4),
    }


if __name__ == "__main__":
    for found in map(row, load_pools()):
        print(found)
