"""``hpadvisor init``: the files with which a project starts to use hpadvisor."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hpadvisor.cli import completion
from hpadvisor.cli.completion import offered
from hpadvisor.cli.options import ForceOption
from hpadvisor.report.terminal import say


class Part(StrEnum):
    """What can be written."""

    SITUATION = "situation"
    CI = "ci"
    PRE_COMMIT = "pre-commit"


def init(
    parts: Annotated[
        list[Part] | None, typer.Argument(help="What to write; all of it if left out.")
    ] = None,
    folder: Annotated[Path, typer.Option("--folder", help="The project.", metavar="DIR")] = Path(),
    training: Annotated[
        str | None,
        typer.Option(
            "--training",
            help="Kind of training, such as lora.",
            autocompletion=offered(completion.kinds),
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", help="Set any field: --set budget.hours=48.", metavar="PATH=VALUE"),
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            "--install-from",
            help="What pip installs in CI, such as git+https://…; else the release.",
            metavar="REQUIREMENT",
        ),
    ] = "",
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask.")] = False,
    force: ForceOption = False,
) -> None:
    """Write the files that are asked for."""
    from hpadvisor.integrations.project import SITUATION, write_project

    chosen = [part.value for part in parts or Part]
    situation = _situation(training, assignments or [], ask=not no_input) if (
        Part.SITUATION in chosen
    ) else {}  # fmt: skip
    for line in write_project(folder, chosen, situation, source=source, force=force):
        say(line)
    if Part.SITUATION in chosen:
        say(f"Next: fill in {folder / SITUATION}, then: hpadvisor plan {folder / SITUATION}")


def _situation(training: str | None, assignments: list[str], *, ask: bool) -> dict[str, Any]:
    from hpadvisor.cli.interview import interview, is_interactive
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
    from hpadvisor.facts.situation.reading import build_situation
    from hpadvisor.facts.situation.statements import Statement, parse_assignment

    knowledge = load_knowledge([], without=NOT_PLANNING)
    said = [] if training is None else [Statement("training.kind", training, "--training")]
    said += [parse_assignment(text) for text in assignments]
    if ask and is_interactive():
        said = interview(said, knowledge)
    situation, _ = build_situation(said, knowledge.vocabulary())
    values: dict[str, Any] = situation.model_dump(exclude_none=True)
    return values
