"""Holds plans of drawn situations against themselves: does any part speak against another?"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from benchmarks.cards.drawing import draw
from benchmarks.cards.pages import foreign_words, lost_names, said_twice
from hpadvisor.api import plan as compose
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter, Plan, Step
from hpadvisor.planning.selection import MOST_DIMENSIONS, MOST_PRETRAINED
from hpadvisor.report.plan_text import render_text

LEAST_FACTOR = 1.8
NEIGHBOUR = 1.15
"""Factor between two budgets that count as neighbours."""
MOST_JUMP = 3
"""Hyperparameters that may join or leave between neighbouring budgets."""
MOST_LINES = 40


def check(count: int, seed: int, knowledge: Knowledge) -> tuple[Counter[str], list[str]]:
    """Return how often each kind of contradiction was found, and the first cases of each.

    Args:
        count: Situations to draw.
        seed: Where the drawing starts; the same seed draws the same situations.
        knowledge: The rules.
    """
    source = random.Random(seed)  # noqa: S311  drawing of cases, no secret
    found: Counter[str] = Counter()
    cases: list[str] = []
    for _ in range(count):
        told = draw(source, knowledge)
        try:
            plan = compose(told, knowledge=knowledge)
        except UserError as error:
            found["refused"] += 1
            cases.append(f"refused: {error} {told}")
            continue
        for name, fault in contradictions(told, plan, knowledge):
            found[name] += 1
            if found[name] <= 2:
                cases.append(f"{name}: {fault}\n    {told}")
    return found, cases


def contradictions(
    told: dict[str, Any], plan: Plan, knowledge: Knowledge
) -> Iterator[tuple[str, str]]:
    """Yield every contradiction of a plan: its name, and what speaks against what."""
    for name, finder in FINDERS.items():
        for fault in finder(told, plan):
            yield name, fault
    for fault in _neighbours(told, plan, knowledge):
        yield "neighbours", fault


def _parameter(plan: Plan, role: str) -> Parameter | None:
    found = [p for step in plan.search_steps for p in step.parameters if p.role == role]
    return found[0] if found else None


def _wrong_rates(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    rate, symptoms = told["training"].get("learning_rate"), told.get("symptoms", [])
    parameter = _parameter(plan, "learning_rate")
    if rate is None or parameter is None or parameter.high is None or parameter.low is None:
        return
    if "diverged" in symptoms and parameter.high > rate / 2 * 1.01:
        yield f"{rate:g} diverged, the range ends at {parameter.high:g}"
    elif min(_own(told, "low", "learning_rate"), default=rate) > rate:
        return  # as below: the user's own lower end forbids
    elif _TOO_HIGH & set(symptoms) and parameter.high > rate * 1.01:
        yield f"{rate:g} is too high, the range ends at {parameter.high:g}"
    elif max(_own(told, "high", "learning_rate"), default=rate) < rate:
        return  # the user's own upper end forbids to go where the symptom asks
    elif symptoms == ["learning_rate_too_low"] and parameter.low < rate * 0.99:
        yield f"{rate:g} is too low, the range begins at {parameter.low:g}"
    values = [v for v in parameter.values or [] if isinstance(v, float)]
    if "diverged" in symptoms and values and max(values) > rate / 2 * 1.01:
        yield f"{rate:g} diverged, and {max(values):g} is listed"


def _own(told: dict[str, Any], key: str, role: str | None = None) -> list[Any]:
    """Return what the user's own hyperparameters say under a key, of one role or of all."""
    own = told.get("hyperparameters", ())
    return [item[key] for item in own if key in item and role in (None, item.get("role"))]


_TOO_HIGH = {"learning_rate_too_high", "unstable"}


def _lists(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    for step in plan.search_steps:
        for parameter in step.parameters:
            values = sorted(v for v in parameter.values or [] if isinstance(v, float) and v > 0)
            if parameter.scale != "log":
                continue
            for low, high in pairwise(values):
                if high / low < LEAST_FACTOR * 0.999:
                    yield f"{parameter.name}: {low:g} and {high:g}"


def _sides(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    parameter = _parameter(plan, "learning_rate")
    today = told["training"].get("learning_rate")
    if parameter is None or not parameter.values or today is None:
        return
    if _ABOUT_RATES & set(told.get("symptoms", [])):
        return
    values = [v for v in parameter.values if isinstance(v, float)]
    low, high = parameter.low or 0, parameter.high or 0
    room = low * LEAST_FACTOR <= today <= high / LEAST_FACTOR
    if room and len(values) >= 3 and not min(values) < today < max(values):
        yield f"{values} lie on one side of {today:g}"


_ABOUT_RATES = {
    "diverged", "unstable", "learning_rate_too_high", "learning_rate_too_low", "not_learning",
    "underfitting",
}  # fmt: skip


def _undone(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """A search starts from what its own plan has fixed; later changes come only if need be."""
    steps = plan.search_steps
    if not steps:
        return
    for step in plan.steps:
        changes = step.changes if step.kind == "fix" else []
        for change in changes[:1]:
            match = re.match(r"(?:\w+) (\w+).*?(?:→|to) ([-\d.,e]*\d)", change)
            if match and match[1] in steps[0].baseline:
                start = steps[0].baseline[match[1]]
                if isinstance(start, int | float) and not _close(start, _shown(match[2])):
                    yield f"{change}, and the search starts at {start}"


def _shown(text: str) -> float:
    """A number as texts show it, with commas between the thousands."""
    return float(text.replace(",", ""))


def _close(one: float, other: float) -> bool:
    """Whether two numbers are the same but for the digits that are shown."""
    return abs(one - other) <= 0.03 * max(abs(one), abs(other))


def _nothing_changed(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """A fix changes something."""
    for step in plan.steps:
        for change in step.changes if step.kind == "fix" else []:
            match = re.match(r"set (\w+) to ([-\d.,e]*\d)", change)
            today = told["training"].get(match[1]) if match else None
            if match and isinstance(today, int | float) and _close(today, _shown(match[2])):
                yield f"{change}, and it is {today} today"


def _trained_again(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """What has a score is not trained again; what has none is not called known."""
    for step in plan.search_steps:
        for parameter in step.parameters:
            today = step.baseline.get(parameter.name)
            if step.baseline_known and parameter.values and today in parameter.values:
                yield f"{parameter.name} {today} has its score, and is listed"
        if step.baseline_known and "current" not in told["task"]:
            yield "today's score is called known, and was not told"


def _starts(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """A search starts inside its ranges, or from what the user has."""
    for step in plan.search_steps:
        for parameter in step.parameters:
            start = step.baseline.get(parameter.name)
            if parameter.choices is not None or not isinstance(start, int | float):
                continue
            inside = (parameter.low or 0) * 0.999 <= start <= (parameter.high or 0) * 1.001
            had = [*told["training"].values(), *_own(told, "default")]
            told_so = any(_close(start, v) for v in had if _number(v))
            if not inside and start != parameter.off and not told_so and not _after_fix(plan):
                ends = f"{parameter.low} to {parameter.high}"
                yield f"{parameter.name} starts at {start}, outside {ends}"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _after_fix(plan: Plan) -> bool:
    return any(step.kind == "fix" for step in plan.steps)


def _proportions(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """As many hyperparameters as trials tell nothing, but where that was measured to win."""
    widest, trials = _widest(plan.search_steps), _trials(plan)
    if widest > 1 and trials < 3 * widest - 2 and _fact(plan, "training.kind") != "tabular-mlp":
        yield f"{widest} hyperparameters in {trials} trials"


def _batches(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    examples, parameter = told["data"].get("train_examples"), _parameter(plan, "batch_size")
    if examples is not None and parameter is not None and (parameter.high or 0) > examples:
        yield f"batch up to {parameter.high:g} of {examples} examples"


def _rungs(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    for step in plan.search_steps:
        rung = step.pruner.get("min_epochs", step.pruner.get("warmup_epochs", 2))
        if rung < 2:
            yield f"the first rung is epoch {rung}"


def _dimensions(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    kind = _fact(plan, "training.kind")
    for step in plan.search_steps:
        cap = MOST_PRETRAINED if _fact(plan, "model.pretrained") is True else MOST_DIMENSIONS
        if len(step.parameters) > cap and kind != "tabular-mlp":
            yield f"{len(step.parameters)} hyperparameters in {step.trials} trials"


def _fact(plan: Plan, name: str) -> Any:
    stated = plan.situation.get(name)
    return None if stated is None else stated.value


def _costs(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    fit = plan.trainings_that_fit
    if fit is not None and fit >= 1 and plan.trainings > fit * 1.0001:
        yield f"{plan.trainings:g} trainings of {fit:g}"
    if plan.budget_hours and plan.cost_hours and plan.cost_hours > plan.budget_hours * 1.0001:
        yield f"{plan.cost_hours:g} h of {plan.budget_hours:g} h"
    for step in plan.search_steps:
        whole = step.pruner.get("name", "none") == "none"
        if whole and step.trainings < step.trials * step.seeds - 0.01:
            yield f"{step.trials} trials × {step.seeds} are counted as {step.trainings:g}"


PHRASES: tuple[tuple[str, Callable[[Plan], bool]], ...] = (
    (r"[Mm]easure the noise first", lambda plan: False),
    (r"[Ee]nd with the confirmation|finalists", lambda plan: _has(plan, "confirm")),
    (r"5-fold|same folds", lambda plan: _folds(plan) or plan.verdict == "collect_data"),
    (r"[Dd]o not search the schedule", lambda plan: _parameter(plan, "lr_schedule") is None),
    (r"trees (is|are) not searched", lambda plan: _parameter(plan, "n_estimators") is None),
    (r"top 5 %", lambda plan: not any(p.values for s in plan.steps for p in s.parameters)),
    (r"Check the first 20 draws", lambda plan: _trials(plan) >= 20 and not _listed(plan)),
    (
        r"all of its trainings search",
        lambda plan: bool(plan.search_steps) and not _has(plan, "confirm"),
    ),
    (r"search is kept short", lambda plan: _trials(plan) <= 60),
    (r"[Ss]hared journal|Store the study", lambda plan: _trials(plan) >= 2),
    (
        r"[Rr]un today's configuration as the first",
        lambda plan: any(step.baseline and not step.baseline_known for step in plan.search_steps),
    ),
    (
        r"three seeds|on (?:two|three|several) seeds",
        lambda plan: (
            _seeds(plan) >= 2
            or plan.verdict in ("leave_defaults", "collect_data")
            or _after_fix(plan)
        ),
    ),
    (
        r"goes on beyond that end",
        lambda plan: (
            not (
                {"diverged", "unstable", "learning_rate_too_high"}
                & set(_fact(plan, "symptoms") or ())
            )
        ),
    ),
    (r"[Tt]ake the largest at which", lambda plan: _parameter(plan, "batch_size") is None),
    (r"same share|Shorten the warmup", lambda plan: _parameter(plan, "warmup") is None),
    (r"Fix alpha", lambda plan: _parameter(plan, "lora_alpha") is None),
    (
        r"pruner \(asha\)",
        lambda plan: any(step.pruner.get("name") == "asha" for step in plan.search_steps),
    ),
    (r"\b1 (?:trainings|trials|hours|epochs|hyperparameters|seeds|folds)\b", lambda plan: False),
    (r"\bNone(?! is)|nan\b|\{\w+\.\w+\}", lambda plan: "nan" in str(plan.situation)),
    (r"(\d\d+) trainings that fit", lambda plan: plan.verdict in ("tune", "fix_first")),
)
"""Words, and what must be true of a plan that says them."""


def _has(plan: Plan, kind: str) -> bool:
    return any(step.kind == kind for step in plan.steps)


def _trials(plan: Plan) -> int:
    return sum(step.trials for step in plan.search_steps)


def _listed(plan: Plan) -> bool:
    return any(p.values for step in plan.search_steps for p in step.parameters)


def _seeds(plan: Plan) -> int:
    return max((step.seeds for step in plan.steps), default=1)


def _folds(plan: Plan) -> bool:
    return any(step.folds > 1 for step in plan.steps)


def _words(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    without = plan.model_copy(update={"alternatives": [], "held_fixed": []})
    text = render_text(without, width=10_000, full=True)
    for pattern, true_of in PHRASES:
        match = re.search(pattern, text)
        if match and not true_of(plan):
            yield f"says '{match[0]}'"


def _page(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    text = render_text(plan, width=80)
    if text.count("\n") > MOST_LINES:
        yield f"{text.count(chr(10))} lines"
    if any(len(line) > 80 for line in text.splitlines()):
        yield "a line is longer than 80 columns"


def _neighbours(told: dict[str, Any], plan: Plan, knowledge: Knowledge) -> Iterator[str]:
    """A slightly larger budget gives a slightly larger plan."""
    budget = told["budget"]
    name = next((n for n in ("trainings", "hours") if n in budget), None)
    if name is None or not plan.search_steps or _fact(plan, "training.kind") == "tabular-mlp":
        return
    larger = max(budget[name] + 1, round(budget[name] * NEIGHBOUR))
    other = compose(told | {"budget": budget | {name: larger}}, knowledge=knowledge)
    counts = [_widest(plan.search_steps), _widest(other.search_steps)]
    if abs(counts[0] - counts[1]) > MOST_JUMP and min(counts):
        yield f"{name} {budget[name]} to {larger}: {counts[0]} to {counts[1]} hyperparameters"


def _widest(steps: list[Step]) -> int:
    return max((len(step.parameters) for step in steps), default=0)


FINDERS: dict[str, Callable[[dict[str, Any], Plan], Iterator[str]]] = {
    "wrong rates": _wrong_rates, "lists": _lists, "sides": _sides, "undone": _undone,
    "batches": _batches, "rungs": _rungs, "dimensions": _dimensions, "costs": _costs,
    "words": _words, "page": _page, "nothing changed": _nothing_changed,
    "trained again": _trained_again, "starts": _starts, "proportions": _proportions,
    "said twice": said_twice, "foreign words": foreign_words, "lost": lost_names,
}  # fmt: skip
