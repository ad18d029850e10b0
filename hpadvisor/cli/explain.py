"""``hpadvisor explain``: what, why, numbers, limits and sources of an advice or a claim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpadvisor.cli import completion
from hpadvisor.cli.completion import offered
from hpadvisor.cli.options import RulesOption, TextFormat, print_json
from hpadvisor.errors import ExitCode
from hpadvisor.report.terminal import say, terminal

if TYPE_CHECKING:
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.facts import Facts


def explain(
    about: Annotated[
        list[str],
        typer.Argument(
            help="A rule id, a hyperparameter, a kind of training, a topic, or a claim.",
            metavar="RULE-ID|HYPERPARAMETER|TOPIC|CLAIM",
            autocompletion=offered(completion.questions),
        ),
    ],
    situation: Annotated[
        Path | None,
        typer.Option("--situation", help="Show what the rules match on in this situation."),
    ] = None,
    sources: Annotated[
        bool, typer.Option("--sources", help="Name the sources of a hyperparameter's ranges.")
    ] = False,
    rules: RulesOption = None,
    format: Annotated[
        TextFormat, typer.Option("--format", help="Form of the output.")
    ] = TextFormat.TEXT,
) -> None:
    """Look up what was asked and show it; nothing found is exit code 1."""
    from hpadvisor.engine.loading import load_knowledge
    from hpadvisor.engine.lookup import ClaimAnswer, look_up
    from hpadvisor.report.explanation import explanation_json, explanation_text

    knowledge = load_knowledge(rules or [])
    question = " ".join(about)
    facts = _facts(situation, knowledge)
    answer = look_up(question, knowledge)
    if format is TextFormat.JSON:
        print_json(explanation_json(question, answer, facts))
    else:
        say(explanation_text(question, answer, facts, width=terminal().width, sources=sources))
    if isinstance(answer, ClaimAnswer) and answer.claim is None:
        raise typer.Exit(ExitCode.FINDINGS)


def _facts(situation: Path | None, knowledge: Knowledge) -> Facts | None:
    if situation is None:
        return None
    from hpadvisor.facts.situation.reading import build_situation
    from hpadvisor.facts.situation.statements import read_statements
    from hpadvisor.planning.understanding import understand

    built, provenance = build_situation(read_statements(situation), knowledge.vocabulary())
    return understand(built, provenance, knowledge)
