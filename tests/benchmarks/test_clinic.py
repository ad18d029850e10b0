"""The clinic's own arithmetic: truth, parts, scoring and the fit of additive scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.clinic.boosting import Options, fit
from benchmarks.clinic.cases import cases_of, stepped
from benchmarks.clinic.draw import CHANGES, draw_group
from benchmarks.clinic.held_out import area, points_of
from benchmarks.clinic.judges import direction_scores
from benchmarks.clinic.logs import run_of, situation_of, stepwise
from benchmarks.clinic.repeat import compare
from benchmarks.clinic.scoring import Answer, aim, change_of, score
from benchmarks.clinic.signals import NAMES, gradient_values
from benchmarks.clinic.tasks import ALL_TASKS, PART, THIRD_TASKS
from benchmarks.clinic.truth import Truth, chances_of, settings, steps_seen, truth_of
from hpadvisor.diagnosing.model import Advice


def record(**losses: list[float | None]) -> dict[str, Any]:
    test: dict[str, list[float | None]] = {change: [1.0, 1.01] for change in CHANGES}
    return {"trivial": 2.0, "test": {"reference": [1.0, 1.01], **test, **losses}}


def test_a_change_helps_by_more_than_margin_and_noise() -> None:
    truth = truth_of(
        record(
            lr_x3=[0.8, 0.81], lr_x10=[0.5, 1.2], epochs_x3=[0.97, 0.98], capacity_x4=[1.5, 1.6]
        )
    )
    assert set(truth.helps) == {"lr_x3"}
    assert truth.harms == {"capacity_x4"}


def test_what_diverges_counts_as_far_worse_than_guessing() -> None:
    assert "lr_x10" in truth_of(record(lr_x10=[None, None])).harms
    broken = record(reference=[None, None])
    assert set(truth_of(broken).helps) == set(CHANGES)


def test_scores_of_answers() -> None:
    truths = [Truth({"lr_x3": 0.4, "lr_x10": 0.8}, frozenset({"lr_x0.1"})), Truth({}, frozenset())]
    good = score([Answer(("lr_x3",), True), Answer((), False)], truths)
    assert (good.helps, good.healthy_left_alone, good.gain, good.harmful) == (1, 1, 0.5, 0)
    bad = score([Answer(("lr_x0.1",), True), Answer(("lr_x3",), True)], truths)
    assert (bad.helps, bad.healthy_left_alone, bad.gain, bad.harmful) == (0, 0, 0, 0.5)


@pytest.mark.parametrize(
    ("advice", "change"),
    [
        (Advice("learning_rate", "decrease", 0.1), "lr_x0.1"),
        (Advice("learning_rate", "decrease", 0.3), "lr_x0.3"),
        (Advice("learning_rate", "increase", 3), "lr_x3"),
        (Advice("learning_rate", "increase", 10), "lr_x10"),
        (Advice("early_stopping", "add"), "stop_at_best"),
        (Advice("gradient_clipping", "set"), None),
    ],
)
def test_recommendations_stand_for_changes(advice: Advice, change: str | None) -> None:
    assert change_of(advice) == change


def test_directions() -> None:
    runs = [{"truth": truth} for truth in ("up", "up", "down", "keep")]
    found = direction_scores(runs, lambda run: "up")
    assert (found["up"], found["down"], found["keep"]) == (1, 0, 0)
    assert found["wrong"] == 0.25


def test_every_task_has_one_part_and_parts_are_balanced() -> None:
    names = [task.name for task in (*ALL_TASKS, *THIRD_TASKS)]
    assert sorted(PART) == sorted(names)
    first = [PART[task.name] for task in ALL_TASKS]
    assert abs(first.count("development") - first.count("test")) <= 1
    assert {PART[task.name] for task in THIRD_TASKS} == {"development"}


def test_groups_are_drawn_the_same_each_time() -> None:
    assert draw_group(7) == draw_group(7)
    assert draw_group(7) != draw_group(8)


def test_committed_settings_keep_tasks_apart() -> None:
    development, test = settings("development"), settings("test")
    assert len(development) + len(test) >= 400
    assert not {one["task"] for one in development} & {one["task"] for one in test}
    assert all(PART[one["task"]] == one["part"] for one in development + test)


def test_aims_are_met_or_missed_by_the_figure_itself() -> None:
    assert aim("a", 0.75, 0.75).endswith(": met")
    assert aim("a", 0.749, 0.75).endswith(": missed")
    assert aim("b", 0.03, 0.03, at_most=True).endswith(": met")
    assert aim("b", 0.031, 0.03, at_most=True).endswith(": missed")


def test_chances_are_soft_where_seeds_disagree() -> None:
    found = dict(
        zip(
            CHANGES,
            chances_of(record(lr_x3=[0.5, 0.51], lr_x10=[0.6, 1.2], epochs_x3=[1.5, 1.51])),
            strict=True,
        )
    )
    assert found["lr_x3"] > 0.95
    assert 0.05 < found["lr_x10"] < 0.5
    assert found["epochs_x3"] < 0.01


def test_an_additive_score_finds_its_step() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((800, 3))
    values[::7, 1] = np.nan
    outcome = rng.random(800) < np.where(values[:, 0] > 0.6, 0.9, 0.1)
    tasks, names = np.arange(800) % 8, ["a", "b", "c"]
    options = Options(rounds=120, keep=1)
    found = fit(names, values, outcome * 1.0, np.ones(800), tasks, options)
    assert found.names == ["a"]
    low, high = 1 / (1 + np.exp(-found.raw(names, np.asarray([[0.2, 0, 0], [0.9, 0, 0]]))))
    assert low == pytest.approx(0.1, abs=0.1)
    assert high == pytest.approx(0.9, abs=0.1)


def test_what_is_fitted_on_top_is_silent_where_unknown() -> None:
    rng = np.random.default_rng(1)
    values = np.where(rng.random((800, 1)) < 0.3, np.nan, rng.random((800, 1)))
    outcome = np.nan_to_num(values[:, 0], nan=0.5) > 0.5
    found = fit(
        ["a"], values, outcome * 1.0, np.ones(800), np.arange(800) % 8, Options(rounds=40, keep=1),
        offset=np.zeros(800),
    )  # fmt: skip
    unknown, low, high = found.raw(["a"], np.asarray([[np.nan], [0.1], [0.9]]))
    assert unknown == 0
    assert low < -0.5 < 0.5 < high


def test_what_a_user_could_tell_is_a_situation() -> None:
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
    from hpadvisor.facts.situation.reading import build_situation, situation_facts
    from hpadvisor.facts.situation.statements import Statement

    vocabulary = load_knowledge(without=NOT_PLANNING).vocabulary()
    for one in settings("development")[::300]:
        told = situation_of(one)
        statements = [Statement(path, value, "test") for path, value in told.items()]
        facts = situation_facts(*build_situation(statements, vocabulary))
        assert {path: facts.get(path) for path in told} == told


def test_the_area_counts_pairs_in_order_and_ties_half() -> None:
    outcome = np.asarray([False, True, False, True])
    assert area(np.asarray([0.1, 0.2, 0.3, 0.4]), outcome) == 0.75
    assert area(np.full(4, 0.5), outcome) == 0.5
    assert np.isnan(area(np.full(4, 0.5), np.ones(4, dtype=bool)))


def test_points_of_held_out_chances() -> None:
    truths = [Truth({}, frozenset())] * 20 + [Truth({"lr_x3": 0.4}, frozenset())] * 20
    held = np.zeros((40, len(CHANGES)))
    held[:, CHANGES.index("lr_x3")] = np.linspace(0.01, 0.99, 40)
    found = points_of(held, truths)
    assert (found.some, found.always, found.helped) == (1, 1, (1, 1, 1, 1))
    held[20:30, CHANGES.index("lr_x10")] = 0.995  # another change stands first in half of them
    assert points_of(held, truths).helped == (0.5, 0.5, 0.5, 0.5)
    healthy_first = points_of(held[::-1], truths)
    assert healthy_first.some == 0
    assert healthy_first.helped == (0, 0, 0, 0)


def test_trainings_with_other_seeds_are_compared() -> None:
    ill, well = record(lr_x3=[0.5, 0.51]), record()
    text = compare([ill, well, well, well], [ill, ill, well, well])
    assert "agree on healthy or not in 75%; of the healthy 67% stay so" in text


def test_gradient_values_of_a_known_course() -> None:
    losses = np.exp(-np.linspace(0, 4, 100))
    found = dict(zip(NAMES, gradient_values(losses, 2 * np.sqrt(losses)), strict=True))
    assert found["loss_exponent"] == pytest.approx(0.5, abs=0.02)
    assert found["loss_exponent_late"] == pytest.approx(0.5, abs=0.02)
    assert found["growth"] == pytest.approx(-1.8, abs=0.05)
    assert found["per_loss_growth"] == pytest.approx(1.8, abs=0.05)
    assert found["peak_at"] < 0.05
    assert found["early_roughness"] == pytest.approx(0, abs=1e-6)
    assert np.isnan(gradient_values(losses, np.where(losses < 0.1, np.nan, 1.0))).all()


def test_committed_steps_follow_the_committed_epochs() -> None:
    seen = steps_seen()
    chosen = settings("development")[:40]
    for one in chosen:
        run = run_of(one, 0)
        means = run.series["train_loss"].y
        stepwise(run, seen[one["id"]], 0)
        rows = run.series["train_loss"]
        assert rows.x[-1] <= len(means)
        if np.isfinite(means).all() and len(rows.y) >= 2 * len(means):
            last = rows.y[rows.x > 0.75 * len(means)].mean()
            late = means[int(0.75 * len(means)) :].mean()
            assert last == pytest.approx(late, rel=0.2)


def test_logs_of_steps_lack_what_their_kind_lacks() -> None:
    cases = cases_of(settings("development")[:20])
    for kind, validated in (("both", True), ("training", False)):
        found = stepped(cases, kind)
        assert [case.row for case in found] == [case.row for case in cases]
        assert {case.pace for case in found} == {"steps"}
        assert all(("curve.val_loss.best" in case.facts) == validated for case in found)
        axes = {(case.seed, case.facts.get("curve.axis")) for case in found}
        assert axes == ({(0, "epoch"), (1, "epoch" if validated else "step")})
