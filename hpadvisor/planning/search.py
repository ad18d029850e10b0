"""The search of a plan: strategy, pruner, hyperparameters and space, fitted to a budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from hpadvisor.engine.entries import Entry, Strategy
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Finding, holding, most_specific
from hpadvisor.engine.reasons import why_entry
from hpadvisor.engine.text import human, singular
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.derived import workers_share
from hpadvisor.facts.situation.model import Situation
from hpadvisor.planning.budget import Budget
from hpadvisor.planning.listed import listed_step
from hpadvisor.planning.model import Grid, Held, Parameter, Step
from hpadvisor.planning.selection import Selection, candidates, role_of, select, tier_table
from hpadvisor.planning.size import SearchSize, search_size
from hpadvisor.planning.sizing import Repeats, limited, repeats
from hpadvisor.planning.space import Space, build_space
from hpadvisor.planning.starts import baseline_of, is_known, recommended_starts
from hpadvisor.planning.steps import confirm_step, model_steps
from hpadvisor.records import replace

MOST_GRID = 100
"""A grid of more configurations is never planned."""
GRID_VALUES = 5
LEAST_LONG = 4
"""Trials of the longest length that must fit before epochs are searched beside others."""
MOST_LONGER = 4.0
"""A range of epochs that reaches further beyond today's is not searched beside others: every trial
would be counted as so much longer, and a budget of a hundred trials would be one of ten."""
LISTED = ("manual", "grid")
"""Strategies that name their very values."""


@dataclass(slots=True)
class Search:
    """A search that fits a budget.

    Attributes:
        steps: Its steps, confirmation included.
        parameters: What is searched.
        held: What stays, and why.
        grid: What a grid over the same hyperparameters would take.
        warnings: What the user should know.
        entries: The table entries that decided it.
    """

    steps: list[Step] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    grid: Grid | None = None
    warnings: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def trials(self) -> int:
        """Trials of its search steps."""
        return sum(step.trials for step in self.steps if step.kind == "search")


def plan_search(
    situation: Situation,
    facts: Facts,
    budget: Budget,
    knowledge: Knowledge,
    findings: Sequence[Finding],
) -> Search:
    """Fit a search to what is left of a budget.

    Args:
        situation: The user's names, legal values and wishes.
        facts: What is known.
        budget: What is left; fewer than one training gives an empty search.
        knowledge: Strategies, pruners, tiers and ranges.
        findings: Symptoms, which name further hyperparameters.
    """
    repeat = repeats(facts, budget)
    if repeat.times > 1:
        return _repeated(situation, facts, budget, knowledge, findings, repeat)
    return _priced(situation, facts, budget, knowledge, findings)


def _repeated(
    situation: Situation,
    facts: Facts,
    budget: Budget,
    knowledge: Knowledge,
    findings: Sequence[Finding],
    repeat: Repeats,
) -> Search:
    """Fit a search whose every trial is trained several times, on folds or on seeds."""
    fewer = budget.of_folds(repeat.times, most=repeat.most)
    search = _priced(situation, facts, fewer, knowledge, findings)
    for step in search.steps:
        if step.kind == "confirm":
            continue
        step.seeds = repeat.times
        step.folds = repeat.times if repeat.folds else 1
    for step in search.steps:
        step.trainings = round(step.trainings * repeat.times, 3)
        step.gpu_hours = budget.gpu_hours(step.trainings)
        step.parallel *= min(repeat.times, budget.parallel)
        if step.kind == "confirm":
            step.seeds *= repeat.times
    return search


def _priced(
    situation: Situation,
    facts: Facts,
    budget: Budget,
    knowledge: Knowledge,
    findings: Sequence[Finding],
) -> Search:
    """Fit a search, and count its trials as long as the longest that it may draw."""
    result = _fitted(situation, facts, budget, knowledge, findings)
    factor = _cost_factor(result, facts)
    if factor == 1:
        return result
    longer = _fitted(situation, facts, budget.of_longer(factor), knowledge, findings)
    searched = [parameter.role for parameter in longer.parameters]
    wished = "epochs" in [role_of(name, situation) for name in situation.search.tune or []]
    beside = longer.trials >= LEAST_LONG and (wished or factor <= MOST_LONGER)
    if "epochs" in searched and (len(longer.parameters) == 1 or beside):
        for step in longer.steps:
            step.trainings = round(step.trainings * factor, 3)
        longer.warnings.append(
            f"epochs are searched up to {human(round(factor, 1))} times today's: every trial is "
            "counted as the longest, so that the budget holds"
        )
        return longer
    short = _fitted(_without_epochs(situation), facts, budget, knowledge, findings)
    short.warnings.append(
        f"epochs stay at today's: up to {human(round(factor, 1))} times that length, every trial "
        "would count as the longest, and too few would fit"
    )
    return short


def _without_epochs(situation: Situation) -> Situation:
    """Return the situation with the epochs held fixed."""
    names = {item.name for item in situation.hyperparameters or [] if item.role == "epochs"}
    names.add("epochs")
    search = situation.search
    tune = [name for name in search.tune or [] if name not in names]
    fixed = [*(search.fixed or []), "epochs"]
    return situation.model_copy(
        update={"search": search.model_copy(update={"tune": tune or None, "fixed": fixed})}
    )


def _fitted(
    situation: Situation,
    facts: Facts,
    budget: Budget,
    knowledge: Knowledge,
    findings: Sequence[Finding],
) -> Search:
    """Fit a search to a budget whose trainings all cost the same."""
    result = Search()
    facts = _with_budget(facts, budget)
    strategies = most_specific(holding(knowledge.strategies, facts))
    pruners = most_specific(holding(knowledge.pruners, facts))
    if not strategies or not pruners or budget.slots < 1:
        return result
    strategy, pruner = limited(strategies[0], facts, budget), pruners[0]
    tiers = candidates(situation, facts, knowledge)
    wished = [role_of(name, situation) for name in situation.search.tune or []]
    space = build_space(list(dict.fromkeys([*tiers, *wished])), situation, facts, knowledge)
    available = {name: tier for name, tier in tiers.items() if name in space.parameters}
    size = search_size(strategy, pruner, budget)
    fits = math.floor(size.trainings + 1e-9)
    selection = select(strategy, fits, situation, available, findings, facts)
    chosen = [name for name in selection.tune if name in space.parameters]
    if not chosen:
        result.warnings.append("no hyperparameter with a known range is left to search")
        return result
    result.parameters = [space.parameters[name] for name in chosen]
    _note(result, selection, chosen, space, facts)
    result.warnings += _left_over(strategy, size, budget)
    result.grid = _grid(result.parameters, situation, budget)
    strategy = _as_wished(strategy, situation, result, budget)
    baseline = baseline_of(chosen, space, situation, facts)
    if strategy.strategy in LISTED and len(chosen) == 1:
        first = result.parameters[0]
        known = is_known(chosen, situation, facts)
        result.steps = [listed_step(strategy, first, budget, facts, baseline, known=known)]
    else:
        result.steps = model_steps(
            strategy, pruner, size, result.parameters, budget, facts, baseline
        )
        result.steps[0].baseline_known = is_known(chosen, situation, facts)
        if strategy.sampler.get("recommended"):
            result.steps[0].starts = recommended_starts(result.parameters, baseline)
        if size.confirm and result.steps:
            today = baseline if strategy.confirm.get("baseline") else {}
            result.steps.append(confirm_step(size, budget, facts, today))
    table = tier_table(facts, knowledge)
    ranges = [entry for name in chosen for entry in space.ranges[name]]
    result.entries = [strategy, *([pruner] if strategy.prune else [])]
    result.entries += [*([table] if table else []), *ranges]
    _add_reasons(result, strategy, facts)
    return result


def _left_over(strategy: Strategy, size: SearchSize, budget: Budget) -> list[str]:
    """Say what of a budget is not spent, and what could not be paid."""
    warnings = []
    unspent = budget.slots - size.trainings - size.confirm
    if strategy.max_trainings is not None and unspent >= 1:
        warnings.append(
            singular(f"left over of the budget: {human(unspent)} trainings")
            + f". The search ends after {strategy.max_trainings}, and an audit of it says whether "
            "to go on"
        )
    if strategy.confirm and not size.confirm and budget.parallel > 1:
        warnings.append(
            f"{budget.parallel} workers at once leave no round to confirm the finalists on fresh "
            "seeds: take fewer workers, or believe the best score a little less"
        )
    return warnings


def _add_reasons(result: Search, strategy: Strategy, facts: Facts) -> None:
    for step in result.steps:
        relevant = [strategy] if step.kind == "confirm" else result.entries
        step.why = [why_entry(entry, facts) for entry in relevant]


def _with_budget(facts: Facts, budget: Budget) -> Facts:
    """Return facts in which the trainings that fit are those that are left."""
    changed = facts.copy()
    fact = facts.fact("budget.trainings_that_fit")
    source = "assumed: nothing is said of the budget" if fact is None else fact.source
    if fact is None or budget.slots != fact.value:
        changed.put("budget.trainings_that_fit", float(budget.slots), source)
    if budget.parallel > 1 and budget.slots:
        changed.put(
            "budget.workers_share", workers_share(budget.parallel, budget.slots), "computed"
        )
    return changed


def _note(
    result: Search, selection: Selection, chosen: list[str], space: Space, facts: Facts
) -> None:
    result.warnings.extend(selection.warnings)
    for name in selection.tune:
        result.warnings.extend(space.warnings.get(name, []))
    for name, (value, why) in space.refused.items():
        result.warnings.append(f"{name}: {why}")
        result.held.append(Held(name=name, value=value, why=why, rules=[]))
    for name, why in selection.held.items():
        parameter = space.parameters.get(name)
        value = facts.get(f"training.{name}", None if parameter is None else parameter.default)
        shown = name if parameter is None else parameter.name
        rules = [] if parameter is None else parameter.rules
        result.held.append(Held(name=shown, value=value, why=why, rules=rules))


def _grid(parameters: list[Parameter], situation: Situation, budget: Budget) -> Grid:
    """Return what a grid over the same hyperparameters would take."""
    each = situation.search.grid_values or GRID_VALUES
    configurations = 1
    for parameter in parameters:
        configurations *= min(each, len(parameter.choices)) if parameter.choices else each
    hours = budget.hours(configurations)
    return Grid(
        values_each=each,
        dimensions=len(parameters),
        configurations=configurations,
        days=None if hours is None else hours / 24,
    )


def _as_wished(
    strategy: Strategy, situation: Situation, result: Search, budget: Budget
) -> Strategy:
    """Take the strategy that the user asked for, where it can be had; say why where not."""
    several = len(result.parameters) > 1
    if several and strategy.strategy in LISTED:  # made for one hyperparameter
        strategy = replace(strategy, strategy="quasirandom", sampler={"name": "quasirandom"})
    wished = situation.search.strategy
    if wished is None or wished == strategy.strategy:
        return strategy
    if wished in LISTED and several:
        grid = result.grid
        if grid is not None and grid.configurations > min(MOST_GRID, budget.slots):
            days = "" if grid.days is None else f", {human(round(grid.days, 1))} days"
            result.warnings.append(
                f"you asked for a {wished} search: {grid.values_each} values for each of "
                f"{grid.dimensions} hyperparameters are {grid.configurations:,} trainings{days}; "
                f"{strategy.strategy} search tries more values of each in {budget.slots} trainings"
            )
        else:
            result.warnings.append(
                f"you asked for a {wished} search over {len(result.parameters)} hyperparameters: "
                "sampled points try more values of each for the same cost, so they are planned"
            )
        return strategy
    sampler = {"name": _SAMPLERS[wished]}
    return replace(strategy, strategy=wished, sampler=sampler, phases=(), prune_trainings=None)


_SAMPLERS = {
    "bayesian": "tpe", "quasirandom": "quasirandom", "random": "random", "grid": "grid",
    "manual": "manual",
}  # fmt: skip


def _cost_factor(search: Search, facts: Facts) -> float:
    """Return what the dearest trial costs, in trainings of today: epochs may be searched."""
    epochs = next((item for item in search.parameters if item.role == "epochs"), None)
    if epochs is None:
        return 1.0
    present = facts.get("training.epochs", epochs.default)
    most = epochs.high
    if epochs.choices is not None:
        most = max((c for c in epochs.choices if isinstance(c, int | float)), default=None)
    if not most or not isinstance(present, int | float) or present <= 0:
        return 1.0
    return max(most / present, 1.0)
