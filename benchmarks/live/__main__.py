"""``python -m benchmarks.live``: how early verdicts come on the clinic, and how they flicker.

Patience is chosen on the development part; ``--test 2`` judges the chosen one on every second
setting of the test part, and
``--write`` puts the tables into docs/live.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.live.looks import LOGS, trainings
from benchmarks.live.measures import patience_row, stop_line, verdict_rows
from hpadvisor.diagnosing.lasting import GROWTH, LOOKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "live.md"
START, END = "<!-- measured: start -->\n", "<!-- measured: end -->\n"
PATIENCE = ((1, 0.0), (2, 0.0), (2, 0.1), (2, 0.2), (3, 0.1), (3, 0.2), (3, 0.3), (4, 0.3))


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live")
    parser.add_argument("--every", type=int, default=8, help="every so many development settings")
    parser.add_argument("--test", type=int, default=0, help="every so many test settings, too")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/live.md")
    options = parser.parse_args()
    parts = [("development", options.every)] + [("test", options.test)] * (options.test > 0)
    text = "\n".join(line for part, every in parts for line in _part(part, every))
    print(text)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(START)
        PAGE.write_text(f"{head}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def _part(part: str, every: int) -> list[str]:
    lines: list[str] = []
    for log in LOGS:
        found = list(trainings(part, log, every))
        lines += [f"### {part.capitalize()} part, {log}: {len(found)} trainings", ""]
        kinds = PATIENCE if part == "development" else ((1, 0.0), (LOOKS, GROWTH))
        lines += [
            "| patience | verdicts said | a verdict comes back | right before the end "
            "| median share | stops | false |",
            "|---|---|---|---|---|---|---|",
            *(patience_row(found, *one) for one in kinds),
            "",
            "| verdict of the whole log | trainings | right | said before the end "
            "| first quarter by | half by | three quarters by |",
            "|---|---|---|---|---|---|---|",
            *verdict_rows(found, LOOKS, GROWTH),
            "",
            stop_line(found, LOOKS, GROWTH),
            "",
        ]
    return lines


if __name__ == "__main__":
    main()
