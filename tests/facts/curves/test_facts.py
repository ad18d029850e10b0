"""Facts of curves against synthetic curves whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from hpadvisor.facts.curves.definitions import CURVE_FACTS
from hpadvisor.facts.curves.extract import extract
from hpadvisor.facts.curves.extrapolation import remaining_gain
from hpadvisor.facts.curves.pair import accuracy_facts, gap_facts, score_gap_facts
from hpadvisor.facts.curves.rate import gradient_facts, rate_facts
from hpadvisor.facts.curves.series import MAX_POINTS, Curve, clean, noise_floor, shorten
from hpadvisor.facts.curves.shape import loss_facts
from hpadvisor.readers.curves.record import RunRecord, Series
from hpadvisor.readers.curves.tables import Floats


def curve(y: Floats) -> Curve:
    made = clean(np.arange(len(y), dtype=np.float64), y)
    assert made is not None
    return made


def exponential(points: int, rate: float, floor: float = 0.2, noise: float = 0.0) -> Floats:
    share = np.linspace(0, 1, points)
    rng = np.random.default_rng(3)
    return floor + np.exp(-rate * share) + noise * rng.standard_normal(points)


@pytest.mark.parametrize("sigma", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("points", [60, 300, 3000])
def test_noise_floor_finds_the_noise_and_not_the_slope(sigma: float, points: int) -> None:
    y = exponential(points, 2.0, noise=sigma)
    assert noise_floor(y) == pytest.approx(sigma, rel=0.35)


def test_noise_floor_ignores_spikes() -> None:
    y = exponential(300, 2.0, noise=0.01)
    y[::29] += 5
    assert noise_floor(y) == pytest.approx(0.01, rel=0.5)


def test_progress_and_where_it_was_made() -> None:
    facts = loss_facts(curve(exponential(200, 10.0)))
    assert facts["progress"] == pytest.approx(1 / 1.2, abs=0.02)
    assert facts["half_at"] == pytest.approx(np.log(2) / 10, abs=0.01)
    assert facts["ninety_at"] == pytest.approx(np.log(10) / 10, abs=0.02)
    assert facts["best_at"] > 0.9
    assert facts["given_back"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("rate", "falling"), [(1.0, True), (3.0, True), (40.0, False)])
def test_still_falling(rate: float, falling: bool) -> None:
    assert loss_facts(curve(exponential(100, rate, noise=0.002)))["still_falling"] is falling


def test_a_rise_after_the_best() -> None:
    share = np.linspace(0, 1, 101)
    facts = loss_facts(curve(np.asarray(1 + (share - 0.3) ** 2, dtype=np.float64)))
    assert facts["best_at"] == pytest.approx(0.3, abs=0.02)
    assert facts["rise_after_best"] == pytest.approx(0.49, abs=0.03)
    assert facts["rise_significance"] > 10


def test_a_rise_within_the_noise_is_none() -> None:
    y = exponential(100, 8.0, noise=0.05)
    assert abs(float(loss_facts(curve(y))["rise_significance"])) < 4


@pytest.mark.parametrize("rate", [0.8, 2.0, 4.0])
def test_extrapolation_of_an_exponential(rate: float) -> None:
    y = exponential(200, rate)
    final, later = y[-1], 0.2 + np.exp(-3 * rate)
    found = remaining_gain(curve(y))
    truth = (final - later) / final
    assert found.gain == pytest.approx(truth, abs=0.12)
    assert found.low - 0.12 <= truth <= found.high + 0.12


def test_extrapolation_of_a_finished_curve_brings_nothing() -> None:
    assert remaining_gain(curve(exponential(200, 60.0, noise=0.001))).gain < 0.03


def test_oscillation_against_a_clean_line() -> None:
    zigzag = np.asarray(1 + 0.1 * (-1.0) ** np.arange(100), dtype=np.float64)
    facts = loss_facts(curve(zigzag))
    assert facts["sign_changes"] == 1.0
    assert float(facts["autocorrelation"]) < -0.8
    assert loss_facts(curve(exponential(100, 3.0)))["sign_changes"] == 0.0


def test_spikes_are_counted() -> None:
    y = exponential(200, 3.0, noise=0.002)
    y[[50, 90, 130]] += 4
    assert loss_facts(curve(y))["spikes"] == 3
    assert loss_facts(curve(exponential(200, 3.0, noise=0.002)))["spikes"] == 0


def test_explosion_and_frozen() -> None:
    blown = np.concatenate((exponential(50, 2.0), np.full(50, 300.0)))
    assert float(loss_facts(curve(blown))["explosion"]) > 100
    frozen = np.concatenate(([2.3, 2.1], np.full(98, 1.9)))
    assert float(loss_facts(curve(frozen))["frozen_from"]) < 0.05
    assert float(loss_facts(curve(exponential(100, 2.0)))["frozen_from"]) > 0.9


def test_gap_and_its_growth() -> None:
    train, validation = curve(exponential(100, 6.0, 0.0)), curve(exponential(100, 6.0, 0.5))
    facts = gap_facts(train, validation)
    assert facts["final"] == pytest.approx(1.0, abs=0.02)
    assert facts["start"] == pytest.approx(0.5, abs=0.02)
    assert facts["growth"] > 0


def test_scores_fall_or_rise_by_their_direction() -> None:
    y = curve(1 - exponential(100, 6.0, 0.1))
    assert accuracy_facts(y, higher_is_better=True)["best_at"] > 0.9
    assert accuracy_facts(y, higher_is_better=False)["best_at"] < 0.1


@pytest.mark.parametrize(
    ("rates", "phase"),
    [
        ([0.1] * 20, "constant"),
        ([0.0] * 20, "zero"),
        (list(np.linspace(0.001, 0.1, 20)), "warmup"),
        (list(np.linspace(0.1, 0.0, 20)), "decayed"),
        (list(np.linspace(0.1, 0.05, 20)), "decaying"),
        ([0.1, 0.06, 0.02, 0.1, 0.06, 0.02, 0.1, 0.06, 0.02], "restarts"),
    ],
)
def test_phases_of_the_rate(rates: list[float], phase: str) -> None:
    x = np.arange(len(rates), dtype=np.float64)
    assert rate_facts(x, np.asarray(rates))["phase"] == phase


def test_a_range_test_is_recognised() -> None:
    x = np.arange(60, dtype=np.float64)
    assert rate_facts(x, np.logspace(-6, 0, 60))["rises_throughout"] is True
    assert rate_facts(x, np.linspace(0.01, 0.02, 60))["rises_throughout"] is False


def test_gradient_norms() -> None:
    facts = gradient_facts(np.concatenate((np.ones(50), np.full(50, 10.0))))
    assert facts["growth"] == pytest.approx(10)
    assert gradient_facts(np.asarray([np.nan, np.nan])) == {}


def test_long_curves_are_shortened_without_losing_their_ends() -> None:
    y = exponential(100_000, 3.0)
    x, short = shorten(np.arange(100_000, dtype=np.float64), y)
    assert len(short) == MAX_POINTS
    assert (x[0], x[-1]) == (0, 99_999)
    assert loss_facts(curve(y))["points"] == 100_000
    assert short.mean() == pytest.approx(y.mean(), rel=1e-3)


def test_every_fact_is_defined_and_finite() -> None:
    epochs = np.arange(1, 41, dtype=np.float64)
    run = RunRecord(
        source="test",
        format="csv",
        series={
            "train_loss": Series("a", epochs, exponential(40, 3.0)),
            "val_loss": Series("b", epochs, exponential(40, 3.0, 0.4)),
            "val_metric": Series("c", epochs, 1 - exponential(40, 3.0, 0.0)),
            "learning_rate": Series("d", epochs, np.linspace(0.1, 0, 40)),
            "grad_norm": Series("e", epochs, np.ones(40)),
        },
        axis="epoch",
        length=40.0,
        planned=80.0,
    )
    defined = {definition.name: definition for definition in CURVE_FACTS}
    facts = extract(run)
    assert len(facts) > 80
    for fact in facts:
        assert fact.name in defined
        if isinstance(fact.value, float):
            assert np.isfinite(fact.value), fact.name
    assert facts.get("curve.planned_share") == 0.5


@pytest.mark.parametrize("power", [0.25, 0.5, 1.0])
def test_exponents_of_a_power_law(power: float) -> None:
    facts = loss_facts(curve(np.arange(1, 121, dtype=np.float64) ** -power))
    for part in ("exponent_middle", "exponent_late"):
        assert facts[part] == pytest.approx(-power, abs=0.03)


def test_the_decline_of_plain_curves() -> None:
    falling = loss_facts(curve(2 - np.linspace(0, 1, 101)))
    assert falling["half_level"] == pytest.approx(0.75, abs=0.02)
    assert falling["late_to_middle"] == pytest.approx(1.0, abs=0.05)
    assert falling["late_roughness"] == pytest.approx(0.0, abs=1e-9)
    early = 1 + np.where(np.arange(101) < 30, 0.1 * (np.arange(101) % 2), 0.0)
    facts = loss_facts(curve(early))
    assert facts["early_roughness"] == pytest.approx(0.1, abs=0.02)
    assert facts["late_roughness"] == 0
    steep = np.where(np.arange(101) < 15, 1.0 / np.arange(1, 102), 1.0 / 15)
    facts = loss_facts(curve(steep))
    assert facts["exponent_early"] == pytest.approx(-1.0, abs=0.15)
    assert facts["exponent_late"] == pytest.approx(0.0, abs=1e-6)
    rising = loss_facts(curve(1 + np.linspace(0, 1, 101)))
    assert rising["late_to_middle"] == -5
    few = loss_facts(curve(np.asarray([2.0, 1.5, 1.2])))
    assert all(np.isfinite(float(value)) for value in few.values())


def test_loss_and_score_side_by_side() -> None:
    flat = np.full(40, 1.0)
    curves = {
        "train_loss": curve(0.1 * flat),
        "val_loss": curve(1.0 * flat),
        "train_metric": curve(0.95 * flat),
        "val_metric": curve(0.75 * flat),
    }
    facts = score_gap_facts(curves, higher_is_better=True)
    assert facts["below_train"] == pytest.approx(0.2)
    assert facts["loss_per_error"] == pytest.approx(4.0)
    assert facts["train_loss_per_error"] == pytest.approx(2.0)
    percent = {**curves, "val_metric": curve(75 * flat)}
    assert "loss_per_error" not in score_gap_facts(percent, higher_is_better=True)
    assert score_gap_facts({"val_loss": curves["val_loss"]}, higher_is_better=True) == {}
