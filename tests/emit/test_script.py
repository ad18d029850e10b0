"""The text of an emitted script, and what it gets from the plan."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import optuna
import pytest

from hpadvisor.emit.literals import literal
from hpadvisor.emit.optuna import emit_optuna
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter
from hpadvisor.planning.search_data import search_data
from hpadvisor.search.confirmation import contenders
from tests.search.loading import Load

from . import toy
from .conftest import Emit
from .plans import CONFIRM, parameters, plan, search

ASHA = {"name": "asha", "min_fraction": 0.1, "reduction_factor": 3, "cost_fraction": 0.4}


def test_script_is_whole_and_always_the_same() -> None:
    text = emit_optuna(plan(), created_by="hpadvisor 0.1.0")
    assert text == emit_optuna(plan(), created_by="hpadvisor 0.1.0")
    compile(text, "tune.py", "exec")
    assert text.startswith("# Written by hpadvisor 0.1.0.\n# Plan: Tune 5 hyperparameters")
    assert "# Held fixed: batch_size = 128." in text
    assert max(map(len, text.splitlines())) < 100


def test_a_script_that_stands_alone_imports_nothing_but_optuna_and_numpy() -> None:
    tree = ast.parse(emit_optuna(plan(), created_by="x", standalone=True))
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else name.name).split(".")[0]  # type: ignore[union-attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    alone = imported - set(sys.stdlib_module_names)
    assert alone == {"optuna", "numpy", "threadpoolctl"}  # the last one where it is there


def test_search_never_imports_scipy(emit: Emit) -> None:
    code = (
        "import sys, tune; from hpadvisor import search;"
        "search.run(tune.PLAN, lambda p, r: p['eta'], storage=None); print('scipy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=emit(plan()).parent,
    )  # fmt: skip
    assert done.stdout.strip() == "False"


def test_text_of_the_user_stays_text() -> None:
    odd = 'x"""\n# --- plan: end ---\nraise SystemExit(3)  #'
    item = Parameter(name=odd, type="categorical", choices=[odd, "b\\"])
    made = plan(search(parameters=[item]))
    made.headline = odd
    tree = ast.parse(emit_optuna(made, created_by=odd))
    node = next(n for n in tree.body if isinstance(n, ast.AnnAssign) and "PLAN" in ast.dump(n))
    assert node.value is not None
    assert ast.literal_eval(node.value)["space"][0]["choices"] == [odd, "b\\"]


def test_literal_reads_back() -> None:
    value = search_data(plan())
    assert ast.literal_eval(literal(value)) == value


def test_plan_without_a_search_is_refused() -> None:
    with pytest.raises(UserError, match="nothing to search"):
        emit_optuna(plan(CONFIRM), created_by="x")


def test_suggestions_stay_in_the_space(load: Load) -> None:
    module = load(plan())
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    seen = [module.suggest(study.ask()) for _ in range(60)]
    assert all(list(params) == [item.name for item in parameters()] for params in seen)
    assert all(1e-4 <= params["eta"] <= 1e-1 for params in seen)
    assert all(0.8 <= params["momentum"] <= 0.99 for params in seen)
    assert all(type(params["width"]) is int and 8 <= params["width"] <= 64 for params in seen)
    assert {params["activation"] for params in seen} == {"relu", "tanh"}
    decays = [params["weight_decay"] for params in seen]
    assert 0.0 in decays
    assert all(value == 0 or 1e-6 <= value <= 1e-2 for value in decays)


def test_space_is_static_though_decay_may_be_off(load: Load) -> None:
    study = load(plan()).run(lambda params, report: params["eta"], storage=None)
    assert len({tuple(sorted(trial.params)) for trial in study.trials}) == 1
    assert "use_weight_decay" in study.trials[0].params


def test_start_points_cover_the_range(load: Load) -> None:
    module = load(plan(search(sampler={"startup_trials": 9})))
    study = module.make_study(None, 3)
    points = [trial.system_attrs["fixed_params"]["eta"] for trial in study.trials]
    assert points[0] == 0.01
    decades = [sum(low <= p < 10 * low for p in points[1:]) for low in (1e-4, 1e-3, 1e-2)]
    assert min(decades) >= 2
    assert points == [
        t.system_attrs["fixed_params"]["eta"] for t in module.make_study(None, 3).trials
    ]
    assert (
        points[1:]
        != [t.system_attrs["fixed_params"]["eta"] for t in module.make_study(None, 4).trials][1:]
    )


def test_tpe_takes_over_when_the_start_points_are_done(load: Load) -> None:
    module = load(plan())
    study = module.make_study(None, 0)
    assert len(study.trials) == 5
    sampler: Any = study.sampler
    assert sampler._n_startup_trials == 5


def test_baseline_outside_the_space_runs_with_its_own_values(load: Load) -> None:
    baseline = {"eta": 3.0, "weight_decay": 0, "width": 500, "activation": "gelu"}
    module = load(plan(search(baseline=baseline)))
    seen: list[dict[str, Any]] = []

    def train(params: dict[str, Any], report: object) -> float:
        seen.append(params)
        return -float(params["eta"])

    study = module.run(train, storage=None)
    assert seen[0] == {
        "eta": 3.0, "weight_decay": 0, "momentum": 0.9, "width": 500, "activation": "gelu",
    }  # fmt: skip
    assert len(seen) == 12
    assert all(params["eta"] <= 0.1 and params["width"] <= 64 for params in seen[1:])
    assert study.trials[0].params["eta"] == 3.0


def test_baseline_of_zero_on_a_log_scale(load: Load) -> None:
    item = Parameter(name="decay", type="float", low=1e-6, high=1e-2, scale="log")
    seen: list[float] = []
    module = load(plan(search(parameters=[item], baseline={"decay": 0.0})))

    def train(params: dict[str, Any], report: object) -> float:
        seen.append(params["decay"])
        return 0.5

    module.run(train, storage=None)
    assert seen[0] == 0.0
    assert all(1e-6 <= value <= 1e-2 for value in seen[1:])


def test_listed_values_run_exactly_and_the_baseline_once(load: Load) -> None:
    values = [1e-3, 1e-4, 3e-4, 3e-3, 1e-2]
    item = Parameter(
        name="eta", type="float", low=1e-4, high=1e-2, scale="log", values=list(values)
    )
    step = search(
        strategy="grid", sampler={"name": "grid"}, parameters=[item], trials=5, trainings=5,
        baseline={"eta": 1e-3},
    )  # fmt: skip
    seen: list[float] = []

    def train(params: dict[str, Any], report: object) -> float:
        seen.append(params["eta"])
        return 0.5

    load(plan(step)).run(train, storage=None)
    assert seen == values


def test_phases_share_one_study(load: Load) -> None:
    explore = search(name="Explore", strategy="quasirandom", trials=10, trainings=10)
    refine = search(name="Refine", strategy="quasirandom", trials=10, trainings=10)
    module = load(plan(explore, refine))
    study = module.run(lambda p, report: -abs(p["momentum"] - 0.95), storage=None)
    origins = [str(trial.user_attrs["origin"]).split("-")[0] for trial in study.trials]
    assert origins == ["baseline", *["start"] * 9, *["phase"] * 10]
    # The second round lies in the region of the best trials of the first.
    assert all(trial.params["momentum"] > 0.88 for trial in study.trials[10:])


def test_folds_count_as_trainings(load: Load) -> None:
    step = search(trials=6, trainings=30, seeds=5)
    study = load(plan(step)).run(lambda params, report: params["eta"], storage=None)
    assert len(study.trials) == 6


@pytest.mark.parametrize(
    ("pruner", "kind"),
    [
        ({"name": "asha", "min_fraction": 0.1, "reduction_factor": 3}, "SuccessiveHalvingPruner"),
        ({"name": "median", "warmup_fraction": 0.3, "startup_trials": 5}, "MedianPruner"),
        ({"name": "none"}, "NopPruner"),
    ],
)
def test_pruner_is_the_planned_one(load: Load, pruner: dict[str, Any], kind: str) -> None:
    study = load(plan(search(pruner=pruner, epochs_per_trial=40))).make_study(None, 0)
    made: Any = study.pruner
    assert type(made).__name__ == kind
    if kind == "SuccessiveHalvingPruner":
        assert made._min_resource == 4
        assert made._reduction_factor == 3
    if kind == "MedianPruner":
        assert made._n_warmup_steps == 12


def test_diverged_trainings_are_told_to_the_sampler(load: Load) -> None:
    study = load(plan()).run(toy.diverging, storage=None)
    states = {trial.state.name for trial in study.trials}
    assert states == {"COMPLETE", "PRUNED"}
    late = [trial.params["eta"] for trial in study.trials[6:]]
    assert sum(eta > 0.01 for eta in late) < len(late) / 2


def test_choose_returns_the_configuration_that_is_best_on_fresh_seeds(load: Load) -> None:
    module = load(plan(search(trials=12, trainings=12), CONFIRM))
    seen: list[tuple[float, int]] = []

    def train(params: dict[str, Any], report: object, seed: int) -> float:
        seen.append((params["eta"], seed))
        # On the seed of the search large rates look best; on fresh seeds small ones are.
        return float(params["eta"] if seed == 0 else -params["eta"])

    chosen = module.choose(train, seed=0)
    again = {eta for eta, seed in seen if seed != 0}
    assert len(again) == 2
    assert chosen is not None
    assert chosen["eta"] == min(again)
    assert len(seen) == 12 + 4


def test_choose_without_a_confirmation_takes_the_best_of_the_search(load: Load) -> None:
    seen: list[float] = []

    def train(params: dict[str, Any], report: object) -> float:
        seen.append(params["eta"])
        return float(params["eta"])

    chosen = load(plan(search())).choose(train)
    assert chosen is not None
    assert chosen["eta"] == max(seen)


def test_choose_has_no_answer_where_every_training_diverged(load: Load) -> None:
    assert load(plan(search())).choose(lambda params, report: float("nan")) is None


def test_a_pruned_search_spends_its_trainings_whatever_its_trials(load: Load) -> None:
    step = search(pruner=ASHA, trials=10, trainings=8, epochs_per_trial=20)
    study = load(plan(step)).run(_climbing, storage=None)
    assert len(study.trials) > 10
    assert len(load(plan(step)).run(_climbing, storage=None, trials=10).trials) == 10


def _climbing(params: dict[str, Any], report: Any) -> float:
    for epoch in range(1, 21):
        report(epoch, epoch * params["momentum"])
    return float(params["momentum"])


def test_the_baseline_is_confirmed_where_the_plan_says_so(load: Load) -> None:
    today = {"eta": 1e-3}
    for baseline, expected in ((today, {0}), ({}, set())):
        step = CONFIRM.model_copy(update={"baseline": baseline, "trials": 3, "trainings": 6})
        item = Parameter(name="eta", type="float", low=1e-3, high=1e-1, scale="log", default=1e-3)
        found = search(parameters=[item], baseline=today, trials=8, trainings=8)
        module = load(plan(found, step))
        study = module.run(lambda params, report: params["eta"], storage=None)
        settings = module.data["confirm"]
        count, told = settings["finalists"], "baseline" in settings
        chosen = {t.number for t in contenders(module.plan, study, count, told)}
        assert len(chosen) == 3
        assert chosen & {0} == expected
