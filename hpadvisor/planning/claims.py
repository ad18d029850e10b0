"""What a text says of the plan beside it, held against that plan before it is shown.

A rule whose text speaks of the plan carries ``claims``: a text that ends with the confirmation is
shown only where there is one, a text that leaves the schedule alone only where it is not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hpadvisor.facts.facts import Facts
from hpadvisor.facts.vocabulary import RATE_TOO_HIGH
from hpadvisor.planning.model import Step


@dataclass(frozen=True, slots=True)
class Shape:
    """What claims can be held against: the steps of a plan and its facts."""

    steps: tuple[Step, ...]
    facts: Facts

    @property
    def searched(self) -> set[str]:
        """Roles and names of everything that is searched."""
        found = [parameter for step in self.steps for parameter in step.parameters]
        return {p.name for p in found} | {p.role for p in found if p.role}

    @property
    def searches(self) -> list[Step]:
        """The steps that search."""
        return [step for step in self.steps if step.kind == "search"]

    @property
    def trials(self) -> int:
        """Trials of all searches."""
        return sum(step.trials for step in self.searches)

    @property
    def dimensions(self) -> int:
        """Hyperparameters of the widest search."""
        return max((len(step.parameters) for step in self.searches), default=0)


def contradicted(claims: Mapping[str, Any] | None, shape: Shape) -> list[str]:
    """Return the claims that are not true of a plan; empty where all are.

    Args:
        claims: Name to wanted value; the names are those of :data:`CHECKS`.
        shape: The plan.
    """
    return [name for name, wanted in (claims or {}).items() if not CHECKS[name](shape, wanted)]


def _confirms(shape: Shape, wanted: bool) -> bool:
    return any(step.kind == "confirm" for step in shape.steps) is wanted


def _seeds(shape: Shape, wanted: int) -> bool:
    return max((step.seeds for step in shape.steps if step.kind != "fix"), default=1) >= wanted


def _model_based(shape: Shape, wanted: bool) -> bool:
    return any(step.strategy == "bayesian" for step in shape.searches) is wanted


def _listed(shape: Shape, wanted: bool) -> bool:
    return any(p.values for step in shape.searches for p in step.parameters) is wanted


def _prunes(shape: Shape, wanted: bool) -> bool:
    return any(s.pruner.get("name", "none") != "none" for s in shape.searches) is wanted


def _rate_is_open(shape: Shape) -> bool:
    """Whether nothing is known of rates beyond the range: none diverged, none was too high."""
    return RATE_TOO_HIGH.isdisjoint(shape.facts.get("symptoms", ()))


CHECKS: dict[str, Callable[[Shape, Any], bool]] = {
    "confirms": _confirms,
    "seeds_at_least": _seeds,
    "searches": lambda shape, names: set(names) <= shape.searched,
    "searches_any": lambda shape, names: bool(set(names) & shape.searched),
    "searches_none_of": lambda shape, names: not set(names) & shape.searched,
    "dimensions_at_least": lambda shape, count: shape.dimensions >= count,
    "dimensions_at_most": lambda shape, count: shape.dimensions <= count,
    "trials_at_least": lambda shape, count: shape.trials >= count,
    "trials_at_most": lambda shape, count: shape.trials <= count,
    "folds": lambda shape, wanted: any(s.folds > 1 for s in shape.searches) is wanted,
    "listed": _listed,
    "model_based": _model_based,
    "prunes": _prunes,
    "explores": lambda shape, wanted: any(s.name == "Explore" for s in shape.steps) is wanted,
    "noise_known": lambda shape, wanted: ("task.noise" in shape.facts) is wanted,
    "trains_today": lambda shape, wanted: (
        any(s.baseline and not s.baseline_known for s in shape.searches) is wanted
    ),
    "rate_is_open": lambda shape, wanted: _rate_is_open(shape) is wanted,
    "parallel": lambda shape, wanted: any(s.parallel > 1 for s in shape.searches) is wanted,
}
"""Every claim that a rule may make, and how it is held against a plan."""
