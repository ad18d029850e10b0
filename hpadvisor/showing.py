"""What every result can do: be shown as text, Markdown, HTML or in a notebook, and be plain data.

Results stand below the reports that show them, so the reports are put in from above: the API
registers them when it is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Views(Protocol):
    """How results are shown; ``hpadvisor.report.results`` is one."""

    def plain(self, result: Any) -> dict[str, Any]:
        """Plain data by the published schema."""

    def text(self, result: Any, *, why: bool, width: int) -> str:
        """The text of the command."""

    def markdown(self, result: Any) -> str:
        """Markdown."""

    def page(self, result: Any) -> str:
        """A whole HTML page."""

    def fragment(self, result: Any) -> str:
        """HTML for a cell of a notebook."""

    def figures(self, result: Any) -> dict[str, str]:
        """SVG pictures by name."""

    def line(self, result: Any) -> str:
        """The verdict in one line."""


class Emitter(Protocol):
    """How a plan becomes code."""

    def __call__(self, plan: Any, engine: str, *, standalone: bool) -> str:
        """Return the search as code or configuration."""


_registered: list[tuple[Callable[[], Views], Emitter]] = []


def register(views: Callable[[], Views], emitter: Emitter) -> None:
    """Say where reports and emitters are; they are imported when something is first shown."""
    _registered[:] = [(views, emitter)]


def views() -> Views:
    """Return the reports.

    Raises:
        RuntimeError: the API was never imported.
    """
    return _known()[0]()


def emitter() -> Emitter:
    """Return what writes plans as code.

    Raises:
        RuntimeError: the API was never imported.
    """
    return _known()[1]


def _known() -> tuple[Callable[[], Views], Emitter]:
    if not _registered:
        raise RuntimeError("results are shown by the reports: import hpadvisor.api first")
    return _registered[0]


class Showable:
    """A result that can be shown."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data by the published schema (``hpadvisor schema``)."""
        return views().plain(self)

    def to_json(self) -> str:
        """Return the same as JSON text; what is not finite is a text."""
        from hpadvisor.visible import json_text

        return json_text(self.to_dict())

    def to_text(self, *, why: bool = False, width: int = 100) -> str:
        """Return what the command prints.

        Args:
            why: Whether rules, evidence and sources stand under each line.
            width: Columns of a line.
        """
        return views().text(self, why=why, width=width)

    def to_markdown(self) -> str:
        """Return Markdown for an issue, a wiki or a pull request."""
        return views().markdown(self)

    def to_html(self) -> str:
        """Return one self-contained HTML page.

        Raises:
            UserError: the extra ``html`` is not installed.
        """
        return views().page(self)

    def to_svg(self) -> dict[str, str]:
        """Return the pictures as SVG texts by name.

        Raises:
            UserError: the extra ``html`` is not installed.
        """
        return views().figures(self)

    def __repr__(self) -> str:
        """What it is and its verdict, in one line."""
        return f"<{type(self).__name__}: {views().line(self)}>"

    def __str__(self) -> str:
        """What the command prints."""
        return self.to_text()

    def _repr_html_(self) -> str:
        """Show itself in a notebook; pictures where the extra ``html`` is installed."""
        return views().fragment(self)
