"""Search hyperparameters with Ray Tune, by a plan. How it is used: python THIS_FILE --help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hpadvisor.search import NotWrittenError
from hpadvisor.search.on_ray import main

# --- plan: begin ---
PLAN: dict[str, Any] = {
    "space": [
        {"name": "learning_rate", "type": "float", "low": 1e-05, "high": 0.1, "scale": "log"},
    ],
    "baseline": {"learning_rate": 0.001},
    "phases": [{"name": "Search", "strategy": "bayesian", "trials": 10}],
}
# --- plan: end ---


def train(params: dict[str, Any], report: Callable[[int, float], None], seed: int) -> float:
    """Train once; report(epoch, score) after each epoch, from 1; return the last score."""
    raise NotWrittenError  # write it here, or name yours: --target module:function


if __name__ == "__main__":
    raise SystemExit(main(PLAN, train))
