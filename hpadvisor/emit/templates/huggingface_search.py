"""Search hyperparameters of a transformers Trainer, by a plan.

    from THIS_FILE import model_space, search

    trainer = Trainer(model_init=lambda trial: build(model_space(trial)), args=..., ...)
    best = search(trainer, storage="journal.log")

The Trainer needs a `model_init`, and an evaluation whose metric is named `eval_...`.
"""

from __future__ import annotations

from typing import Any

from hpadvisor.search.on_transformers import TrainerSearch

# --- plan: begin ---
PLAN: dict[str, Any] = {
    "space": [
        {"name": "learning_rate", "type": "float", "low": 1e-05, "high": 0.1, "scale": "log"},
    ],
    "baseline": {"learning_rate": 0.001},
    "phases": [{"name": "Search", "strategy": "bayesian", "trials": 10}],
}
# --- plan: end ---
ROLES: dict[str, str] = {}

SEARCH_BY_PLAN = TrainerSearch(PLAN, ROLES)
hp_space = SEARCH_BY_PLAN.hp_space
model_space = SEARCH_BY_PLAN.model_space
search = SEARCH_BY_PLAN.search
