"""The scripts of the bundled situations: composed, emitted, and run on a cheap function."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hpadvisor
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.facts.situation.statements import read_statements
from tests.search.loading import Load

FOLDER = Path(hpadvisor.__file__).parent / "examples"
TRIALS = 14


def score(params: dict[str, Any]) -> float:
    """Prefer small numbers; diverge nowhere."""
    numbers = [v for v in params.values() if isinstance(v, int | float) and v > 0]
    return -sum(abs(math.log10(value) + 2) for value in numbers)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_example_runs_as_a_script(path: Path, knowledge: Knowledge, load: Load) -> None:
    from hpadvisor.api import plan as compose

    plan = compose(statements=read_statements(path), knowledge=knowledge)
    if not plan.search_steps:
        pytest.skip(f"the plan of {path.stem} has nothing to search")
    module = load(plan)
    seen: list[dict[str, Any]] = []

    def train(params: dict[str, Any], report: Callable[[int, float], None]) -> float:
        seen.append(params)
        return score(params)

    planned = sum(step.trials for step in plan.search_steps)
    direction = plan.objective["direction"] or "maximize"
    study = module.run(train, trials=min(planned, TRIALS), storage=None, direction=direction)
    assert len(seen) == min(planned, TRIALS)
    assert study.trials[0].user_attrs["origin"] == "baseline"
    first = plan.search_steps[0]
    assert bool(study.trials[0].user_attrs.get("told")) == first.baseline_known
    stated = {} if first.baseline_known else first.baseline
    assert {name: seen[0][name] for name in stated if name in seen[0]} == {
        name: value for name, value in stated.items() if name in seen[0]
    }
    for parameter in plan.search_steps[0].parameters:
        for params in seen[1:]:
            value = params[parameter.name]
            allowed = [*(parameter.choices or []), *(parameter.values or []), parameter.off]
            inside = parameter.choices is None and parameter.low <= value <= parameter.high
            assert inside or value in allowed, parameter.name
