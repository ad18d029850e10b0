"""Small pictures of what the commands print, for the README: a terminal as SVG, light and dark."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

DOCS = Path(__file__).resolve().parent
FOLDER = DOCS / "pictures"
PICTURES = {
    "diagnose": ("validation-loss-rises", "hpadvisor diagnose runs/metrics.csv", 21),
    "check": ("lint-configs", "hpadvisor check conf", 18),
    "audit": ("review-a-search", "hpadvisor audit trials.csv", 23),
    "run": ("tune-my-command", "hpadvisor run", 8),
    "explain": ("learning-rate", 'hpadvisor explain "', 9),
}
"""Name, and whence it comes: a page of problems, how the command begins, and how many lines."""
COLUMN, ROW, MARGIN, SIZE = 8.43, 19, 14, 14
"""Width of a character, height of a line, margin and height of the letters, in pixels."""
WIDEST = 88

_STYLE = (
    "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "white-space:pre;fill:#1f2328}.c{fill:#0550ae;font-weight:bold}rect{fill:#f6f8fa;"
    "stroke:#d0d7de}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.c{fill:#79c0ff}"
    "rect{fill:#161b22;stroke:#30363d}}"
)


def pictures(pages: dict[Path, str]) -> dict[Path, str]:
    """Return every picture, by its path.

    Args:
        pages: The pages that walk through a problem, fresh.
    """
    found = {}
    for name, (page, command, rows) in PICTURES.items():
        whole, shown = _output(pages[DOCS / "problems" / f"{page}.md"], command)
        found[FOLDER / f"{name}.svg"] = picture(whole, shown[:rows])
    return found


def _output(text: str, command: str) -> tuple[str, list[str]]:
    """Return a command of a page whole, and the lines that it prints."""
    pattern = rf"^```sh\n({re.escape(command)}[^\n]*)\n```\n\n```text\n(.*?)^```$"
    block = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    if block is None:
        raise ValueError(f"no page shows '{command}'")
    return block[1], block[2].rstrip().splitlines()


def picture(command: str, shown: list[str]) -> str:
    """Return a terminal with a command and the beginning of what it prints.

    Args:
        command: What is typed; longer ones are cut.
        shown: Lines of its output.
    """
    typed = f"$ {command}"
    typed = typed if len(typed) <= WIDEST else f"{typed[: WIDEST - 1]}…"
    rows = [typed, "", *shown, "…"]
    width = round(2 * MARGIN + WIDEST * COLUMN)
    height = 2 * MARGIN + ROW * len(rows)
    texts = "".join(
        f'<text x="{MARGIN}" y="{MARGIN + SIZE + ROW * place}" textLength='
        f'"{len(row) * COLUMN:.1f}"{" class=" + chr(34) + "c" + chr(34) if not place else ""}>'
        f"{escape(row)}</text>\n"
        for place, row in enumerate(rows)
        if row
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">\n<title>{escape(command)}</title>\n'
        f'<style>{_STYLE}</style>\n<rect x="0.5" y="0.5" width="{width - 1}" '
        f'height="{height - 1}" rx="6"/>\n{texts}</svg>\n'
    )
