"""Documents without a page around them: HTML for a notebook's cell, and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

from hpadvisor.errors import UserError
from hpadvisor.report.html.document import (
    Block,
    Code,
    Document,
    Figure,
    Grid,
    Item,
    Listing,
    Paragraph,
)

_SPECIAL = re.compile(r"([\\`*\[\]<>|#]|(?<!\w)_|_(?!\w))")
_TONES = {"good": "#1a7f37", "warning": "#b26a00", "bad": "#c62828", "plain": "#57606a"}


def document_fragment(document: Document) -> str:
    """Return HTML without scripts or styles of a page, for a cell of a notebook."""
    tone = f"border-left:4px solid {_TONES[document.tone]};padding-left:12px;max-width:60em"
    parts = [
        f'<div style="{tone}">',
        f"<p><small>{escape(f'{document.kind} · {document.title}')}</small><br>",
        f"<strong>{escape(document.verdict)}</strong></p>",
    ]
    if document.lead:
        parts.append(f"<p>{escape(document.lead)}</p>")
    for section in document.sections:
        inside = "".join(_html(block) for block in section.blocks)
        title = escape(section.title)
        if section.folded:
            parts.append(f"<details><summary>{title}</summary>{inside}</details>")
        else:
            parts.append(f"<p><strong>{title}</strong></p>{inside}")
    return "".join((*parts, "</div>"))


def _html(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Code):
        return f"<pre>{escape(block.text)}</pre>"
    if isinstance(block, Listing):
        kind = "ol" if block.numbered else "ul"
        return f"<{kind}>{''.join(map(_html_item, block.items))}</{kind}>"
    if isinstance(block, Grid):
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in block.columns)
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in block.rows
        )
        caption = f"<caption>{escape(block.caption)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return _picture(block)


def _html_item(item: Item) -> str:
    lead = f"<strong>{escape(item.lead)}</strong> " if item.lead else ""
    line = f"{lead}{escape(item.text)}"
    if not item.details:
        return f"<li>{line}</li>"
    rest = "".join(
        f"<li>{escape(one.label)}: {escape(' '.join((one.text, one.url)).strip())}</li>"
        for one in item.details
    )
    return f"<li><details><summary>{line}</summary><ul>{rest}</ul></details></li>"


def _picture(figure: Figure) -> str:
    """A picture, or in words what it would show where it cannot be drawn."""
    from hpadvisor.report.html.rendering import figure_svg

    try:
        svg = figure_svg(figure, 560)
    except UserError:
        return f"<p>{escape(f'{figure.title}. {figure.description}')}</p>"
    label = escape(f"{figure.title}. {figure.description}", quote=True)
    return f'<div role="img" aria-label="{label}" style="background:#fff">{svg}</div>'


def document_markdown(document: Document, pictures: Mapping[str, str] | None = None) -> str:
    """Return a document as Markdown, with tables as GitHub writes them.

    Args:
        document: What to show.
        pictures: Addresses of the pictures by their titles; left out, they are told in words.
    """
    blocks = [f"# {_plain(document.verdict)}", _plain(f"{document.kind} · {document.title}")]
    if document.lead:
        blocks.append(_plain(document.lead))
    for section in document.sections:
        blocks.append(f"## {_plain(section.title)}")
        blocks += [_markdown(block, pictures or {}) for block in section.blocks]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _markdown(block: Block, pictures: Mapping[str, str]) -> str:
    if isinstance(block, Paragraph):
        return _plain(block.text)
    if isinstance(block, Code):
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", block.text)), default=0))
        return f"{fence}\n{block.text}\n{fence}"
    if isinstance(block, Listing):
        return "\n".join(
            line
            for number, item in enumerate(block.items, start=1)
            for line in _markdown_item(item, f"{number}." if block.numbered else "-")
        )
    if isinstance(block, Grid):
        rows = [block.columns, tuple("---" for _ in block.columns), *block.rows]
        return "\n".join(
            f"| {' | '.join(cell if place == 1 else _plain(cell) for cell in row)} |"
            for place, row in enumerate(rows)
        )
    address = pictures.get(block.title)
    if address is None:
        return f"*{_plain(block.title)}.* {_plain(block.description)}"
    return f"![{_plain(f'{block.title}. {block.description}')}](<{address}>)"


def _markdown_item(item: Item, sign: str) -> Iterator[str]:
    lead = f"**{_plain(item.lead)}**" if item.lead else ""
    yield " ".join(part for part in (sign, lead, _plain(item.text)) if part)
    for one in item.details:
        yield f"{' ' * (len(sign) + 1)}- {_plain(' '.join((one.label + ':', one.text)))}" + (
            f" <{one.url}>" if one.url else ""
        )


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
