"""The steps of a plan: mend, search, confirm. Each takes its trainings from the budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, cast

from hpadvisor.engine.entries import Pruner, Recommendation, Strategy
from hpadvisor.engine.matching import Finding
from hpadvisor.engine.reasons import Why
from hpadvisor.engine.text import human
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.derived import top5_chance
from hpadvisor.planning.budget import Budget
from hpadvisor.planning.model import Parameter, Step
from hpadvisor.planning.size import SearchSize

LEAST_RUNG = 2
"""Epoch of the first rung at least: the ranking after one epoch says nothing of the end."""

StrategyName = Literal["manual", "grid", "random", "quasirandom", "bayesian"]


def fix_step(
    finding: Finding, changes: Sequence[Recommendation], budget: Budget, facts: Facts, why: Why
) -> Step:
    """Return the step that mends what a finding names, cut to what is left of the budget.

    Args:
        finding: What is wrong.
        changes: Those of its recommendations that no earlier step makes.
        budget: What is left.
        facts: For present values.
        why: The finding as a reason.
    """
    trainings = min(max(finding.rule.trainings, 0), budget.slots)
    return Step(
        name=finding.rule.title,
        purpose=finding.message,
        kind="fix",
        changes=[_change(item, facts) for item in changes],
        strategy="manual",
        trials=trainings,
        trainings=trainings,
        parallel=min(budget.parallel, max(trainings, 1)),
        cost_hours=budget.hours(trainings),
        cost_hours_unpruned=budget.hours(trainings),
        gpu_hours=budget.gpu_hours(trainings),
        epochs_per_trial=facts.get("training.epochs"),
        stop_when=["The training runs without the symptom, or every change has been tried."],
        why=[why],
    )


def _change(item: Recommendation, facts: Facts) -> str:
    """Say a change with the value that it leads to, where the present one is known."""
    present = facts.get(f"training.{item.parameter}")
    text = f"{item.action} {item.parameter}"
    if item.factor is not None:
        text = _factor_text(item, text, present)
    elif item.value is not None:
        text = f"set {item.parameter} to {human(item.value)}"
    elif item.low is not None and item.high is not None:
        text = f"{text} within {human(item.low)} to {human(item.high)}"
    elif item.choices:
        text = f"{text}: {human(item.choices)}"
    if item.action in ("keep", "set") and item.value is None and item.message:
        return item.message
    return f"{text}. {item.message}" if item.message else text


def _factor_text(item: Recommendation, text: str, present: Any) -> str:
    factor = item.factor or 1.0
    word = f"× {human(factor)}" if factor >= 1 else f"÷ {human(float(f'{1 / factor:.2g}'))}"
    if isinstance(present, int | float) and not isinstance(present, bool) and present:
        return f"{text} {word}: {human(present)} → {human(present * factor)}"
    return f"{text} {word}"


def pruner_settings(pruner: Pruner, epochs: float | None) -> dict[str, Any]:
    """Return a pruner with its settings in epochs, where the epochs are known."""
    if pruner.pruner == "none":
        return {"name": "none"}
    settings: dict[str, Any] = {
        "name": pruner.pruner, **pruner.settings, "cost_fraction": pruner.cost_fraction
    }  # fmt: skip
    if epochs is None:
        return settings
    if "min_fraction" in settings:
        settings["min_epochs"] = max(LEAST_RUNG, round(settings["min_fraction"] * epochs))
    if "warmup_fraction" in settings:
        settings["warmup_epochs"] = max(LEAST_RUNG, round(settings["warmup_fraction"] * epochs))
    return settings


def model_steps(
    strategy: Strategy,
    pruner: Pruner,
    size: SearchSize,
    parameters: list[Parameter],
    budget: Budget,
    facts: Facts,
    baseline: dict[str, Any],
) -> list[Step]:
    """Return the steps of a sampled search: one, or one for each phase of the strategy."""
    phases = [(p.name, p.share, p.strategy) for p in strategy.phases] or [
        ("search", 1.0, strategy.strategy)
    ]
    steps: list[Step] = []
    trials_left, trainings_left = size.trials, size.trainings
    for index, (name, share, how) in enumerate(phases):
        last = index == len(phases) - 1
        trainings = trainings_left if last else _whole_rounds(size.trainings * share, budget)
        paid = trainings / size.trainings if size.trials else 0.0
        trials = trials_left if last else round(size.trials * paid)
        trials_left, trainings_left = trials_left - trials, trainings_left - trainings
        if trials:
            step = _sampled_step(strategy, pruner, parameters, facts, (name, how, trials))
            step.baseline = {} if steps else baseline
            _price(step, budget, trainings, strategy.prune)
            steps.append(step)
    return steps


def _whole_rounds(trainings: float, budget: Budget) -> float:
    """Cut to whole rounds of all workers, so that phases together cost no more than their sum."""
    return float(math.floor(trainings / budget.parallel) * budget.parallel)


_PURPOSES = {
    "search": "Find the region of good configurations, then work within it.",
    "explore": "Cover the space evenly: which hyperparameters matter, and must a range move?",
    "refine": "Exploit what exploring showed: model-based search around the trials that cannot be "
    "told from the best.",
}


def _sampled_step(
    strategy: Strategy,
    pruner: Pruner,
    parameters: list[Parameter],
    facts: Facts,
    phase: tuple[str, str, int],
) -> Step:
    name, how, trials = phase
    epochs = facts.get("training.epochs")
    sampler = dict(strategy.sampler)
    if "startup_trials" in sampler:
        sampler["startup_trials"] = min(int(sampler["startup_trials"]), trials)
    if name == "explore":
        sampler = {"name": "quasirandom", "trials": trials}
    return Step(
        name=name.capitalize(),
        purpose=_PURPOSES.get(name, _PURPOSES["search"]),
        kind="search",
        parameters=parameters,
        strategy=cast("StrategyName", how),
        sampler=sampler,
        pruner=_pruner_of(strategy, pruner, epochs),
        trials=trials,
        trainings=0,
        epochs_per_trial=epochs,
        top5_chance=top5_chance(trials),
    )


def _pruner_of(strategy: Strategy, pruner: Pruner, epochs: float | None) -> dict[str, Any]:
    settings = pruner_settings(pruner, epochs) if strategy.prune else {"name": "none"}
    if strategy.prune_trainings is None or settings["name"] == "none":
        return settings
    return {**settings, "trainings": strategy.prune_trainings}


def _price(step: Step, budget: Budget, trainings: float, pruned: bool) -> None:
    step.trainings = round(trainings, 3)
    step.parallel = min(budget.parallel, step.trials)
    step.cost_hours = budget.hours(trainings)
    step.cost_hours_unpruned = (
        budget.hours(max(step.trials, trainings)) if pruned else step.cost_hours
    )
    step.gpu_hours = budget.gpu_hours(trainings)


def confirm_step(size: SearchSize, budget: Budget, facts: Facts, baseline: dict[str, Any]) -> Step:
    """Return the last step: the finalists once more, all on the same fresh seeds.

    Args:
        size: How many finalists and seeds.
        budget: For its price.
        facts: For the epochs of a training.
        baseline: Today's values where they are one of the finalists, else empty.
    """
    finalists, seeds, trainings = size.finalists, size.seeds, size.confirm
    return Step(
        name="Confirm",
        purpose=f"Train {finalists} configurations again, the best ones and the baseline, all on "
        f"the same {_fresh(seeds)}, and choose by the mean: the best score of a search is too "
        "good to be true.",
        kind="confirm",
        strategy="manual",
        trials=finalists,
        seeds=seeds,
        trainings=trainings,
        epochs_per_trial=facts.get("training.epochs"),
        parallel=min(budget.parallel, trainings),
        baseline=baseline,
        cost_hours=budget.hours(trainings),
        cost_hours_unpruned=budget.hours(trainings),
        gpu_hours=budget.gpu_hours(trainings),
    )


def _fresh(seeds: int) -> str:
    return "fresh seed" if seeds == 1 else f"{seeds} fresh seeds"
