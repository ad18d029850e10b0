"""The plan: a contract. Its JSON form is stable and versioned; its schema is exported."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from hpadvisor.engine.reasons import Part, Unknown, Why
from hpadvisor.errors import UserError
from hpadvisor.showing import Showable, emitter

SCHEMA_VERSION = "1.1"

Scalar = str | int | float | bool


class Parameter(Part):
    """One dimension of a search space, under the user's own name."""

    name: str = Field(description="the user's name, or the canonical one")
    role: str | None = Field(None, description="the canonical name")
    type: Literal["float", "int", "categorical"]
    low: float | None = None
    high: float | None = None
    scale: Literal["log", "linear"] | None = None
    choices: list[Scalar] | None = None
    default: Scalar | None = None
    today: Scalar | None = Field(None, description="today's value, where it was told")
    off: float | None = Field(
        None, description="a value outside the range that switches it off; a choice of its own"
    )
    legal: tuple[float, float] | None = Field(
        None, description="the user's bounds where they reach beyond low and high"
    )
    recommended: Scalar | None = Field(
        None, description="where the ranges' rules would start, cut to low and high"
    )
    values: list[Scalar] | None = Field(
        None, description="the very values to try, in order, when the strategy lists them"
    )
    rules: list[str] = Field(default_factory=list, description="ids of the ranges it rests on")


class Step(Part):
    """One step of a plan."""

    name: str
    purpose: str
    kind: Literal["fix", "search", "confirm"]
    parameters: list[Parameter] = Field(default_factory=list)
    changes: list[str] = Field(default_factory=list, description="what to change, in order")
    strategy: Literal["manual", "grid", "random", "quasirandom", "bayesian"]
    sampler: dict[str, Any] = Field(default_factory=dict)
    pruner: dict[str, Any] = Field(default_factory=dict)
    trials: int = Field(ge=0, description="configurations that are tried")
    seeds: int = Field(1, ge=1, description="trainings per configuration (seeds, or folds)")
    splits: bool = Field(False, description="seeds are splits: the training itself has no chance")
    folds: int = Field(1, ge=1, description="of these trainings, folds of a cross-validation")
    epochs_per_trial: float | None = None
    parallel: int = Field(1, ge=1)
    trainings: float = Field(description="expected cost in full trainings, after pruning")
    cost_hours: float | None = Field(None, description="wall-clock hours, with pruning")
    cost_hours_unpruned: float | None = Field(None, description="wall-clock hours without it")
    gpu_hours: float | None = Field(None, description="compute hours, added over workers")
    baseline: dict[str, Any] = Field(default_factory=dict, description="the first trial")
    baseline_known: bool = Field(
        False, description="the score of the baseline is known, so it is not trained again"
    )
    starts: list[dict[str, Any]] = Field(
        default_factory=list, description="configurations that follow the baseline"
    )
    top5_chance: float | None = Field(
        None, description="chance that at least one of the trials is in the best 5 % of the space"
    )
    stop_when: list[str] = Field(default_factory=list)
    why: list[Why] = Field(default_factory=list)


class Held(Part):
    """A hyperparameter that stays as it is, and why."""

    name: str
    value: Any = None
    why: str
    rules: list[str] = Field(default_factory=list)


class Stated(Part):
    """A fact of the situation as understood."""

    value: Any
    source: str


class Tool(Part):
    """The tool that runs the search."""

    name: str
    reason: str
    rules: list[str] = Field(default_factory=list)


class Grid(Part):
    """What a full grid over the same hyperparameters would take."""

    values_each: int
    dimensions: int
    configurations: int
    days: float | None = None


class Alternative(Part):
    """What the plan would be with another budget."""

    budget: str
    trainings: float
    summary: str


class Expectation(Part):
    """What such a plan was worth on a public table of recorded trainings."""

    table: str
    tasks: int
    runs: int = Field(description="paired runs of each task")
    trainings: int = Field(description="the measured budget that is nearest below this one")
    against: str = Field(description="the default search it was compared with")
    as_good_as: int | None = Field(
        None, description="largest measured budget at which the default search was no better"
    )
    wins: float = Field(description="share of paired runs in which the plan was better")
    verdict: Literal["ahead", "level", "behind"]
    regret: float
    regret_against: float
    text: str


class Plan(Showable, Part):
    """A tuning plan: whether to tune, what, where, how, for how long, and why."""

    schema_version: str = SCHEMA_VERSION
    verdict: Literal["tune", "fix_first", "leave_defaults", "collect_data", "stop"]
    headline: str
    reasons: list[Why]
    situation: dict[str, Stated]
    objective: dict[str, str | None]
    steps: list[Step]
    cost_hours: float | None = None
    budget_hours: float | None = None
    trainings: float = 0
    trainings_that_fit: float | None = None
    held_fixed: list[Held] = Field(default_factory=list)
    hyperparameters: list[dict[str, Any]] = Field(
        default_factory=list,
        description="all that the user described: name, role, legal values, today's value",
    )
    interactions: list[Why] = Field(default_factory=list)
    pitfalls: list[Why] = Field(default_factory=list)
    advice: list[Why] = Field(default_factory=list)
    alternatives: list[Alternative] = Field(default_factory=list)
    expect: list[Expectation] = Field(
        default_factory=list, description="what such plans were measured to be worth"
    )
    grid: Grid | None = None
    tool: Tool | None = None
    warnings: list[str] = Field(default_factory=list)
    unknown: list[Unknown] = Field(default_factory=list)

    @property
    def search_steps(self) -> list[Step]:
        """The steps that search a space."""
        return [step for step in self.steps if step.kind == "search"]

    def emit(self, engine: str = "optuna", *, standalone: bool = False) -> str:
        """Return the search as code or configuration for an engine.

        Args:
            engine: ``optuna``, ``ray``, ``wandb``, ``hydra-optuna``, ``katib``, ``slurm``,
                ``huggingface``, ``sklearn``, ``json`` or ``csv``.
            standalone: Whether the file does without hpadvisor.

        Raises:
            UserError: the plan has nothing to search, or the engine is not known.
        """
        return emitter()(self, engine, standalone=standalone)

    def run(self, function: Any, **options: Any) -> Any:
        """Search by the plan in this process, on Optuna.

        Args:
            function: Trains once: ``function(params, report) -> score``, where
                ``report(step, value)`` tells the pruner how it goes.
            options: Of ``hpadvisor.search.run``, such as ``trials``, ``storage`` (None keeps
                the study in memory), ``seed``.

        Returns:
            The study of Optuna.

        Raises:
            UserError: the plan has nothing to search, or no direction is known.
            ImportError: Optuna is not installed.
        """
        if not self.search_steps:
            raise UserError(
                f"the plan has nothing to search (verdict: {self.verdict})",
                path="plan.run",
                remedy="Show the plan to see why.",
            )
        if not (options.get("direction") or self.objective.get("direction")):
            raise UserError(
                "whether more of the score is better is not known",
                path="plan.run",
                remedy="Say direction='maximize' or 'minimize', or task.metric in the situation.",
            )
        from hpadvisor.planning.search_data import search_data
        from hpadvisor.search import run

        return run(search_data(self), function, **options)
