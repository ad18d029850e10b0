"""Pays for trainings: what a contender may train, and what it has cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.plans.tasks import Params, Task

Report = Callable[[int, float], None]


@dataclass(frozen=True)
class Trained:
    """A training that came to its end: its configuration, score, and all that was paid by then."""

    params: dict[str, Any]
    score: float
    paid: float


@dataclass
class Meter:
    """Trains on recorded runs, and counts every epoch that is looked at.

    Attributes:
        task: What is trained.
        seeds: Training seeds that may be drawn; the first is that of the search.
        paid: Full trainings paid so far.
        trained: Complete trainings, in order.
    """

    task: Task
    seeds: list[int]
    paid: float = 0.0
    trained: list[Trained] = field(default_factory=list)

    def train(self, params: Params, report: Report | None = None, *, fresh: int = 0) -> float:
        """Train once.

        Args:
            params: The searched hyperparameters; the others keep the user's defaults.
            report: Called after each epoch; may raise to end the training early.
            fresh: 0 for the seed of the search, 1 and more for further seeds.
        """
        whole = {**self.task.default, **params}
        self._check(whole)
        curve = self.task.curve(whole, self.seeds[fresh % len(self.seeds)])
        for epoch, value in enumerate(curve, 1):
            self.paid += 1 / self.task.epochs
            if report is not None and self.task.epochs > 1:
                report(epoch, float(value))
        score = float(curve[-1])
        self.trained.append(Trained(whole, score, self.paid))
        return score

    def _check(self, params: Params) -> None:
        """Refuse what the user's code would refuse."""
        for item in self.task.hyperparameters:
            value = params[item["name"]]
            if "choices" in item:
                legal = value in item["choices"]
            else:
                slack = 1e-9 * abs(item["high"])
                legal = item["low"] - slack <= value <= item["high"] + slack
            if not legal:
                raise ValueError(f"{item['name']} = {value} is not legal in {self.task.name}")

    def best(self, budget: float) -> Trained | None:
        """Return the best training that was complete when a budget was spent."""
        affordable = [t for t in self.trained if t.paid <= budget + 1e-6 and t.score == t.score]
        if not affordable:
            return None
        sign = -1 if self.task.maximize else 1
        return min(affordable, key=lambda trained: sign * trained.score)
