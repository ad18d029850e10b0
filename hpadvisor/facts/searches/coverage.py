"""How much of the space was tried: finished grids, and parameters that were hardly varied."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import Parameter, Study

_MOST_CONFIGURATIONS = 100_000
_SAME_SHARE = 0.85
_NARROW = 0.08
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Finite:
    """A space of finitely many configurations.

    Attributes:
        size: How many there are.
        tried: How many of them were tried.
        grid: Whether only the values that trials took are known, and these were all combined.
    """

    size: int
    tried: int
    grid: bool

    @property
    def done(self) -> bool:
        """Whether every configuration was tried."""
        return self.tried >= self.size


def finite_space(study: Study) -> Finite | None:
    """Tell how much of a finite space was tried.

    A stated space is finite where every parameter is a choice, a whole number or stepped. Of an
    observed one nothing tells what else could have been taken; but where the values that occur
    were combined in every way, the trials are a grid, and the grid is done.

    Returns:
        None where the space is not finite, or observed and no grid.
    """
    names = [parameter.name for parameter in study.parameters]
    settings = [t.params for t in study.trials if t.state.is_end and t.params]
    if study.space_observed:  # a level may stand outside the range, as 0 does on a log scale
        sizes: list[int | None] = [len({_key(s, [name]) for s in settings}) for name in names]
    else:
        sizes = [_size(parameter) for parameter in study.parameters]
    if not sizes or any(size is None for size in sizes):
        return None
    size = math.prod(value for value in sizes if value is not None)
    if not 1 < size <= _MOST_CONFIGURATIONS:
        return None
    tried = len({_key(one, names) for one in settings})
    if study.space_observed:
        whole = tried == size and len(names) > 1 and all(value != 1 for value in sizes)
        return Finite(size, tried, True) if whole and size >= _LEAST else None
    return Finite(size, tried, False)


def _size(parameter: Parameter) -> int | None:
    if not parameter.is_number:
        return len(parameter.choices)
    if parameter.levels:
        return len(parameter.levels)
    low, high = parameter.low, parameter.high
    if parameter.observed or low is None or high is None:
        return None
    if parameter.step:
        return math.floor((high - low) / parameter.step + 1e-9) + 1
    return int(high - low) + 1 if parameter.type == "int" else None


def _key(params: dict[str, Any], names: list[str]) -> str:
    return repr([_plain(params.get(name)) for name in names])


def _plain(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value


@dataclass(frozen=True, slots=True)
class HardlyVaried:
    """A parameter of which the trials say almost nothing.

    Attributes:
        parameter: Its name.
        value: The value that nearly all trials have.
        others: How many trials have another one.
    """

    parameter: str
    value: Any
    others: int


def hardly_varied(table: Table) -> list[HardlyVaried]:
    """Find parameters that nearly all trials have at one value, or within a small part.

    With a sampler that has drawn into a corner, the early trials varied the parameter; so only
    what at most one trial in seven varied counts, two trials at the least.
    """
    import numpy as np

    found = []
    count = len(table)
    if count < _LEAST:
        return []
    for column, parameter in enumerate(table.study.parameters):
        units = table.units[:, column]
        known = units[~np.isnan(units)]
        if len(known) < _LEAST:
            continue
        values, counts = np.unique(np.round(known, 6), return_counts=True)
        most = int(counts.argmax())
        others = len(known) - int(counts[most])
        if parameter.observed and others <= max(1, math.floor((1 - _SAME_SHARE) * len(known))):
            index = int(np.flatnonzero(np.isclose(units, values[most], atol=1e-6))[0])
            value = table.trials[index].params.get(parameter.name)
            found.append(HardlyVaried(parameter.name, value, others))
    return found
