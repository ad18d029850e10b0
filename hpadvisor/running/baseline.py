"""The baseline: today's configuration trained, repeated for its noise, and diagnosed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpadvisor.errors import UserError
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.running.training import Outcome

if TYPE_CHECKING:
    from hpadvisor.diagnosing.model import RunDiagnosis
    from hpadvisor.running.loop import Training

SOURCE = "the baseline"
FEWEST_FOR_REPEATS = 12
"""Trainings of the whole budget from which one repeat of the baseline is paid for its noise."""
FEWEST_FOR_TWO = 24
POINTS = 3
"""Scores along a training from which on two equal curves are no coincidence."""
DIGITS = 5
"""Digits of a single score from which on two equal ones are no coincidence: 6.63 may be one."""


@dataclass(frozen=True)
class Baseline:
    """What the baseline's trainings gave.

    Attributes:
        outcomes: Its trainings, the first with the seed of the search.
        params: Its configuration by the plan's names.
        diagnosis: Of the first training; None where its log cannot be judged.
        seedless: Whether two seeds gave the very same score.
        before: The baseline from which a change that won was made.
    """

    outcomes: list[Outcome]
    params: dict[str, Any]
    diagnosis: RunDiagnosis | None = None
    seedless: bool = False
    before: Baseline | None = None

    @property
    def score(self) -> float:
        """Mean score."""
        return statistics.fmean(one.score for one in self.outcomes)

    @property
    def noise(self) -> float | None:
        """Standard deviation between seeds; None with one seed, or one that has no effect."""
        if self.before is not None:
            return self.before.noise
        if len(self.outcomes) < 2 or self.seedless:
            return None
        # Rounded scores may be equal by chance: no noise at all is not what they say.
        return statistics.stdev(one.score for one in self.outcomes) or None

    @property
    def hours(self) -> float:
        """Hours of one training: the longest, so that no plan is short of time."""
        return max(one.seconds for one in self.outcomes) / 3600

    @property
    def spent(self) -> float:
        """Hours of all its trainings."""
        own = sum(one.seconds for one in self.outcomes) / 3600
        return own if self.before is None else own + self.before.spent

    @property
    def first(self) -> Baseline:
        """Today's configuration, before any change."""
        return self if self.before is None else self.before.first

    @property
    def direction(self) -> str | None:
        """``maximize`` or ``minimize`` by the log of its score; None where that says nothing."""
        ways = {True: "maximize", False: "minimize"}
        found = self.first.outcomes[0].maximize
        return None if found is None else ways[found]

    def statements(self, said: Mapping[str, Any]) -> list[Statement]:
        """Return what it says of the situation, where nobody said it before.

        Args:
            said: Paths that somebody stated, with their values.
        """
        found: dict[str, Any] = {
            "budget.hours_per_training": self.hours,
            "task.current": self.score,
            "task.noise": self.noise,
            "task.direction": self.direction,
        }
        if self.diagnosis is not None and self.diagnosis.judged:
            found["symptoms"] = _symptoms(self.diagnosis)
        return [
            Statement(path, value, SOURCE)
            for path, value in found.items()
            if value is not None and path not in said
        ]


def score_words(outcome: Outcome) -> str:
    """Say which score was found in a log, and which way is up; empty where a function gave it."""
    if not outcome.column:
        return ""
    ways = {True: "higher is better", False: "lower is better", None: "which way is up is unknown"}
    return f"The score is {outcome.column}, {ways[outcome.maximize]} (--metric, --direction)."


def repeats_for(trainings: float | None, takes_seed: bool) -> int:
    """Return how many further seeds of the baseline a budget pays for."""
    if not takes_seed or trainings is None or trainings < FEWEST_FOR_REPEATS:
        return 0
    return 2 if trainings >= FEWEST_FOR_TWO else 1


def train_baseline(
    training: Training,
    params: dict[str, Any],
    *,
    seed: int,
    repeats: int,
    diagnose: Callable[[Outcome], RunDiagnosis | None],
    say: Callable[[str], object],
) -> Baseline:
    """Train the baseline, and again with further seeds; its first crash ends everything.

    Args:
        training: The command.
        params: The configuration.
        seed: Of the first training; the others' follow.
        repeats: Further seeds.
        diagnose: Judges the log of a training.
        say: Is told what happens.

    Raises:
        TrainingFailedError: the first training gave no score.
        UserError: a score is no finite number.
    """
    found: list[Outcome] = []
    seedless = False
    for number in range(1 + repeats):
        outcome = training.train(params, _ignored, seed + number)
        found.append(outcome)
        if not math.isfinite(outcome.score):
            raise UserError(
                f"the baseline's score is {outcome.score}: today's configuration diverges, or "
                "scores nothing", path=outcome.folder,
                remedy="Say one that trains (--set training.learning_rate=…), or another metric.",
            )  # fmt: skip
        say(f"baseline, seed {seed + number}: {outcome.score:.6g} in {outcome.seconds:.0f} s")
        if number == 1 and _same(*found):
            seedless = True
            say("Two seeds gave the very same score: the seed has no effect, so no repeats.")
            break
    return Baseline(found, params, diagnose(found[0]), seedless)


def _same(first: Outcome, second: Outcome) -> bool:
    """Whether two seeds gave the same training, and not only the same rounded score."""
    if first.score != second.score or first.scores != second.scores:
        return False
    digits = f"{abs(first.score):.12g}".replace(".", "").lstrip("0")
    return len(first.scores) >= POINTS or len(digits) >= DIGITS


def _ignored(position: int, score: float) -> None:
    """The baseline is never ended early."""


def _symptoms(diagnosis: RunDiagnosis) -> list[str] | None:
    from hpadvisor.facts.vocabulary import SYMPTOMS

    # Healthy curves say nothing against a search that was asked for.
    known = diagnosis.verdict in SYMPTOMS and diagnosis.verdict != "healthy"
    return [diagnosis.verdict] if known else None
