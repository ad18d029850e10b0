"""What a search remembers of its plan, so that no later step has to be told it again.

A study that was run by a plan of ours carries one attribute, :data:`KEY`, which holds a
:class:`Memory`: plain data, as JSON. It is written once, when the study is set up, and whatever
reads the study later (an audit, the next plan, a confirmation, a report) finds there what the
user's code accepts, which way is up, what was planned and what it may cost.

Each trial carries attributes of its own:

==============  ==================================================================================
``provenance``  where its configuration comes from, one of :data:`PROVENANCE`
``origin``      its place in the plan, unique in the study: ``baseline``, ``listed-0``,
                ``recommended-0``, ``start-2``, ``model-7``, ``known-4``; tries of one
                configuration share it
``attempt``     1, and one more for each try again after its process was killed
``error``       why it failed, in one line; absent where its process was lost
``exact``       values that the space cannot hold, by name (a baseline outside the range)
``params``      in a confirmation: the whole configuration, as the function got it
``finalist``    in a confirmation: the number of the search's trial that is trained again
``role``        in a confirmation: ``baseline`` or ``finalist``
``seed``        in a confirmation: the fresh seed
``score``       in a confirmation: the configuration's score in the search
``whole``       it ran to its end whatever the pruner said: the budget's last training
``most_steps``  it was ended after so many epochs: the budget's last part but one
``given``       the names that it was given, where others were opened after that
``killed``      how often its worker was seen to die; ``alone`` where it was tried again alone
==============  ==================================================================================

This module needs nothing but the standard library, so that readers may use it anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

KEY = "hpadvisor"
"""The attribute of a study."""
AUDITED = "audited"
"""A further attribute: what audits on the way decided, see ``hpadvisor.search.growing``."""
VERSION = 1
"""Version of the memory's form; a reader takes those that it knows, and leaves the others."""
SEARCH, CONFIRMATION = "search", "confirm"
"""Names of the two studies in a storage."""
PROVENANCE = (
    "baseline",  # what the user has today; trained first, never pruned
    "recommended",  # the rules' own recommended configuration
    "listed",  # a value of the plan's grid
    "start",  # a quasi-random start point
    "filling",  # a quasi-random configuration in between, so that no region is left out
    "proposed",  # by the model, or the sampler
    "again",  # a promising configuration that had been pruned, trained to its end
    "known",  # of an earlier search: told to the sampler, never paid for again
    "confirmed",  # in the confirmation: trained again on a fresh seed
)
"""The values of a trial's ``provenance``."""


class Budget(TypedDict, total=False):
    """What the whole plan may cost, confirmation included."""

    trainings: float  # full trainings
    trials: int  # trials of the search; a guess where trials are pruned
    confirmation: int  # full trainings of the confirmation
    hours: float  # wall-clock hours that the user gave


class Hyperparameter(TypedDict, total=False):
    """A hyperparameter as the user described it: what the code accepts, and today's value."""

    name: str
    role: str
    type: str  # float, int, categorical
    low: float
    high: float
    scale: str
    choices: list[Any]
    default: Any


class Memory(TypedDict, total=False):
    """What stands under :data:`KEY`. Every key may be missing: what is not known is left out."""

    version: int
    written_by: str  # who wrote the search from what
    headline: str  # the plan in one line
    situation: dict[str, Any]  # the facts as told, by path: {"training.epochs": 52.0}
    hyperparameters: list[Hyperparameter]  # all that the user described, searched or held
    held_fixed: dict[str, Any]  # what the plan leaves alone, by name; null where no value is known
    metric: str | None
    direction: str | None  # maximize or minimize
    noise: float | None  # standard deviation of the score between seeds, in the score's unit
    space: list[dict[str, Any]]  # the dimensions: name, role, type, low, high, scale, choices, …
    baseline: dict[str, Any]  # today's configuration, whole
    phases: list[dict[str, Any]]  # name, strategy and trials of each step of the search
    model: str | None  # what proposes: "gaussian-process", or null for Optuna's sampler
    pruner: dict[str, Any]
    epochs: float | None  # of a full training
    trainings: float  # full trainings that the search may cost
    trainings_per_trial: int  # more than 1 where a trial trains on several folds
    confirm: dict[str, Any] | None  # finalists and seeds
    budget: Budget
    seed: int  # of the search


def read_memory(attributes: Mapping[str, Any]) -> Memory | None:
    """Return the memory among a study's attributes; None where there is none that is known.

    Args:
        attributes: The attributes of a study (``study.user_attrs``).
    """
    found = attributes.get(KEY)
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None
    return found  # type: ignore[return-value]


def legal_values(memory: Memory) -> dict[str, tuple[float | None, float | None] | list[Any]]:
    """Return what the user's code accepts: ends of numbers (None where open), or the choices.

    Args:
        memory: The memory of a study.

    Returns:
        By name; hyperparameters that the user did not bound are missing.
    """
    found: dict[str, tuple[float | None, float | None] | list[Any]] = {}
    for item in memory.get("hyperparameters", []):
        if item.get("choices"):
            found[item["name"]] = list(item["choices"])
        elif item.get("low") is not None or item.get("high") is not None:
            found[item["name"]] = (item.get("low"), item.get("high"))
    return found


def roles(memory: Memory) -> dict[str, str]:
    """Return the canonical role of each hyperparameter by its name, where one is known."""
    described = [*memory.get("hyperparameters", []), *memory.get("space", [])]
    return {item["name"]: item["role"] for item in described if item.get("role")}


def provenance_of(origin: str) -> str:
    """Return the provenance of a trial by its origin."""
    first = origin.split("-", maxsplit=1)[0]
    return {"model": "proposed", "phase": "start", "trial": "proposed"}.get(first, first)
