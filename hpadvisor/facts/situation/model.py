"""The situation: what the user tells of a training job. Every field is optional."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from hpadvisor.facts.vocabulary import (
    FAMILY_ALIASES,
    MODEL_FAMILIES,
    OPTIMIZERS,
    STRATEGIES,
    SYMPTOM_ALIASES,
    SYMPTOMS,
    TASK_KINDS,
    TOOLS,
)
from hpadvisor.readers.quantities import hours, number


def _read_hours(value: Any) -> Any:
    return hours(value) if isinstance(value, str) else value


def _read_number(value: Any) -> Any:
    return number(value) if isinstance(value, str) else value


def _read_list(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _own_words(aliases: Mapping[str, str], joint: str) -> Callable[[Any], Any]:
    """Return a reader that forgives case, spaces and other words for the same."""

    def read(value: Any) -> Any:
        if isinstance(value, str):
            word = re.sub(r"[\s_-]+", joint, value.strip().casefold())
            return aliases.get(word, word)
        return value

    return read


_family = _own_words(FAMILY_ALIASES, "-")
_symptom = _own_words(SYMPTOM_ALIASES, "_")


def _read_symptoms(value: Any) -> Any:
    listed = _read_list(value)
    return [_symptom(item) for item in listed] if isinstance(listed, list) else listed


_FINITE = Field(allow_inf_nan=False)


def _or_text(shape: dict[str, Any], text: str) -> WithJsonSchema:
    """Return a JSON Schema for what people may also write as a text."""
    return WithJsonSchema({"anyOf": [shape, {"type": "string", "description": text}]})


_COUNT = _or_text({"type": "number", "minimum": 0}, "such as 50k, 1.2M or 5%")
_HOURS = "hours, or such as 2d, 90min, 2h30m"
Number = Annotated[
    float,
    BeforeValidator(_read_number),
    _FINITE,
    _or_text({"type": "number"}, "such as 5% or 50k"),
]
Count = Annotated[float, BeforeValidator(_read_number), Field(ge=0), _FINITE, _COUNT]
Share = Annotated[
    float,
    BeforeValidator(_read_number),
    Field(ge=0, le=1),
    _FINITE,
    _or_text({"type": "number", "minimum": 0, "maximum": 1}, "such as 5%"),
]
Whole = Annotated[
    int,
    BeforeValidator(_read_number),
    Field(ge=1),
    _or_text({"type": "integer", "minimum": 1}, "such as 50k"),
]
Hours = Annotated[
    float,
    BeforeValidator(_read_hours),
    Field(ge=0),
    _FINITE,
    _or_text({"type": "number", "minimum": 0}, _HOURS),
]
SomeHours = Annotated[
    float,
    BeforeValidator(_read_hours),
    Field(gt=0),
    _FINITE,
    _or_text({"type": "number", "exclusiveMinimum": 0}, _HOURS),
]
Texts = Annotated[
    list[str],
    BeforeValidator(_read_list),
    _or_text({"type": "array", "items": {"type": "string"}}, "comma-separated"),
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_default=False)


class Task(_Section):
    """What is learned, and how good it is today."""

    kind: Literal[TASK_KINDS] | None = Field(None, description="what the model is for")  # type: ignore[valid-type]
    metric: str | None = Field(None, description="the score that is compared")
    direction: Literal["maximize", "minimize"] | None = Field(
        None, description="whether the metric should rise or fall"
    )
    current: Number | None = Field(None, description="the score of today")
    target: Number | None = Field(None, description="the score that is wanted")
    noise: Count | None = Field(
        None, description="standard deviation of the score between seeds, in the metric's unit"
    )
    acceptable: bool | None = Field(None, description="whether today's score is good enough")


class Model(_Section):
    """The model."""

    family: Annotated[Literal[MODEL_FAMILIES] | None, BeforeValidator(_family)] = Field(  # type: ignore[valid-type]
        None, description="kind of model"
    )
    name: str | None = Field(None, description="name of the model")
    parameters: Count | None = Field(None, description="trainable weights")
    pretrained: bool | None = Field(None, description="whether it starts from pretrained weights")


class Training(BaseModel):
    """The training as it is today; any canonical hyperparameter may stand here with its value."""

    model_config = ConfigDict(extra="allow")

    kind: str | None = Field(None, description="kind of training")
    optimizer: Literal[OPTIMIZERS] | None = Field(None, description="the optimizer")  # type: ignore[valid-type]
    precision: Literal["fp32", "tf32", "bf16", "fp16", "fp8"] | None = Field(
        None, description="numeric precision"
    )
    epochs: Count | None = Field(None, description="epochs of one training")
    steps: Count | None = Field(None, description="optimizer steps of one training")
    hours_per_epoch: Hours | None = Field(None, description="time of an epoch, in hours")


class Data(_Section):
    """The data."""

    train_examples: Count | None = Field(None, description="training examples")
    validation_examples: Count | None = Field(None, description="validation examples")
    tokens: Count | None = Field(None, description="training tokens of a language model")
    classes: Count | None = Field(None, description="classes of a classification")
    positive_share: Share | None = Field(None, description="share of the rarer class, of two")
    suspect: bool | None = Field(None, description="whether inputs or labels may be wrong")


class Budget(_Section):
    """What may be spent. ``hours`` are of the wall clock, ``gpu_hours`` are added over workers."""

    hours: Hours | None = Field(None, description="wall-clock hours for the whole search")
    gpu_hours: Hours | None = Field(None, description="compute hours, added over all workers")
    hours_per_training: SomeHours | None = Field(
        None, description="wall-clock hours of one full training"
    )
    trainings: Count | None = Field(None, description="trainings that may be run at most")
    parallel: Whole | None = Field(None, description="trainings that run at the same time")
    machines: Whole | None = Field(None, description="machines they are spread over")
    deadline: Hours | None = Field(None, description="hours until the result must be there")


class Search(_Section):
    """Preferences for the search."""

    tool: Literal[TOOLS] | None = Field(None, description="preferred tool")  # type: ignore[valid-type]
    strategy: Literal[STRATEGIES] | None = Field(None, description="strategy asked for")  # type: ignore[valid-type]
    tune: Texts | None = Field(None, description="hyperparameters that shall be tuned")
    fixed: Texts | None = Field(None, description="hyperparameters that shall stay")
    grid_values: Whole | None = Field(None, description="values per hyperparameter of a grid")
    trials_done: Count | None = Field(None, description="trials that are finished already")


class Team(_Section):
    """Who works with the results."""

    size: Whole | None = Field(None, description="people")
    dashboard: bool | None = Field(None, description="whether a shared dashboard is wanted")


LONGEST_NAME = 200
"""Letters of a hyperparameter's name; YAML's simple keys end at 1,024, file names at 255."""


class UserHyperparameter(_Section):
    """A hyperparameter under the user's own name, with the values that their code accepts."""

    name: str = Field(
        min_length=1, max_length=LONGEST_NAME, description="the name in the user's code"
    )
    role: str | None = Field(None, description="its canonical name, when it has one")
    type: Literal["float", "int", "categorical"] | None = Field(None, description="type")
    low: Number | None = Field(None, description="lowest legal value")
    high: Number | None = Field(None, description="highest legal value")
    scale: Literal["log", "linear"] | None = Field(None, description="scale of the search")
    choices: list[str | int | float | bool] | None = Field(
        None, min_length=1, description="legal values"
    )
    default: str | int | float | bool | None = Field(None, description="today's value")

    @model_validator(mode="after")
    def _consistent(self) -> UserHyperparameter:
        if self.choices is not None:
            self._check_choices()
        else:
            self._check_bounds()
        return self

    def _check_choices(self) -> None:
        if self.low is not None or self.high is not None:
            raise ValueError("has choices and low or high; keep one of the two")
        if self.default is not None and self.default not in (self.choices or []):
            raise ValueError(f"default {self.default!r} is none of its choices")

    def _check_bounds(self) -> None:
        low, high = self.low, self.high
        if low is not None and high is not None and low > high:
            raise ValueError(f"low {low:g} is above high {high:g}")
        if self.scale == "log" and low is not None and low <= 0:
            raise ValueError(f"a log scale cannot start at {low:g}; use a low above 0")
        default = self.default
        if self.type == "int" and isinstance(default, float) and not default.is_integer():
            raise ValueError(f"default {default:g} is no whole number, and the type is int")
        if isinstance(default, int | float) and not isinstance(default, bool):
            below = low is not None and default < low
            above = high is not None and default > high
            if below or above:
                raise ValueError(f"default {default:g} is outside {low} to {high}")


class Situation(_Section):
    """Everything that is known of a training job; what is not said stays unknown."""

    task: Task = Field(default_factory=Task, description="what is learned")
    model: Model = Field(default_factory=Model, description="the model")
    training: Training = Field(default_factory=Training, description="the training as it is")
    data: Data = Field(default_factory=Data, description="the data")
    budget: Budget = Field(default_factory=Budget, description="what may be spent")
    symptoms: Annotated[list[Literal[SYMPTOMS]] | None, BeforeValidator(_read_symptoms)] = Field(  # type: ignore[valid-type]
        None, description="what the curves show"
    )
    search: Search = Field(default_factory=Search, description="preferences for the search")
    team: Team = Field(default_factory=Team, description="who works with the results")
    hyperparameters: list[UserHyperparameter] | None = Field(
        None, description="the user's own hyperparameters: a plan speaks these names"
    )
