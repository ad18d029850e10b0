"""A task: a situation as a user tells it, and recorded trainings that answer for it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

Params = Mapping[str, Any]
Curve = np.ndarray
SITUATIONS = Path(__file__).parent / "situations"
SEARCH_SEEDS = 3
"""Training seeds that a tuner may draw: one for the search, two for a confirmation."""


@dataclass(frozen=True)
class Task:
    """A task of a family.

    Attributes:
        family: Table or surrogate it comes from.
        name: Name within the family.
        situation: What the user tells, without a budget.
        epochs: Epochs of one training; 1 where there are no curves.
        seeds: Recorded training seeds of each configuration.
        curve: (configuration, seed) to the score after each epoch; NaN where it diverged.
        best: Best true score of the table (or of a large random sample).
        typical: Median true score of random configurations.
    """

    family: str
    name: str
    situation: dict[str, Any]
    epochs: int
    seeds: int
    curve: Callable[[Params, int], Curve]
    best: float
    typical: float
    default: dict[str, Any] = field(default_factory=dict)

    @property
    def maximize(self) -> bool:
        """Whether a higher score is better."""
        return bool(self.situation["task"]["direction"] == "maximize")

    @property
    def hyperparameters(self) -> list[dict[str, Any]]:
        """The user's hyperparameters, with their legal values."""
        return list(self.situation["hyperparameters"])

    def split(self, run: int) -> tuple[list[int], list[int]]:
        """Return the training seeds that a tuner may draw in a run, and those that judge it.

        Where only one seed was recorded, it does both.
        """
        if self.seeds == 1:
            return [0], [0]
        order = [int(seed) for seed in np.random.default_rng(run).permutation(self.seeds)]
        return order[:SEARCH_SEEDS], order[SEARCH_SEEDS:]

    def truth(self, params: Params, judges: list[int]) -> float:
        """Return the mean final score on the judges' seeds; the typical score if it diverged."""
        scores = [float(self.curve(params, seed)[-1]) for seed in judges]
        value = float(np.mean(scores))
        return value if np.isfinite(value) else self.typical

    def regret(self, params: Params, judges: list[int]) -> float:
        """Return (true − best) ÷ (typical − best): 0 the best known, 1 a random configuration."""
        return (self.truth(params, judges) - self.best) / (self.typical - self.best)


def load_situation(family: str) -> dict[str, Any]:
    """Read a family's situation file."""
    text = (SITUATIONS / f"{family}.yaml").read_text(encoding="utf-8")
    situation: dict[str, Any] = yaml.safe_load(text)
    return situation


def defaults_of(situation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user's default configuration."""
    return {item["name"]: item["default"] for item in situation["hyperparameters"]}


def with_bad_default(task: Task) -> Task:
    """Give the user a default rate at the end of the legal range that is farther from theirs."""
    situation = copy.deepcopy(task.situation)
    for item in situation["hyperparameters"]:
        if item.get("role") == "learning_rate":
            low, high, default = item["low"], item["high"], item["default"]
            item["default"] = low if default / low > high / default else high
    return replace(task, situation=situation, default=defaults_of(situation))


def with_wide_bounds(task: Task) -> Task:
    """Widen the legal bounds of what is counted in factors ten times to each side.

    The tables answer with their nearest value, so that a value outside costs no more than its end.
    """
    situation = copy.deepcopy(task.situation)
    for item in situation["hyperparameters"]:
        if item.get("scale") == "log":
            whole = item["type"] == "int"
            low = item["low"] / 10
            item["low"] = max(1, round(low)) if whole else low
            item["high"] = item["high"] * 10
    return replace(task, situation=situation)


VARIANTS: dict[str, Callable[[Task], Task]] = {
    "as-told": lambda task: task,
    "bad-default": with_bad_default,
    "wide-bounds": with_wide_bounds,
}
