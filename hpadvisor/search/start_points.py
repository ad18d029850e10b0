"""The configurations that run whatever comes: baseline, listed values, quasi-random points."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence

from optuna.trial import FrozenTrial

from hpadvisor.search.plan import Params, SearchPlan
from hpadvisor.search.space import Space, decode, share_of

Box = dict[str, tuple[float, float]]


def planned_points(plan: SearchPlan, seed: int) -> Iterator[tuple[str, Params]]:
    """Yield origin and configuration of what a plan trains before anything is proposed."""
    if plan.baseline_score is None:
        yield "baseline", plan.baseline
    for index, values in enumerate(plan.points):
        yield f"listed-{index}", {**plan.baseline, **values}
    for index, values in enumerate(plan.recommended):
        yield f"recommended-{index}", {**plan.baseline, **values}
    for index in range(plan.start_points):
        yield f"start-{index}", quasirandom(plan.space, index, seed, {})


def halton(index: int, dimensions: int, seed: int) -> list[float]:
    """Return a point of a Halton sequence whose digits are permuted at random, by the seed."""
    generator, point, base = random.Random(seed), [], 1  # noqa: S311 - no secret
    for _ in range(dimensions):
        base = next(n for n in itertools.count(base + 1) if all(n % k for k in range(2, n)))
        rest, weight, value = index, 1.0, 0.0
        for _ in range(math.ceil(31 / math.log2(base))):
            digits = generator.sample(range(base), base)
            rest, digit = divmod(rest, base)
            weight /= base
            value += weight * digits[digit]
        point.append(value)
    return point


def quasirandom(space: Space, index: int, seed: int, box: Box) -> Params:
    """Return the index-th quasi-random configuration, within a box of shares if there is one."""
    switches = [item["name"] for item in space if "switch" in item]
    shares = halton(index, len(space) + len(switches), seed)
    point: Params = {}
    for item, share in zip(space, shares, strict=False):
        low, high = box.get(item["name"], (0.0, 1.0))
        point[item["name"]] = decode(item, low + (high - low) * share)
    for item in space:
        # A quarter of the points has it switched off: enough to see whether it is needed at all.
        if "switch" in item and shares[len(space) + switches.index(item["name"])] > 0.75:
            point[item["name"]] = item["off"]
    return point


def box_of_best(space: Space, ranked: Sequence[FrozenTrial]) -> Box:
    """Return, for each number, the shares between which the best fifth of the trials lies."""
    best = ranked[: max(3, len(ranked) // 5)]
    box = {}
    for item in space if best else []:
        if item["type"] != "categorical":
            values = [t.params.get(item["name"], item.get("held")) for t in best]
            shares = [share_of(item, value) for value in values if value is not None]
            box[item["name"]] = (max(min(shares) - 0.05, 0.0), min(max(shares) + 0.05, 1.0))
    return box
