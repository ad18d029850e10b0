"""Every command of hpadvisor that a page shows is understood: its name, its flags, its choices.

Pages that walk through a problem are run whole (docs/walk.py); here files need not be there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from hpadvisor.cli.main import COMMANDS, build_app
from tests.support import ROOT

PAGES = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md",
    ROOT / "rules" / "README.md", ROOT / "hpadvisor" / "integrations" / "skill.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]  # fmt: skip
GENERATED = ("commands.md", "check-rules.md", "knowledge.md")
"""Written from the code itself."""
BLOCK = re.compile(
    r"^( *)```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^ *```", re.MULTILINE | re.DOTALL
)
INLINE = re.compile(r"`(hpadvisor [a-z-][^`\n]*)`")
OPEN = re.compile(r"…|\.\.\.|\b(?:ENGINE|NAME)\b|[<>]|--install-completion")
"""What stands for something else, or would write into the home folder."""

UNFINISHED = ("Exit", "MissingParameter", "BadOptionUsage")
"""``--help``, and commands that a sentence names without what belongs behind them."""


def shown(text: str) -> Iterator[str]:
    """The commands of a page, lines that go on joined."""
    for block in BLOCK.finditer(text):
        if block["language"] in ("", "sh", "bash", "console"):
            for line in block["body"].replace("\\\n", " ").splitlines():
                for part in re.split(r"&&|\|", line.split(" # ")[0]):
                    if part.strip().removeprefix("$ ").startswith("hpadvisor "):
                        yield part.strip().removeprefix("$ ")
    yield from INLINE.findall(BLOCK.sub("", text))


def commands() -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for page in PAGES:
        if page.name not in GENERATED:
            for line in shown(page.read_text(encoding="utf-8")):
                found.setdefault(line, page.relative_to(ROOT).as_posix())
    return [(line, page) for line, page in found.items() if not OPEN.search(line)]


def understood(line: str) -> None:
    """Parse a command down to its last word, and run nothing of it."""
    words = shlex.split(line)[1:]
    command: Any = get_command(build_app(words[:1] if words[0] in COMMANDS else COMMANDS))
    context = command.make_context("hpadvisor", words)
    while hasattr(command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


def test_pages_show_commands() -> None:
    assert len(commands()) > 80


@pytest.mark.parametrize(("line", "page"), commands(), ids=lambda word: word[:60])
def test_a_command_of_the_docs_is_understood(line: str, page: str) -> None:
    try:
        understood(line)
    except Exception as error:
        if type(error).__name__ not in UNFINISHED:
            pytest.fail(f"{page}: {line}: {error}")


@pytest.mark.parametrize(
    "line", ["hpadvisor plan --colour", "hpadvisor tune", "hpadvisor plan --emit ab"]
)
def test_a_command_that_is_none_is_found(line: str) -> None:
    with pytest.raises(Exception, match=r"colour|tune|ab"):
        understood(line)
