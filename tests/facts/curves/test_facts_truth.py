"""Every fact once more, each on a curve that was built to have it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpadvisor.api import diagnose
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.curves.definitions import CURVE_FACTS
from hpadvisor.facts.curves.extract import extract
from hpadvisor.facts.curves.spikes import spike_facts
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.record import RunRecord, Series
from hpadvisor.readers.curves.tables import Floats

RNG = np.random.default_rng(11)
SHARE = np.linspace(0, 1, 201)


def facts_of(
    *, planned: float | None = None, epoch_length: float | None = None, **series: Floats
) -> Facts:
    """Facts of a run of 201 epochs (or as many points as the first series has)."""
    columns = {
        role: Series(role, np.arange(len(values), dtype=np.float64), values)
        for role, values in series.items()
    }
    longest = max(len(values) for values in series.values())
    run = RunRecord(
        "test", "csv", columns, "epoch", float(longest - 1),
        planned=planned, epoch_length=epoch_length,
    )  # fmt: skip
    return extract(run)


def train(values: Any, **more: Any) -> dict[str, Any]:
    """Facts of the training loss, by their short names."""
    prefix = "curve.train_loss."
    found = facts_of(train_loss=np.asarray(values, np.float64), **more)
    return {f.name.removeprefix(prefix): f.value for f in found if f.name.startswith(prefix)}


def falling(rate: float = 5.0, floor: float = 0.2, sigma: float = 0.0) -> Floats:
    return np.asarray(floor + np.exp(-rate * SHARE) + sigma * RNG.standard_normal(201))


def test_every_fact_is_named_in_a_test() -> None:
    texts = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    missing = [one.name for one in CURVE_FACTS if f'"{one.name.rsplit(".")[-1]}"' not in texts
               and f'"{one.name}"' not in texts]  # fmt: skip
    assert not missing


def test_level_start_and_end() -> None:
    facts = train(falling(20.0))
    assert facts["start"] == pytest.approx(1.2)
    assert facts["final"] == pytest.approx(0.2, abs=1e-3)
    assert facts["best"] == pytest.approx(0.2, abs=1e-3)
    assert facts["level_ratio"] == pytest.approx(1 / 6, abs=0.01)
    assert train(np.full(201, 2.3) + 0.001 * SHARE)["level_ratio"] == pytest.approx(1, abs=0.01)


def test_shares_of_progress() -> None:
    straight = train(2 - SHARE)
    assert straight["late_share"] == pytest.approx(0.25, abs=0.03)
    assert straight["early_share"] == pytest.approx(0.1, abs=0.02)
    assert straight["late_drop"] == pytest.approx(1 / 3, abs=0.03)
    assert straight["late_significance"] > 100
    done = train(falling(60.0, sigma=0.01))
    assert abs(done["late_significance"]) < 4
    assert done["late_share"] == pytest.approx(0, abs=0.03)
    assert done["early_share"] > 0.9


def test_noise_relative_to_level_and_progress() -> None:
    facts = train(falling(8.0, 1.0, 0.02))
    assert facts["noise"] == pytest.approx(0.02, rel=0.35)
    assert facts["noise_share"] == pytest.approx(0.02, rel=0.35)


def test_white_noise_turns_round_two_times_of_three() -> None:
    facts = train(1 + 0.1 * RNG.standard_normal(201))
    assert facts["sign_changes"] == pytest.approx(2 / 3, abs=0.1)
    assert facts["wiggle"] == pytest.approx(0.5, abs=0.05)
    assert abs(facts["autocorrelation"]) < 0.3
    assert train(falling())["wiggle"] == pytest.approx(0, abs=1e-9)


def test_slow_waves_are_positively_and_zigzag_negatively_correlated() -> None:
    waves = np.convolve(RNG.standard_normal(202), [0.5, 0.5], "valid")
    assert train(1 + 0.1 * waves)["autocorrelation"] > 0.1
    assert train(1 + 0.1 * (-1.0) ** np.arange(201))["autocorrelation"] < -0.8


def test_rises_and_what_was_given_back() -> None:
    bump = falling(20.0)
    bump[100:110] += 0.5
    facts = train(bump)
    assert facts["largest_rise"] == pytest.approx(0.5, abs=0.1)
    assert facts["given_back"] == pytest.approx(0, abs=0.02)
    lost = np.concatenate((2 - SHARE, np.full(50, 1.5)))
    assert train(lost)["given_back"] == pytest.approx(0.5, abs=0.05)
    assert train(lost)["explosion"] == pytest.approx(1, abs=0.01)


def test_the_extrapolated_gain_has_an_uncertainty_that_holds_the_truth() -> None:
    facts = train(falling(1.5, sigma=0.003))
    truth = (math.exp(-1.5) - math.exp(-4.5)) / (0.2 + math.exp(-1.5))
    assert facts["remaining_low"] <= facts["remaining"] <= facts["remaining_high"]
    assert facts["remaining_low"] - 0.1 <= truth <= facts["remaining_high"] + 0.1
    finished = train(falling(60.0))
    assert finished["remaining_high"] < 0.05


def test_the_set_of_equivalent_epochs() -> None:
    valley = 1 + 4 * (SHARE - 0.5) ** 2 + 0.02 * RNG.standard_normal(201)
    facts = train(valley)
    assert 0.3 < facts["equivalent_from"] < 0.5 < facts["equivalent_to"] < 0.7
    assert 0.05 < facts["equivalent_share"] < 0.4
    sharp = train(1 + 4 * np.abs(SHARE - 0.5))
    assert sharp["equivalent_from"] == pytest.approx(0.5, abs=0.02)
    assert sharp["equivalent_to"] == pytest.approx(0.5, abs=0.02)


def with_spikes(places: list[int], points: int = 2000) -> Floats:
    y = 0.5 + np.exp(-np.linspace(0, 4, points)) + 0.01 * RNG.standard_normal(points)
    y[places] += 3
    return np.asarray(y)


def test_the_period_of_spikes() -> None:
    x = np.arange(2000, dtype=np.float64)
    regular = [137 + 250 * k for k in range(7)]
    found = spike_facts(x, with_spikes(regular), epoch_length=250.0)
    assert found["spike_period"] == pytest.approx(250, abs=5)
    assert found["spikes_each_epoch"] is True
    one_missing = [place for place in regular if place != 637]
    assert spike_facts(x, with_spikes(one_missing), None)["spike_period"] == pytest.approx(250)
    other = spike_facts(x, with_spikes(regular), epoch_length=190.0)
    assert other["spikes_each_epoch"] is False


def test_spikes_without_rhythm_have_no_period() -> None:
    x = np.arange(2000, dtype=np.float64)
    found = spike_facts(x, with_spikes([100, 180, 650, 900, 1730]), epoch_length=250.0)
    assert "spike_period" not in found
    assert found["spikes_each_epoch"] is False
    assert spike_facts(x, with_spikes([]), 250.0) == {"spikes_each_epoch": False}


def test_spikes_of_long_records_are_not_averaged_away() -> None:
    places = [5_000 + 20_000 * k for k in range(10)]
    found = spike_facts(np.arange(200_000.0), with_spikes(places, 200_000), 20_000.0)
    assert found["spike_period"] == pytest.approx(20_000, rel=0.01)
    assert found["spikes_each_epoch"] is True


def test_one_point_an_epoch_says_nothing_of_each_epoch() -> None:
    found = spike_facts(np.arange(40.0), with_spikes([8, 16, 24, 32], 40), 1.0)
    assert found["spikes_each_epoch"] is False


def test_nan_and_what_led_to_it() -> None:
    losses = np.concatenate((2 - SHARE[:100], [3.0, 9.0], np.full(99, np.nan)))
    facts = facts_of(train_loss=losses)
    assert facts.get("curve.nonfinite") == 99
    assert facts.get("curve.ends_nonfinite") is True
    assert facts.get("curve.nonfinite_at") == pytest.approx(0.51, abs=0.01)
    assert facts.get("curve.nonfinite_from_start") is False
    assert facts.get("curve.lead_up") == pytest.approx(9 / 1.5, rel=0.1)
    start = facts_of(train_loss=np.asarray([2.3, *[np.nan] * 50]))
    assert start.get("curve.nonfinite_from_start") is True
    assert "curve.nonfinite_at" not in facts_of(train_loss=falling())


def test_constant_zero_and_score_like_losses() -> None:
    assert facts_of(train_loss=np.full(30, 1.7)).get("curve.constant") is True
    assert facts_of(train_loss=np.zeros(30)).get("curve.all_zero") is True
    climbing = facts_of(train_loss=0.9 - 0.8 * np.exp(-6 * SHARE))
    assert climbing.get("curve.rising_like_a_score") is True
    assert facts_of(train_loss=falling()).get("curve.rising_like_a_score") is False


def test_flat_means_that_the_loss_never_left_its_start() -> None:
    noise = 0.02 * RNG.standard_normal(201)
    facts = facts_of(train_loss=2.3 + noise, val_loss=2.3 + noise - 0.3 * SHARE)
    assert facts.get("curve.train_loss.flat") is True
    assert facts.get("curve.val_loss.flat") is False
    assert train(falling())["flat"] is False
    assert train(np.append(2.3, 2.9 + 0.1 * RNG.standard_normal(200)))["flat"] is False
    assert train(2.3 - 0.01 * SHARE + noise)["flat"] is True


def test_run_facts() -> None:
    facts = facts_of(train_loss=falling(), planned=400.0)
    assert facts.get("curve.length") == 200
    assert facts.get("curve.axis") == "epoch"
    assert facts.get("curve.points") == 201
    assert facts.get("curve.planned_share") == pytest.approx(201 / 400)  # epochs 0 to 200
    assert facts.get("curve.starts_worse_than_guessing") is False


def test_the_gap_from_the_start_to_the_end() -> None:
    validation = 1.3 * falling(4.0)
    validation[100:] += SHARE[:101]
    facts = facts_of(train_loss=falling(4.0), val_loss=validation)
    gap = {f.name.removeprefix("curve.gap."): f.value for f in facts}
    assert gap["start"] == pytest.approx(0.3, abs=0.02)
    assert gap["trend"] > 0.3
    assert gap["growth"] > 0.2
    assert 0.1 < gap["at_best"] < gap["final"] < 1
    assert gap["train_drop_after_best"] > 0.2
    assert facts.get("curve.val_loss.best_vs_train_start") < 0.5
    assert facts.get("curve.val_loss.final_vs_train_start") > 0.5
    rough = facts_of(train_loss=falling(9.0, 1.0, 0.01), val_loss=falling(9.0, 1.0, 0.08))
    assert rough.get("curve.gap.noise_ratio") == pytest.approx(8, rel=0.4)
    below = facts_of(train_loss=falling(4.0), val_loss=0.8 * falling(4.0))
    assert below.get("curve.gap.final") < 0


def test_loss_and_score_disagree() -> None:
    loss = 1 + 4 * (SHARE - 0.3) ** 2
    score = 0.9 - 0.5 * np.exp(-4 * SHARE)
    facts = facts_of(val_loss=loss, val_metric=score)
    assert facts.get("curve.val_metric.best_after_loss") == pytest.approx(0.7, abs=0.05)
    assert facts.get("curve.val_metric.late_rise") > 0
    assert facts.get("curve.val_metric.lost_after_best") == pytest.approx(0, abs=0.01)
    together = facts_of(val_loss=loss, val_metric=1 - loss / 3)
    assert together.get("curve.val_metric.best_after_loss") == pytest.approx(0, abs=0.02)
    training = facts_of(train_loss=loss, train_metric=score)
    assert training.get("curve.train_metric.late_rise") > 0
    assert training.get("curve.train_metric.lost_after_best") == pytest.approx(0, abs=0.01)
    assert together.get("curve.val_metric.lost_after_best") == pytest.approx(1.96 / 3, abs=0.05)


@pytest.mark.parametrize(
    ("rates", "wanted"),
    [
        (np.full(100, 0.1), {"phase": "constant", "restarts": 0, "annealed": False, "orders": 0}),
        (
            np.concatenate((np.linspace(0.001, 0.1, 10), np.linspace(0.1, 0.001, 90))),
            {"phase": "decayed", "restarts": 0, "annealed": True, "warmup_share": 0.09,
             "orders": 2, "end_share": 0.01, "peak": 0.1, "final": 0.001},
        ),
        (
            np.tile(np.linspace(0.1, 0.01, 25), 4),
            {"phase": "restarts", "restarts": 3, "annealed": True, "peak": 0.1},
        ),
        (np.linspace(0.0001, 0.1, 100), {"phase": "warmup", "warmup_share": 1.0}),
    ],
)  # fmt: skip
def test_phases_of_the_rate(rates: Floats, wanted: dict[str, Any]) -> None:
    facts = facts_of(train_loss=falling()[: len(rates)], learning_rate=rates)
    for name, value in wanted.items():
        found = facts.get(f"curve.learning_rate.{name}")
        assert found == (pytest.approx(value, abs=0.02) if isinstance(value, float) else value)


def test_gradient_norms_that_explode_and_vanish() -> None:
    norms = np.concatenate((np.full(100, 1.0), np.full(101, 0.01)))
    norms[50] = 40.0
    facts = facts_of(train_loss=falling(), grad_norm=norms)
    assert facts.get("curve.grad_norm.median") == pytest.approx(0.01)
    assert facts.get("curve.grad_norm.largest_share") == pytest.approx(4000)
    assert facts.get("curve.grad_norm.growth") == pytest.approx(0.01, rel=0.1)


def test_a_loss_that_sits_at_guessing() -> None:
    level = math.log(10) + 0.003 * RNG.standard_normal(60)
    columns = {"train_loss": Series("loss", np.arange(60.0), level),
               "val_loss": Series("val", np.arange(60.0), level)}  # fmt: skip
    run = RunRecord("test", "csv", columns, "epoch", 59.0)
    knowledge = load_knowledge(without=ELSEWHERE)
    result = diagnose_run(run, knowledge, Facts.of({"data.classes": 10}, "--classes"))
    assert result.verdict == "not_learning"
    (finding,) = (one for one in result.findings if one.rule == "CUR009")
    assert "ln(classes)" in finding.why
    levels = {item.fact: item.got for item in finding.evidence}
    assert levels["curve.train_level_vs_guessing"] == pytest.approx(1, abs=0.01)
    assert "curve.val_level_vs_guessing" in knowledge.registry
    # At a level that is no usual number's logarithm, few values say nothing without the number.
    level = math.log(7) + 0.003 * RNG.standard_normal(60)
    short = {role: Series(role, np.arange(20.0), level[:20]) for role in columns}
    fewer = RunRecord("test", "csv", short, "epoch", 19.0)
    assert diagnose_run(fewer, knowledge).verdict == "cannot_judge"
    known = Facts.of({"data.classes": 7}, "--classes")
    assert diagnose_run(fewer, knowledge, known).verdict == "not_learning"


def test_scores_say_whether_a_change_helps() -> None:
    knowledge = load_knowledge(without=ELSEWHERE)
    slow = diagnose({"train_loss": 2 - 0.3 * SHARE, "val_loss": 2 - 0.3 * SHARE}).runs[0]
    evidence = {item.fact: item.got for one in slow.findings for item in one.evidence}
    assert knowledge.registry.get("curve.change_helps") is not None
    assert evidence["curve.change_helps"] > 0.9


def dense(epochs: int, batches: int, **more: Any) -> RunRecord:
    """A run of single batches: means of 1/epoch, batches 10 % around it, validation each epoch."""
    at = np.arange(1, epochs * batches + 1) / batches
    noise = np.tile(np.linspace(-0.1, 0.1, batches), epochs)
    level = 1 / np.ceil(at)
    ends = np.arange(1.0, epochs + 1)
    columns = {"train_loss": Series("loss", at, level * (1 + noise)),
               "val_loss": Series("val", ends, 1.5 / ends)}  # fmt: skip
    for role in more.pop("without", ()):
        del columns[role]
    return RunRecord("test", "csv", columns, more.pop("axis", "epoch"), float(epochs), **more)


def test_losses_of_batches_are_judged_as_the_means_of_their_epochs() -> None:
    means = 1 / np.arange(1.0, 31)
    wanted = {fact.name: fact.value for fact in facts_of(train_loss=means, val_loss=1.5 * means)}
    single = {fact.name: fact.value for fact in extract(dense(30, 20))}
    assert single["curve.train_loss.points"] == 600
    for name in ("curve.train_loss.", "curve.val_loss.", "curve.gap."):
        for short in ("noise", "late_drop", "wiggle", "final", "growth", "best_at"):
            if name + short in wanted:
                assert single[name + short] == pytest.approx(wanted[name + short], abs=1e-9)
    alone = extract(dense(30, 20, without=["val_loss"], epoch_length=1.0))
    assert alone.get("curve.train_loss.wiggle") == pytest.approx(0, abs=1e-9)


def test_steps_without_epochs_are_judged_in_equal_parts_and_values_on_their_own_as_they_are() -> (
    None
):
    steps = extract(dense(30, 20, without=["val_loss"], axis="step"))
    assert steps.get("curve.train_loss.wiggle") == pytest.approx(0, abs=1e-9)
    rows = extract(dense(30, 20, without=["val_loss"], axis="row"))
    assert rows.get("curve.train_loss.wiggle") > 0.3


def test_rare_spikes_are_counted_but_no_part_of_the_means() -> None:
    run = dense(30, 20)
    clean_level = extract(run).get("curve.train_loss.largest_rise")
    run.series["train_loss"].y[[205, 411]] += 30
    facts = extract(run)
    assert facts.get("curve.train_loss.spikes") == 2
    assert facts.get("curve.train_loss.largest_rise") == pytest.approx(clean_level, abs=0.02)


def test_averaging_is_said() -> None:
    knowledge = load_knowledge(without=ELSEWHERE)
    notes = diagnose_run(dense(30, 20), knowledge).notes
    assert "loss: judged by the means of 30 stretches between evaluations" in notes
    assert not [note for note in diagnose_run(dense(30, 1), knowledge).notes if "means" in note]
