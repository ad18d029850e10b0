"""Configurations as rows of numbers: what a model compares, draws and moves.

A row has a column for each dimension: the place of a choice, or a share of the range (0 its low
end, 1 its high end; legal values may lie beyond). What is switched off, or is no number of the
scale, is NaN; a choice that is not listed is -1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpadvisor.search.arrays import Array
from hpadvisor.search.plan import Dimension, Params
from hpadvisor.search.space import Space, decode


def rows_of(space: Space, points: Sequence[Params]) -> Array:
    """Return configurations as rows."""
    columns = [_column(item, [point[item["name"]] for point in points]) for item in space]
    return np.stack(columns, axis=1)


def point_of(space: Space, row: Array) -> Params:
    """Return a row as a configuration."""
    point: Params = {}
    for item, share in zip(space, row, strict=True):
        if item["type"] == "categorical":
            point[item["name"]] = item["choices"][int(share)]
        elif math.isnan(share):
            point[item["name"]] = item["off"] if "switch" in item else decode(item, 0.5)
        else:
            least, most = item.get("legal", (item["low"], item["high"]))
            number = min(max(float(_numbers(item, share)), least), most)
            point[item["name"]] = round(number) if item["type"] == "int" else number
    return point


def features_of(space: Space, rows: Array) -> Array:
    """Return rows as a kernel compares them: a corner for each choice, a column for a switch."""
    columns: list[Array] = []
    for item, column in zip(space, rows.T, strict=True):
        if item["type"] == "categorical":
            columns += [0.5 * (column == place) for place in range(len(item["choices"]))]
            continue
        off = np.isnan(column)
        columns.append(np.where(off, 0.5, column))
        if "switch" in item:
            columns.append(0.5 * off)
    return np.stack(columns, axis=1)


def drawn_rows(space: Space, count: int, generator: np.random.Generator, *, wide: bool) -> Array:
    """Draw rows at random from the ranges, or from all that the function accepts."""
    return np.stack([_drawn(item, count, generator, wide) for item in space], axis=1)


def neighbours(
    space: Space, rows: Array, step: Array, chance: Array, generator: np.random.Generator
) -> Array:
    """Move each row in some of its dimensions, at least in one.

    Args:
        space: The dimensions.
        rows: What to move, n × dimensions.
        step: Deviation of each row's normal steps, in shares of the range.
        chance: Probability of each row that a dimension moves.
        generator: Source of chance.
    """
    hit = generator.random(rows.shape) < chance[:, None]
    forced = generator.integers(0, rows.shape[1], len(rows))
    hit[np.arange(len(rows)), forced] |= ~hit.any(axis=1)
    columns = [_moved(item, rows[:, i], step, generator) for i, item in enumerate(space)]
    return np.where(hit, np.stack(columns, axis=1), rows)


def _column(item: Dimension, values: Sequence[Any]) -> Array:
    if item["type"] == "categorical":
        choices = item["choices"]
        return np.array([choices.index(v) if v in choices else -1.0 for v in values])
    log, off = item["scale"] == "log", item.get("off") if "switch" in item else None
    held = [
        isinstance(v, int | float) and not isinstance(v, bool) and v != off and (v > 0 or not log)
        for v in values
    ]
    return _shares(
        item, np.array([v if ok else np.nan for v, ok in zip(values, held, strict=True)])
    )


def _numbers(item: Dimension, shares: Array) -> Array:
    low, high = item["low"], item["high"]
    if item["scale"] == "log":
        return np.asarray(low * (high / low) ** shares)
    return np.asarray(low + (high - low) * shares)


def _shares(item: Dimension, numbers: Array) -> Array:
    low, high = item["low"], item["high"]
    if low == high:
        return np.where(np.isnan(numbers), np.nan, 0.5)
    if item["scale"] == "log":
        return np.asarray(np.log(numbers / low) / math.log(high / low))
    return np.asarray((numbers - low) / (high - low))


def _within(item: Dimension, shares: Array) -> Array:
    """Cut shares to what the function accepts, and whole numbers to whole numbers."""
    least, most = item.get("legal", (item["low"], item["high"]))
    numbers = np.clip(_numbers(item, shares), least, most)
    return _shares(item, np.round(numbers) if item["type"] == "int" else numbers)


def _drawn(item: Dimension, count: int, generator: np.random.Generator, wide: bool) -> Array:
    chance = generator.random(count)
    if item["type"] == "categorical":
        return np.floor(chance * len(item["choices"]))
    ends = np.array(item.get("legal", (item["low"], item["high"])) if wide else ())
    low, high = _shares(item, ends) if wide else (0.0, 1.0)
    drawn = _within(item, low + (high - low) * chance)
    return np.where(generator.random(count) < 0.25, np.nan, drawn) if "switch" in item else drawn


def _moved(item: Dimension, column: Array, step: Array, generator: np.random.Generator) -> Array:
    if item["type"] == "categorical":
        return np.floor(generator.random(len(column)) * len(item["choices"]))
    start = np.where(np.isnan(column), generator.random(len(column)), column)
    moved = _within(item, start + step * generator.standard_normal(len(column)))
    return (
        np.where(generator.random(len(column)) < 0.1, np.nan, moved) if "switch" in item else moved
    )
