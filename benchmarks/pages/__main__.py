"""The command: ``python -m benchmarks.pages shoot|measure``. Needs Chromium and hpadvisor[html].

``shoot`` writes the references, docs/pictures/pages. ``measure`` prints each page's weight, the
time to its first contentful paint and until its pictures are drawn; ``--write`` puts the table
into docs/pages.md.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pages.browser import LOOKS, Browser, browsing, opened
from benchmarks.pages.samples import pages
from benchmarks.pages.shots import FOLDER, shoot

PAGE = Path(__file__).resolve().parents[2] / "docs" / "pages.md"
START, END = "<!-- measured: start -->\n", "<!-- measured: end -->\n"
MOST_BYTES = 1_500_000
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def main() -> int:
    """Run what is asked for; 1 where a page is heavier than it may be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("what", choices=("shoot", "measure"))
    parser.add_argument("--runs", type=int, default=7, help="openings of each page")
    parser.add_argument("--write", action="store_true", help="write the table into docs/pages.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        written = pages(Path(folder))
        if asked.what == "shoot":
            print(f"{shoot_all(browser, written) / 1e3:.0f} KB in {FOLDER}")
            return 0
        lines = list(measured(browser, written, asked.runs))
        heaviest = max(path.stat().st_size for path in written.values())
    print("\n".join(lines))
    if asked.write:
        head, rest = PAGE.read_text(encoding="utf-8").split(START)
        text = "\n".join(lines)
        PAGE.write_text(f"{head}{START}\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    return int(heaviest > MOST_BYTES)


def shoot_all(browser: Browser, written: dict[str, Path]) -> int:
    """Write every reference anew, and return how many bytes they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, path in written.items():
        for look in LOOKS:
            picture = shoot(browser, path, look).picture
            (FOLDER / f"{name}-{look}.webp").write_bytes(picture)
            total += len(picture)
    return total


def measured(browser: Browser, written: dict[str, Path], runs: int) -> Iterator[str]:
    """Yield a table: weight, and medians of times in milliseconds."""
    yield "| page | KB | packed, KB | first paint, ms | pictures drawn, ms |"
    yield "|---|---|---|---|---|"
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in written}
    for number in range(-1, runs):  # the first one warms up; pages take turns
        for name, path in written.items():
            with opened(browser, path, LOOKS["light"]) as page:
                paint = page.value(_PAINT)
                if number >= 0 and paint is not None:
                    times[name].append((float(paint), page.drawn_ms))
    for name, path in written.items():
        data = path.read_bytes()
        first, drawn = (statistics.median(column) for column in zip(*times[name], strict=True))
        packed = len(gzip.compress(data)) / 1e3
        yield f"| {name} | {len(data) / 1e3:.0f} | {packed:.0f} | {first:.0f} | {drawn:.0f} |"


if __name__ == "__main__":
    sys.exit(main())
