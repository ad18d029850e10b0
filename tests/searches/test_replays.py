"""The targets of the review on a few replays of real trainings; benchmarks/audit has many."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.audit import measures, stopping
from benchmarks.audit.pools import Pool, load_pools


@pytest.fixture(scope="module")
def pool() -> Pool:
    """The pool that is part of the repository."""
    return load_pools()[-1]


def _rng() -> np.random.Generator:
    return np.random.default_rng(17)


def test_tie_set_covers_the_truly_best(pool: Pool) -> None:
    row = measures.tie_set(pool, 60, 60, _rng())
    assert row["covers"] >= 0.90
    assert row["covers"] > row["naive_winner"]


def test_boundary_false_alarms(pool: Pool) -> None:
    row = measures.bounds(pool, 60, 40, _rng())
    assert row["false_alarms"] <= 0.15
    assert row["false_alarms"] < row["naive_false_alarms"]


def test_baseline_false_alarms(pool: Pool) -> None:
    row = measures.baseline(pool, 60, 60, _rng())
    assert row["false_single"] <= 0.10
    assert row["false_welch"] <= 0.10
    assert row["false_naive"] > 0.5  # the same replays fool the naive rule


def test_dummy_is_seldom_important(pool: Pool) -> None:
    row = measures.dummy(pool, 60, 20, _rng())
    assert row["dummy_important"] <= 0.10
    assert row["strongest_named_first"] >= 0.6


def test_noise_is_told_from_noise(pool: Pool) -> None:
    row = measures.signal(pool, 60, 30, _rng())
    assert row["false_alarms"] <= 0.05
    assert row["finds"] > row["naive_finds"]


def test_stop_rule_beats_the_naive_ones(pool: Pool) -> None:
    rows = stopping.stop_rules(pool, 40, _rng())
    ours, _, same_best, small_gain = (row["loses_half_a_point"] for row in rows)
    assert ours < same_best
    assert ours < small_gain
    assert rows[0]["trials_spent"] <= 0.75
