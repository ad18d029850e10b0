"""A run as read: series by role, on one axis, with everything that was assumed on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hpadvisor.readers.curves.tables import Floats


@dataclass(slots=True)
class Series:
    """One column of a run: positions (n,) rising, values (n,), finite or not."""

    column: str
    x: Floats
    y: Floats


@dataclass(slots=True)
class RunRecord:
    """The curves of one training.

    Attributes:
        source: File, and run within it where it holds several.
        format: Recognised format.
        series: Series by role.
        axis: What the positions are: ``epoch``, ``step`` or ``row``.
        length: Last position, in units of the axis.
        higher_is_better: Direction of ``train_metric`` and ``val_metric``.
        notes: What was assumed or repaired.
        config: Hyperparameters found beside the curves.
        planned: Planned length in units of the axis, where the log says so.
        epoch_length: Length of one epoch in units of the axis, where epochs are logged.
        refusal: Why supervised rules do not apply, empty where they do.
    """

    source: str
    format: str
    series: dict[str, Series]
    axis: str
    length: float
    higher_is_better: bool = True
    notes: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    planned: float | None = None
    epoch_length: float | None = None
    refusal: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """Role to column name."""
        return {role: series.column for role, series in self.series.items()}
