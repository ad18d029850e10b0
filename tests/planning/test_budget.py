"""The arithmetic of budgets: trainings, rounds of workers, folds, longer trainings."""

from __future__ import annotations

import math

import pytest

from hpadvisor.engine.entries import Pruner, Strategy
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import holding, most_specific
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.budget import ASSUMED_TRAININGS, Budget
from hpadvisor.planning.size import SearchSize, search_size
from hpadvisor.records import replace


def budget(trainings: int, parallel: int = 1, hours: float | None = 1.0) -> Budget:
    return Budget(trainings, math.ceil(trainings / parallel), parallel, hours)


def test_nothing_said_is_an_assumption() -> None:
    assumed = Budget.of(Facts())
    assert assumed.assumed
    assert assumed.slots == ASSUMED_TRAININGS
    assert assumed.hours(3) is None
    assert assumed.gpu_hours(3) is None


def test_a_budget_is_counted_in_whole_trainings() -> None:
    facts = {"budget.trainings_that_fit": 7.9, "budget.hours_per_training": 2.0}
    read = Budget.of(Facts.of(facts))
    assert (read.slots, read.rounds, read.hours(3), read.gpu_hours(3)) == (7, 7, 6.0, 6.0)


def test_parallel_workers_share_a_round() -> None:
    four = budget(10, parallel=4, hours=2.0)
    assert (four.slots, four.rounds) == (10, 3)
    assert four.hours(4) == 2.0
    assert four.hours(5) == 4.0
    assert four.gpu_hours(5) == 10.0


def test_spending_takes_whole_rounds() -> None:
    left = budget(12, parallel=4).spend(5)
    assert (left.trainings, left.rounds, left.slots) == (7, 1, 4)
    assert left.spend(100).slots == 0


def test_a_hair_above_a_round_is_a_round() -> None:
    assert budget(10).rounds_of(0.1 + 0.2 + 0.7) == 1


def test_longer_trainings_are_fewer_and_dearer() -> None:
    longer = budget(20, parallel=2, hours=1.0).of_longer(3)
    assert (longer.trainings, longer.rounds, longer.slots) == (6, 3, 6)
    assert longer.hours(2) == 3.0


@pytest.mark.parametrize(
    ("trainings", "parallel", "slots", "hours_of_all"),
    [(50, 1, 10, 50.0), (50, 2, 8, 24.0), (50, 5, 10, 10.0), (50, 10, 10, 5.0), (29, 29, 5, 1.0),
     (4, 1, 0, 0.0), (500, 1, 20, 100.0)],
)  # fmt: skip
def test_folds_share_the_workers(
    trainings: int, parallel: int, slots: int, hours_of_all: float
) -> None:
    whole = budget(trainings, parallel)
    folded = whole.of_folds(5, most=20)
    assert folded.slots == slots
    assert folded.hours(slots) == hours_of_all
    assert hours_of_all <= whole.rounds


def size_of(trainings: int, parallel: int, knowledge: Knowledge, epochs: int = 50) -> SearchSize:
    facts = Facts.of({"budget.trainings_that_fit": float(trainings), "training.epochs": epochs})
    if parallel > 1:
        facts.put("budget.workers_share", parallel / trainings, "test")
    strategy = most_specific(holding(knowledge.strategies, facts))[0]
    pruner = most_specific(holding(knowledge.pruners, facts))[0]
    if strategy.strategy in ("manual", "grid"):
        return SearchSize(trainings, trainings)
    return search_size(strategy, pruner, budget(trainings, parallel))


@pytest.mark.parametrize("parallel", [1, 2, 3, 5, 7, 13, 15, 26, 36, 77])
@pytest.mark.parametrize("epochs", [3, 50])
def test_no_training_more_ever_means_fewer_trainings(
    parallel: int, epochs: int, knowledge: Knowledge
) -> None:
    most = 0.0
    for trainings in range(1, 231):
        size = size_of(trainings, parallel, knowledge, epochs)
        total = size.trainings + size.confirm
        whole = budget(trainings, parallel)
        rounds = whole.rounds_of(size.trainings) + whole.rounds_of(size.confirm)
        assert total <= trainings + 1e-9
        assert rounds <= whole.rounds
        assert total >= most - 1e-9, trainings
        most = max(most, total)


STRATEGY = Strategy(
    id="S", title="", kind="strategies", path="", line=1, strategy="bayesian", tiers=2,
    sampler={}, prune=True, confirm={"finalists": 3, "seeds": 2}, max_trainings=100,
)  # fmt: skip
PRUNER = Pruner(
    id="P", title="", kind="pruners", path="", line=1, pruner="asha", settings={},
    cost_fraction=0.4,
)  # fmt: skip


def test_a_pruner_turns_its_saving_into_trials() -> None:
    size = search_size(STRATEGY, PRUNER, budget(46))
    assert (size.trials, size.trainings, size.finalists, size.seeds) == (100, 40.0, 3, 2)


def test_what_is_no_longer_pruned_costs_a_training_each() -> None:
    early = replace(STRATEGY, prune_trainings=10)
    size = search_size(early, PRUNER, budget(46))
    assert (size.trials, size.trainings) == (25 + 30, 40.0)
    assert (
        search_size(early, PRUNER, budget(8)).trials
        == search_size(STRATEGY, PRUNER, budget(8)).trials
    )


def test_a_search_ends_at_its_most() -> None:
    size = search_size(STRATEGY, PRUNER, budget(1000))
    assert (size.trials, size.trainings, size.confirm) == (250, 100, 6)


def test_idle_workers_train_further_seeds() -> None:
    size = search_size(STRATEGY, PRUNER, budget(24, parallel=8))
    assert (size.trainings, size.finalists, size.seeds) == (16.0, 4, 2)


def test_no_confirmation_where_most_workers_would_wait() -> None:
    assert search_size(STRATEGY, PRUNER, budget(52, parallel=26)).confirm == 0
