"""What a page consists of, as plain data: a page knows nothing of plans, runs or searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Tone = Literal["good", "warning", "bad", "plain"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A line that unfolds under an item: what it is (``source``, ``matched``), and its text."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: a lead in bold, the text, and what unfolds under it."""

    text: str
    lead: str = ""
    tone: Tone = "plain"
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; a numbered one is to be done in that order."""

    items: tuple[Item, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; ``numbers`` are the columns that are set to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A command or another text to copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture.

    Attributes:
        title: What it shows, above it.
        description: The same for those who do not see it: what is drawn, from where to where.
        spec: A Vega-Lite specification with its data.
        layout: How it takes its width: ``single`` view, ``rows`` above each other, or ``tiles``.
    """

    title: str
    description: str
    spec: dict[str, Any]
    layout: Literal["single", "rows", "tiles"] = "single"


Block = Paragraph | Listing | Grid | Code | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; a folded one opens on a click, and in print."""

    title: str
    blocks: tuple[Block, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One result.

    Attributes:
        kind: The command that gave it.
        title: What was looked at.
        verdict: The verdict in one line.
        tone: What it means.
        lead: A sentence or two under the verdict.
        sections: The rest, the most important first.
    """

    kind: str
    title: str
    verdict: str
    tone: Tone
    sections: tuple[Section, ...]
    lead: str = ""

    @property
    def figures(self) -> list[Figure]:
        """All of its pictures, in order."""
        return [
            block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, Figure)
        ]
