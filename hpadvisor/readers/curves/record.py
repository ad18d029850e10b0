"""A run as read: series by role, on one axis, with everything that was assumed on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from hpadvisor.readers.curves.tables import Floats, Refusal

Part = Literal["train", "val", "test", ""]
"""Of which part of the data a column is; empty where nothing says it."""

Kind = Literal["loss", "metric", "learning_rate", "grad_norm", "axis", "other"]
"""What a column holds."""


@dataclass(slots=True)
class Series:
    """One column of a run: positions (n,) rising, values (n,), finite or not."""

    column: str
    x: Floats
    y: Floats


@dataclass(slots=True, frozen=True)
class LoggedColumn:
    """One column of a log as it was understood.

    Attributes:
        name: As logged, with the part in front where the log says it elsewhere.
        part: Of which part of the data it is.
        kind: What it holds.
        role: The role it was chosen for; empty where it was chosen for none.
        higher_is_better: Direction of a loss or metric; None for all else.
        values: How many values were logged.
    """

    name: str
    part: Part
    kind: Kind
    role: str = ""
    higher_is_better: bool | None = None
    values: int = 0


@dataclass(slots=True, frozen=True)
class Told:
    """A setting that the log itself prints.

    Attributes:
        value: A number, or a word such as the name of an optimizer.
        key: As the log calls it.
        where: Place in the log, such as ``line 12``; or the file beside it.
    """

    value: float | str
    key: str
    where: str


@dataclass(slots=True)
class RunRecord:
    """The curves of one training.

    Attributes:
        source: File, and run within it where it holds several.
        format: Recognised format.
        series: Series by role.
        axis: What the positions are: ``epoch``, ``step`` or ``row``.
        length: Last position, in units of the axis.
        first: First position, in units of the axis; above one step where the start is missing.
        higher_is_better: Direction of ``train_metric`` and ``val_metric``.
        notes: What was assumed or repaired.
        left_out: What stands in the log and was not taken for a curve, and why.
        config: Hyperparameters found beside the curves, under the names they have there.
        told: Settings that the log itself prints, by the field's name: ``batch_size``,
            ``learning_rate``, ``dropout``, ``warmup_steps``, ``warmup_share``, ``weight_decay``,
            ``epochs``, ``steps``, ``train_examples``, ``validation_examples``, ``optimizer``,
            ``gradient_clipping``, ``label_smoothing``, ``momentum``, ``seed``, ``parameters``.
        logged: Every column of the log, with its part and what it holds.
        planned: Planned length in units of the axis, where the log says so.
        epoch_length: Length of one epoch in units of the axis, where epochs are logged.
        blank_from: Position from which rows go on without any loss; None where none does.
        rounds: Whether the steps are rounds of boosting.
        refusal: Why supervised rules do not apply, in words; empty where they do.
        refusal_kind: The same as one of a few names.
    """

    source: str
    format: str
    series: dict[str, Series]
    axis: str
    length: float
    first: float = 0.0
    higher_is_better: bool = True
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    logged: list[LoggedColumn] = field(default_factory=list)
    planned: float | None = None
    epoch_length: float | None = None
    blank_from: float | None = None
    rounds: bool = False
    refusal: str = ""
    refusal_kind: Refusal = ""

    @property
    def columns(self) -> dict[str, str]:
        """Role to column name."""
        return {role: series.column for role, series in self.series.items()}
