"""The few questions that decide most, asked one at a time where a person sits at the terminal."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from hpadvisor.errors import UserError
from hpadvisor.report.terminal import say, terminal

if TYPE_CHECKING:
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.facts import Facts
    from hpadvisor.facts.registry import FactDefinition
    from hpadvisor.facts.situation.statements import Statement

ORDER = (
    "training.kind",
    "task.acceptable",
    "training.optimizer",
    "training.learning_rate",
    "data.train_examples",
    "symptoms",
    "task.metric",
    "task.current",
    "training.epochs",
    "budget.hours_per_training",
    "budget.hours",
)
"""The order of the questions: what others depend on comes first."""

CLASSICAL = frozenset({"svm", "random-forest", "k-nearest-neighbors", "linear-model"})
"""Kinds that have no optimizer, no rate and no epochs."""
FEW = 16
"""Up to so many choices keep their order."""
OF_NETWORKS = frozenset({"training.optimizer", "training.learning_rate", "training.epochs"})

Keep = Callable[["list[Statement]"], None]


def is_interactive() -> bool:
    """Whether a person can be asked: both ends of the program are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def interview(
    statements: list[Statement], knowledge: Knowledge, keep: Keep | None = None
) -> list[Statement]:
    """Ask for what decides most, if too little was said for a plan.

    Args:
        statements: What was said so far.
        knowledge: For the kinds of training and what is assumed of them.
        keep: Keeps what was said by then, where a person breaks off.

    Returns:
        The statements with the answers behind them; an empty answer leaves a fact unknown.
    """
    said = list(statements)
    if not _too_little(_facts(said, knowledge)):
        return said
    say("A few questions; Enter leaves one open.\n", error=True)
    try:
        _ask_all(said, knowledge)
    except (KeyboardInterrupt, typer.Abort):
        if keep is not None and len(said) > len(statements):
            say("", error=True)
            keep(said)
        raise
    return said


def _ask_all(said: list[Statement], knowledge: Knowledge) -> None:
    """Ask one question after the other, and add each answer to what was said."""
    number = 0
    for index, name in enumerate(ORDER):
        facts = _facts(said, knowledge)
        definition = knowledge.registry.get(name)
        if definition is None or not _is_open(name, facts):
            continue
        number += 1
        left = sum(_is_open(other, facts) for other in ORDER[index + 1 :])
        said += _ask(definition, facts, said, knowledge, f"{number} of {number + left}")
        if name == "task.acceptable" and _facts(said, knowledge).get(name):
            break


def _is_open(name: str, facts: Facts) -> bool:
    """Whether a fact is neither said nor follows from what was said."""
    if name.startswith("budget.") and "budget.trainings_that_fit" in facts:
        return False
    kind = facts.get("training.kind")
    if kind in CLASSICAL and name in (*OF_NETWORKS, "symptoms"):
        return False
    if kind == "gradient-boosting" and name in ("training.optimizer", "training.epochs"):
        return False
    stated = facts.fact(name)
    return stated is None or stated.source.startswith("assumed")


def _facts(statements: list[Statement], knowledge: Knowledge) -> Facts:
    from hpadvisor.facts.situation.reading import build_situation
    from hpadvisor.planning.understanding import understand

    situation, provenance = build_situation(statements, knowledge.vocabulary())
    return understand(situation, provenance, knowledge)


def _too_little(facts: Facts) -> bool:
    return "training.kind" not in facts or "budget.trainings_that_fit" not in facts


def _ask(
    definition: FactDefinition,
    facts: Facts,
    said: list[Statement],
    knowledge: Knowledge,
    place: str,
) -> list[Statement]:
    """Ask until the answer can be read or is empty; say how it was understood."""
    from hpadvisor.engine.text import human

    why = f"  ({definition.why})" if definition.why else ""
    say(_wrapped(f"Question {place}: {definition.question}{why}", ""), error=True)
    if definition.choices:
        say(_numbered(_in_order(definition.choices)), error=True)
    assumed = facts.get(definition.name)
    if assumed is not None:
        say(f"  Left open, {human(assumed)} is assumed.", error=True)
    while True:
        answer = typer.prompt(
            ">", default="", show_default=False, err=True, prompt_suffix=" "
        ).strip()
        if not answer:
            say("", error=True)
            return []
        try:
            statement = _statement(definition, answer)
            understood = _facts([*said, statement], knowledge).get(definition.name)
        except UserError as error:
            say(f"  {error.what}", error=True)
        else:
            say(f"  {definition.name}: {human(understood)}{_unit(definition)}\n", error=True)
            return [statement]


def _unit(definition: FactDefinition) -> str:
    return f" {definition.unit}" if definition.unit else ""


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text, terminal().width, subsequent_indent=indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _in_order(choices: tuple[str, ...]) -> tuple[str, ...]:
    """Many choices are found by the alphabet; few keep the order of their meaning."""
    return tuple(sorted(choices)) if len(choices) > FEW else choices


def _numbered(choices: tuple[str, ...]) -> str:
    """Return the choices with numbers that may be answered, in columns; no word is broken."""
    cells = [f"{number:>2} {choice}" for number, choice in enumerate(choices, 1)]
    wide = max(map(len, cells)) + 2
    each = max((terminal().width - 2) // wide, 1)
    rows = [cells[start : start + each] for start in range(0, len(cells), each)]
    return "\n".join("  " + "".join(f"{c:<{wide}}" for c in row).rstrip() for row in rows)


def _statement(definition: FactDefinition, answer: str) -> Statement:
    from hpadvisor.facts.registry import FactType
    from hpadvisor.facts.situation.statements import Statement

    value: Any = answer
    if definition.type is FactType.BOOL:
        words = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
        if answer.casefold() not in words:
            raise UserError("answer yes or no")
        value = words[answer.casefold()]
    elif definition.choices:
        parts = [part.strip() for part in answer.split(",")]
        value = ",".join(_choice(part, _in_order(definition.choices)) for part in parts)
    return Statement(definition.name, value, "answered")


def _choice(answer: str, choices: tuple[str, ...]) -> str:
    """Return the choice that a number names; words stay as they are."""
    if not answer.isdecimal():
        return answer
    if not 1 <= int(answer) <= len(choices):
        raise UserError(f"{answer} is none of the numbers 1 to {len(choices)}")
    return choices[int(answer) - 1]
