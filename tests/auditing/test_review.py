"""The statistics on studies whose truth is known, and what follows from them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from benchmarks.audit.halving import halve
from hpadvisor.auditing.check_definitions import CHECKS
from hpadvisor.auditing.composer import compose_audit
from hpadvisor.auditing.model import Audit
from hpadvisor.auditing.next_space import inside
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.facts.searches import importance, judging, spending
from hpadvisor.facts.searches.bounds import at_bounds
from hpadvisor.facts.searches.gain import outlook
from hpadvisor.facts.searches.noise import estimate_noise
from hpadvisor.facts.searches.review import ReviewOptions, review
from hpadvisor.facts.searches.table import build_table, from_unit, to_unit
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial
from tests.auditing.studies import make_study

NOISE = ReviewOptions(noise=0.01)


def _audit(study: Study, knowledge: Knowledge, options: ReviewOptions = NOISE) -> Audit:
    return compose_audit(study, knowledge, options)[0]


def _outcome(audit: Audit, name: str) -> str:
    return next(check.outcome for check in audit.checks if check.check == name)


def test_every_audit_rule_belongs_to_one_check(knowledge: Knowledge) -> None:
    named = [rule for check in CHECKS for rule in check.rules]
    ours = [rule.id for rule in knowledge.rules if rule.id.startswith("AUD")]
    assert sorted(named) == sorted(ours)


def test_a_sound_search(knowledge: Knowledge) -> None:
    audit = _audit(make_study(60), knowledge)
    assert audit.decision in ("continue", "stop")
    assert _outcome(audit, "signal") == "pass"
    assert _outcome(audit, "bounds") == "pass"
    assert _outcome(audit, "importance") == "pass"
    assert _outcome(audit, "baseline") == "finding"  # none was run
    assert audit.study.best is not None
    assert audit.study.best.expected_value is not None
    assert audit.study.best.expected_value < audit.study.best.value


def test_units_go_both_ways() -> None:
    for parameter in (
        Parameter("a", "float", 1e-5, 1e-1, "log"),
        Parameter("b", "float", -3.0, 5.0, "linear"),
    ):
        for unit in (0.0, 0.3, 1.0):
            assert to_unit(parameter, from_unit(parameter, unit)) == pytest.approx(unit)


def test_noise_from_replicates_beats_other_sources() -> None:
    study = make_study(40)
    rng = np.random.default_rng(3)
    for trial in study.trials:
        trial.replicates = tuple(rng.normal(trial.value or 0, 0.02, 5))
    noise = estimate_noise(build_table(study))
    assert noise is not None
    assert noise.source == "replicates"
    assert noise.sd == pytest.approx(0.02 / math.sqrt(5), rel=0.15)  # of a mean over five


def test_noise_from_folds_takes_fold_effects_out() -> None:
    study = make_study(40)
    rng = np.random.default_rng(4)
    folds = rng.normal(0, 0.3, 5)  # folds differ far more than configurations
    for trial in study.trials:
        trial.splits = tuple((trial.value or 0) + folds + rng.normal(0, 0.02, 5))
    noise = estimate_noise(build_table(study))
    assert noise is not None
    assert noise.source == "splits"
    assert noise.sd == pytest.approx(0.02 / math.sqrt(5), rel=0.3)


def test_the_number_of_examples_is_stated_and_tells_the_noise_of_an_accuracy() -> None:
    study = make_study(40)
    study.metric = "val_accuracy"
    best = max(t.value or 0 for t in study.trials)
    noise = estimate_noise(build_table(study), examples=500)
    assert noise is not None
    assert noise.source == "evaluation"
    assert noise.sd == pytest.approx(0.7 * math.sqrt(best * (1 - best) / 500), rel=1e-6)
    assert "500 validation examples" in noise.meaning


def test_the_digits_of_a_score_tell_no_number_of_examples() -> None:
    study = make_study(40)
    for trial in study.trials:
        trial.value = round((trial.value or 0) * 449) / 449
    noise = estimate_noise(build_table(study))
    assert noise is not None
    assert noise.assumed


def test_noise_is_unknown_without_evidence(knowledge: Knowledge) -> None:
    """Few scores, and nothing that tells how far they move: then nothing is decided."""
    few = make_study(7)
    audit = _audit(few, knowledge, ReviewOptions())
    assert audit.noise is None
    assert _outcome(audit, "tie_set") == "cannot_judge"


def test_noise_of_other_searches_is_called_so(knowledge: Knowledge) -> None:
    audit = _audit(make_study(40), knowledge, ReviewOptions())
    assert audit.noise is not None
    assert "measured searches" in audit.noise_source
    assert any("--noise" in check.needs for check in audit.checks)


def test_tie_set_holds_the_truly_best() -> None:
    held = 0
    for seed in range(50):
        study = make_study(60, seed=seed)
        table = build_table(study)
        truly = int(np.argmin([abs(math.log10(t.params["lr"]) + 3) for t in table.trials]))
        held += truly in judging.tie_set(table, 0.01)
    assert held >= 45


def test_a_dummy_is_seldom_important_and_the_rate_is() -> None:
    dummy = rate = 0
    for seed in range(30):
        found = importance.importances(build_table(make_study(40, seed=seed)))
        named = [item.parameter for item in found if item.significant]
        dummy += "dummy" in named
        rate += bool(named) and named[0] == "lr"
    assert rate >= 29
    assert dummy <= 4


def test_nothing_is_important_in_pure_noise() -> None:
    alarms = 0
    for seed in range(40):
        study = make_study(40, seed=seed, slope=0.0)
        found = importance.importances(build_table(study))
        alarms += any(item.significant for item in found)
    assert alarms <= 8  # the level is 10 %


def test_an_interaction_is_seen() -> None:
    study = make_study(80, slope=0.0)
    table = build_table(study)
    table.y = -((table.units[:, 0] + table.units[:, 1] - 1.0) ** 2)
    found = importance.interaction(table, 0, 1)
    assert found is not None
    assert found.p < 0.01


def test_a_cut_range_is_found_and_extended(knowledge: Knowledge) -> None:
    audit = _audit(make_study(80, optimum=-1.0, high=1e-3), knowledge)
    assert _outcome(audit, "bounds") == "finding"
    assert audit.decision == "change_space"
    assert "lr (high end, 0.001)" in audit.reasons[0]
    rate = next(p for p in audit.next_space if p.name == "lr")
    assert rate.change == "extended"
    assert rate.high == pytest.approx(1e-2, rel=0.1)


def test_the_next_space_holds_the_tie_set(knowledge: Knowledge) -> None:
    study = make_study(100)
    audit = _audit(study, knowledge)
    space = {p.name: p for p in audit.next_space}
    assert space["lr"].change == "narrowed"
    for number in audit.tie_set:
        for name, value in study.trials[number].params.items():
            assert inside(space[name], value)


def test_pure_noise_is_no_signal(knowledge: Knowledge) -> None:
    rng = np.random.default_rng(0)
    study = make_study(60)
    for trial in study.trials:
        trial.value = float(0.9 + rng.normal(0, 0.01))
    audit = _audit(study, knowledge)
    assert _outcome(audit, "signal") == "finding"
    assert audit.decision == "stop"


def test_equal_scores_stop_the_search(knowledge: Knowledge) -> None:
    study = make_study(20)
    for trial in study.trials:
        trial.value = 0.1
    audit = _audit(study, knowledge)
    assert _outcome(audit, "results_recorded") == "finding"
    assert audit.decision == "stop"


def test_half_of_the_scores_alike_is_a_finding_and_no_reason_to_stop(
    knowledge: Knowledge,
) -> None:
    study = make_study(60, optimum=-1.0, high=1e-3)
    for trial in study.trials[::2] + study.trials[1::6]:
        trial.value = 0.1
    audit = _audit(study, knowledge)
    assert _outcome(audit, "results_recorded") == "finding"
    assert audit.decision != "stop"


def test_a_pruner_told_the_wrong_direction_stops_the_search(knowledge: Knowledge) -> None:
    study = make_study(60)
    for trial in study.trials:
        trial.steps, trial.values = range(1, 28), [trial.value or 0.0] * 27
    halve(study, 3, wrong=True)
    audit = _audit(study, knowledge)
    assert _outcome(audit, "pruning") == "finding"
    assert audit.decision == "stop"
    assert "wrong direction" in audit.reasons[0]


@pytest.mark.parametrize("outer", [6, 12, 24, 40])
def test_a_bound_is_found_by_its_trend_and_not_by_the_crowd_before_it(outer: int) -> None:
    rng = np.random.default_rng(outer)
    parameter = [Parameter("x", "float", 0.0, 1.0, "linear")]

    def study(slope: float) -> Study:
        places = np.concatenate([rng.uniform(0, 0.2, outer), rng.uniform(0.2, 1, 60 - outer)])
        scores = 0.5 + slope * np.maximum(0, 0.2 - places) + rng.normal(0, 0.05, 60)
        trials = [
            Trial(i, State.COMPLETE, {"x": float(x)}, float(y))
            for i, (x, y) in enumerate(zip(places, scores, strict=True))
        ]
        return Study("made", "csv", "maximize", "acc", parameter, trials)

    flat = [bool(at_bounds(build_table(study(0.0)), 0.05)) for _ in range(40)]
    rising = [bool(at_bounds(build_table(study(1.0)), 0.05)) for _ in range(40)]
    assert sum(flat) <= 4
    assert sum(rising) >= 28


def test_few_trials_tell_no_bound() -> None:
    few = make_study(19)
    few.trials = few.trials[:14]
    assert at_bounds(build_table(few), 0.01) is None


def test_minimised_scores_are_mirrored(knowledge: Knowledge) -> None:
    up, down = make_study(60), make_study(60)
    down.direction = "minimize"
    for trial in down.trials:
        trial.value = 1 - (trial.value or 0)
    first, second = _audit(up, knowledge), _audit(down, knowledge)
    assert first.tie_set == second.tie_set
    assert first.decision == second.decision
    assert second.study.best is not None
    assert second.study.best.expected_value is not None
    assert second.study.best.expected_value > second.study.best.value


def test_baseline_by_single_scores() -> None:
    study = make_study(40)
    best = max(study.trials, key=lambda t: t.value or 0)
    study.trials[0].enqueued = True
    study.trials[0].value = (best.value or 0) - 0.2
    found = review(study, NOISE)
    assert found.baseline is not None
    assert found.baseline.beaten
    study.trials[0].value = (best.value or 0) - 0.005
    again = review(study, NOISE)
    assert again.baseline is not None
    assert not again.baseline.beaten


def test_baseline_by_welch_leaves_the_chosen_score_out() -> None:
    study = make_study(40)
    best = max(study.trials, key=lambda t: t.value or 0)
    base = next(t for t in study.trials if t is not best)
    base.enqueued = True
    best.replicates = (best.value or 0, 0.80, 0.81, 0.79)
    base.replicates = (0.80, 0.81, 0.79)
    found = review(study, NOISE)
    assert found.baseline is not None
    assert found.baseline.method == "welch"
    assert not found.baseline.beaten


def test_duplicates_against_random_sampling(knowledge: Knowledge) -> None:
    space = [Parameter(name, "categorical", choices=(1, 2, 3)) for name in "abc"]
    rng = np.random.default_rng(0)
    trials = [
        Trial(i, State.COMPLETE, {n: int(rng.integers(1, 4)) for n in "abc"}, rng.random())
        for i in range(30)
    ]
    study = Study("s", "csv", "maximize", "", space, trials)
    assert _outcome(_audit(study, knowledge), "trials_differ") == "pass"
    for trial in trials[10:]:
        trial.params = trials[0].params
    assert _outcome(_audit(study, knowledge), "trials_differ") == "finding"


def test_halving_prunes_by_design() -> None:
    study = make_study(81)
    for trial in study.trials:
        rung = 1 if trial.number % 3 else 3 if trial.number % 9 else 9
        trial.steps = tuple(range(1, rung + 1))
        trial.values = (0.5,) * rung
        if rung < 9:
            trial.state = State.PRUNED
    found = spending.pruning(study)
    assert found is not None
    assert found.rungs == (1, 3, 9)
    assert found.implied == pytest.approx(1 - 1 / 9)
    assert found.share == pytest.approx(8 / 9)


def test_the_law_of_new_bests() -> None:
    table = build_table(make_study(40))
    assert outlook(table, 40, 0.01).chance == 0.5
    assert outlook(table, 10, 0.01).chance == 0.2
    assert outlook(table, 40, 0.01).expected > outlook(table, 10, 0.01).expected > 0


def test_the_chance_of_a_gain_worth_having() -> None:
    table = build_table(make_study(40))
    none, small, large = (outlook(table, 40, worth) for worth in (0.0, 0.005, 10.0))
    assert none.bound == none.chance_worth == none.chance  # any gain is a new best
    assert small.chance_worth < small.bound < none.bound
    assert large.chance_worth == 0.0
    assert large.bound < 1e-6


def test_equal_scores_have_no_tail() -> None:
    study = make_study(40)
    for trial in study.trials:
        trial.value = 0.5
    found = outlook(build_table(study), 40, 0.01)
    assert (found.expected, found.bound, found.chance_worth) == (0.0, 0.0, 0.0)


def test_a_seed_in_the_space(knowledge: Knowledge) -> None:
    study = make_study(40)
    study.parameters.append(Parameter("random_state", "int", 0, 100, "linear"))
    for trial in study.trials:
        trial.params["random_state"] = trial.number
    audit = _audit(study, knowledge)
    assert _outcome(audit, "seed_in_space") == "finding"
    assert audit.decision == "change_space"
    assert "random_state" not in {p.name for p in audit.next_space}


def test_failures_that_depend_on_a_parameter(knowledge: Knowledge) -> None:
    study = make_study(60)
    for trial in study.trials:
        if trial.params["momentum"] > 0.85:
            trial.state, trial.value = State.FAILED, None
    assert review(study, NOISE).failures == ["momentum"]
    assert _outcome(_audit(study, knowledge), "failures") == "finding"


def test_lost_workers(knowledge: Knowledge) -> None:
    study = make_study(60)
    study.trials[2].state, study.trials[2].end = State.RUNNING, None
    assert spending.lost(study) == [2]
    assert _outcome(_audit(study, knowledge), "lost_trials") == "finding"


def test_a_pruned_trial_after_one_step_has_not_diverged() -> None:
    study = make_study(20)
    for trial in study.trials[:10]:
        trial.state, trial.steps, trial.values = State.PRUNED, (1,), (trial.value or 0.0,)
    assert spending.not_learned(study, None, 0.01) is None
    study.trials[0].values = (math.nan,)
    assert spending.not_learned(study, None, 0.01) == pytest.approx(1 / 20)
    assert spending.not_learned(study, 0.0, 0.01) == pytest.approx(1 / 20)


def test_confirmation_has_fresh_common_seeds(knowledge: Knowledge) -> None:
    study = make_study(60)
    study.trials[0].enqueued = True
    confirmation = _audit(study, knowledge).confirmation
    assert confirmation is not None
    roles = [candidate.role for candidate in confirmation.trials]
    assert roles.count("baseline") + (0 in [c.number for c in confirmation.trials]) >= 1
    assert len(set(confirmation.seeds)) == 3
    assert confirmation.trainings == 3 * len(roles)


def test_an_empty_study_cannot_be_judged(knowledge: Knowledge) -> None:
    study = dataclasses.replace(make_study(1), trials=[])
    audit = _audit(study, knowledge)
    assert audit.decision == "cannot_judge"
    assert audit.study.best is None


def test_one_trial(knowledge: Knowledge) -> None:
    audit = _audit(make_study(1), knowledge)
    assert audit.decision == "cannot_judge"
    assert "Run 9 more" in audit.reasons[0]
