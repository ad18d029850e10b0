"""Scores that repeat, pruners that are told the wrong direction, workers that died."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.audit.halving import halve
from hpadvisor.facts.searches import soundness, spending
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial
from tests.auditing.studies import make_study


def _with_curves(count: int = 60) -> Study:
    study = make_study(count)
    for trial in study.trials:
        trial.steps = range(1, 28)
        trial.values = [float(trial.value or 0) - 0.5 / step for step in trial.steps]
    return study


def test_the_most_frequent_score() -> None:
    study = make_study(40)
    for trial in study.trials[:24]:
        trial.value = 0.1
    assert soundness.same_score_share(build_table(study)) == pytest.approx(0.6)
    assert soundness.same_score_share(build_table(make_study(8))) is None


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize("wrong", [False, True])
def test_a_pruner_told_the_wrong_direction(direction: str, wrong: bool) -> None:
    study = _with_curves()
    halve(study, 3, wrong=wrong)
    if direction == "minimize":
        study.direction = direction
        for trial in study.trials:
            trial.values = [-value for value in trial.values]
    share = soundness.pruned_were_better(study)
    assert share is not None
    assert (share > 0.8) is wrong
    assert (share < 0.2) is not wrong


def test_nothing_is_said_of_few_pruned_trials_or_of_none() -> None:
    study = _with_curves()
    assert soundness.pruned_were_better(study) is None
    for trial in study.trials[:3]:
        trial.state = State.PRUNED
    assert soundness.pruned_were_better(study) is None


def test_nan_in_a_curve_is_left_out() -> None:
    study = _with_curves()
    halve(study, 3)
    study.trials[0].values = [float("nan")] * len(study.trials[0].steps)
    share = soundness.pruned_were_better(study)
    assert share is not None
    assert share < 0.3


def test_one_step_at_which_most_were_stopped_is_no_ladder() -> None:
    study = _with_curves()
    for place, trial in enumerate(study.trials[:56]):
        length = 3 + place if place < 5 else 3  # five stragglers, each at a step of its own
        trial.state, trial.steps = State.PRUNED, range(1, length + 1)
        trial.values = trial.values[:length]
    found = spending.pruning(study)
    assert found is not None
    assert found.implied is None


def test_a_dead_worker_and_one_that_is_still_busy() -> None:
    study = make_study(40)  # each ninety seconds, a hundred apart
    for number in (5, 39):
        trial = study.trials[number]
        trial.state, trial.value, trial.end = State.RUNNING, None, None
    assert spending.lost(study) == [5]


def test_guessing_is_told_without_the_noise() -> None:
    study = make_study(40, slope=0.0)
    rng = np.random.default_rng(1)
    for trial in study.trials[:20]:
        trial.value = 0.5 + float(rng.normal(0, 0.002))
    share = spending.not_learned(study, 0.5, None)
    assert share == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["clip_epsilon", "eps_greedy", "label_smoothing_eps"])
def test_an_epsilon_that_is_no_constant(name: str) -> None:
    study = Study("names", "csv", "maximize", "", [Parameter(name, "float", 0, 1, "linear")], [])
    assert spending.suspicious_names(study, "epsilon") == []


def test_a_trial_without_a_time_is_not_lost() -> None:
    study = make_study(40)
    study.trials.append(Trial(40, State.RUNNING, {}))
    assert spending.lost(study) == []


def test_where_only_nan_can_be_told_the_rest_counts_as_learned() -> None:
    study = make_study(40)
    assert spending.not_learned(study, None, None) is None
    for trial in study.trials[:8]:
        trial.value = float("nan")
    assert spending.not_learned(study, None, None) == pytest.approx(0.2)
