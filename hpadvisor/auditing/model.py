"""The audit: a contract. Its JSON form is stable and versioned; its schema is exported."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from hpadvisor.engine.reasons import Unknown, Why
from hpadvisor.planning.model import Parameter, Scalar
from hpadvisor.showing import Showable

SCHEMA_VERSION = "1.0"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StudyParameter(_Part):
    """A parameter as it was searched."""

    name: str
    type: Literal["float", "int", "categorical"]
    low: float | None = None
    high: float | None = None
    scale: Literal["log", "linear"] | None = None
    choices: list[Any] | None = None
    observed: bool = Field(description="the range is only what the trials took")
    importance: float | None = Field(None, description="share of the spread of ranks explained")
    p_value: float | None = Field(None, description="chance of as much by chance alone")


class BestTrial(_Part):
    """The trial with the best score."""

    number: int
    value: float
    params: dict[str, Any]
    expected_value: float | None = Field(None, description="the score to expect on a fresh seed")
    expected_between: list[float] = Field(
        default_factory=list, description="low and high end of it, in four of five searches"
    )


class StudySummary(_Part):
    """The search that was read."""

    name: str
    engine: str
    source: str
    direction: Literal["maximize", "minimize"]
    metric: str
    n_trials: int
    n_complete: int
    n_pruned: int
    n_failed: int
    n_running: int
    best: BestTrial | None
    parameters: list[StudyParameter]
    notes: list[str] = Field(default_factory=list, description="what had to be assumed")


class Check(_Part):
    """One check with its numbers."""

    check: str
    title: str
    outcome: Literal["pass", "finding", "cannot_judge"]
    severity: Literal["error", "warning", "note"] | None = None
    message: str
    numbers: dict[str, Any]
    needs: str = Field("", description="what it would take to judge")
    rules: list[Why] = Field(default_factory=list)


class Outlook(_Part):
    """What so many more trials can be expected to bring."""

    trials: int
    chance_of_new_best: float
    chance_of_worth: float | None = Field(
        None, description="chance of a gain above the least one worth having"
    )
    expected_gain: float
    gain_in_noise: float | None = None


class Candidate(_Part):
    """A configuration to run again."""

    number: int | None
    role: Literal["candidate", "baseline"]
    params: dict[str, Any]
    value: float | None


class Confirmation(_Part):
    """The runs that tell the tied trials apart: every one with the same fresh seeds."""

    trials: list[Candidate]
    seeds: list[int]
    trainings: int
    message: str


class NextParameter(Parameter):
    """A dimension of the next space."""

    change: Literal["kept", "narrowed", "extended"] = "kept"
    reason: str = ""


class TriedRun(_Part):
    """A run as it was tried."""

    number: int
    label: str = ""
    settings: dict[str, Any]
    score: float
    best: bool = False


class ChangeEffect(_Part):
    """What the change of one setting alone brought, between two runs."""

    parameter: str
    before: Any
    after: Any
    from_run: int
    to_run: int
    gain: float = Field(description="difference of the scores, above 0 where the change is better")
    clear: bool | None = Field(None, description="beyond what seeds alone make; None if unknown")


class NextTraining(_Part):
    """A training to do next: the best run, changed."""

    changes: dict[str, Any]
    from_run: int
    settings: dict[str, Any]
    reason: str


class History(_Part):
    """Past runs set by hand: what was tried, what it brought, what comes next."""

    runs: list[TriedRun] = Field(description="the best first")
    effects: list[ChangeEffect]
    untouched: dict[str, Any] = Field(description="settings that no run changed")
    next: list[NextTraining]


class Audit(Showable, _Part):
    """The review of a search: what it showed, whether to go on, and what next."""

    schema_version: str = SCHEMA_VERSION
    study: StudySummary
    checks: list[Check]
    decision: Literal["continue", "stop", "change_space", "cannot_judge"]
    reasons: list[str]
    outlook: list[Outlook] = Field(default_factory=list)
    tie_set: list[int] = Field(default_factory=list, description="trial numbers, the best first")
    noise: float | None = None
    noise_source: str = ""
    noise_between: str = Field("seeds", description="what repeats change: seeds, or splits")
    worth: float | None = Field(None, description="the least gain worth having")
    next_space: list[NextParameter] = Field(default_factory=list)
    confirmation: Confirmation | None = None
    history: History | None = Field(None, description="of past runs, set by hand")
    unknown: list[Unknown] = Field(default_factory=list)
    _statistics: Any = PrivateAttr(None)

    @property
    def statistics(self) -> Any:
        """The statistics behind it, a ``Review``; None where it was read from JSON."""
        return self._statistics

    def keep_statistics(self, found: Any) -> None:
        """Keep the statistics behind it; they are no part of its JSON."""
        self._statistics = found


__all__ = ["Audit", "Check", "Confirmation", "NextParameter", "Outlook", "Scalar", "StudySummary"]
