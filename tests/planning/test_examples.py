"""The bundled situations: what their plans must decide, and on which rules."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from hpadvisor.api import plan
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.planning.model import Plan
from tests.support import EXAMPLES, SITUATIONS


@dataclass(frozen=True)
class Expected:
    """What a reviewer would hold a plan to.

    Attributes:
        verdict: Its verdict.
        steps: Kinds of its steps, in order.
        strategy: Strategy of its first search.
        searched: Names that are searched, at least these.
        tool: The tool.
        rules: Rules that its reasons must name.
    """

    verdict: str
    steps: tuple[str, ...]
    strategy: str = ""
    searched: frozenset[str] = field(default_factory=frozenset)
    tool: str = ""
    rules: frozenset[str] = field(default_factory=frozenset)


EXPECTED = {
    "cifar10-resnet": Expected(
        "tune", ("search", "confirm"), "bayesian",
        frozenset({"learning_rate", "weight_decay"}), "optuna", frozenset({"DIA060"}),
    ),
    "imagenet-fine-tuning": Expected(
        "tune", ("search",), "grid", frozenset({"learning_rate"}), "", frozenset(),
    ),
    "bert-fine-tuning": Expected(
        "fix_first", ("fix", "search"), "quasirandom", frozenset({"lr"}), "optuna-workers",
        frozenset({"DIA026"}),
    ),
    "lora-7b": Expected(
        "tune", ("search",), "grid", frozenset({"learning_rate"}), "manual", frozenset({"DIA031"}),
    ),
    "tabular-small": Expected(
        "tune", ("search", "confirm"), "bayesian", frozenset({"learning_rate"}), "",
        frozenset({"VER019"}),
    ),
    "ppo": Expected(
        "tune", ("search", "search", "confirm"), "", frozenset({"learning_rate"}), "ray",
    ),
    "diverged-transformer": Expected("fix_first", ("fix",), "", frozenset()),
    "gradient-boosting": Expected(
        "tune", ("search", "confirm"), "bayesian", frozenset({"learning_rate", "max_depth"}),
    ),
}  # fmt: skip


def plan_of(name: str, knowledge: Knowledge) -> Plan:
    return plan((EXAMPLES | SITUATIONS)[name], knowledge=knowledge)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, knowledge: Knowledge) -> None:
    expected, result = EXPECTED[name], plan_of(name, knowledge)
    assert result.verdict == expected.verdict
    kinds = tuple(step.kind for step in result.steps)
    assert kinds[: len(expected.steps)] == expected.steps
    searched = {parameter.name for step in result.search_steps for parameter in step.parameters}
    assert searched >= expected.searched
    if expected.strategy:
        assert result.search_steps[0].strategy == expected.strategy
    if expected.tool:
        assert result.tool is not None
        assert result.tool.name == expected.tool
    assert {why.rule for why in result.reasons} >= expected.rules


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_line_of_an_example_leads_to_a_rule_and_its_source(
    name: str, knowledge: Knowledge
) -> None:
    result = plan_of(name, knowledge)
    assert result.reasons
    for step in result.steps:
        assert step.why
        assert all(why.sources and why.sources[0].title for why in step.why)
        for parameter in step.parameters:
            assert parameter.rules
    assert result.cost_hours is not None
    assert result.budget_hours is not None
    assert result.cost_hours <= result.budget_hours


def test_the_examples_give_different_plans(knowledge: Knowledge) -> None:
    seen = {plan_of(name, knowledge).headline for name in EXAMPLES}
    assert len(seen) == len(EXAMPLES)


def test_bert_is_planned_in_the_names_and_bounds_of_its_code(knowledge: Knowledge) -> None:
    result = plan_of("bert-fine-tuning", knowledge)
    step = result.search_steps[0]
    for parameter in step.parameters:
        assert parameter.name in {
            "lr", "weight_decay", "num_train_epochs", "per_device_train_batch_size",
        }  # fmt: skip
    rate = next(parameter for parameter in step.parameters if parameter.name == "lr")
    assert rate.low is not None
    assert rate.high is not None
    assert 1e-6 <= rate.low < rate.high <= 1e-3
    assert step.baseline["lr"] == 5e-5


def test_lora_names_every_rate_it_tries_and_not_todays(knowledge: Knowledge) -> None:
    result = plan_of("lora-7b", knowledge)
    (step,) = result.steps
    (rate,) = step.parameters
    assert rate.values is not None
    assert 2e-5 not in rate.values
    assert step.baseline_known
    assert rate.low == 2e-5
    assert min(float(value) for value in rate.values) > 2e-5
    assert step.trials == len(rate.values)


def test_a_broken_training_is_mended_before_anything_is_searched(knowledge: Knowledge) -> None:
    result = plan_of("diverged-transformer", knowledge)
    fix = result.steps[0]
    assert fix.changes[0].startswith("decrease learning_rate ÷ 10: 0.003 → 3e-4")
    search = result.search_steps[0]
    assert search.purpose.startswith("Only once the fix has worked.")
    assert search.baseline["learning_rate"] == pytest.approx(3e-4)


VERDICTS = {
    "good_enough": "leave_defaults",
    "target_reached": "leave_defaults",
    "budget_too_small": "stop",
    "data_suspect": "fix_first",
    "metric_too_noisy": "fix_first",
    "boosting_tiny": "collect_data",
    "encoder_tiny_data": "collect_data",
    "tabular_few_rows_twenty": "tune",
    "tabular_tiny": "collect_data",
    "vision_tiny_data": "collect_data",
    "resnet_lars": "tune",
    "nothing_said": "tune",
}


@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items())
def test_verdict(name: str, verdict: str, knowledge: Knowledge) -> None:
    result = plan_of(name, knowledge)
    assert result.verdict == verdict
    if verdict in ("leave_defaults", "stop"):
        assert result.steps == []
        assert result.tool is None


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_test_situation_gives_a_plan_within_its_budget(
    name: str, knowledge: Knowledge
) -> None:
    result = plan_of(name, knowledge)
    if result.cost_hours is not None and result.budget_hours is not None:
        assert result.cost_hours <= result.budget_hours * (1 + 1e-9)
    if result.verdict == "tune":
        assert result.steps, result.warnings


def test_nothing_said_is_planned_on_an_assumption_and_says_so(knowledge: Knowledge) -> None:
    result = plan_of("nothing_said", knowledge)
    assert "nothing is said of the budget" in result.warnings[0]
    assert {item.fact for item in result.unknown} >= {"training.kind", "budget.hours"}
