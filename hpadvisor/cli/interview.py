"""The few questions that decide most, asked one at a time where a person sits at the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from hpadvisor.errors import UserError
from hpadvisor.report.terminal import say

if TYPE_CHECKING:
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.facts import Facts
    from hpadvisor.facts.registry import FactDefinition
    from hpadvisor.facts.situation.statements import Statement

ORDER = (
    "training.kind",
    "task.acceptable",
    "training.optimizer",
    "data.train_examples",
    "symptoms",
    "training.epochs",
    "budget.hours_per_training",
    "budget.hours",
)
"""The order of the questions: what others depend on comes first."""


def is_interactive() -> bool:
    """Whether a person can be asked: both ends of the program are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def interview(statements: list[Statement], knowledge: Knowledge) -> list[Statement]:
    """Ask for what decides most, if too little was said for a plan.

    Args:
        statements: What was said so far.
        knowledge: For the kinds of training and what is assumed of them.

    Returns:
        The statements with the answers behind them; an empty answer leaves a fact unknown.
    """
    said = list(statements)
    if not _too_little(_facts(said, knowledge)):
        return said
    say("A few questions; Enter leaves one open.\n", error=True)
    for name in ORDER:
        facts = _facts(said, knowledge)
        stated = facts.fact(name)
        if stated is not None and not stated.source.startswith("assumed"):
            continue
        if name.startswith("budget.") and "budget.trainings_that_fit" in facts:
            continue
        definition = knowledge.registry.get(name)
        if definition is not None:
            said += _ask(definition, facts, said, knowledge)
        if name == "task.acceptable" and _facts(said, knowledge).get(name):
            break
    return said


def _facts(statements: list[Statement], knowledge: Knowledge) -> Facts:
    from hpadvisor.facts.situation.reading import build_situation
    from hpadvisor.planning.understanding import understand

    situation, provenance = build_situation(statements, knowledge.vocabulary())
    return understand(situation, provenance, knowledge)


def _too_little(facts: Facts) -> bool:
    return "training.kind" not in facts or "budget.trainings_that_fit" not in facts


def _ask(
    definition: FactDefinition, facts: Facts, said: list[Statement], knowledge: Knowledge
) -> list[Statement]:
    """Ask until the answer can be read or is empty."""
    default = facts.get(definition.name)
    say(f"{definition.question}  ({definition.why})", error=True)
    if definition.choices:
        say(f"  {', '.join(definition.choices)}", error=True)
    while True:
        answer = typer.prompt(
            ">",
            default="" if default is None else str(default),
            show_default=default is not None,
            err=True,
            prompt_suffix=" ",
        ).strip()
        say("", error=True)
        if not answer:
            return []
        try:
            statement = _statement(definition, answer)
            _facts([*said, statement], knowledge)
        except UserError as error:
            say(f"  {error.what}", error=True)
        else:
            return [statement]


def _statement(definition: FactDefinition, answer: str) -> Statement:
    from hpadvisor.facts.registry import FactType
    from hpadvisor.facts.situation.statements import Statement

    value: Any = answer
    if definition.type is FactType.BOOL:
        words = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
        if answer.casefold() not in words:
            raise UserError("answer yes or no")
        value = words[answer.casefold()]
    return Statement(definition.name, value, "answered")
