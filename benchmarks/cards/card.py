"""A card: a situation, who says what is right of it, and the checks of its plan.

Checks, all optional::

    verdict       one of these
    kind          the kind of training that the situation is understood as
    range         hyperparameter: holds (values in it), low, high (it goes no further)
    listed        the same for the values that are listed
    searched, not_searched, at_most, trials_at_most, hours_at_most, fix_trainings_at_most
    baseline      values of the first trial; baseline_not: names that it must not have invented
    not_trained   a configuration whose score is known and which is not trained again
    both_sides    a hyperparameter whose listed values or range lie on both sides of today's
    spread        neighbours of listed values are at least this factor apart
    seeds_at_least, folds, confirm, tool, first_rung_at_least
    says, says_not  regular expressions over the whole text of the plan
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

import hpadvisor
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter, Plan
from hpadvisor.report.plan_text import render_text

FOLDER = Path(__file__).parent
WIDE = 10_000


@dataclass(frozen=True, slots=True)
class Card:
    """A situation and what must hold of its plan."""

    id: str
    told: dict[str, Any]
    source: str
    must: dict[str, Any]


def read_cards() -> list[Card]:
    """Read every card."""
    cards: list[Card] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["cards"]:
            cards.append(Card(entry["id"], entry["told"], entry["source"], entry["must"]))
    return cards


def faults(card: Card) -> list[str]:
    """Return what is wrong with the plan of a card; empty where all holds."""
    try:
        plan = hpadvisor.plan(card.told)
    except UserError as error:
        return [f"refused: {str(error).splitlines()[0]}"]
    seen = Seen(card, plan, render_text(plan, width=WIDE, full=True))
    found: list[str] = []
    for name, wanted in card.must.items():
        found.extend(f"{name}: {fault}" for fault in CHECKS[name](seen, wanted))
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan, and all of it as text."""

    card: Card
    plan: Plan
    text: str

    def parameter(self, name: str) -> Parameter | None:
        """Return what is searched under a role or a name."""
        for step in self.plan.steps:
            for parameter in step.parameters:
                if name in (parameter.role, parameter.name):
                    return parameter
        return None

    @property
    def searched(self) -> set[str]:
        """Roles and names of everything that is searched."""
        found = [p for step in self.plan.steps for p in step.parameters]
        return {p.name for p in found} | {p.role for p in found if p.role}


def _numbers(parameter: Parameter, *, listed: bool = False) -> list[float]:
    values = parameter.values if listed and parameter.values else parameter.choices
    if values is not None:
        return sorted(float(v) for v in values if isinstance(v, int | float))
    return [v for v in (parameter.low, parameter.high) if v is not None]


def _listed(seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    yield from _range(seen, wanted, listed=True)


def _range(seen: Seen, wanted: dict[str, Any], *, listed: bool = False) -> Iterator[str]:
    for name, bounds in wanted.items():
        parameter = seen.parameter(name)
        numbers = [] if parameter is None else _numbers(parameter, listed=listed)
        if parameter is None or not numbers:
            yield f"{name} is not searched"
            continue
        yield from _bounds(name, parameter, numbers, bounds)


def _bounds(
    name: str, parameter: Parameter, numbers: list[float], bounds: dict[str, Any]
) -> Iterator[str]:
    low, high = numbers[0], numbers[-1]
    shown = f"{name} {low:g} to {high:g}"
    for value in bounds.get("holds", []):
        if not low * 0.999 <= value <= high * 1.001 and value != parameter.off:
            yield f"{shown} does not hold {value:g}"
    if "low" in bounds and low < bounds["low"] * 0.999:
        yield f"{shown} goes below {bounds['low']:g}"
    if "high" in bounds and high > bounds["high"] * 1.001:
        yield f"{shown} goes above {bounds['high']:g}"


def _searched(seen: Seen, wanted: list[str]) -> Iterator[str]:
    yield from (f"{name} is not searched" for name in wanted if name not in seen.searched)


def _not_searched(seen: Seen, wanted: list[str]) -> Iterator[str]:
    yield from (f"{name} is searched" for name in wanted if name in seen.searched)


def _at_most(seen: Seen, wanted: int) -> Iterator[str]:
    counts = [len(step.parameters) for step in seen.plan.steps]
    if max(counts, default=0) > wanted:
        yield f"{max(counts)} hyperparameters"


def _trials(seen: Seen, wanted: int) -> Iterator[str]:
    trials = sum(step.trials for step in seen.plan.search_steps)
    if trials > wanted:
        yield f"{trials} trials"


def _hours(seen: Seen, wanted: float) -> Iterator[str]:
    if seen.plan.cost_hours is None or seen.plan.cost_hours > wanted:
        yield f"{seen.plan.cost_hours} hours"


def _fixes(seen: Seen, wanted: float) -> Iterator[str]:
    paid = sum(step.trainings for step in seen.plan.steps if step.kind == "fix")
    if paid > wanted:
        yield f"fixes cost {paid:g} trainings"


def _first(seen: Seen) -> dict[str, Any]:
    steps = seen.plan.search_steps
    return steps[0].baseline if steps else {}


def _baseline(seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        if name in seen.searched and _first(seen).get(name) != value:
            yield f"{name} is {_first(seen).get(name)} in the first trial"


def _baseline_not(seen: Seen, wanted: list[str]) -> Iterator[str]:
    yield from (f"{n} {_first(seen)[n]} is invented" for n in wanted if _first(seen).get(n))


def _not_trained(seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    for step in seen.plan.search_steps:
        values = [v for p in step.parameters for v in (p.values or [])]
        only = len(step.parameters) == 1
        again = only and any(value in values for value in wanted.values())
        if again or (not only and step.baseline and not step.baseline_known):
            yield "a configuration is trained whose score is known"


def _both_sides(seen: Seen, name: str) -> Iterator[str]:
    today = seen.card.told["training"].get(name)
    parameter = seen.parameter(name)
    numbers = [] if parameter is None else _numbers(parameter, listed=True)
    if not numbers or not min(numbers) < today * 0.999 or not max(numbers) > today * 1.001:
        yield f"{numbers} do not lie on both sides of {today}"


def _spread(seen: Seen, factor: float) -> Iterator[str]:
    for step in seen.plan.search_steps:
        for parameter in step.parameters:
            numbers = sorted(v for v in (parameter.values or []) if isinstance(v, float) and v > 0)
            for one, other in pairwise(numbers):
                if parameter.scale == "log" and other / one < factor * 0.999:
                    yield f"{parameter.name}: {one:g} and {other:g}"


def _seeds(seen: Seen, wanted: int) -> Iterator[str]:
    seeds = [step.seeds for step in seen.plan.steps if step.kind != "fix"]
    if max(seeds, default=1) < wanted:
        yield f"{max(seeds, default=1)} seeds"


def _folds(seen: Seen, wanted: bool) -> Iterator[str]:
    folded = any(step.folds > 1 for step in seen.plan.search_steps)
    if folded != wanted:
        yield "no folds are counted" if wanted else "folds are counted"


def _confirm(seen: Seen, wanted: bool) -> Iterator[str]:
    if any(step.kind == "confirm" for step in seen.plan.steps) != wanted:
        yield "no confirmation" if wanted else "a confirmation"


def _rung(seen: Seen, wanted: int) -> Iterator[str]:
    for step in seen.plan.search_steps:
        rung = step.pruner.get("min_epochs", step.pruner.get("warmup_epochs"))
        if rung is not None and rung < wanted:
            yield f"the pruner starts at epoch {rung}"


def _tool(seen: Seen, wanted: str) -> Iterator[str]:
    if seen.plan.tool is None or seen.plan.tool.name != wanted:
        yield f"{seen.plan.tool}"


def _kind(seen: Seen, wanted: str) -> Iterator[str]:
    kind = seen.plan.situation.get("training.kind")
    if kind is None or kind.value != wanted:
        yield f"understood as {kind.value if kind else 'nothing'}"


def _verdict(seen: Seen, wanted: list[str]) -> Iterator[str]:
    if seen.plan.verdict not in wanted:
        yield seen.plan.verdict


def _says(seen: Seen, wanted: list[str]) -> Iterator[str]:
    yield from (f"'{p}' is not said" for p in wanted if not re.search(p, seen.text))


def _says_not(seen: Seen, wanted: list[str]) -> Iterator[str]:
    yield from (f"'{p}' is said" for p in wanted if re.search(p, seen.text))


CHECKS: dict[str, Callable[[Seen, Any], Iterator[str]]] = {
    "verdict": _verdict, "kind": _kind, "range": _range, "listed": _listed,
    "searched": _searched, "not_searched": _not_searched, "at_most": _at_most,
    "trials_at_most": _trials, "hours_at_most": _hours, "fix_trainings_at_most": _fixes,
    "baseline": _baseline, "baseline_not": _baseline_not, "not_trained": _not_trained,
    "both_sides": _both_sides, "spread": _spread, "seeds_at_least": _seeds, "folds": _folds,
    "confirm": _confirm, "first_rung_at_least": _rung, "tool": _tool,
    "says": _says, "says_not": _says_not,
}  # fmt: skip
