"""The words of a plan that its text and its Markdown share: cells, numbers, short reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from hpadvisor.engine.reasons import Evidence, SourceNote, Why
from hpadvisor.engine.text import human, singular
from hpadvisor.planning.model import Parameter, Plan, Step

VERDICTS = {
    "tune": "TUNE",
    "fix_first": "FIX FIRST",
    "leave_defaults": "LEAVE THE DEFAULTS",
    "collect_data": "COLLECT DATA",
    "stop": "STOP",
}
GRADES = {"M": "measured", "P": "published", "F": "folk advice"}
OPERATORS = {
    "eq": "is", "ne": "is not", "gt": ">", "ge": "≥", "lt": "<", "le": "≤", "between": "within",
    "in": "is one of", "not_in": "is none of", "contains": "contains", "matches": "matches",
}  # fmt: skip
COLUMNS = ("hyperparameter", "range", "scale", "today", "rules")
LONGEST_LIST = 4
ENOUGH = 45
"""A first sentence shorter than this is a mere opening; the next one is needed too."""
_HEADS = ("Tune ", "Fix this first: ", "Collect data first: ")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a step's table."""

    name: str
    range: str
    scale: str
    start: str
    rules: str

    def cells(self, ids: bool) -> list[str]:
        """Return the cells; the ids of the ranges only where they are wanted."""
        cells = [self.name, self.range, self.scale, self.start]
        return [*cells, self.rules] if ids else cells


def verdict(plan: Plan) -> str:
    """Return the plan in one line, led by the verdict in capitals."""
    rest = plan.headline
    for head in _HEADS:
        rest = rest.removeprefix(head)
    return f"{VERDICTS[plan.verdict]} · {rest}"


def short(text: str, limit: int = 110) -> str:
    """Return whole sentences from the start of a text: as many as fit, or what says enough."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text.strip())
    kept = sentences[0]
    for sentence in sentences[1:]:
        if len(kept) + len(sentence) >= limit and len(kept) >= min(limit, ENOUGH):
            break
        kept = f"{kept} {sentence}"
    return kept


def lead(why: Why, limit: int = 110) -> str:
    """Return a reason in short: its title, and the first thing that it says."""
    return f"{why.title}: {_lower_first(short(why.message, limit))}"


def _lower_first(text: str) -> str:
    """Continue a sentence; names and abbreviations keep their capitals."""
    second = text[1:2]
    if text.startswith("A "):
        return f"a{text[1:]}"
    return text if second.isupper() or second in ("", " ") else text[0].lower() + text[1:]


def hours(value: float) -> str:
    """Write a time as people do: ``18 min``, ``2.5 h``, ``108 h``, ``12 days``."""
    if value < 1:
        return f"{value * 60:.0f} min"
    if value < 240:
        return f"{human(round(value, 1 if value < 100 else 0))} h"
    return f"{human(round(value / 24))} days"


def count(number: int, word: str) -> str:
    """Return a number with its noun."""
    return f"{human(number)} {word}{'' if number == 1 else 's'}"


def rows(step: Step) -> list[Row]:
    """Return the table of a step's search space."""
    return [
        Row(p.name, _range(p), _scale(p), _start(p, step), ", ".join(p.rules))
        for p in step.parameters
    ]


def _range(parameter: Parameter) -> str:
    if parameter.values is not None:
        return ", ".join(human(value) for value in parameter.values)
    if parameter.choices is not None:
        return ", ".join(_plain(choice) for choice in parameter.choices)
    text = f"{_bound(parameter, parameter.low)} to {_bound(parameter, parameter.high)}"
    return text if parameter.off is None else f"{text}, or {human(parameter.off)} (off)"


def _bound(parameter: Parameter, value: float | None) -> str:
    return human(int(value) if value is not None and parameter.type == "int" else value)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else human(value)


def _scale(parameter: Parameter) -> str:
    if parameter.values is not None:
        return "listed"
    return "choice" if parameter.choices is not None else (parameter.scale or "linear")


def _start(parameter: Parameter, step: Step) -> str:
    """Return where the search starts; a start outside the range says so."""
    value = step.baseline.get(parameter.name, parameter.default)
    if value is None:
        return ""
    known = step.baseline_known and parameter.name in step.baseline
    assumed = "" if parameter.today is not None else " assumed"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    inside = parameter.low is None or parameter.high is None or not number
    inside = inside or value == parameter.off or value in (parameter.values or [])
    inside = inside or parameter.low <= value <= parameter.high
    if not inside:
        return f"{_plain(value)} (outside)"
    return f"{_plain(value)} (known)" if known else f"{_plain(value)}{assumed}"


def size(step: Step) -> str:
    """Return a step's size and price in a phrase, for its heading."""
    if step.kind == "fix":
        head = "" if step.trainings == 0 else count(int(step.trainings), "training")
    elif step.kind == "confirm":
        word = "split" if step.splits else "seed"
        head = f"{count(step.trials, 'finalist')} × {count(step.seeds, word)}"
    else:
        head = count(step.trials, "trial")
        word = "fold" if step.folds > 1 else "seed"
        head += f" × {count(step.seeds, word)}" if step.seeds > 1 else ""
    parts = [head] if head else []
    return " · ".join(parts if step.cost_hours is None else [*parts, hours(step.cost_hours)])


def manner(step: Step) -> list[str]:
    """Return how a search runs, in phrases: sampler, pruner, epochs, workers."""
    phrases = [sampler_words(step), pruner_words(step)]
    if step.epochs_per_trial is not None:
        phrases.append(singular(f"{human(step.epochs_per_trial)} epochs a trial"))
    return [*phrases, f"{step.parallel} at a time"] if step.parallel > 1 else phrases


def sampler_words(step: Step) -> str:
    """Return how the configurations are chosen."""
    if step.strategy == "bayesian":
        start = step.sampler.get("startup_trials")
        model = "Gaussian process" if step.sampler.get("name") == "gaussian-process" else "TPE"
        return f"{model} after {start} quasi-random trials" if start else model
    return {
        "quasirandom": "quasi-random points",
        "random": "random points",
        "grid": "these values in order",
        "manual": "these values in order",
    }[step.strategy]


def pruner_words(step: Step) -> str:
    """Return how bad trials are ended."""
    name, settings = step.pruner.get("name", "none"), step.pruner
    if name == "asha":
        rung = _when(settings.get("min_epochs"), settings.get("min_fraction"))
        words = f"ASHA from {rung}, keeps 1 in {settings.get('reduction_factor', 3)}"
        until = settings.get("trainings")
        return words if until is None else f"{words}, for the first {human(until)} trainings"
    if name == "median":
        start = _when(settings.get("warmup_epochs"), settings.get("warmup_fraction"))
        return f"median pruner from {start}"
    return "no pruner"


def _when(epochs: float | None, fraction: float | None) -> str:
    if epochs is not None:
        return f"epoch {human(epochs)}"
    return "its warm-up" if fraction is None else f"{fraction:.0%} of the training"


def price(step: Step) -> list[str]:
    """Return what a search costs, with the pruner and without, and the chance that it buys."""
    phrases = [singular(f"{human(round(step.trainings, 1))} full trainings")]
    if step.cost_hours is not None:
        phrases.append(hours(step.cost_hours))
        without = step.cost_hours_unpruned
        if without is not None and without > step.cost_hours * 1.001:
            phrases.append(f"{hours(without)} without the pruner")
    if step.top5_chance is not None:
        phrases.append(f"P(a trial in the top 5 %) {_percent(step.top5_chance)}")
    return phrases


def _percent(share: float) -> str:
    return "> 99.9 %" if share > 0.999 else f"{100 * share:.3g} %"


def held(plan: Plan, ids: bool = False) -> list[tuple[str, str]]:
    """Return what stays as it is, grouped by the reason: (names with values, reason)."""
    groups: dict[str, list[str]] = {}
    for item in plan.held_fixed:
        value = "" if item.value is None else f" {_plain(item.value)}"
        rules = f" [{', '.join(item.rules)}]" if ids and item.rules else ""
        groups.setdefault(item.why, []).append(f"{item.name}{value}{rules}")
    return [(", ".join(names), why) for why, names in groups.items()]


def grid_words(plan: Plan) -> str:
    """Return what a full grid would cost; empty where it would be small."""
    grid = plan.grid
    if grid is None or grid.configurations <= 100:
        return ""
    trials = sum(step.trials for step in plan.search_steps)
    text = (
        f"{grid.values_each} values of each of the {grid.dimensions} would be "
        f"{human(grid.configurations)} trainings"
    )
    if grid.days is not None:
        years = grid.days / 365.25
        time = f"{human(round(years))} years" if years >= 2 else hours(grid.days * 24)
        text += f", {time}"
    return f"{text}; the plan takes {count(trials, 'trial')}."


def total(plan: Plan) -> str:
    """Return the sum of the steps against the budget; empty where hours are not known."""
    if plan.cost_hours is None or not plan.steps:
        return ""
    parts = [hours(s.cost_hours) for s in plan.steps if s.cost_hours is not None]
    text = f"{' + '.join(parts)} = {hours(plan.cost_hours)}"
    text = text if len(parts) > 1 else hours(plan.cost_hours)
    return text if plan.budget_hours is None else f"{text} of {hours(plan.budget_hours)}"


def matched(evidence: Evidence) -> str:
    """Return what a rule looked at, in words, with who said it."""
    if evidence.op == "exists":
        text = f"{evidence.fact} is {'known' if evidence.wanted else 'not known'}"
    else:
        text = f"{evidence.fact} {OPERATORS.get(evidence.op, evidence.op)} {_few(evidence.wanted)}"
        text += "" if evidence.op == "eq" else f": it is {_few(evidence.got)}"
    return f"{text} ({evidence.where})" if evidence.where else text


def _few(value: Any) -> str:
    """Return a value in words; a long list is cut."""
    if not isinstance(value, list):
        return human(value)
    more = f" and {len(value) - LONGEST_LIST} more" if len(value) > LONGEST_LIST else ""
    return human(value[:LONGEST_LIST]) + more


def source(note: SourceNote) -> str:
    """Return a source in one line."""
    author = note.authors.split(",")[0] + (" and others" if note.authors.count(",") else "")
    head = "" if note.title.startswith(author) else f"{author} {note.year or ''}".strip()
    return ", ".join(part for part in (head, note.title, note.locator, note.url) if part)


def background(why: Why, told: bool) -> Iterator[tuple[str, str]]:
    """Yield why a rule spoke: (label, text) for the rule, what matched, its limits, its sources.

    Args:
        why: The rule's reason.
        told: Its title and message stand above already.
    """
    grade = GRADES.get(why.grade, "ungraded")
    yield why.rule, grade if told else f"{why.title} ({grade}). {why.message}"
    for evidence in why.matched:
        yield "matched", matched(evidence)
    if why.limits:
        yield "limits", why.limits
    for note in why.sources:
        yield "source", source(note)


def question(text: str) -> str:
    """Return a question in its first sentence."""
    return short(text.replace(".?", "."), 0)


PLAN_AGAIN: Final = "hpadvisor plan SITUATION"
"""The command that plans the same once more, where nothing is known of how it was made."""


def next_command(plan: Plan, again: str = PLAN_AGAIN) -> str:
    """Return what to run next, with the workers that the plan counts on; empty without a search.

    Args:
        plan: The plan.
        again: The command that makes it again.
    """
    if not plan.search_steps:
        return ""
    tool = plan.tool.name if plan.tool is not None else "optuna"
    engine = {"ray": "ray", "wandb": "wandb"}.get(tool, "optuna")
    if tool == "manual":
        return f"{again} --emit csv -o trials.csv"
    workers = max(step.parallel for step in plan.search_steps)
    options = f" --workers {workers}" if workers > 1 and engine == "optuna" else ""
    if engine == "wandb":
        return f"{again} --emit wandb -o sweep.yaml; wandb sweep sweep.yaml"
    return f"{again} --emit {engine} -o tune.py; python tune.py{options}"
