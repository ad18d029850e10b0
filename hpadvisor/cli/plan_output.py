"""How a plan leaves the command: its form, and the command that goes on from it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from hpadvisor.cli.options import deliver, page_of
from hpadvisor.report.terminal import FILE, Form, carries_unicode, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpadvisor.planning.model import Plan


class PlanFormat(StrEnum):
    """Forms of a plan."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    YAML = "yaml"
    HTML = "html"


_VIEWS: Final = frozenset({"--why", "--full", "--no-input", "--force", "--standalone"})
_OUTPUTS: Final = frozenset({"--format", "-o", "--output", "--save", "--emit"})


def again(words: Sequence[str], saved: Path | None, *, asked: bool) -> str:
    """Return the command that plans the same once more, without what concerns its output.

    Args:
        words: What was typed behind ``hpadvisor plan``.
        saved: Where the situation was written, if it was.
        asked: Whether answers were given that no word repeats.
    """
    from hpadvisor.report.plan_words import PLAN_AGAIN

    if saved is not None:
        return f"hpadvisor plan {quote(str(saved))}"
    if asked or "-" in words:
        return PLAN_AGAIN
    kept: list[str] = []
    skipped = False
    for word in words:
        if skipped:
            skipped = False
        elif word in _OUTPUTS:
            skipped = True
        elif word not in _VIEWS and word.partition("=")[0] not in _OUTPUTS:
            kept.append(quote(word))
    return " ".join(["hpadvisor plan", *kept])


def show(
    result: Plan, format: PlanFormat, output: Path | None, command: str,
    *, why: bool, full: bool, force: bool,
) -> None:  # fmt: skip
    """Write a plan in a form to a file or to standard output; ``command`` makes it again."""
    text = _rendered(result, format, output, command, why=why, full=full)
    forms: dict[PlanFormat, Form] = {PlanFormat.JSON: "json", PlanFormat.HTML: "xml"}
    deliver(text, forms.get(format, "text"), output, force=force)


def _rendered(
    result: Plan, format: PlanFormat, output: Path | None, command: str, *, why: bool, full: bool
) -> str:
    if format is PlanFormat.HTML:
        from hpadvisor.report.html.of_plan import plan_document

        return page_of([plan_document(result)], output)
    if format is PlanFormat.MARKDOWN:
        from hpadvisor.report.plan_markdown import render_markdown

        return render_markdown(result, why=why)
    if format is PlanFormat.JSON:
        from hpadvisor.report.plan_json import render_json

        return render_json(result)
    if format is PlanFormat.YAML:
        from hpadvisor.report.plan_json import render_yaml

        return render_yaml(result, escaped=output is None and not carries_unicode())
    from hpadvisor.report.plan_text import render_text

    width, color, _ = FILE if output is not None else terminal()
    return render_text(result, width=width, color=color, why=why, full=full, command=command)
