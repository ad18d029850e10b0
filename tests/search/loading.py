"""A plan with the library's functions bound to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import optuna

from hpadvisor import search
from hpadvisor.planning.model import Plan
from hpadvisor.planning.search_data import search_data
from hpadvisor.search.plan import SearchPlan, read_plan


class Loaded:
    """A plan as the search has read it."""

    def __init__(self, plan: Plan, **changes: Any) -> None:
        self.data: dict[str, Any] = {**search_data(plan), **changes}
        self.plan: SearchPlan = read_plan(self.data)

    def run(self, function: str | Callable[..., float], **options: Any) -> optuna.Study:
        """Search."""
        return search.run(self.data, function, **options)

    def make_study(self, storage: str | None, seed: int) -> optuna.Study:
        """Set the study up."""
        return search.make_study(self.data, storage, seed)

    def choose(self, function: Callable[..., float], seed: int = 0) -> dict[str, Any] | None:
        """Search, confirm, choose."""
        return search.choose(self.data, function, seed)

    def suggest(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        """Suggest a configuration."""
        return search.suggest(self.plan.space, trial)


Load = Callable[[Plan], Loaded]
