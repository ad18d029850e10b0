"""Selection and steps: what is searched, in which values, at which price."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hpadvisor.api import plan
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import holding, most_specific
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.derived import top5_chance
from hpadvisor.facts.situation.model import Situation
from hpadvisor.planning.listed import rate_values
from hpadvisor.planning.model import Parameter, Plan
from hpadvisor.planning.selection import select
from hpadvisor.planning.steps import pruner_settings

RATE = Parameter(name="lr", type="float", low=1e-4, high=1e-2, scale="log", default=1e-3)
TIERS = {"learning_rate": 1, "weight_decay": 2, "dropout": 3, "momentum": 4}


@pytest.mark.parametrize(("trials", "chance"), [(1, 0.05), (20, 0.6415), (60, 0.9539)])
def test_chance_of_the_best_twentieth(trials: int, chance: float) -> None:
    assert top5_chance(trials) == pytest.approx(chance, abs=1e-4)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, [1e-3]),
        (2, [1e-3, 3.2e-3]),
        (3, [1e-3, 3.2e-3, 3.2e-4]),
        (4, [1e-3, 3.2e-3, 3.2e-4, 1e-2]),
        (5, [1e-3, 3.2e-3, 3.2e-4, 1e-2, 1e-4]),
    ],
)
def test_values_of_a_rate_lie_around_the_start(count: int, expected: list[float]) -> None:
    assert rate_values(RATE, count, None) == pytest.approx(expected)


def test_values_start_where_the_user_stands() -> None:
    assert rate_values(RATE, 3, 2e-3)[0] == 2e-3


def test_a_score_that_is_known_is_not_trained_again() -> None:
    values = rate_values(RATE, 4, 1e-3, known=True)
    assert 1e-3 not in values
    assert values == pytest.approx([3.2e-3, 3.2e-4, 1e-2, 1e-4])


def test_one_side_goes_on_where_the_other_ends() -> None:
    assert rate_values(RATE, 3, 1e-2) == pytest.approx([1e-2, 3.2e-3, 1e-3])


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6, 8, 9])
@pytest.mark.parametrize("start", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("low", "high"), [(1e-3, 1e-2), (1e-4, 1e-2), (2e-5, 5e-5), (1e-6, 1.0)])
def test_neighbours_are_never_nearer_than_scores_can_tell(
    count: int, start: float, low: float, high: float
) -> None:
    today = low * (high / low) ** start
    rate = Parameter(name="lr", type="float", low=low, high=high, scale="log", default=low)
    values = sorted(float(value) for value in rate_values(rate, count, today))
    assert 1 <= len(values) <= count
    assert low * 0.999 <= values[0]
    assert values[-1] <= high * 1.001
    assert all(upper / lower >= 1.8 for lower, upper in pairwise(values))


def test_a_pruner_speaks_in_epochs(knowledge: Knowledge) -> None:
    facts = Facts.of({"training.epochs": 90})
    pruner = most_specific(holding(knowledge.pruners, facts))[0]
    settings = pruner_settings(pruner, 90)
    assert settings["name"] == "asha"
    assert settings["min_epochs"] == 9
    assert settings["reduction_factor"] == 3


def selection_of(
    trainings: int, trials: int, knowledge: Knowledge, **search: list[str]
) -> tuple[list[str], dict[str, str]]:
    facts = Facts.of({"budget.trainings_that_fit": float(trainings)})
    strategy = most_specific(holding(knowledge.strategies, facts))[0]
    situation = Situation.model_validate({"search": search})
    found = select(strategy, trials, situation, TIERS, [], facts)
    return found.tune, found.held


@pytest.mark.parametrize(
    ("trainings", "expected"),
    [(2, 1), (6, 1), (15, 2), (40, 3), (150, 4)],
)
def test_a_larger_budget_reaches_further(
    trainings: int, expected: int, knowledge: Knowledge
) -> None:
    tune, held = selection_of(trainings, 100, knowledge)
    assert tune == list(TIERS)[:expected]
    assert list(held) == list(TIERS)[expected:]


def test_hyperparameters_join_one_by_one(knowledge: Knowledge) -> None:
    counts = [len(selection_of(150, trials, knowledge)[0]) for trials in (7, 10, 18, 26, 100)]
    assert counts == [1, 2, 3, 4, 4]
    _, held = selection_of(150, 10, knowledge)
    assert "10 trainings leave no room" in held["dropout"]


def test_fixed_names_stay_and_wished_ones_are_taken(knowledge: Knowledge) -> None:
    tune, held = selection_of(150, 100, knowledge, fixed=["dropout"])
    assert "dropout" not in tune
    assert held["dropout"] == "you asked to leave it"
    tune, held = selection_of(15, 100, knowledge, tune=["momentum", "weight_decay"])
    assert tune == ["weight_decay", "momentum"]


def test_where_no_early_tier_is_left_the_next_is_searched(knowledge: Knowledge) -> None:
    tune, _ = selection_of(15, 30, knowledge, fixed=["learning_rate", "weight_decay"])
    assert tune == ["dropout"]


def mlp(knowledge: Knowledge, **sections: dict[str, object]) -> Plan:
    usual: dict[str, dict[str, object]] = {"training": {"kind": "tabular-mlp", "epochs": 50}}
    return plan(usual | sections, knowledge=knowledge)


def test_half_and_four_times_the_budget_are_told(knowledge: Knowledge) -> None:
    result = mlp(knowledge, budget={"hours": 48, "hours_per_training": 1})
    less, more = result.alternatives
    assert "Half the budget (24 h)" in less.budget
    assert "Four times the budget (192 h)" in more.budget
    assert less.trainings < result.trainings < more.trainings
    assert more.summary


def test_alternatives_are_what_such_a_budget_would_get(knowledge: Knowledge) -> None:
    for hours in (3, 10, 26, 48, 120):
        result = mlp(knowledge, budget={"hours": hours, "hours_per_training": 1})
        for alternative, factor in zip(result.alternatives, (0.5, 4.0), strict=True):
            other = mlp(knowledge, budget={"hours": hours * factor, "hours_per_training": 1})
            assert alternative.trainings == pytest.approx(other.trainings)


def test_a_grid_over_a_hundred_is_talked_out_of_with_its_days(knowledge: Knowledge) -> None:
    result = mlp(
        knowledge,
        budget={"hours": 100, "hours_per_training": 1},
        search={"strategy": "grid", "tune": ["learning_rate", "weight_decay", "dropout", "width"]},
    )
    assert result.search_steps[0].strategy != "grid"
    assert result.grid is not None
    assert result.grid.configurations == 625
    assert result.grid.days == pytest.approx(625 / 24)
    assert any("625 trainings, 26 days" in warning for warning in result.warnings)


def test_longer_trainings_are_paid_for_in_full(knowledge: Knowledge) -> None:
    result = plan(
        {
            "training": {"kind": "vision-fine-tuning", "epochs": 10},
            "budget": {"hours": 50, "hours_per_training": 1},
            "hyperparameters": [
                {"name": "lr", "role": "learning_rate"},
                {"name": "n_epochs", "role": "epochs", "type": "int", "low": 5, "high": 20},
            ],
            "search": {"tune": ["lr", "n_epochs"]},
        },
        knowledge=knowledge,
    )
    (step,) = [step for step in result.steps if step.kind == "search"]
    names = {parameter.name: parameter for parameter in step.parameters}
    assert set(names) == {"lr", "n_epochs"}
    assert names["n_epochs"].high is not None
    longest = names["n_epochs"].high / 10
    assert longest > 1
    assert step.trials * longest * float(step.pruner.get("cost_fraction", 1)) <= 50
    assert any("counted as the longest" in warning for warning in result.warnings)


def test_little_data_gets_cross_validation_within_the_budget(knowledge: Knowledge) -> None:
    for parallel in (1, 2, 8):
        result = mlp(
            knowledge,
            data={"train_examples": 150},
            budget={"hours": 100, "hours_per_training": 1, "parallel": parallel},
        )
        assert result.verdict == "collect_data"
        (step,) = result.steps
        assert step.seeds == 5
        assert step.trials * 5 * 0.4 <= step.trainings + 1e-6 <= step.trials * 5 + 1
        assert step.cost_hours is not None
        assert step.cost_hours * parallel >= step.trainings
        assert step.cost_hours <= 100


def test_a_rate_far_from_what_works_is_challenged_however_few_the_data(
    knowledge: Knowledge,
) -> None:
    def few(rate: float, trainings: int = 5) -> Plan:
        return plan(
            {
                "training": {"kind": "vision-from-scratch", "optimizer": "adam",
                             "learning_rate": rate},
                "model": {"pretrained": False},
                "data": {"train_examples": 500},
                "budget": {"trainings": trainings},
            },
            knowledge=knowledge,
        )  # fmt: skip

    result = few(1.0)
    (step,) = result.steps
    assert result.verdict == "collect_data"
    (rate,) = step.parameters
    assert rate.values is not None
    assert (rate.values[0], step.trainings) == (1.0, 3)
    assert all(float(value) < 0.1 for value in rate.values[1:])
    assert few(1e-3).steps == []
    assert few(1.0, trainings=1).steps == []


def test_a_fix_asks_for_no_batch_larger_than_the_training_set() -> None:
    told = {
        "training": {"kind": "rnn", "optimizer": "sgd", "learning_rate": 0.001, "batch_size": 32},
        "data": {"train_examples": 48},
        "budget": {"trainings": 12},
        "symptoms": ["unstable"],
    }
    changes = [change for step in plan(told).steps for change in step.changes]
    assert changes
    assert not any("batch_size" in change for change in changes)
    roomy = told | {"data": {"train_examples": 20_000}}
    assert any("batch_size" in c for step in plan(roomy).steps for c in step.changes)


def test_a_larger_budget_does_not_turn_a_wide_search_into_a_short_one_of_epochs() -> None:
    told = {
        "model": {"pretrained": False},
        "training": {"kind": "speech-fine-tuning", "optimizer": "adam", "learning_rate": 1e-4},
    }
    widths = [
        max(len(step.parameters) for step in plan(told | {"budget": {"trainings": n}}).steps)
        for n in (250, 300, 345, 400)
    ]
    assert max(widths) - min(widths) <= 3


def test_a_training_told_in_steps_is_not_searched_in_epochs() -> None:
    told = {"training": {"kind": "lora", "steps": 3000}, "budget": {"trainings": 20}}
    assert "epochs" not in {one.name for step in plan(told).steps for one in step.parameters}
    del told["training"]["steps"]  # type: ignore[attr-defined]
    assert "epochs" in {one.name for step in plan(told).steps for one in step.parameters}
