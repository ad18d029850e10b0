"""How far two seeds tell the truth: ``python -m benchmarks.clinic repeat --groups 39``.

Settings of the development part are trained again with two other seeds, all nine changes
included. Advice that knows that second truth says what noise between seeds alone would allow.
Takes about 13 seconds a group. Needs what ``generate`` needs.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

import numpy as np

from benchmarks.clinic.held_out import HEADER, points_of
from benchmarks.clinic.truth import chances_of, truth_of

OTHER_SEEDS = (3, 4)


def repeat(records: list[dict[str, Any]], groups: int) -> str:
    """Train evenly spread groups again and compare the two truths, as Markdown.

    Args:
        records: Committed settings.
        groups: How many groups of them to train.
    """
    from benchmarks.clinic.draw import draw_group
    from benchmarks.clinic.generate import prepare
    from benchmarks.clinic.train import train_group

    by_group: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_group[int(record["id"].split("-")[0])].append(record)
    numbers = sorted(by_group)
    chosen = np.linspace(0, len(numbers) - 1, min(groups, len(numbers))).round().astype(int)
    first, second = [], []
    for number in (numbers[place] for place in chosen):
        prepare(number)
        print(number, file=sys.stderr, flush=True)
        trained = {one["id"]: one for one in train_group(draw_group(number), OTHER_SEEDS)}
        first += by_group[number]
        second += [trained[record["id"]] for record in by_group[number]]
    return compare(first, second)


def compare(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> str:
    """Agreement of two trainings of the same settings, and what one is worth as advice."""
    truths, others = [truth_of(one) for one in first], [truth_of(one) for one in second]
    healthy = np.asarray([[one.healthy for one in side] for side in (truths, others)])
    known = np.asarray([chances_of(one) for one in second])
    same, stay = (healthy[0] == healthy[1]).mean(), healthy[1][healthy[0]].mean()
    return (
        f"{len(first)} settings. The two truths agree on healthy or not in {same:.0%}; of the "
        f"healthy {stay:.0%} stay so.\n\n{HEADER}\n"
        + points_of(known, truths).row("knows the other seeds")
    )
