"""What a search gains on tasks of few rows, on validation data and on test data (LCBench)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from benchmarks.plans import surrogate
from benchmarks.plans.figures import FEW_ROWS
from benchmarks.plans.planned import plan_for
from benchmarks.plans.running import RESULTS
from benchmarks.plans.tasks import Task

FILE = RESULTS / "small" / "lcbench.json"
TEST_BALANCED_ACCURACY = 5
TRIALS, REPEATS, SAMPLE = 50, 200, 4000


def measure() -> list[dict[str, Any]]:
    """Return, for each task of few rows, what the best of 50 trials gains over the default.

    The trials are random within the ranges that a plan gives for the same training on more rows;
    the best is chosen by validation accuracy, the default among them.
    """
    rows = []
    for task in surrogate.load_surrogate():
        if task.situation["data"]["train_examples"] >= FEW_ROWS:
            continue
        values = _scores(task)
        default, sample = values[0], values[1:]
        generator = np.random.default_rng(0)
        gains = []
        for _ in range(REPEATS):
            drawn = sample[generator.choice(len(sample), TRIALS, replace=False)]
            best = drawn[np.argmax(drawn[:, 0])]
            gains.append(best - default if best[0] > default[0] else np.zeros(2))
        gain = np.mean(gains, axis=0)
        rows.append({
            "task": task.name, "examples": task.situation["data"]["train_examples"],
            "validation_accuracy_gain": round(float(gain[0]), 1),
            "test_balanced_accuracy_gain": round(100 * float(gain[1]), 1),
        })  # fmt: skip
    return rows


def _scores(task: Task) -> np.ndarray:
    """Return validation accuracy and balanced test accuracy of the default and of a sample."""
    plenty: dict[str, Any] = {**task.situation, "data": {"train_examples": 10_000}}
    plan = plan_for(Task(**{**_fields(task), "situation": plenty}), 50)
    ranges = {p.name: (p.low, p.high, p.scale) for p in plan.search_steps[0].parameters}
    generator = np.random.default_rng(0)
    columns = [_draw(ranges[name], generator) for name in surrogate.NAMES]
    default = np.array([[task.default[name] for name in surrogate.NAMES]], dtype=float)
    configurations = np.vstack([default, np.stack(columns, axis=1)])
    outputs = surrogate.predict_all(task.name, configurations, surrogate.EPOCHS)
    return outputs[:, [surrogate.VALIDATION_ACCURACY, TEST_BALANCED_ACCURACY]]


def _fields(task: Task) -> dict[str, Any]:
    return {name: getattr(task, name) for name in task.__dataclass_fields__}


def _draw(bounds: tuple[Any, Any, Any], generator: np.random.Generator) -> np.ndarray:
    low, high, scale = bounds
    if scale == "log":
        return np.exp(generator.uniform(np.log(low), np.log(high), SAMPLE))
    return generator.uniform(low, high, SAMPLE)


def write_small() -> None:
    """Measure and keep the figures."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")
