"""What a worker has to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpadvisor.search.memory import CONFIRMATION, SEARCH
from hpadvisor.search.plan import SearchPlan

MAX_FAILURES = 3
"""Failures in a row after which a worker stops, where nobody says another number."""

FIRST_SEED = 1000
"""Fresh seeds are the search's, and from here on."""

Report = Callable[[int, float], None]
Training = Callable[..., float]
"""The user's function: ``(params, report)``, perhaps with ``seed``, to the score."""


@dataclass(frozen=True)
class Job:
    """What a worker has to do; travels to other processes.

    Attributes:
        plan: The plan.
        target: The function, or "module:function".
        storage: Where the study is kept; None for memory.
        seed: Seed of the search, and of the trainings where the function takes one.
        direction: "maximize" or "minimize"; the plan's where None.
        trials: Finished trials, over all runs and workers.
        ceiling: Full trainings that may be paid; None for any number.
        deadline: Seconds since the epoch after which no training starts.
        confirm: Whether the confirmation is trained, not the search.
        trial_seconds: How long one training may take; None for any time.
        max_failures: Failures in a row after which a worker stops: the function is broken.
        pause: Finished trials after which all workers return, so that somebody may look.
        supervisor: The process that looks after the workers, and says why one has died.
        first_seed: How far the confirmation's first seed lies beyond the search's.
    """

    plan: SearchPlan
    target: str | Training
    storage: str | None
    seed: int
    direction: str | None
    trials: int
    ceiling: float | None
    deadline: float | None = None
    confirm: bool = False
    trial_seconds: float | None = None
    max_failures: int = MAX_FAILURES
    pause: int | None = None
    supervisor: dict[str, Any] | None = None
    first_seed: int = FIRST_SEED

    @property
    def study(self) -> str:
        """Name of the study."""
        return CONFIRMATION if self.confirm else SEARCH


def deadline_in(hours: float | None) -> float | None:
    """Return the moment at which some hours are over."""
    return None if hours is None else time.time() + 3600 * hours
