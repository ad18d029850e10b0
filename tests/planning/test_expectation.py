"""What a plan says of measured plans: the generated figures, and nothing where none hold."""

from __future__ import annotations

from typing import Any

import pytest

import hpadvisor
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.facts.facts import Facts
from hpadvisor.planning import expectation
from hpadvisor.planning.expectation import expectations

TABLE: dict[str, Any] = {
    "table": "A table", "kind": "tabular-mlp", "tasks": 4, "runs": 5,
    "figures": [
        {"trainings": 5, "against": "TPE", "plan_regret": 0.3, "regret": 0.5, "wins": 0.9,
         "tasks_won": 4, "verdict": "ahead", "as_good_as": 20},
        {"trainings": 20, "against": "TPE", "plan_regret": 0.2, "regret": 0.2, "wins": 0.5,
         "tasks_won": 2, "verdict": "level", "as_good_as": 20},
        {"trainings": 50, "against": "TPE", "plan_regret": 0.2, "regret": 0.1, "wins": 0.2,
         "tasks_won": 0, "verdict": "behind"},
    ],
}  # fmt: skip


@pytest.fixture
def one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectation, "measured", lambda: (TABLE,))


def _situation(trainings: int, **more: Any) -> dict[str, Any]:
    return {
        "task": {"metric": "val_accuracy", "direction": "maximize"},
        "training": {"kind": "tabular-mlp", "optimizer": "adam"},
        "data": {"train_examples": 20000},
        "budget": {"trainings": trainings},
        **more,
    }


@pytest.mark.usefixtures("one_table")
@pytest.mark.parametrize(
    ("trainings", "words"),
    [
        (12, "did in 5 trainings as well as Optuna's default search in 20, or better"),
        (20, "level with Optuna's default search of 20 trainings (better in 50 % of 20 runs)"),
        (400, "behind Optuna's default search of 50 trainings"),
    ],
)
def test_the_nearest_measured_budget_is_quoted(
    knowledge: Knowledge, trainings: int, words: str
) -> None:
    plan = hpadvisor.plan(_situation(trainings), knowledge=knowledge)
    assert [words in item.text for item in plan.expect] == [True]
    assert plan.expect[0].table == "A table"


@pytest.mark.usefixtures("one_table")
@pytest.mark.parametrize(
    "more",
    [
        {"search": {"strategy": "random"}},
        {"search": {"tune": ["learning_rate"]}},
        {"budget": {"trainings": 20, "parallel": 4}},
        {"budget": {"trainings": 4}},
        {"training": {"kind": "gnn"}},
        {"data": {"train_examples": 150}},
        {"symptoms": ["diverged"]},
    ],
)
def test_nothing_is_quoted_where_it_was_not_measured(
    knowledge: Knowledge, more: dict[str, Any]
) -> None:
    situation = {**_situation(20), **more}
    assert hpadvisor.plan(situation, knowledge=knowledge).expect == []


def test_shipped_figures_are_of_known_kinds(knowledge: Knowledge) -> None:
    for table in expectation.measured():
        assert knowledge.vocabulary().kinds.get(table["kind"]) == table["kind"]
        budgets = [figure["trainings"] for figure in table["figures"]]
        assert budgets == sorted(budgets)
        assert all(0 <= figure["wins"] <= 1 for figure in table["figures"])


def test_without_a_budget_nothing_is_expected() -> None:
    assert expectations(Facts()) == []
