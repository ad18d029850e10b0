"""Which trials to go on with: those of which a model of all of them expects most.

The best of many noisy scores is lucky. A Gaussian process of all trials knows how much of a score
its neighbours bear out; replayed on five networks, the trial of which it expects most was the
better choice by 0.2 % of the default's score, standard error 0.1 (benchmarks/loop/RESULTS.md).
"""

from __future__ import annotations

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.plan import SearchPlan
from hpadvisor.search.proposals import Outlook
from hpadvisor.search.threads import one_thread
from hpadvisor.search.trials import FINISHED, is_broken, ranked

FEWEST, MOST = 12, 500
"""Complete trials from which a model says more than the scores, and beyond which it is slow."""


def favoured(plan: SearchPlan, study: optuna.Study) -> list[FrozenTrial]:
    """Return the complete trials, the one of which most is expected first.

    With few trials, or a plan whose search brings no model, the best score comes first.

    Args:
        plan: The plan, with the space that its search has by now.
        study: The search.
    """
    best = ranked(study)
    if plan.model is None or not FEWEST <= len(best) <= MOST:
        return best
    trials = study.get_trials(deepcopy=False)
    ended = [t for t in trials if t.state in FINISHED or is_broken(plan.space, t)]
    with one_thread():
        expected = Outlook(plan, study, ended).expected
    places = {trial.number: float(expected[place]) for place, trial in enumerate(ended)}
    complete = [trial for trial in best if trial.state == TrialState.COMPLETE]
    return sorted(complete, key=lambda trial: -places[trial.number])
