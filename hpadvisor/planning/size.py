"""How large a search is, and how many of its finalists are confirmed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hpadvisor.engine.entries import Pruner, Strategy
from hpadvisor.planning.budget import Budget


@dataclass(frozen=True, slots=True)
class SearchSize:
    """How large a search is.

    Attributes:
        trials: Configurations.
        trainings: Expected cost in full trainings.
        finalists: Configurations that are trained again at the end, 0 for none.
        seeds: Fresh seeds of each finalist.
    """

    trials: int
    trainings: float
    finalists: int = 0
    seeds: int = 1

    @property
    def confirm(self) -> int:
        """Trainings of the confirmation."""
        return self.finalists * self.seeds


def search_size(strategy: Strategy, pruner: Pruner, budget: Budget) -> SearchSize:
    """Split what is left of a budget between search and confirmation.

    Finalists are known only once the search has ended, so a confirmation takes rounds of its own.
    Workers that would stand idle in them train further seeds; where more would be idle than
    confirm, there is no confirmation, and all goes to the search.
    """
    if strategy.max_trainings is not None:
        most = strategy.max_trainings + _wanted(strategy)
        budget = replace(budget, trainings=min(budget.trainings, most))
    finalists, seeds = _confirmation(strategy, budget)
    slots = budget.spend(finalists * seeds).slots
    if strategy.max_trainings is not None and finalists:
        slots = min(slots, strategy.max_trainings)
    fraction = pruner.cost_fraction if strategy.prune else 1.0
    pruned = min(slots, strategy.prune_trainings or slots)
    # Rounded up: pruned trials must not leave a part of a training unspent.
    trials = math.ceil(pruned / fraction - 1e-9) + slots - pruned
    return SearchSize(trials, slots, finalists, seeds)


def _wanted(strategy: Strategy) -> int:
    """Return the trainings of a strategy's confirmation."""
    return int(strategy.confirm.get("finalists", 0)) * int(strategy.confirm.get("seeds", 1))


def _confirmation(strategy: Strategy, budget: Budget) -> tuple[int, int]:
    """Return finalists and seeds that fit; none where too many workers would stand idle."""
    wanted = _wanted(strategy)
    left = budget.spend(wanted).slots
    idle = budget.slots - left - wanted
    if not wanted or left < wanted or idle > wanted:
        return 0, 1
    finalists, seeds = int(strategy.confirm["finalists"]), int(strategy.confirm.get("seeds", 1))
    room = wanted + idle
    pairs = [
        (count, each)
        for count in range(min(finalists, 3), room // 2 + 1)
        for each in range(2, room // count + 1)
    ]
    return min(
        pairs,
        key=lambda pair: (
            -pair[0] * pair[1],
            abs(pair[0] - finalists) + abs(pair[1] - seeds),
        ),
        default=(finalists, seeds),
    )
