"""Screenshots of the pages, and how much two of them differ."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import NamedTuple

from benchmarks.pages.browser import LOOKS, Browser, Page, opened

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "pages"
RENEW = "if it is meant to look like this: python -m benchmarks.pages shoot"
TALLEST = 1200
"""CSS pixels of a page that are kept."""
QUALITY = 25
"""Of WebP: words stay readable in some 30 KB."""
TOLERANCE = 0.01
"""Share of a page's cells (20 × 20 pixels) whose mean colour may differ by over a twenty-fifth."""
_NOTHING = "data:text/html,<!doctype html><title>-</title>"
FONT = "DejaVu Sans"
_STYLE = f"body, svg text {{font-family: '{FONT}' !important}}"
_LETTERS = f"""(() => {{
  const pen = document.createElement("canvas").getContext("2d");
  const wide = (font) => {{
    pen.font = `16px ${{font}}`;
    return pen.measureText("Wide 0.5 ▲").width;
  }};
  return wide("'{FONT}', monospace") !== wide("monospace");
}})()"""
_DIFFERENCE = """(async ([one, other]) => {
  const cell = 10, wide = 450;
  const image = async (data) => {
    const found = new Image();
    found.src = `data:image/webp;base64,${data}`;
    await found.decode();
    return found;
  };
  const images = [await image(one), await image(other)];
  const tall = Math.max(...images.map((i) => Math.round((i.height * wide) / i.width)));
  const cells = images.map((i) => {
    const canvas = document.createElement("canvas");
    canvas.width = wide; canvas.height = Math.ceil(tall / cell) * cell;
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(i, 0, 0, wide, (i.height * wide) / i.width);
    return pen.getImageData(0, 0, wide, canvas.height).data;
  });
  const across = wide / cell, down = Math.ceil(tall / cell);
  let otherwise = 0;
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      const means = cells.map((data) => {
        const sum = [0, 0, 0, 0];
        for (let y = row * cell; y < (row + 1) * cell; y += 1) {
          for (let x = column * cell; x < (column + 1) * cell; x += 1) {
            for (let c = 0; c < 4; c += 1) sum[c] += data[4 * (y * wide + x) + c];
          }
        }
        return sum.map((value) => value / (255 * cell * cell));
      });
      const most = Math.max(...means[0].map((value, c) => Math.abs(value - means[1][c])));
      if (most > 0.04) otherwise += 1;
    }
  }
  return otherwise / (across * down);
})"""


class Shot(NamedTuple):
    """A screenshot as WebP, what the page wrote to the console, and what it asked for."""

    picture: bytes
    said: list[str]
    asked: list[str]


def shoot(browser: Browser, path: Path, look: str, style: str = "") -> Shot:
    """Take a page's picture, in letters that are the same everywhere.

    Args:
        browser: Runs.
        path: The page.
        look: A name of :data:`LOOKS`.
        style: More style, to see what it changes.
    """
    with opened(browser, path, LOOKS[look], f"{_STYLE} {style}") as page:
        return Shot(page.picture(TALLEST, QUALITY), page.said, page.asked)


def reference(name: str, look: str) -> bytes:
    """Return the picture that a page had."""
    return (FOLDER / f"{name}-{look}.webp").read_bytes()


def difference(browser: Browser, one: bytes, other: bytes) -> float:
    """Return the share of the cells of two pictures whose colours differ visibly."""
    pair = json.dumps([base64.b64encode(data).decode() for data in (one, other)])
    with _Blank(browser) as page:
        return float(page.value(f"{_DIFFERENCE}({pair})"))


def same_letters(browser: Browser) -> bool:
    """Whether the letters of the references are there."""
    with _Blank(browser) as page:
        return bool(page.value(_LETTERS))


class _Blank:
    """An empty page for a while."""

    def __init__(self, browser: Browser) -> None:
        self._page = Page(browser, _NOTHING, LOOKS["light"])

    def __enter__(self) -> Page:
        return self._page

    def __exit__(self, *_: object) -> None:
        self._page.close()
