"""The engines that a plan can be written for, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.planning.model import Plan

Emitter = Callable[..., str]
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine.

    Attributes:
        name: What ``--emit`` takes.
        module: The module that writes for it, and its function.
        suffix: The usual end of the file's name.
        run: How to run the file, FILE standing for its name.
    """

    name: str
    module: str
    suffix: str
    run: str


ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine("optuna", "optuna:emit_optuna", ".py", "python FILE --help"),
        Engine("ray", "ray_tune:emit_ray", ".py", "python FILE --help"),
        Engine("wandb", "wandb:emit_wandb", ".yaml", "wandb sweep FILE"),
        Engine("hydra-optuna", "hydra:emit_hydra", ".yaml",
               "python train.py --config-name FILE --multirun"),
        Engine("katib", "katib:emit_katib", ".yaml", "kubectl apply -f FILE"),
        Engine("slurm", "slurm:emit_slurm", ".sh", "sbatch FILE module:function"),
        Engine("huggingface", "huggingface:emit_huggingface", ".py",
               "from FILE import search; search(trainer)"),
        Engine("sklearn", "sklearn_search:emit_sklearn", ".py",
               "from FILE import search; search(estimator, X, y)"),
        Engine("json", "configurations:emit_json", ".json", "your own runner"),
        Engine("csv", "configurations:emit_csv", ".csv", "your own runner"),
    )
}  # fmt: skip


NOT_CARRYING: dict[str, str] = {
    "wandb": "a sweep learns from runs on the W&B server only "
    "(wandb sweep --prior_run RUN_ID adds those that are there)",
    "katib": "Katib's suggestion service starts each experiment anew",
    "hydra-optuna": "the sweeper keeps its study in memory, and its old Optuna breaks on the "
    "database of a current SQLAlchemy",
}
"""Engines whose file cannot take the trials of an earlier search along, and why."""


STANDALONE = ("optuna", "ray", "slurm", "huggingface", "sklearn")
"""Engines whose script can bring along what it takes of the library."""


def emit(
    plan: Plan,
    engine: str,
    *,
    created_by: str,
    known: Sequence[dict[str, Any]] = (),
    standalone: bool = False,
) -> str:
    """Write a plan for an engine.

    Args:
        plan: A plan with at least one search step.
        engine: A name of :data:`ENGINES`.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space (number, value, params). The file
            carries them along, or says why it cannot (:data:`NOT_CARRYING`).
        standalone: Whether the file does without hpadvisor (:data:`STANDALONE`).

    Returns:
        The text of the file; the same plan gives the same text.

    Raises:
        UserError: The plan has nothing to search, or the engine is not known.
    """
    if engine not in ENGINES:
        raise UserError(
            f"no engine '{engine}'", path="--emit", remedy=f"One of: {', '.join(ENGINES)}."
        )
    if not plan.search_steps:
        raise UserError(
            f"the plan has nothing to search (verdict: {plan.verdict})",
            path=f"--emit {engine}",
            remedy="Show the plan without --emit to see why.",
        )
    module, function = ENGINES[engine].module.split(":")
    emitter: Emitter = getattr(import_module(f"hpadvisor.emit.{module}"), function)
    if standalone and engine not in STANDALONE:
        raise UserError(
            f"a file for {engine} needs no hpadvisor anyway",
            path="--standalone",
            remedy=f"It is for {', '.join(STANDALONE)}.",
        )
    if engine in NOT_CARRYING:
        notes = left_behind(known, NOT_CARRYING[engine])
        return emitter(plan, created_by=created_by, more=notes)
    if engine in STANDALONE:
        return emitter(plan, created_by=created_by, known=known, standalone=standalone)
    return emitter(plan, created_by=created_by, known=known)


def left_behind(known: Sequence[dict[str, Any]], why: str) -> list[str]:
    """Return what a file says about earlier trials that it cannot carry: how many, the best."""
    if not known:
        return []
    shown = [
        f"  {item['value']:.6g}: " + ", ".join(f"{k}={v}" for k, v in item["params"].items())
        for item in known[:_SHOWN]
    ]
    count = (
        f"{len(known)} trials of the earlier search lie" if len(known) > 1 else "One trial lies"
    )
    return [f"{count} in this space and are not carried along: {why}.", "The best:", *shown]
