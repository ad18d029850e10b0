"""``hpadvisor skill``: how a coding agent uses hpadvisor, to read or to install."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpadvisor.cli.options import ForceOption
from hpadvisor.report.terminal import say


def skill(
    install: Annotated[
        Path | None,
        typer.Option("--install", help="Write it there, such as .claude/skills.", metavar="DIR"),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Print the skill, or write it."""
    from hpadvisor.integrations.skill import install_skill, skill_text
    from hpadvisor.report.terminal import write

    if install is None:
        write(skill_text())
        return
    say(f"Wrote {install_skill(install, force=force)}.")
