"""What can only be checked when everything is loaded: references, cycles, ranges, examples."""

from __future__ import annotations

from collections.abc import Iterator

from hpadvisor.engine.conditions import ALWAYS
from hpadvisor.engine.entries import Entry, Pruner, Range, Rule, Strategy
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.text import placeholders
from hpadvisor.errors import UserError, nearest


def check_integrity(knowledge: Knowledge) -> list[UserError]:
    """Return every broken reference, cycle, unsound range and missing example."""
    checks = (
        _examples(knowledge),
        _chapters(knowledge),
        _references(knowledge),
        _cycles(knowledge),
        _names(knowledge),
        _placeholders(knowledge),
        _ranges(knowledge),
        _assumptions(knowledge),
        _searches(knowledge),
    )
    return [error for check in checks for error in check]


def _error(entry: Entry, what: str, remedy: str) -> UserError:
    return UserError(f"{entry.id}: {what}", path=entry.path, line=entry.line, remedy=remedy)


_FACTS = "See: hpadvisor rules facts."


def _one_of(word: str, known: list[str]) -> str:
    """Return the nearest known word, or the first few."""
    return nearest(word, known) or f"Known: {', '.join(known[:8])}{', …' if known[8:] else '.'}"


def _examples(knowledge: Knowledge) -> Iterator[UserError]:
    for entry in knowledge.entries():
        if entry.condition is ALWAYS:
            continue
        expected = {example.expect for example in entry.examples}
        missing = [word for word in ("match", "no-match") if word not in expected]
        if missing:
            yield _error(
                entry,
                f"no example expects {' or '.join(missing)}",
                "Add examples: [{given: {…}, expect: …}].",
            )


def _chapters(knowledge: Knowledge) -> Iterator[UserError]:
    known = [chapter.id for chapter in knowledge.chapters]
    for entry in knowledge.entries():
        for chapter in entry.chapters:
            if chapter not in known:
                yield _error(entry, f"unknown chapter '{chapter}'", _one_of(chapter, known))


def _references(knowledge: Knowledge) -> Iterator[UserError]:
    known = {rule.id for rule in knowledge.rules}
    for rule in knowledge.rules:
        for field, ids in (("after", rule.after), ("supersedes", rule.supersedes)):
            for other in ids:
                if other not in known:
                    hint = nearest(other, known) or "See: hpadvisor rules list."
                    yield _error(rule, f"{field} names unknown rule {other}", hint)
                elif other == rule.id:
                    yield _error(rule, f"{field} names the rule itself", "Take it out.")


def _cycles(knowledge: Knowledge) -> Iterator[UserError]:
    after = {rule.id: rule.after for rule in knowledge.rules}
    done: set[str] = set()
    for rule in knowledge.rules:
        cycle = _cycle_from(rule.id, after, done)
        if cycle:
            yield _error(rule, f"cycle in after: {' → '.join(cycle)}", "Take one of them out.")


def _cycle_from(start: str, after: dict[str, tuple[str, ...]], done: set[str]) -> list[str] | None:
    """Walk depth first from a rule; return the ids of a cycle, or None."""
    path: list[str] = []
    stack: list[tuple[str, bool]] = [(start, False)]
    while stack:
        name, leaving = stack.pop()
        if leaving:
            path.pop()
            done.add(name)
        elif name in path:
            done.update(path)  # a cycle is told once
            return [*path[path.index(name) :], name]
        elif name not in done:
            path.append(name)
            stack.append((name, True))
            stack.extend((other, False) for other in after.get(name, ()))
    return None


def _names(knowledge: Knowledge) -> Iterator[UserError]:
    known = [item.id for item in knowledge.hyperparameters]
    for entry, name in _named_hyperparameters(knowledge):
        if name not in known:
            yield _error(entry, f"unknown hyperparameter '{name}'", _one_of(name, known))


def _named_hyperparameters(knowledge: Knowledge) -> Iterator[tuple[Entry, str]]:
    for item in knowledge.ranges:
        yield item, item.hyperparameter
    for table in knowledge.tiers:
        for names in table.tiers.values():
            yield from ((table, name) for name in names)
    for rule in knowledge.rules:
        yield from ((rule, item.parameter) for item in rule.recommend)


def _placeholders(knowledge: Knowledge) -> Iterator[UserError]:
    for rule in knowledge.rules:
        for name in placeholders(f"{rule.message} {rule.advice} {rule.why}"):
            if name in knowledge.registry or _names_recommendation(name, rule):
                continue
            hint = nearest(name, knowledge.registry.names()) or _FACTS
            yield _error(rule, f"unknown placeholder {{{name}}}", hint)


def _names_recommendation(name: str, rule: Rule) -> bool:
    parts = name.split(".")
    return (
        len(parts) == 3
        and parts[0] == "recommend"
        and any(item.parameter == parts[1] for item in rule.recommend)
        and parts[2] in ("factor", "value", "low", "high")
    )


def _ranges(knowledge: Knowledge) -> Iterator[UserError]:
    for item in knowledge.ranges:
        problem = _range_problem(item)
        if problem:
            yield _error(item, *problem)


def _range_problem(item: Range) -> tuple[str, str] | None:
    """Return what is wrong with a range, and the remedy; None where nothing is."""
    if item.choices:
        good = item.default in item.choices
        return None if good else ("the default is none of the choices", "Take one of the choices.")
    if item.low is None or item.high is None or not item.scale:
        return "a range has low, high and scale, or choices", "Add what is missing."
    if not item.low < item.high:
        return f"low {item.low} is not below high {item.high}", "Swap them."
    if item.scale == "log" and item.low <= 0:
        return "a log range cannot reach 0", "Raise low, and write off: 0 beside the range."
    if not isinstance(item.default, int | float):
        return "the default is no number", "Give a number within the range."
    if item.default != item.off and not item.low <= item.default <= item.high:
        outside = f"the default {item.default} is outside the range {item.low} to {item.high}"
        return outside, "Move the default or the range."
    return None


def _assumptions(knowledge: Knowledge) -> Iterator[UserError]:
    kinds = [training.id for training in knowledge.trainings]
    for training in knowledge.trainings:
        if training.if_pretrained and training.if_pretrained not in kinds:
            hint = nearest(training.if_pretrained, kinds) or "Name a kind of training."
            yield _error(training, f"if_pretrained '{training.if_pretrained}' is no kind", hint)
        for name in training.assume:
            if name not in knowledge.registry:
                hint = nearest(name, knowledge.registry.names()) or _FACTS
                yield _error(training, f"assumes unknown fact '{name}'", hint)


def _searches(knowledge: Knowledge) -> Iterator[UserError]:
    for strategy in knowledge.strategies:
        for problem in _strategy_problems(strategy):
            yield _error(strategy, *problem)
    for pruner in knowledge.pruners:
        yield from _pruner_problems(pruner)


def _strategy_problems(strategy: Strategy) -> Iterator[tuple[str, str]]:
    counts = {"sampler": ("startup_trials",), "confirm": ("finalists", "seeds")}
    for field, names in counts.items():
        for name in names:
            value = getattr(strategy, field).get(name, 1)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                yield f"{field}.{name} is {value!r}", "Give a whole number from 1."
    if strategy.prune_trainings is not None and (strategy.prune_trainings < 1 or strategy.phases):
        yield (
            f"prune_trainings is {strategy.prune_trainings}",
            "Give a whole number from 1, and no phases beside it.",
        )
    total = sum(phase.share for phase in strategy.phases)
    if strategy.phases and not 0.99 < total < 1.01:
        yield f"the shares of the phases add up to {total:g}", "They must add up to 1."


def _pruner_problems(pruner: Pruner) -> Iterator[UserError]:
    if not 0 < pruner.cost_fraction <= 1:
        what = f"cost_fraction is {pruner.cost_fraction:g}"
        yield _error(pruner, what, "Give a share above 0, at most 1.")
