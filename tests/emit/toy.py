"""A cheap training for emitted scripts: a smooth score, an epoch at a time."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from typing import Any


def train(params: dict[str, Any], report: Callable[[int, float], None], seed: int = 0) -> float:
    """Return a score that is best at eta = 0.01 and grows with the epochs."""
    score = -((math.log10(params.get("eta", 0.01)) + 2) ** 2) + seed / 1e6
    for epoch in range(1, 10):
        time.sleep(float(os.environ.get("TOY_SECONDS", "0")))
        report(epoch, score - 1 / epoch)
    return score


def silent(params: dict[str, Any], report: Callable[[int, float], None]) -> float:
    """Never report, take no seed."""
    return -((math.log10(params["eta"]) + 2) ** 2)


def broken(params: dict[str, Any], report: Callable[[int, float], None]) -> float:
    """Fail always."""
    raise RuntimeError("out of memory")


def diverging(params: dict[str, Any], report: Callable[[int, float], None]) -> float:
    """Diverge above a rate of 0.01."""
    return math.nan if params["eta"] > 0.01 else params["eta"]


def killing(params: dict[str, Any], report: Callable[[int, float], None]) -> float:
    """Kill its own process, once, as the out-of-memory killer does."""
    if not os.path.exists("killed"):  # noqa: PTH110
        with open("killed", "w"):  # noqa: PTH123
            pass
        os.kill(os.getpid(), 9)
    return float(params["eta"])


def one_argument(params: dict[str, Any]) -> float:
    """Have the wrong signature."""
    return 0.0


def deadly_baseline(params: dict[str, Any], report: Callable[[int, float], None]) -> float:
    """Kill the process on the baseline, always."""
    if params["eta"] == 0.01:
        os.kill(os.getpid(), 9)
    return float(params["eta"])


def slow_baseline(params: dict[str, Any], report: Callable[[int, float], None]) -> float:
    """Hang on the baseline; report for ever on the widest of the start points."""
    if params["eta"] == 0.01:
        time.sleep(60)
    epoch = 0
    while params["width"] == 34:
        time.sleep(0.1)
        report(epoch := epoch + 1, 0.1)
    return float(params["eta"])
