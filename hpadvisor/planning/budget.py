"""What a budget pays for, counted in full trainings and in rounds of parallel workers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hpadvisor.facts.facts import Facts

ASSUMED_TRAININGS = 20.0
"""Planned for when nothing is said of the budget: TPE is ahead of random search from here."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Trainings and rounds that are left.

    Attributes:
        trainings: Full trainings that may still be run.
        rounds: Times that all workers can train once; limits the wall clock.
        parallel: Trainings that run at the same time.
        hours_each: Wall-clock hours of one training, None where unknown.
        assumed: Nothing was said of the budget.
    """

    trainings: float
    rounds: float
    parallel: int
    hours_each: float | None
    assumed: bool = False

    @classmethod
    def of(cls, facts: Facts) -> Budget:
        """Read the budget from derived facts."""
        parallel = int(facts.get("budget.parallel", 1))
        each = facts.get("budget.hours_per_training")
        fit = facts.get("budget.trainings_that_fit")
        if fit is None:
            rounds = math.ceil(ASSUMED_TRAININGS / parallel)
            return cls(ASSUMED_TRAININGS, rounds, parallel, each, assumed=True)
        whole = math.floor(fit)
        return cls(whole, math.ceil(whole / parallel), parallel, each)

    @property
    def slots(self) -> int:
        """Trainings that a next step may run."""
        return int(min(self.trainings, self.rounds * self.parallel))

    def rounds_of(self, trainings: float) -> int:
        """Rounds that some trainings take; a hair above a whole number counts as it."""
        return math.ceil(trainings / self.parallel - 1e-9)

    def spend(self, trainings: float) -> Budget:
        """Return what is left after some trainings."""
        return replace(
            self,
            trainings=max(self.trainings - trainings, 0),
            rounds=max(self.rounds - self.rounds_of(trainings), 0),
        )

    def of_longer(self, factor: float) -> Budget:
        """Return the same budget counted in trainings that take some times as long."""
        return replace(
            self,
            trainings=math.floor(self.trainings / factor + 1e-9),
            rounds=math.floor(self.rounds / factor + 1e-9),
            hours_each=None if self.hours_each is None else self.hours_each * factor,
        )

    def of_folds(self, folds: int, *, most: int) -> Budget:
        """Return the same budget counted in cross-validated trials.

        The folds of a trial share the workers; where there are more workers than folds, several
        trials run at once.

        Args:
            folds: Trainings of one trial.
            most: Trials that are enough.
        """
        rounds_each = math.ceil(folds / self.parallel)
        return Budget(
            trainings=min(self.slots // folds, most),
            rounds=self.rounds // rounds_each,
            parallel=max(self.parallel // folds, 1),
            hours_each=None if self.hours_each is None else self.hours_each * rounds_each,
            assumed=self.assumed,
        )

    def hours(self, trainings: float) -> float | None:
        """Wall-clock hours that some trainings take, None where unknown."""
        if self.hours_each is None:
            return None
        return self.rounds_of(trainings) * self.hours_each

    def gpu_hours(self, trainings: float) -> float | None:
        """Compute hours that some trainings take, None where unknown."""
        return None if self.hours_each is None else trainings * self.hours_each
