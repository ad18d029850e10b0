"""Ranges that go on beyond their ends while a search runs, and the stop that is not said there."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy")

from hpadvisor.auditing.composer import compose_audit
from hpadvisor.auditing.model import NextParameter
from hpadvisor.auditing.widening import widened
from hpadvisor.engine.loading import EXPLAINING, load_knowledge
from hpadvisor.facts.searches.review import ReviewOptions, review
from hpadvisor.readers.searches.record import State, Study, Trial
from tests.auditing.studies import make_study


def at_the_end() -> Study:
    """A search whose best rates lie at the upper end, 1e-3, of a range that was cut."""
    return make_study(40, optimum=-2.0, high=1e-3, noise=0.002)


def wider(study: Study) -> dict[str, NextParameter]:
    return {item.name: item for item in widened(review(study))}


def test_a_range_goes_on_beyond_the_end_at_which_the_best_lie() -> None:
    found = wider(at_the_end())
    assert set(found) == {"lr"}
    assert found["lr"].low == 1e-5
    assert 1e-3 < (found["lr"].high or 0) <= 1e-2
    assert not wider(make_study(40, optimum=-3.0, high=1e-1))


def test_it_ends_where_the_user_or_the_role_ends() -> None:
    study = at_the_end()
    study.parameters[0].maximum = 2e-3
    assert wider(study)["lr"].high == 2e-3
    study.parameters[0].maximum = 1e-3
    assert not wider(study)


def test_a_low_end_above_zero_is_halved_at_most() -> None:
    study = make_study(40, slope=0.0, noise=0.002)
    for trial in study.trials:  # the fewer columns, the better
        trial.params["dummy"] = 0.3 + 0.7 * float(trial.params["dummy"])
        trial.value = float(trial.value or 0) - float(trial.params["dummy"])
    study.parameters[3].low, study.parameters[3].minimum = 0.3, 0.001
    assert (wider(study)["dummy"].low, wider(study)["dummy"].high) == (0.15, 1.0)


def test_it_stays_away_from_what_failed_beyond_the_end() -> None:
    study = at_the_end()
    free = wider(study)["lr"].high or 0
    params = {**study.trials[0].params, "lr": 2e-3}
    study.trials.append(Trial(90, State.FAILED, params))
    assert 1e-3 < (wider(study)["lr"].high or 0) < 2e-3 < free


def test_it_stays_where_half_of_the_trials_at_the_end_failed() -> None:
    study = at_the_end()
    outer = [t for t in study.trials if t.params["lr"] > 10**-3.2]
    assert len(outer) >= 2
    for place in range(len(outer)):  # one more for each: pruned without a score is diverged
        params = {**study.trials[place].params, "lr": 9e-4}
        study.trials.append(Trial(90 + place, State.PRUNED, params))
    assert wider(study)
    params = {**study.trials[0].params, "lr": 9.5e-4}
    study.trials += [Trial(200 + k, State.FAILED, params) for k in range(2)]
    assert not wider(study)


def flat_at_an_end() -> Study:
    """A search that gains no more, its best at an end of a rate that matters little."""
    study = make_study(60, slope=0.0, noise=0.004, seed=3)
    for trial in study.trials:
        place = study.parameters[0]
        low, high = place.low or 1, place.high or 1
        share = (float(trial.value or 0) - 0.885) / 0.03
        trial.params["lr"] = low * (high / low) ** (0.95 if share > 0.55 else max(share, 0.0))
    return study


@pytest.mark.parametrize("noise", [0.006, 0.02])
def test_a_stop_is_not_said_while_the_best_lie_at_an_end_that_may_be_passed(noise: float) -> None:
    knowledge = load_knowledge((), without=EXPLAINING)
    options = ReviewOptions(noise=noise, planned=66)
    study = flat_at_an_end()
    audit, found = compose_audit(study, knowledge, options)
    assert [(end.parameter, end.side) for end in found.ends] == [("lr", "high")]
    assert audit.decision == "change_space"
    assert "(0.1)" in " ".join(audit.reasons)
    (rate,) = [item for item in audit.next_space if item.name == "lr"]
    assert (rate.change, (rate.high or 0) > 0.1) == ("extended", True)
    study.parameters[0].maximum = study.parameters[0].high
    audit, found = compose_audit(study, knowledge, options)
    assert not found.ends
    assert audit.decision == "stop"


def test_it_is_not_said_either_where_the_importance_of_that_end_may_be_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    knowledge = load_knowledge((), without=EXPLAINING)
    options = ReviewOptions(noise=0.02, planned=46)
    monkeypatch.setattr("hpadvisor.facts.searches.bounds.at_bounds", lambda *_: [])
    study = make_study(40, optimum=-2.0, high=1e-3, slope=0.05, noise=0.01)
    audit, _ = compose_audit(study, knowledge, options)
    assert audit.decision == "change_space"
    assert "not worth it in this space. But the best trial and most" in audit.reasons[0]
    study.parameters[0].maximum = 1e-3
    audit, _ = compose_audit(study, knowledge, options)
    assert audit.decision == "stop"
    assert audit.reasons[0].endswith("not worth it. Confirm the best ones instead.")
