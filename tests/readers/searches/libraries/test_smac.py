"""SMAC's output folders against its run history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpadvisor.readers.searches import State, Study, read_search
from tests.readers.searches.libraries.common import best, real

smac = pytest.importorskip("smac", reason="SMAC is not installed")


def _compare(ours: Study, history: Any) -> None:
    configs = history.get_configs()
    assert len(ours.trials) == len(configs)
    for mine, config in zip(ours.trials, configs, strict=True):
        assert mine.params == pytest.approx(dict(config)) or mine.params == dict(config)
        if mine.state is not State.FAILED:
            # The mean over seeds at the largest budget, as SMAC counts it.
            assert mine.value == pytest.approx(history.get_cost(config))
    costs = [history.get_cost(config) for config in configs]
    assert min(t.value for t in ours.trials if t.value is not None) == pytest.approx(min(costs))


def test_a_search_of_this_version(tmp_path: Path) -> None:
    from ConfigSpace import Categorical, ConfigurationSpace, Float, Integer

    space = ConfigurationSpace(seed=0)
    space.add(
        Float("lr", (1e-4, 1e-1), log=True), Integer("width", (8, 64)),
        Categorical("act", ["relu", "tanh"]),
    )  # fmt: skip

    def cost(config: Any, seed: int = 0, budget: float = 0.0) -> float:
        if config["width"] > 60:
            raise RuntimeError("on purpose")
        return float(config["lr"]) + (seed % 97) / 1e4 - budget / 1e3

    scenario = smac.Scenario(
        space, n_trials=30, output_directory=tmp_path, name="mine", min_budget=1, max_budget=9,
        crash_cost=10.0, seed=1,
    )  # fmt: skip
    search = smac.MultiFidelityFacade(scenario, cost, overwrite=True, logging_level=50)
    search.optimize()
    ours = read_search(tmp_path)
    _compare(ours, search.runhistory)
    assert {p.name for p in ours.parameters} == {"lr", "width", "act"}
    assert {t.state for t in ours.trials} >= {State.COMPLETE, State.PRUNED}
    full = [t for t in ours.trials if t.state is State.COMPLETE]
    assert all(t.steps[-1] == 9 for t in full)


def test_real_searches(tmp_path: Path) -> None:
    from ConfigSpace import ConfigurationSpace
    from smac.runhistory.runhistory import RunHistory

    folder = next(real("smac", tmp_path).rglob("runhistory.json")).parent
    history = RunHistory()
    history.load(folder / "runhistory.json", ConfigurationSpace.from_json(
        folder / "configspace.json"))  # fmt: skip
    ours = read_search(folder)
    _compare(ours, history)
    assert best(ours) == pytest.approx(min(map(history.get_cost, history.get_configs())))
    assert len(history) == 45
