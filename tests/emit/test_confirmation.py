"""The confirmation: baseline and finalists on the same fresh seeds, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hpadvisor.cli.main import app
from hpadvisor.readers.searches import ReadOptions, State, read_search
from hpadvisor.search.comparison import Finalist, compare

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


@pytest.mark.parametrize(
    ("baseline", "finalist", "words"),
    [
        ([0.80, 0.81, 0.79], [0.90, 0.91, 0.89], "Trial 7 beats the baseline by 0.1 on the same"),
        ([0.80, 0.90, 0.70], [0.90, 0.80, 0.80], "leads the baseline by 0.03333"),
        ([0.80, 0.81, 0.79], [0.70, 0.71, 0.69], "No finalist is better than the baseline"),
        ([0.80], [0.90], "Fewer than two seeds"),
        ([], [0.90, 0.91], "The baseline has no score"),
    ],
)
def test_what_is_said(baseline: list[float], finalist: list[float], words: str) -> None:
    import optuna

    rows = []
    for number, origin, scores in ((0, "baseline", baseline), (7, "start-1", finalist)):
        trial = optuna.create_trial(value=0.0, user_attrs={"origin": origin})
        trial.number = number
        if scores:
            mean = sum(scores) / len(scores)
            rows.append(Finalist(mean, dict(enumerate(scores)), trial))
    rows.sort(key=lambda row: -row.mean)
    assert words in compare(rows, maximize=True)


def test_a_confirmation_that_is_still_running(tmp_path: Path) -> None:
    """A training that has not ended is no score, and no failure either."""
    import optuna

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
