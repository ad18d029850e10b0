"""A study as arrays: scores of which more is better, parameters on their search scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(slots=True)
class Table:
    """The scored trials of a study.

    Attributes:
        study: Where they come from.
        sign: 1 where the score should rise, -1 where it should fall.
        trials: Complete, feasible trials with a finite score, by number.
        y: Their scores times ``sign``; shape (trials,).
        units: Their parameters: a number in 0..1 on the search scale, the index of a choice, NaN
            where the trial lacks the parameter; shape (trials, parameters).
    """

    study: Study
    sign: float
    trials: list[Trial]
    y: Floats
    units: Floats

    def __len__(self) -> int:
        return len(self.trials)

    @property
    def best(self) -> int:
        """Index of the best trial."""
        return int(self.y.argmax())

    def score(self, value: float) -> float:
        """Turn a value of ``y`` into the user's score."""
        return float(value * self.sign)


def build_table(study: Study) -> Table:
    """Take the scored trials of a study."""
    import numpy as np

    scored = [
        trial
        for trial in study.scored
        if not trial.infeasible and math.isfinite(trial.value or 0.0)
    ]
    y = np.array([trial.value for trial in scored], dtype=float) * study.sign
    return Table(study, study.sign, scored, y, units_of(scored, study.parameters))


def judged_table(table: Table) -> Table:
    """Add the pruned trials, below all complete ones, ordered by how far they came.

    Their scores are of another budget, so ranks take the place of scores: of two pruned trials
    the one with more steps is better, of two with as many the one with the better score.

    Returns:
        The table itself where nothing was pruned.
    """
    import numpy as np

    pruned = [
        trial
        for trial in table.study.trials
        if trial.state is State.PRUNED and trial.value is not None and math.isfinite(trial.value)
    ]
    if not pruned:
        return table
    reached = [float(trial.steps[-1]) if len(trial.steps) else 0.0 for trial in pruned]
    scores = [table.sign * float(trial.value or 0.0) for trial in pruned]
    steps = np.array([math.inf] * len(table) + reached)
    values = np.concatenate([table.y, np.array(scores)])
    ranks = np.empty(len(values))
    ranks[np.lexsort((values, steps))] = np.arange(len(values), dtype=float)
    trials = [*table.trials, *pruned]
    units = np.vstack([table.units, units_of(pruned, table.study.parameters)])
    return Table(table.study, table.sign, trials, ranks, units)


def units_of(trials: list[Trial], parameters: list[Parameter]) -> Floats:
    """Put parameters on their search scale, see :class:`Table`."""
    import numpy as np

    units = np.full((len(trials), len(parameters)), np.nan)
    for column, parameter in enumerate(parameters):
        values = [trial.params.get(parameter.name, _MISSING) for trial in trials]
        units[:, column] = (_places if parameter.is_number else _indices)(parameter, values)
    return units


_MISSING = object()


def _key(value: Any) -> str:
    """A key under which 1, 1.0 and numpy's 1 are the same, and 1 and True are not."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{float(value)!r}"
    return repr(value)


def _indices(parameter: Parameter, values: list[Any]) -> list[float]:
    """Indices of choices; NaN where a value is missing or no choice."""
    index = {_key(choice): float(place) for place, choice in enumerate(parameter.choices)}
    seen: dict[Any, float] = {}
    found = []
    for value in values:
        try:
            key = (type(value), value)
            if key not in seen:
                seen[key] = index.get(_key(value), math.nan)
            found.append(seen[key])
        except TypeError:  # a list, which no dict holds
            found.append(index.get(_key(value), math.nan))
    return found


def _places(parameter: Parameter, values: list[Any]) -> Floats:
    """Numbers on 0..1 between the bounds, on the search scale; NaN where there is none."""
    import numpy as np

    numbers = np.array([_number(value) for value in values])
    low, high = parameter.low, parameter.high
    if low is None or high is None or high <= low:
        return np.where(np.isnan(numbers), np.nan, 0.5)
    if parameter.scale != "log":
        return np.asarray((numbers - low) / (high - low))
    logs = np.log(np.where(numbers > 0, numbers, np.nan))
    return np.asarray((logs - math.log(low)) / (math.log(high) - math.log(low)))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def to_unit(parameter: Parameter, value: float) -> float:
    """Put a number on 0..1 between the bounds, on the search scale."""
    low, high = parameter.low, parameter.high
    if low is None or high is None or high <= low:
        return 0.5
    if parameter.scale == "log":
        if value <= 0:
            return math.nan
        return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    return (value - low) / (high - low)


def from_unit(parameter: Parameter, unit: float) -> float:
    """Undo :func:`to_unit`; outside 0..1 the scale goes on."""
    low, high = parameter.low or 0.0, parameter.high or 0.0
    if parameter.scale == "log":
        return math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
    return low + unit * (high - low)
