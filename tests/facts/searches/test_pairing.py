"""Configurations on the same seeds, compared seed by seed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpadvisor.facts.searches.pairing import paired_gain, shared_seeds
from hpadvisor.facts.searches.review import review
from hpadvisor.facts.searches.student import student_tail
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

SPACE = [Parameter("x", "float", 0.0, 1.0, "linear")]


def _study(scores: list[list[float]], direction: str = "maximize") -> Study:
    trials = [
        Trial(
            number, State.COMPLETE, {"x": number / 10}, sum(row) / len(row),
            replicates=tuple(row), seeds=tuple(str(k) for k in range(len(row))),
            enqueued=number == 0,
        )
        for number, row in enumerate(scores)
    ]  # fmt: skip
    return Study("made", "csv", direction, "score", SPACE, trials)


@pytest.mark.parametrize(
    ("chance", "freedom", "wanted"),
    [
        (0.05, 3, 2.353), (0.05, 4, 2.132), (0.05, 5, 2.015), (0.05, 10, 1.812), (0.05, 20, 1.725),
        (0.05, 30, 1.697), (0.05, 60, 1.671), (0.05, 120, 1.658), (0.05, 1e12, 1.645),
        (0.01, 2, 6.965), (0.025, 10, 2.228), (0.005, 15, 2.947),
    ],
)  # fmt: skip
def test_student_is_that_of_the_tables(chance: float, freedom: float, wanted: float) -> None:
    assert student_tail(chance, freedom) == pytest.approx(wanted, abs=6e-4)


@pytest.mark.parametrize("chance", [0.25, 0.05, 0.01, 0.001])
def test_student_is_that_of_the_closed_forms(chance: float) -> None:
    cauchy = math.tan(math.pi * (0.5 - chance))
    two = (1 - 2 * chance) / math.sqrt(2 * chance * (1 - chance))
    assert student_tail(chance, 1) == pytest.approx(cauchy, rel=1e-4)
    assert student_tail(chance, 2) == pytest.approx(two, rel=1e-4)


def test_student_falls_with_the_degrees_of_freedom_without_a_step() -> None:
    """Welch's are not whole; at 50 the way of computing changes."""
    values = [student_tail(0.05, freedom) for freedom in (1.3, 2.5, 7.2, 30.0, 49.99, 50.01, 1e4)]
    assert values == sorted(values, reverse=True)
    assert values[4] - values[5] < 1e-4


def test_what_a_seed_does_to_all_cancels() -> None:
    study = _study([[0.50, 0.70, 0.90], [0.52, 0.72, 0.92]])
    found = review(study)
    assert found.baseline is not None
    assert found.baseline.method == "paired"
    assert found.baseline.gain == pytest.approx(0.02)
    assert found.baseline.margin < 1e-6
    assert found.baseline.beaten


def test_the_margin_of_two_is_the_paired_test() -> None:
    base, best = [0.5, 0.6, 0.7], [0.6, 0.65, 0.85]
    table = build_table(_study([base, best]))
    result = paired_gain(table, table.trials[1], table.trials[0])
    assert result is not None
    gains = np.subtract(best, base)
    error = gains.std(ddof=1) / math.sqrt(3)
    assert result[0] == pytest.approx(gains.mean())
    assert result[1] == pytest.approx(2.920 * error, rel=1e-3)


def test_costs_count_the_other_way() -> None:
    found = review(_study([[0.5, 0.6, 0.7], [0.4, 0.5, 0.6]], direction="minimize"))
    assert found.baseline is not None
    assert found.baseline.gain == pytest.approx(0.1)
    assert found.baseline.beaten


def test_other_seeds_are_no_pairs() -> None:
    study = _study([[0.5, 0.6, 0.7], [0.6, 0.7, 0.8]])
    study.trials[0].seeds = ("7", "8", "9")
    assert shared_seeds(study.trials) == []
    found = review(study)
    assert found.baseline is not None
    assert found.baseline.method == "welch"


def test_seldom_a_false_alarm() -> None:
    """Five finalists that are no better than the baseline, four hundred times, with seeds."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(400):
        rows = rng.normal(0.5, 0.02, (6, 3)) + rng.normal(0, 0.02, 3)
        found = review(_study([list(row) for row in rows]))
        alarms += found.baseline is not None and found.baseline.beaten
    assert alarms / 400 <= 0.10
