"""How likely a confirmation finds a gain."""

from __future__ import annotations

import numpy as np
import pytest

from hpadvisor.facts.searches.pairing import paired_gain
from hpadvisor.facts.searches.power import power, seeds_for
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial


def test_more_seeds_and_larger_gains_are_found_more_often() -> None:
    by_seeds = [power(1.5, 1.0, 3, seeds) for seeds in (2, 3, 5, 8)]
    assert by_seeds == sorted(by_seeds)
    by_gain = [power(gain, 1.0, 3, 4) for gain in (0.5, 1.0, 2.0, 4.0)]
    assert by_gain == sorted(by_gain)
    assert by_gain[-1] > 0.95
    assert power(0.0, 1.0, 3, 4) == 0.0
    assert power(0.02, 0.01, 3, 4) == pytest.approx(power(2.0, 1.0, 3, 4))


def test_what_it_says_is_how_often_the_test_itself_finds_the_gain() -> None:
    rng, found = np.random.default_rng(4), 0
    for _ in range(300):
        scores = rng.normal(0, 0.02, (4, 3))
        scores[1:] += 0.05
        trials = [
            Trial(
                n, State.COMPLETE, {"x": n / 5}, float(row.mean()),
                replicates=tuple(map(float, row)), seeds=("1", "2", "3"),
            )
            for n, row in enumerate(scores)
        ]  # fmt: skip
        space = [Parameter("x", "float", 0.0, 1.0, "linear")]
        table = build_table(Study("s", "csv", "maximize", "score", space, trials))
        best = max(table.trials[1:], key=lambda trial: trial.value or 0.0)
        gain = paired_gain(table, best, table.trials[0])
        found += gain is not None and gain[0] > gain[1]
    assert found / 300 == pytest.approx(power(0.05, 0.02, 3, 3), abs=0.08)


def test_the_fewest_seeds_that_suffice() -> None:
    seeds = seeds_for(2.0, 1.0, 4, 3, 12)
    assert seeds is not None
    assert power(2.0, 1.0, 4, seeds) >= 0.8 > power(2.0, 1.0, 4, seeds - 1)
    assert seeds_for(0.1, 1.0, 4, 3, 12) is None
