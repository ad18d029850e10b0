"""The common record of a search: a study, its parameters and its trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.asking import audit_command

MAXIMIZE, MINIMIZE = "maximize", "minimize"


class State(StrEnum):
    """How a trial ended, or that it has not."""

    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"

    @property
    def is_end(self) -> bool:
        """Whether nothing more comes of such a trial."""
        return self not in (State.RUNNING, State.WAITING)


@dataclass(slots=True)
class Parameter:
    """One dimension of a search space.

    Attributes:
        name: The engine's name of it.
        type: ``float``, ``int`` or ``categorical``.
        low: Lower bound of a number.
        high: Upper bound of a number.
        scale: ``log`` or ``linear``; empty for a categorical.
        choices: The choices of a categorical.
        step: Step of a stepped number, or None.
        observed: Whether the range was taken from the trials, for want of a stated one.
        levels: The few values that a number can take, ascending; empty where any between the
            bounds will do.
        role: The canonical hyperparameter that it is, empty where nobody knows.
        minimum: What no proposal may go below: the user's bound, or the sense of the role.
        maximum: What no proposal may go above.
    """

    name: str
    type: str
    low: float | None = None
    high: float | None = None
    scale: str = ""
    choices: tuple[Any, ...] = ()
    step: float | None = None
    observed: bool = False
    levels: tuple[float, ...] = ()
    role: str = ""
    minimum: float | None = None
    maximum: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values have an order and a distance."""
        return self.type != "categorical"


@dataclass(slots=True)
class Trial:
    """One member of a search.

    Attributes:
        number: Its number in the engine, or its place in the file.
        state: How it ended.
        params: Values by name; a conditional parameter may be missing.
        value: The final score; of a pruned trial the last one at partial budget; None without.
        steps: Steps of the intermediate values, ascending.
        values: The intermediate values.
        replicates: Scores of the same configuration under other seeds, this one's included.
        seeds: The seeds of the replicates, in their order; empty where they are not recorded.
        splits: Scores on the folds of a cross-validation, in the order of the folds.
        start: Begin, in seconds since 1970.
        end: End, in seconds since 1970.
        seconds: Run time, where begin and end are not recorded.
        enqueued: Whether it was given by hand rather than sampled (the baseline, usually).
        infeasible: Whether it broke a constraint.
        spread: Deviation of the score between seeds, where the record states it.
        label: What people call it, such as a run's name; empty without one.
        place: Its own log or folder; empty where it has none.
    """

    number: int
    state: State
    params: dict[str, Any] = field(default_factory=dict)
    value: float | None = None
    steps: Sequence[float] = ()
    values: Sequence[float] = ()
    replicates: tuple[float, ...] = ()
    seeds: tuple[str, ...] = ()
    splits: tuple[float, ...] = ()
    start: float | None = None
    end: float | None = None
    seconds: float | None = None
    enqueued: bool = False
    infeasible: bool = False
    spread: float | None = None
    label: str = ""
    place: str = ""

    @property
    def duration(self) -> float | None:
        """Run time in seconds, or None where it is not known."""
        if self.seconds is not None:
            return self.seconds
        if self.start is None or self.end is None:
            return None
        return max(0.0, self.end - self.start)


@dataclass(slots=True)
class Memory:
    """What a search wrote down of the plan that it came from; empty where it wrote nothing.

    Attributes:
        known: Whether it wrote anything.
        roles: Canonical hyperparameter by name.
        limits: What the user's code accepts, by name: low and high, None where open.
        choices: The choices that it accepts, by name.
        held: What the plan left alone, by name; None where no value is known.
        planned: Trials of the search as planned.
        trainings: Full trainings that all of it may cost, the confirmation included.
        hours: Hours that the user gave.
        noise: Standard deviation of the score between seeds.
        examples: Validation examples behind each score.
        baseline: Today's configuration, whole.
        situation: What was told of the training, by path.
        headline: The plan in a line.
    """

    known: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    limits: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    choices: dict[str, list[Any]] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)
    planned: int | None = None
    trainings: float | None = None
    hours: float | None = None
    noise: float | None = None
    examples: float | None = None
    baseline: dict[str, Any] = field(default_factory=dict)
    situation: dict[str, Any] = field(default_factory=dict)
    headline: str = ""


@dataclass(slots=True)
class Study:
    """One search.

    Attributes:
        name: Its name.
        engine: Who ran it: optuna, ray, wandb, mlflow, keras-tuner, smac, syne-tune,
            scikit-learn, nni, katib or csv.
        direction: ``maximize`` or ``minimize``.
        metric: The name of the score, empty where it has none.
        parameters: The search space.
        trials: By number.
        source: Where it was read.
        notes: What the reader had to assume or skip, a sentence each.
        fixed: Settings that no trial changed.
        history: Whether these are past runs, set by hand, rather than a search.
        memory: What the search wrote down of its own plan.
        incomparable: Why its scores cannot be compared with each other, empty where they can.
    """

    name: str
    engine: str
    direction: str
    metric: str
    parameters: list[Parameter]
    trials: list[Trial]
    source: str = ""
    notes: list[str] = field(default_factory=list)
    fixed: dict[str, Any] = field(default_factory=dict)
    history: bool = False
    memory: Memory = field(default_factory=Memory)
    incomparable: str = ""

    @property
    def sign(self) -> float:
        """1 where higher scores are better, -1 where lower ones are."""
        return 1.0 if self.direction == MAXIMIZE else -1.0

    @property
    def scored(self) -> list[Trial]:
        """The trials that are complete and have a score, by number."""
        return [
            one for one in self.trials if one.state is State.COMPLETE and one.value is not None
        ]

    @property
    def space_observed(self) -> bool:
        """Whether any range is only what the trials happened to take."""
        return any(parameter.observed for parameter in self.parameters)


def _unknown(name: str) -> str | None:
    """Know no name."""
    return None


@dataclass(frozen=True, slots=True)
class Names:
    """What names of columns and settings mean; tables above the readers know it.

    Attributes:
        role_of: The canonical hyperparameter of a name, or None.
    """

    role_of: Callable[[str], str | None] = _unknown


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about a search.

    Attributes:
        study: Which study to take, where there are several.
        objective: The score's name, or the number of an objective.
        direction: ``maximize`` or ``minimize``, empty where not said.
        params: Names of the columns that are parameters.
        space: A file with the search space.
        names: What names mean.
    """

    study: str = ""
    objective: str = ""
    direction: str = ""
    params: tuple[str, ...] = ()
    space: str | Path | None = None
    names: Names = Names()


def choose(names: Sequence[str], wanted: str, path: str | Path) -> int:
    """Choose a study by name.

    Args:
        names: What there is.
        wanted: The name the user gave, or nothing.
        path: The file, for messages.

    Returns:
        Its index.

    Raises:
        UserError: nothing there, several and none chosen, or no such name.
    """
    if not names:
        raise UserError("holds no study", path=path, remedy="Run the search first.")
    listed = ", ".join(sorted(names)[:20]) + (", …" if len(names) > 20 else "")
    if wanted:
        if wanted in names:
            return names.index(wanted)
        raise UserError(f"no study '{wanted}'", path=path, remedy=f"There are: {listed}.")
    if sorted(names) == ["confirm", "search"]:  # what a search of ours leaves
        return names.index("search")
    if len(names) > 1:
        command = audit_command(path, "--study", sorted(names)[0])
        raise UserError(
            f"{len(names)} studies: {listed}", path=path, remedy=f"Name one: {command}"
        )
    return 0
