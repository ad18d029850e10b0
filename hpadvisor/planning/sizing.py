"""How often a trial is trained, and where a search ends although the budget goes on."""

from __future__ import annotations

from dataclasses import dataclass

from hpadvisor.engine.entries import Strategy
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.budget import Budget
from hpadvisor.records import replace

AGENTS = frozenset({"ppo", "sac", "dqn"})
"""Kinds whose seeds differ as much as their settings (Henderson et al. 2018, section 4)."""
TABLES = frozenset({
    "gradient-boosting", "svm", "random-forest", "k-nearest-neighbors", "linear-model",
})  # fmt: skip
"""Kinds on tables that train fast enough for folds."""
FOLDS = 5
FEW_ROWS, LEAST_FOLDED = 10_000, 50
"""Tables below so many rows are cross-validated, once so many trainings fit; of workers that the
folds leave idle, none count."""
FEW_NETWORK_ROWS, LEAST_FOLDED_NETWORK = 2_000, 150
"""The same for networks, whose search gains more from trials than from folds (HPOBench)."""
LEAST_SEEDED = 6
"""Trainings of an agent from which each trial is trained on two seeds."""
MOST_REPEATED = 60
"""Trials of a search whose trials are repeated: more would fit the folds, not the task."""
EXAMPLES_EACH, LEAST_TRIALS = 8, 12
"""A validation set bears a trial for every so many examples; the best of more is luck."""
CONFIRMING = {"finalists": 3, "seeds": 3, "baseline": 1}
"""The confirmation where noise is a part of the gap that is to be closed."""
LEAST_CONFIRMED = 25
TOO_NOISY = 0.5
"""Noise as a share of the gap from which one seed tells nothing: each trial has two, counted."""
SHORT_CONFIRMING = {"finalists": 3, "seeds": 2}


@dataclass(frozen=True, slots=True)
class Repeats:
    """Trainings of one trial.

    Attributes:
        times: How many.
        folds: Whether they are folds; else they are seeds.
        most: Trials that are enough.
    """

    times: int = 1
    folds: bool = False
    most: int = MOST_REPEATED


def repeats(facts: Facts, budget: Budget) -> Repeats:
    """Return how often each trial is trained: agents on seeds, small tables on folds."""
    kind, rows = facts.get("training.kind"), facts.get("data.train_examples")
    if kind in AGENTS:
        return _seeds(budget)
    if facts.get("task.noise_share", 0) >= TOO_NOISY and budget.slots >= LEAST_CONFIRMED:
        return Repeats(2)
    if rows is None:
        return Repeats()
    folded = budget.of_folds(FOLDS, most=MOST_REPEATED).slots
    if kind in TABLES and rows < FEW_ROWS and folded * FOLDS >= LEAST_FOLDED:
        return Repeats(FOLDS, folds=True)
    few = kind == "tabular-mlp" and rows < FEW_NETWORK_ROWS
    if few and budget.slots >= LEAST_FOLDED_NETWORK:
        return Repeats(FOLDS, folds=True)
    return Repeats()


def _seeds(budget: Budget) -> Repeats:
    """Return two or three seeds, so that no worker stands idle where that can be."""
    if budget.slots < LEAST_SEEDED:
        return Repeats()
    idle_of_three = budget.parallel > 1 and budget.parallel % 3
    few = budget.slots < 5 * LEAST_SEEDED
    return Repeats(2 if few or idle_of_three else 3, most=200)


def limited(strategy: Strategy, facts: Facts, budget: Budget) -> Strategy:
    """Return a strategy that ends where the validation set ends, and confirms where noise asks.

    Args:
        strategy: The strategy of the budget.
        facts: Validation examples, and noise as a share of the gap.
        budget: What is left.
    """
    examples = facts.get("data.validation_examples")
    if examples is not None and strategy.tiers > 1:
        most = max(LEAST_TRIALS, int(examples // EXAMPLES_EACH))
        if strategy.max_trainings is None or most < strategy.max_trainings:
            paid = budget.slots >= most + SHORT_CONFIRMING["finalists"] * SHORT_CONFIRMING["seeds"]
            short = most < LEAST_CONFIRMED and (strategy.confirm or paid)
            few = SHORT_CONFIRMING if short else strategy.confirm
            strategy = replace(strategy, max_trainings=most, confirm=few)
    noisy = facts.get("task.noise_share", 0) >= 0.15
    if noisy and not strategy.confirm and budget.slots >= LEAST_CONFIRMED:
        strategy = replace(strategy, confirm=CONFIRMING)
    return strategy
