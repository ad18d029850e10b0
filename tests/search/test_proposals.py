"""The Gaussian process: its mathematics, and the search that it leads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import optuna
import pytest

from hpadvisor.planning.model import Step
from hpadvisor.search.gaussian_process import GaussianProcess, log_improvement
from hpadvisor.search.proposals import proposal
from hpadvisor.search.study import enqueue
from tests.emit.plans import parameters, plan, search

from .loading import Load

ASHA = {"name": "asha", "min_fraction": 0.1, "reduction_factor": 3, "cost_fraction": 0.4}


def _modelled(**changes: Any) -> Step:
    items = parameters()
    items[0].legal = (1e-6, 1.0)
    sampler = {"name": "gaussian-process", "startup_trials": 3}
    values = {"sampler": sampler, "parameters": items, "trials": 30, "trainings": 30}
    return search(**{**values, **changes})


def _far(params: dict[str, Any], report: object) -> float:
    """Score best at a rate of .3, beyond the range, with relu and a wide network."""
    missed = abs(math.log10(params["eta"] / 0.3)) + 0.1 * (params["activation"] == "tanh")
    return -float(missed) - 0.2 * abs(math.log2(params["width"] / 64))


def test_the_gradient_is_that_of_the_loss() -> None:
    generator = np.random.default_rng(1)
    features, scores = generator.random((12, 3)), generator.standard_normal(12)
    model = GaussianProcess(features, scores)
    logs = generator.normal(-0.5, 0.5, 5)
    _, slope = model._loss(logs)
    for place in range(5):
        step = np.eye(5)[place] * 1e-5
        numeric = (model._loss(logs + step)[0] - model._loss(logs - step)[0]) / 2e-5
        assert slope[place] == pytest.approx(numeric, rel=1e-4, abs=1e-6)


def test_the_model_goes_through_exact_scores_and_doubts_far_from_them() -> None:
    features = np.linspace(0, 1, 9)[:, None]
    scores = np.sin(5 * features[:, 0])
    scores = (scores - scores.mean()) / scores.std()
    model = GaussianProcess(features, scores)
    mean, deviation = model.predict(features)
    assert mean == pytest.approx(scores, abs=0.1)
    between, far = model.predict(np.array([[0.31], [4.0]]))[1]
    assert deviation.max() < 0.2 < far
    assert between < far / 3


def test_the_model_tells_noise_from_signal_and_the_feature_that_matters() -> None:
    generator = np.random.default_rng(3)
    features = generator.random((60, 2))
    scores = features[:, 0] * 3 + 0.5 * generator.standard_normal(60)
    model = GaussianProcess(features, (scores - scores.mean()) / scores.std())
    noise = 0.25 / scores.var()
    assert math.exp(model.logs[-1]) == pytest.approx(noise, rel=0.5)
    assert model.logs[1] > model.logs[0]


def test_a_running_trial_is_known_as_what_is_expected_of_it() -> None:
    model = GaussianProcess(np.array([[0.0], [0.4], [1.0]]), np.array([-1.0, 0.2, 0.8]))
    point = np.array([[0.7]])
    before, doubt = model.predict(point)
    model.add(point)
    after, less = model.predict(point)
    assert after == pytest.approx(before, abs=0.05)
    assert less[0] < doubt[0] / 2


def test_workers_that_ask_at_once_get_different_points(load: Load) -> None:
    module = load(plan(_modelled()))
    study = module.run(_far, storage=None, seed=4, trials=12)
    points = []
    for _ in range(3):
        points.append(proposal(module.plan, study, study.get_trials(deepcopy=False), 7)[0])
        enqueue(module.plan.space, study, points[-1], "x")
        study.ask()  # taken by a worker that has not asked for its values yet
    assert len({tuple(point.values()) for point in points}) == 3


def test_expected_improvement_is_right_and_finite_everywhere() -> None:
    above = np.array([1.0, 0.0, -2.0, -4.9, -5.1, -8.0, -25.0])
    found = log_improvement(above, np.ones(7), 0.0)
    for place in range(4):
        z = above[place]
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        assert found[place] == pytest.approx(
            math.log(density + z * math.erfc(-z / math.sqrt(2)) / 2), abs=1e-6
        )
    assert np.isfinite(found).all()
    assert (np.diff(found) < 0).all()
    assert abs(found[3] - found[4]) < 1.5


def test_the_search_leaves_a_range_but_not_the_legal_values(load: Load) -> None:
    step = _modelled(starts=[{"momentum": 0.9, "width": 16}])
    high = step.parameters[0].high or 0
    module = load(plan(step))
    seen: list[dict[str, Any]] = []

    def train(params: dict[str, Any], report: object) -> float:
        seen.append(params)
        return _far(params, report)

    first = module.run(train, storage=None, seed=3)
    again = module.run(_far, storage=None, seed=3)
    origins = [str(trial.user_attrs["origin"]).split("-")[0] for trial in first.trials]
    assert origins[:4] == ["baseline", "recommended", "start", "start"]
    assert origins[4:] == ["filling" if k % 6 == 5 else "model" for k in range(26)]
    assert [trial.params for trial in first.trials] == [trial.params for trial in again.trials]
    assert all(1e-6 <= params["eta"] <= 1.0 for params in seen)
    assert any(params["eta"] > high for params in seen)
    assert all(8 <= params["width"] <= 64 and 0.8 <= params["momentum"] <= 0.99 for params in seen)
    assert all(type(params["width"]) is int for params in seen)


def test_the_model_finds_what_random_points_do_not(load: Load) -> None:
    def best(step: Step) -> list[float]:
        module = load(plan(step))
        return [module.run(_far, storage=None, seed=seed).best_value for seed in range(3)]

    found = best(_modelled())
    assert min(found) > -0.15
    assert min(found) > max(best(_modelled(strategy="quasirandom", sampler={})))


def test_a_resumed_search_goes_on_as_it_would_have(load: Load, tmp_path: Any) -> None:
    module = load(plan(_modelled()))
    whole = module.run(_far, storage=None, seed=5, trials=14)
    journal = str(tmp_path / "journal.log")
    module.run(_far, storage=journal, seed=5, trials=9)
    parts = module.run(_far, storage=journal, seed=5, trials=14)
    assert [t.params for t in parts.trials] == [t.params for t in whole.trials]


def test_diverged_and_pruned_trials_are_learned_from(load: Load) -> None:
    def train(params: dict[str, Any], report: Any) -> float:
        for epoch in range(1, 21):
            report(epoch, float("nan") if params["eta"] > 0.05 else epoch * params["momentum"])
        return float(20 * params["momentum"])

    step = _modelled(pruner={**ASHA, "trainings": 4}, epochs_per_trial=20, trainings=12)
    study = load(plan(step)).run(train, storage=None, seed=1)
    modelled = [t for t in study.trials if t.user_attrs["origin"].startswith("model-")]
    assert sum(trial.params["eta"] > 0.05 for trial in modelled) < len(modelled) / 4
    paid, late = 0.0, []
    for trial in study.trials:
        if paid >= 4 and trial.params["eta"] <= 0.05 and "most_steps" not in trial.user_attrs:
            late.append(trial.state)
        paid += (trial.last_step or 0) / 20
    assert late
    assert set(late) == {optuna.trial.TrialState.COMPLETE}
    assert optuna.trial.TrialState.PRUNED in {trial.state for trial in study.trials}


def test_no_proposal_lies_beside_a_trial(load: Load) -> None:
    study = load(plan(_modelled())).run(_far, storage=None, seed=6)
    items = parameters()
    shares = np.array([
        [math.log(t.params["eta"] / 1e-4) / math.log(1e3), (t.params["momentum"] - 0.8) / 0.19,
         math.log(t.params["width"] / 8) / math.log(8), 10 * (t.params["activation"] == "tanh"),
         math.log(t.params["weight_decay"] / 1e-6) / math.log(1e4),
         10 * t.params["use_weight_decay"]]
        for t in study.trials
    ])  # fmt: skip
    assert len(items) == 5
    off = ~np.array([t.params["use_weight_decay"] for t in study.trials])
    shares[off, 4] = 0.5
    for place, trial in enumerate(study.trials):
        if trial.user_attrs["provenance"] == "proposed":
            apart = np.abs(shares[:place] - shares[place]).max(axis=1)
            assert apart.min() >= 0.05 - 1e-9, place


def test_a_share_of_the_trials_fills_the_space(load: Load) -> None:
    study = load(plan(_modelled())).run(_far, storage=None, seed=6)
    filling = [t for t in study.trials if t.user_attrs["provenance"] == "filling"]
    assert len(filling) == 4
    assert max(t.params["momentum"] for t in filling) - min(
        t.params["momentum"] for t in filling
    ) > 0.08  # fmt: skip


@pytest.mark.parametrize("sampler", ["gaussian-process", "tpe"])
@pytest.mark.parametrize("budget", [3, 5, 8])
def test_the_budget_is_spent_and_ends_with_a_whole_training(
    load: Load, sampler: str, budget: int
) -> None:
    """What was pruned early may turn out best; the last training goes to the most promising."""
    trained: list[int] = []

    def train(params: dict[str, Any], report: Any) -> float:
        trained.append(0)
        score = 0.0
        for epoch in range(1, 21):
            trained[-1] = epoch
            score = (1 - math.exp(-epoch / 5)) * _far(params, report) * -1
            report(epoch, -score)
        return -score

    step = _modelled(
        sampler={"name": sampler, "startup_trials": 3}, pruner=ASHA, epochs_per_trial=20,
        trials=40, trainings=budget,
    )  # fmt: skip
    study = load(plan(step)).run(train, storage=None, seed=1)
    paid = sum(trained) / 20
    assert budget - 0.11 <= paid <= budget + 1e-9
    last = study.trials[-1]
    assert last.state == optuna.trial.TrialState.COMPLETE
    assert last.user_attrs["whole"]
    short = [t for t in study.trials if "most_steps" in t.user_attrs]
    assert all((t.last_step or 0) <= 2 for t in short)


def test_failures_are_kept_away_from(load: Load) -> None:
    def train(params: dict[str, Any], report: Any) -> float:
        if params["width"] > 40:
            raise MemoryError("out of memory")
        return _far(params, report)

    study = load(plan(_modelled())).run(train, storage=None, seed=2)
    failed = [t.number for t in study.trials if t.state == optuna.trial.TrialState.FAIL]
    assert len(study.trials) - len(failed) == 30
    assert 0 < len(failed) < 10


@pytest.mark.parametrize("value", [0.0, 1e9, float("nan")])
def test_equal_or_diverged_scores_are_no_trouble(load: Load, value: float) -> None:
    study = load(plan(_modelled(trials=10, trainings=10))).run(lambda p, r: value, storage=None)
    assert len(study.trials) == 10
