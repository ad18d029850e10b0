"""Optuna's part of a plan: the pruner, and the sampler of trials that no model proposes."""

from __future__ import annotations

import warnings
from typing import Any

import optuna

from hpadvisor.search.grown_sampler import GrownTPESampler
from hpadvisor.search.plan import SearchPlan


def pruner_of(plan: SearchPlan) -> optuna.pruners.BasePruner:
    """Return the pruner that a plan names."""
    settings = plan.pruner
    if settings["name"] == "asha":
        return optuna.pruners.SuccessiveHalvingPruner(
            min_resource=settings["min_step"], reduction_factor=settings["reduction_factor"]
        )
    if settings["name"] == "median":
        return optuna.pruners.MedianPruner(
            n_startup_trials=settings["startup_trials"], n_warmup_steps=settings["warmup_steps"]
        )
    return optuna.pruners.NopPruner()


def sampler_of(
    plan: SearchPlan, strategy: str, seed: int, *, has_grown: bool = False
) -> optuna.samplers.BaseSampler:
    """Return the sampler of a phase.

    Args:
        plan: The plan.
        strategy: ``random``, or anything else for TPE.
        seed: Of the sampler.
        has_grown: Whether the space is not the one that the search began with.
    """
    if strategy == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    # With many start points a few workers may ask before the last of them has ended.
    started = min(1 + len(plan.points) + len(plan.recommended) + plan.start_points, 10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        settings: dict[str, Any] = {
            "n_startup_trials": started, "multivariate": True, "constant_liar": True, "seed": seed,
        }  # fmt: skip
        if has_grown:
            return GrownTPESampler(plan.space, **settings)
        return optuna.samplers.TPESampler(**settings)
