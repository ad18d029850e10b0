"""Which hyperparameters a budget reaches, and which stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hpadvisor.engine.entries import Strategy, TierTable
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Finding, holding, most_specific
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.model import Situation

OWN_TIER = 3
"""Tier of a user's hyperparameter that has no canonical name: with capacity and regularisation."""


@dataclass(slots=True)
class Selection:
    """Names to search, in order, and names that stay, each with the reason.

    Attributes:
        tune: Roles (or own names without a role), most important first.
        held: The others of the table, with why they stay.
        warnings: What the user should know of the choice.
    """

    tune: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def tier_table(facts: Facts, knowledge: Knowledge) -> TierTable | None:
    """Return the most specific tier table that holds."""
    tables = most_specific(holding(knowledge.tiers, facts))
    return tables[0] if tables else None


def candidates(situation: Situation, facts: Facts, knowledge: Knowledge) -> dict[str, int]:
    """Map every name that could be searched to its tier, in the table's order.

    With hyperparameters of the user's own, only those; tier 5 is never searched.
    """
    return _tiers(tier_table(facts, knowledge), situation)


def select(
    strategy: Strategy,
    trainings: int,
    situation: Situation,
    tiers: dict[str, int],
    findings: Sequence[Finding],
    facts: Facts,
) -> Selection:
    """Choose what to search.

    Args:
        strategy: Says down to which tier the budget reaches.
        trainings: Trainings of the search; they say how many hyperparameters it has room for.
        situation: The user's own hyperparameters and wishes.
        tiers: The candidates that can be searched.
        findings: Symptoms name further hyperparameters.
        facts: What is known: a pretrained model needs a small search, a given size stays.
    """
    selection = Selection()
    wished = situation.search.tune
    if wished:
        roles = dict.fromkeys(role_of(name, situation) for name in wished)
        _take_wished(selection, list(roles), tiers)
        return selection
    fixed = {role_of(name, situation) for name in situation.search.fixed or []}
    named = _named_by(findings) if strategy.tiers > 1 else set()
    room = _room(strategy, trainings, len(tiers), facts)
    first = min((tier for name, tier in tiers.items() if name not in fixed), default=1)
    reached = max(strategy.tiers, first)  # where no earlier tier is there, the first one that is
    for name, tier in sorted(tiers.items(), key=lambda item: _rank(item, named)):
        reason = out_of_reach(name, facts)
        if name in fixed:
            selection.held[name] = "you asked to leave it"
        elif reason:
            selection.held[name] = reason
        elif tier > reached and name not in named:
            selection.held[name] = f"tier {tier}: this budget reaches tier {reached}"
        elif len(selection.tune) - _tied(selection.tune) >= room:
            selection.held[name] = f"{trainings} trainings leave no room for another"
        else:
            selection.tune.append(name)
    return selection


TIED = ("learning_rate", "n_estimators")
"""Searched together these take the room of one: half the rate needs about twice the trees."""


def _tied(names: Sequence[str]) -> int:
    return int(all(name in names for name in TIED))


FIRST, EACH = 10, 8
"""Ten trainings have room for two hyperparameters, every eight more for one more."""
MOST_DIMENSIONS = 8
"""More hyperparameters than that are never searched at once."""
MOST_PRETRAINED = 4
"""A pretrained model needs a small search: its rate, and up to three others."""


def _room(strategy: Strategy, trainings: int, most: int, facts: Facts) -> int:
    """Return how many hyperparameters a search of some trainings may have; it grows one by one."""
    if strategy.tiers == 1:
        return 1
    if strategy.trials_per_dimension < 1:
        return most
    room = max(1, 2 + (trainings - FIRST) // EACH)
    cap = MOST_PRETRAINED if facts.get("model.pretrained") is True else MOST_DIMENSIONS
    return min(room, cap, max(1, trainings // strategy.trials_per_dimension))


LARGE = 1e6
"""From so many weights on, a stated size is the model's size, and not for the search to change."""
_SIZE = frozenset({"depth", "width", "num_heads"})
_SMALL_NETWORKS = frozenset({
    "tabular-mlp", "gnn", "rnn", "time-series", "recommendation", "ppo", "sac", "dqn",
})  # fmt: skip
"""Kinds whose networks are so small that a training costs about the same at any searched size."""


_IN_STEPS = {
    "batch_size": "with the steps fixed, a larger batch makes a training dearer",
    "epochs": "the length of a training is told in steps",
}
"""What is not searched where a training's length is told in steps, and why."""

LEFT_TO_FIX = "fix.left"
"""Fact that names the changes which a fix may still make: the search does not undo them."""


def out_of_reach(name: str, facts: Facts) -> str:
    """Return why a hyperparameter stays although the budget reaches its tier; empty: it need not.

    What would make trainings dearer than the user said is not searched, since nobody counted it.
    """
    kind = facts.get("training.kind")
    if name != "learning_rate" and name in facts.get(LEFT_TO_FIX, ()):
        return "the fix decides it"
    if name == "n_estimators" and kind == "gradient-boosting":
        return "" if facts.get("training.early_stopping") == 0 else "early stopping chooses it"
    if name in _IN_STEPS and "training.steps" in facts and "training.epochs" not in facts:
        return _IN_STEPS[name]
    if name == "batch_size" and kind == "gnn" and _in_one_batch(facts):
        return "a small graph is trained whole, without batches"
    if name in _SIZE and facts.get("model.parameters", 0) >= LARGE and kind != "gnn":
        return "the size of the model is given"
    if name in _SIZE and kind not in _SMALL_NETWORKS and "budget.hours_per_training" in facts:
        return "another size takes other hours than you named"
    if name == "label_smoothing" and facts.get("task.kind") == "language-modeling":
        return "it would change the loss that is compared"
    return ""


SMALL_GRAPH = 2000
"""Labelled nodes below which a graph is trained whole (Kipf & Welling 2017, section 5)."""


def _in_one_batch(facts: Facts) -> bool:
    few = facts.get("data.train_examples", SMALL_GRAPH) < SMALL_GRAPH
    return few and "training.batch_size" not in facts


def _rank(item: tuple[str, int], named: set[str]) -> tuple[int, int]:
    name, tier = item
    return (min(tier, 2) if name in named else tier), 0 if name in named else 1


def _tiers(table: TierTable | None, situation: Situation) -> dict[str, int]:
    """Map each searchable name to its tier, in the table's order; tier 5 is never searched."""
    tiers: dict[str, int] = {}
    for tier, names in (table.tiers if table else {}).items():
        for name in names:
            tiers.setdefault(name, tier)
    if not situation.hyperparameters:
        return {name: tier for name, tier in tiers.items() if tier < 5}
    own: dict[str, int] = {}
    for item in situation.hyperparameters:
        name = item.role or item.name
        own[name] = tiers.get(name, OWN_TIER)
    return {name: tier for name, tier in own.items() if tier < 5 and name != "seed"}


def _named_by(findings: Sequence[Finding]) -> set[str]:
    return {
        item.parameter
        for finding in findings
        if finding.explained_by is None and finding.rule.topic == "diagnosis"
        for item in finding.rule.recommend
        if item.action not in ("keep", "remove")
    }


def role_of(name: str, situation: Situation) -> str:
    """Return the canonical name of a hyperparameter, or its own where it has none."""
    for item in situation.hyperparameters or []:
        if item.name == name:
            return item.role or item.name
    return name


def _take_wished(selection: Selection, wished: list[str], tiers: dict[str, int]) -> None:
    order = {name: index for index, name in enumerate(tiers)}
    selection.tune = sorted(
        wished, key=lambda name: (tiers.get(name, OWN_TIER), order.get(name, 99))
    )
    for name, tier in tiers.items():
        if name not in wished:
            selection.held[name] = "you named what to tune, and it is not among it"
            if tier == 1 and name == "learning_rate":
                selection.warnings.append(
                    "learning_rate is not among what you tune: nothing else is worth as much "
                    "until its decade is known"
                )
