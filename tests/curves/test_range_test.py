"""Learning-rate range tests: the suggestion stays put under noise, spikes, NaN and gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hpadvisor.api import diagnose
from hpadvisor.planning.range_test import suggest
from hpadvisor.readers.curves.tables import Floats


def range_test(points: int = 120, sigma: float = 0.01) -> tuple[Floats, Floats]:
    """Falls around 1e-3, lowest near 3e-2, explodes past 0.3."""
    rates = np.logspace(-6, 0, points)
    places = np.log10(rates)
    losses = 2.3 - 1.5 / (1 + np.exp(-3 * (places + 3))) + np.exp(6 * (places + 0.6))
    return rates, losses + sigma * np.random.default_rng(1).standard_normal(points)


def assert_sensible(rates: Floats, losses: Floats) -> None:
    found = suggest(rates, losses)
    assert found is not None
    assert 2e-4 <= found.valley <= 1.5e-2
    assert 2e-4 <= found.steepest <= 1.5e-2
    assert 1e-5 < found.low < found.high < 0.2


def test_clean_and_noisy() -> None:
    assert_sensible(*range_test())
    assert_sensible(*range_test(sigma=0.05))


def test_early_spikes() -> None:
    rates, losses = range_test()
    losses[[1, 2, 7]] += [30, 8, 3]
    assert_sensible(rates, losses)


def test_nan_at_the_end() -> None:
    rates, losses = range_test()
    losses[-12:] = np.nan
    assert_sensible(rates, losses)


def test_uneven_spacing() -> None:
    rates, losses = range_test(300)
    keep = np.random.default_rng(5).random(300) < np.linspace(0.9, 0.1, 300)
    assert_sensible(rates[keep], losses[keep])


def test_a_test_without_descent_suggests_nothing() -> None:
    rates, _ = range_test()
    noise = 2.3 + 0.01 * np.random.default_rng(2).standard_normal(len(rates))
    assert suggest(rates, noise) is None


@pytest.mark.parametrize("forced", [False, True])
def test_recognised_and_forced(tmp_path: Path, forced: bool) -> None:
    rates, losses = range_test()
    if forced:
        rates, losses = rates[::-1], losses[::-1]
    path = tmp_path / "lr.csv"
    lines = [
        f"{k},{rate:.6g},{loss:.5f}"
        for k, (rate, loss) in enumerate(zip(rates, losses, strict=True))
    ]
    path.write_text("\n".join(["step,lr,train_loss", *lines]))
    run = diagnose(path, range_test=forced).runs[0]
    advice = run.recommendations[0]
    assert (advice.parameter, advice.action) == ("learning_rate", "set")
    assert advice.low is not None
    assert advice.high is not None
    assert advice.low < advice.value < advice.high
