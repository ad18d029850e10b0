"""The targets of the review on a few replays of real trainings; benchmarks/audit has many."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from benchmarks.audit import boundaries, faults, faults_search, measures, stopping
from benchmarks.audit.pools import Pool, load_pools, noise_of, replay
from benchmarks.audit.rates import Row, rate
from hpadvisor.facts.searches.table import build_table


@pytest.fixture(scope="module")
def pool() -> Pool:
    """A pool that is part of the repository."""
    return load_pools(["patches"])[0]


@pytest.fixture(scope="module")
def founds(pool: Pool) -> list[measures.Found]:
    """Sixty replays of sixty trials."""
    return list(measures.draws(pool, 60, 60, _rng()))


@pytest.fixture(scope="module")
def searches(pool: Pool) -> list[stopping.Search]:
    """Sixty replays of a hundred trials."""
    return stopping.replays_of(pool, 60, 100, 17)


def _rng() -> np.random.Generator:
    return np.random.default_rng(17)


@pytest.mark.parametrize("name", ["patches", "diabetes", "colours", "strokes"])
def test_pools_lie_in_their_spaces(name: str) -> None:
    pool = load_pools([name])[0]
    assert pool.final.shape == (300, 10)
    assert [p.name for p in pool.space] == list(pool.params[0])
    units = build_table(measures._whole(pool)).units
    assert np.isfinite(units).all()
    numbers = [i for i, p in enumerate(pool.space) if p.is_number]
    assert units[:, numbers].min() >= -0.01
    assert units[:, numbers].max() <= 1.01


def test_noise_is_stated_where_the_study_holds_none() -> None:
    pool = load_pools(["diabetes"])[0]
    found = replay(pool, 40, _rng())
    table = build_table(found.study())
    noise = noise_of(found, table, _rng())
    assert noise.source == "stated"
    assert noise_of(found, table, _rng()) is noise  # the same replay is not run twice


def test_tie_set_covers_the_truly_best(founds: list[measures.Found]) -> None:
    row = measures.tie_set(founds, 60, _rng())
    assert row["covers"].value >= 0.90
    assert row["covers"].value > row["naive_winner"].value


def test_optimism_is_told_with_its_interval(founds: list[measures.Found]) -> None:
    row = measures.optimism(founds, 60, _rng())
    assert 0.5 < row["said"] / row["true"] < 2
    assert row["interval_holds"].value >= 0.65


def test_boundary_false_alarms(founds: list[measures.Found]) -> None:
    row = boundaries.bounds(founds, 60, _rng())
    assert row["false_alarms"].value <= 0.15
    assert row["false_alarms"].value < row["naive_false_alarms"].value


def test_baseline_false_alarms(pool: Pool) -> None:
    row = measures.baseline(pool, 60, 60, _rng())
    assert row["false_single"].value <= 0.10
    assert row["false_welch"].value <= 0.10
    assert row["false_naive"].value > 0.5  # the same replays fool the naive rule


def test_dummy_is_seldom_important(founds: list[measures.Found]) -> None:
    row = measures.dummy(founds[:20], 60, _rng())
    assert row["dummy_important"].value <= 0.10
    assert row["strongest_named_first"].value >= 0.6


def test_noise_is_told_from_noise(pool: Pool) -> None:
    row = measures.signal(pool, 60, 30, _rng())
    assert row["false_alarms"].value <= 0.05
    assert row["finds"].value > row["naive_finds"].value


def test_stop_rule_beats_the_naive_ones(searches: list[stopping.Search]) -> None:
    rows = stopping.stop_rules(searches, seen_noise=0.005)
    lost = {row["rule"]: row["loses_half_a_point"].value for row in rows}
    spent = {row["rule"]: row["trials_spent"] for row in rows}
    naive = [name for name in lost if "naive" in name]
    assert all(lost[stopping.HALF] < lost[name] for name in naive)
    assert spent[stopping.HALF] <= 0.75


def test_new_bests_come_as_often_as_the_law_says(searches: list[stopping.Search]) -> None:
    row = stopping.said_and_seen(searches, 50)
    assert row["new_best_said"] == 0.5
    assert abs(row["new_best_seen"] - 0.5) < 0.2
    assert row["half_a_point_said"] < row["half_a_point_at_most"]


Fault = Callable[[Pool, int, np.random.Generator], Iterator[Row]]


@pytest.mark.parametrize(
    ("fault", "least"),
    [
        (faults.results, "a constant in 60 %"),
        (faults.duplicates, "continuous, 20% repeat an earlier one"),
        (faults.where_failing, "the upper fifth fails in 90 %"),
        (faults.lost, "one worker died"),
        (faults.learned, "60 % guess, --chance given"),
        (faults_search.pruning, "halving by 3, the wrong way round"),
        (faults_search.hours, "50 % fail late"),
    ],
)
def test_faults_are_found_and_sound_searches_are_not_accused(
    pool: Pool, fault: Fault, least: str
) -> None:
    rows = {row["condition"]: row for row in fault(pool, 12, _rng())}
    assert rows[least]["speaks"].value >= 0.9
    clean = [row["speaks"].value for row in rows.values() if row["should_speak"] == "no"]
    assert np.mean(clean) <= 0.1


def test_names_of_seeds_and_constants() -> None:
    for row in faults_search.names():
        assert row["wrong"] == "–", row


def test_shares_have_intervals() -> None:
    found = rate([True] * 10 + [False] * 90)
    assert found.value == 0.1
    assert found.half == pytest.approx(0.0596, abs=1e-3)  # Wilson: 0.055 to 0.174
    assert str(rate([])) == "–"
