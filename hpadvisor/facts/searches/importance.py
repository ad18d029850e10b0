"""Which parameters moved the score, tested against chance by permutation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpadvisor.facts.searches.table import Table

if TYPE_CHECKING:
    from hpadvisor.facts.searches.table import Floats

LEVEL = 0.10
"""Chance of naming any parameter where none matters."""

PAIR_LEVEL = 0.05
RANKING_NEEDS = 40
_PERMUTATIONS = 999
_MOST_TRIALS = 1500
_MOST_STEPS = 4
_SEED = 7


@dataclass(frozen=True, slots=True)
class Importance:
    """How much of the spread of ranks a parameter explains on its own.

    Attributes:
        parameter: Its name.
        share: Explained share of the variance of ranks, what chance explains taken off.
        p: Chance of as much by chance for the strongest of all parameters tested with it.
    """

    parameter: str
    share: float
    p: float

    @property
    def significant(self) -> bool:
        """Whether chance is an unlikely explanation."""
        return self.p <= LEVEL


def significant(found: list[Importance]) -> dict[str, bool]:
    """Whether each tested parameter matters beyond chance."""
    return {item.parameter: item.significant for item in found}


def importances(table: Table) -> list[Importance]:
    """Test every parameter, strongest first; each later test takes out what is found already.

    The scores become ranks, a number becomes groups of equal size on its search scale. The
    explained share (eta squared) is compared with permuted ranks, and the smallest p-value of
    all parameters with the smallest of each permutation (Westfall and Young), so that the chance
    of naming any of several dummy parameters stays at that level.
    """
    import numpy as np

    rows = np.arange(len(table))
    if len(rows) > _MOST_TRIALS:  # enough for any share worth naming
        rows = np.random.default_rng(_SEED).choice(rows, _MOST_TRIALS, replace=False)
    names = [parameter.name for parameter in table.study.parameters]
    groups = [
        _groups(table.units[rows, i], p.is_number) for i, p in enumerate(table.study.parameters)
    ]
    rest = _ranks(table.y[rows])
    left = [i for i in range(len(names)) if len(np.unique(groups[i])) > 1]
    found: list[Importance] = []
    for step in range(min(_MOST_STEPS, len(left))):
        tested = _test(rest, [groups[i] for i in left], step)
        order = sorted(range(len(left)), key=lambda k: (tested[k][1], -tested[k][0]))
        ranked = [Importance(names[left[k]], *tested[k]) for k in order]
        found.append(ranked[0])
        if not ranked[0].significant or step + 1 == min(_MOST_STEPS, len(left)):
            return found + ranked[1:]
        rest = _without(rest, groups[left[order[0]]])
        left.pop(order[0])
    return found


def _ranks(values: Floats) -> Floats:
    import numpy as np

    order = values.argsort(kind="stable").argsort(kind="stable")
    ranks = order.astype(float)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    means: Floats = np.bincount(inverse, ranks) / counts
    return means[inverse]


def _groups(unit: Floats, is_number: bool) -> Floats:
    """Groups of a parameter: choices, or equal shares of a number; lacking is one of its own."""
    import numpy as np

    missing = np.isnan(unit)
    group = np.where(missing, -1.0, unit)
    if is_number and (~missing).any():
        present = unit[~missing]
        count = int(min(6, max(3, math.sqrt(len(present)) / 2)))
        if len(np.unique(present)) > count:
            edges = np.quantile(present, np.arange(1, count) / count)
            group[~missing] = np.searchsorted(edges, present, side="right")
    return group


def _test(rest: Floats, groups: list[Floats], step: int) -> list[tuple[float, float]]:
    """Explained share and adjusted p-value of each parameter."""
    import numpy as np

    rng = np.random.default_rng(_SEED + step)
    centred = rest - rest.mean()
    total = float((centred**2).sum()) or 1.0
    shuffled = rng.permuted(np.tile(centred, (_PERMUTATIONS, 1)), axis=1)
    everything = np.vstack([centred, shuffled])
    shares = np.empty((len(groups), _PERMUTATIONS + 1))
    for k, group in enumerate(groups):
        _, inverse = np.unique(group, return_inverse=True)
        onehot = np.eye(inverse.max() + 1)[inverse]
        sums = everything @ onehot
        shares[k] = (sums**2 / onehot.sum(axis=0)).sum(axis=1) / total
    # p of each entry among its own parameter's permutations, so that group counts do not matter
    places = np.sort(-shares, axis=1)
    p = np.array([np.searchsorted(places[k], -shares[k], "right") for k in range(len(groups))])
    p = p / (_PERMUTATIONS + 1)
    smallest = p[:, 1:].min(axis=0)
    chance = shares[:, 1:].mean(axis=1)
    return [
        (
            max(0.0, float((shares[k, 0] - chance[k]) / max(1e-9, 1 - chance[k]))),
            float((1 + (smallest <= p[k, 0]).sum()) / (_PERMUTATIONS + 1)),
        )
        for k in range(len(groups))
    ]


def _without(rest: Floats, group: Floats) -> Floats:
    import numpy as np

    _, inverse, counts = np.unique(group, return_inverse=True, return_counts=True)
    means: Floats = np.bincount(inverse, rest) / counts
    return rest - means[inverse]


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two numbers whose best values move together."""

    first: str
    second: str
    correlation: float
    p: float


def interaction(table: Table, first: int, second: int) -> Interaction | None:
    """Test whether the effect of one number depends on another, both effects taken out.

    Returns:
        The test, or None where fewer than forty trials have both.
    """
    import numpy as np

    a, b = table.units[:, first], table.units[:, second]
    both = np.flatnonzero(~(np.isnan(a) | np.isnan(b)))
    if len(both) < RANKING_NEEDS:
        return None
    if len(both) > _MOST_TRIALS:
        both = np.random.default_rng(_SEED).choice(both, _MOST_TRIALS, replace=False)
    rest = _ranks(table.y[both])
    for _ in range(2):
        rest = _without(rest, _groups(a[both], is_number=True))
        rest = _without(rest, _groups(b[both], is_number=True))
    product = (a[both] - a[both].mean()) * (b[both] - b[both].mean())
    product = product - product.mean()
    rest = rest - rest.mean()
    size = math.sqrt(float((product**2).sum() * (rest**2).sum())) or 1.0
    rng = np.random.default_rng(_SEED)
    shuffled = rng.permuted(np.tile(rest, (_PERMUTATIONS, 1)), axis=1)
    seen, chance = float(rest @ product) / size, (shuffled @ product) / size
    p = (1 + int((np.abs(chance) >= abs(seen)).sum())) / (_PERMUTATIONS + 1)
    names = table.study.parameters
    return Interaction(names[first].name, names[second].name, seen, p)
