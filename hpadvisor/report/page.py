"""A page for the terminal: wrapped lines, bullets, labelled entries and tables, in any width."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST = 110
"""Lines are no wider, however wide the terminal: they could not be read."""
LABEL = 16
"""Columns of the labels of entries."""
TIE = "\u00a0"
"""A space at which no line is broken."""


class Page:
    """Collects lines; no line is longer than the width.

    Args:
        width: Columns of the terminal.
        color: Whether to write ANSI colours.
    """

    def __init__(self, width: int, color: bool) -> None:
        from rich.console import Console

        self.width = min(width, WIDEST)
        self._out = io.StringIO()
        self._console: Console = Console(
            file=self._out, width=self.width, force_terminal=color, no_color=not color,
            color_system="standard" if color else None, highlight=False, markup=False,
            emoji=False, legacy_windows=False,
        )  # fmt: skip

    def text(self) -> str:
        """Return the page, without the spaces with which tables fill their lines."""
        lines = (line.rstrip() for line in self._out.getvalue().splitlines())
        return "\n".join(lines).replace(TIE, " ").strip("\n") + "\n"

    def blank(self) -> None:
        """Leave a line empty."""
        self._console.print()

    def line(self, text: str, style: str = "", indent: int = 0, hang: int = 0) -> None:
        """Write a paragraph, its later lines indented deeper by ``hang``."""
        self._write(text, " " * indent, " " * (indent + hang), style)

    def bullet(self, text: str, title: str = "", indent: int = 1) -> None:
        """Write a bullet; a title that the text starts with is set in bold."""
        self._write(text, f"{' ' * indent}• ", " " * (indent + 2), "", title)

    def heading(self, title: str, rest: str = "") -> None:
        """Write a heading after an empty line: the title in bold, the rest plain."""
        self.blank()
        self._write(f"{title}{rest}", "", "   ", "", title)

    def entry(self, label: str, text: str, style: str = "") -> None:
        """Write a text beside a label; an empty label goes on with the entry before."""
        first = f"{label:<{LABEL - 1}} "
        self._write(text, first, " " * LABEL, style, label.strip())

    def phrases(self, phrases: Sequence[str], indent: int) -> None:
        """Write phrases in a row, broken only between them."""
        self.line(" · ".join(phrase.replace(" ", TIE) for phrase in phrases), "", indent)

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[str]], indent: int) -> None:
        """Write a table, its cells folded where the width is too small."""
        from rich import box
        from rich.padding import Padding
        from rich.table import Table

        table = Table(
            box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0),
            header_style="dim", border_style="dim",
        )  # fmt: skip
        for title in titles:
            table.add_column(title, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self._console.print(Padding(table, (0, 0, 0, indent)))

    def _write(self, text: str, first: str, later: str, style: str, bold: str = "") -> None:
        clean = " ".join(text.split(" "))
        lines = textwrap.wrap(
            " ".join(clean.splitlines()), self.width, initial_indent=first,
            subsequent_indent=later, break_on_hyphens=False,
        )  # fmt: skip
        for number, line in enumerate(lines):
            self._console.print(self._styled(line, style, bold if number == 0 else ""))

    def _styled(self, line: str, style: str, bold: str) -> Text:
        from rich.text import Text

        text = Text(line, style=style, overflow="fold")
        start = line.find(bold) if bold else -1
        if start >= 0:
            text.stylize("bold", start, start + len(bold))
        return text
