"""The confirmation: baseline and finalists on the same fresh seeds, and what is said of them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from typer.testing import CliRunner

from hpadvisor.cli.main import app
from hpadvisor.readers.searches import ReadOptions, State, read_search
from hpadvisor.search.comparison import Finalist, compare, judge
from hpadvisor.search.confirmation import confirm
from hpadvisor.search.job import Job
from tests.search.loading import Load

from .conftest import Command, Emit
from .plans import CONFIRM, plan, search
from .test_running import trials_of

WIDE = CONFIRM.model_copy(update={"trials": 4, "seeds": 3, "trainings": 12})


def test_baseline_and_finalists_train_on_the_same_fresh_seeds(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan(search(baseline={"eta": 1e-4}), WIDE))
    command("--target", "toy:train")
    done = command("--target", "toy:train", "--confirm")
    assert done.returncode == 0, done.stderr
    trials = trials_of(tmp_path, "confirm")
    pairs = {(t.user_attrs["finalist"], t.user_attrs["seed"]) for t in trials}
    assert len(pairs) == len(trials) == WIDE.trainings  # the baseline takes the last place
    assert {seed for _, seed in pairs} == {1000, 1001, 1002}
    ranked = sorted(trials_of(tmp_path), key=lambda t: -t.values[0])
    baseline = next(t for t in ranked if t.user_attrs.get("origin") == "baseline")
    assert {number for number, _ in pairs} == {t.number for t in ranked[:3]} | {baseline.number}
    roles = {t.user_attrs["finalist"]: t.user_attrs["role"] for t in trials}
    assert [number for number, role in roles.items() if role == "baseline"] == [baseline.number]
    assert all(t.values[0] == pytest.approx(
        next(r.values[0] for r in ranked if r.number == t.user_attrs["finalist"])
        + t.user_attrs["seed"] / 1e6) for t in trials)  # fmt: skip
    assert f"Trial {ranked[0].number} beats the baseline" in done.stdout
    assert "(3 of 3 are better" in done.stdout
    assert command("--target", "toy:train", "--confirm").stdout == done.stdout
    assert len(trials_of(tmp_path, "confirm")) == WIDE.trainings


def test_more_seeds_add_to_those_that_ran(emit: Emit, command: Command, tmp_path: Path) -> None:
    emit(plan())
    command("--target", "toy:train")
    command("--target", "toy:train", "--confirm")
    done = command("--target", "toy:train", "--confirm", "--seeds", "5")
    assert done.returncode == 0, done.stderr
    assert len(trials_of(tmp_path, "confirm")) == 2 * 5


def test_a_baseline_among_the_best_takes_no_place(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan(search(baseline={"eta": 0.01}), WIDE))  # nothing is better
    command("--target", "toy:train")
    done = command("--target", "toy:train", "--confirm")
    assert "keep the baseline" in done.stdout
    assert len({t.user_attrs["finalist"] for t in trials_of(tmp_path, "confirm")}) == 4


def test_the_journal_of_a_confirmation_is_the_final_report(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan(search(baseline={"eta": 1e-4}), WIDE))
    command("--target", "toy:train")
    command("--target", "toy:train", "--confirm")
    journal = tmp_path / "journal.log"
    study = read_search(journal, ReadOptions(study="confirm"))
    assert len(study.trials) == 4
    assert all(trial.seeds == ("1000", "1001", "1002") for trial in study.trials)
    assert all(trial.state is State.COMPLETE for trial in study.trials)
    baseline = next(trial for trial in study.trials if trial.enqueued)
    assert baseline.params["eta"] == 1e-4
    assert "weight_decay" in baseline.params  # what the function got, not the switch beside it
    result = CliRunner().invoke(app, ["audit", str(journal), "--study", "confirm"])
    words = " ".join(result.output.split())
    assert result.exit_code == 0, result.output
    assert "This is a confirmation: 4 configurations" in words
    assert "beats the baseline by" in words
    assert "on the same 3 seeds" in words
    assert "Too few trials" not in words
    assert "Run the confirmation" not in words  # it has been run
    assert "fresh seeds (" not in words


def _row(number: int, origin: str, scores: list[float]) -> Finalist:
    trial = optuna.create_trial(value=0.0, user_attrs={"origin": origin})
    trial.number = number
    mean = sum(scores) / max(len(scores), 1)
    return Finalist(mean, dict(enumerate(scores)), trial)


@pytest.mark.parametrize(
    ("baseline", "finalist", "words"),
    [
        ([0.80, 0.81, 0.79], [0.90, 0.91, 0.89], "Trial 7 beats the baseline by 0.1 on the same"),
        (
            [0.80, 0.90, 0.70],
            [0.90, 0.80, 0.80],
            "Trial 7 leads the baseline by 0.03333 on the same 3 fresh seeds (2 of 3 are better): "
            "go on with it. It is the better one with a chance of 67 %. More seeds make it surer: "
            "--confirm --seeds 6.",
        ),
        (
            [0.80, 0.81, 0.79],
            [0.70, 0.71, 0.69],
            "No finalist is better than the baseline on the same 3 fresh seeds: keep the "
            "baseline. Trial 7 is 0.1 behind; the baseline is the better one with a chance "
            "of 99 %.",
        ),
        (
            [0.80],
            [0.90],
            "Trial 7 is the better one by 0.1, but fewer than two seeds came through",
        ),
        ([0.90], [0.80], "The baseline is the better one by 0.1, but fewer than two seeds"),
        ([], [0.90, 0.91], "The baseline has no score"),
        ([0.9, 0.9], [], "No finalist has a score: keep the baseline"),
    ],
)
def test_what_is_said(baseline: list[float], finalist: list[float], words: str) -> None:
    both = [_row(0, "baseline", baseline), _row(7, "start-1", finalist)]
    rows = [row for row in both if row.values]
    rows.sort(key=lambda row: -row.mean)
    assert words in compare(rows, maximize=True)


@pytest.mark.parametrize(("lead", "spread"), [(0.4, 1.0), (1.5, 1.0)])
def test_the_chance_is_that_of_student_s_t(lead: float, spread: float) -> None:
    """Two configurations: the pooled error and the pair's own are one and the same."""
    stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")
    scores = np.random.default_rng(3).normal(0, spread, (2, 5))
    rows = [
        _row(7, "start-1", list(scores[0] + lead)),
        _row(0, "baseline", list(scores[1])),
    ]
    rows.sort(key=lambda row: -row.mean)
    found = judge(rows, maximize=True)
    expected = stats.ttest_rel(scores[0] + lead, scores[1], alternative="greater")
    chance = 1 - expected.pvalue if found.chosen.trial.number == 7 else expected.pvalue
    assert found.chance == pytest.approx(chance, abs=1e-6)


def test_what_is_printed_is_what_choose_takes(load: Load) -> None:
    """Noisy trainings: the words name the configuration that choose returns, always."""
    step = search(trials=8, trainings=8)
    seen = set()
    for seed in range(8):
        loaded = load(plan(step, WIDE.model_copy(update={"baseline": {"eta": 0.01}})))
        generator = random.Random(seed)  # noqa: S311 - no secret
        noise: dict[tuple[float, int], float] = {}

        def train(params: dict[str, Any], report: object, seed: int) -> float:
            return noise.setdefault((params["eta"], seed), generator.gauss(0, 1))  # noqa: B023

        study = loaded.run(train, storage=None, seed=seed)
        job = Job(loaded.plan, train, None, seed, None, 8, None, confirm=True)
        rows = confirm(job, 1, study)
        words = compare(rows, maximize=True)
        chosen = loaded.choose(train, seed)
        assert chosen is not None
        stays = "keep the baseline" in words
        named = re.search(r"Trial (\d+) (?:leads|beats)", words)
        assert stays == (named is None)
        expected = 0.01 if named is None else study.trials[int(named[1])].params["eta"]
        assert chosen["eta"] == expected
        seen.add(stays)
    assert seen == {True, False}


def test_repeats_that_change_nothing_are_saved(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan(search(baseline={"eta": 1e-4}), WIDE))
    command("--target", "toy:silent")
    done = command("--target", "toy:silent", "--confirm")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "beats the baseline by" in words
    assert "the seed changes nothing: go on with it" in words
    trained = [t for t in trials_of(tmp_path, "confirm") if t.state.is_finished()]
    assert len(trained) == 2  # of twelve
    again = command("--target", "toy:silent", "--confirm", "--seeds", "5")
    assert again.stdout == done.stdout


def test_one_equal_score_alone_may_be_luck(load: Load) -> None:
    loaded = load(plan(search(trials=4, trainings=4), WIDE))
    seen: list[int] = []

    def coarse(params: dict[str, Any], report: object, seed: int) -> float:
        seen.append(seed)
        return 0.5 if params["eta"] == 0.01 or seed == 0 else seed / 1e4

    loaded.choose(coarse)
    assert len(seen) == 4 + 4 * 3


def test_one_seed_is_refused(emit: Emit, command: Command) -> None:
    emit(plan())
    done = command("--target", "toy:train", "--confirm", "--seeds", "1")
    assert done.returncode == 2
    assert "one seed cannot tell a gain from luck" in done.stderr


def test_a_confirmation_that_is_still_running(tmp_path: Path) -> None:
    """A training that has not ended is no score, and no failure either."""
    path = tmp_path / "confirm.db"
    study = optuna.create_study(storage=f"sqlite:///{path}", study_name="confirm")
    for number in (3, 5):
        for seed in (1, 2):
            attrs = {"finalist": number, "seed": seed, "params": {"x": number / 10}, "role": ""}
            study.add_trial(optuna.create_trial(value=seed / 10, user_attrs=attrs))
    study.enqueue_trial(
        {}, user_attrs={"finalist": 5, "seed": 3, "params": {"x": 0.5}, "role": ""}
    )
    found = read_search(path)
    assert [trial.number for trial in found.trials] == [3, 5]
    assert found.trials[1].seeds == ("1", "2")
    assert found.trials[1].value == pytest.approx(0.15)
    assert any("no score on some of the seeds" in note for note in found.notes)
