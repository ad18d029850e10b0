"""The clinic's own arithmetic: truth, parts, scoring and the fit of additive scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.clinic.boosting import Options, fit
from benchmarks.clinic.draw import CHANGES, draw_group
from benchmarks.clinic.judges import direction_scores
from benchmarks.clinic.logs import situation_of
from benchmarks.clinic.scoring import Answer, aim, change_of, score
from benchmarks.clinic.tasks import ALL_TASKS, PART, THIRD_TASKS
from benchmarks.clinic.truth import Truth, chances_of, settings, truth_of
from hpadvisor.planning.diagnosis import Advice


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


def test_aims_are_met_or_missed_by_the_printed_figure() -> None:
    assert aim("a", 0.749, 0.75).endswith(": met")
    assert aim("a", 0.744, 0.75).endswith(": missed")
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
    from hpadvisor.facts.situation_reading import build_situation, situation_facts
    from hpadvisor.facts.statements import Statement

    vocabulary = load_knowledge(without=NOT_PLANNING).vocabulary()
    for one in settings("development")[::300]:
        told = situation_of(one)
        statements = [Statement(path, value, "test") for path, value in told.items()]
        facts = situation_facts(*build_situation(statements, vocabulary))
        assert {path: facts.get(path) for path in told} == told
