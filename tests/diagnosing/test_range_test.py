"""Learning-rate range tests: the suggestion stays put under noise, spikes, NaN and gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hpadvisor.api import diagnose
from hpadvisor.diagnosing.range_test import suggest
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


def write(path: Path, rates: Floats, losses: Floats) -> Path:
    rows = "\n".join(f"{r:.6g},{loss:.5f}" for r, loss in zip(rates, losses, strict=True))
    path.write_text(f"lr,loss\n{rows}")
    return path


def test_a_test_that_cannot_be_read_is_no_divergence(tmp_path: Path) -> None:
    """Lightning stops early where the smoothed loss climbs from its first value on."""
    losses = 2.3 - np.exp(-np.arange(19) / 3)
    run = diagnose(write(tmp_path / "a.csv", np.logspace(-8, -6.5, 19), losses)).runs[0]
    assert run.verdict == "cannot_judge"
    assert "never falls clearly" in run.reason


def test_a_warmup_that_was_cut_off_is_no_range_test(tmp_path: Path) -> None:
    steps = np.arange(200.0)
    path = write(tmp_path / "a.csv", 2e-6 * (steps + 1), 4 * np.exp(-steps / 80) + 2)
    run = diagnose(path).runs[0]
    assert not any(item.rule == "CUR060" for item in run.recommendations)
    assert any(finding.rule == "CUR060" for finding in run.findings)
    assert diagnose(path, range_test=True).runs[0].recommendations[0].rule == "CUR060"


def test_a_rate_that_stays_is_no_range_test(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", np.full(30, 1e-3), np.linspace(2, 1, 30))
    run = diagnose(path, range_test=True).runs[0]
    assert "the rate hardly changes" in run.reason


def test_it_is_drawn_over_the_rates_without_the_height_of_the_explosion(tmp_path: Path) -> None:
    rates, losses = range_test()
    losses[-1] = 1e6
    run = diagnose(write(tmp_path / "a.csv", rates, losses)).runs[0]
    assert run.along == "rates from 1e-6 to 1, log scale"
    assert float(run.curves["train_loss"].y.max()) < 5
    assert run.marks[0].at == pytest.approx((np.log10(run.recommendations[0].value) + 6) / 6, 0.01)
