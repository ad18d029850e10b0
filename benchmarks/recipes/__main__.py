"""The command: ``python -m benchmarks.recipes report|misses``.

``report`` prints the shares; the test half only with ``--half test``, and every look is counted in
``looks.txt``. ``misses`` lists what the development half holds outside.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.recipes.measuring import NEAR, Answer, ask
from benchmarks.recipes.recipe import FOLDER, read_recipes


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipes", description=__doc__)
    parser.add_argument("command", choices=("report", "misses"))
    parser.add_argument("--half", choices=("development", "test"), default="development")
    parser.add_argument("--kinds", action="store_true", help="the rates by kind, too")
    options = parser.parse_args()
    recipes = [item for item in read_recipes() if item.half == options.half]
    answers = [answer for recipe in recipes for answer in ask(recipe)]
    if options.command == "misses":
        if options.half == "test":
            parser.error("misses are for the development half alone")
        sys.stdout.write(_misses(answers))
        return 0
    text = report(answers, options.half)
    if options.half == "test":
        _count_look(text.splitlines()[1])
    sys.stdout.write(text + (by_kind(answers) if options.kinds else ""))
    return 0


def report(answers: Sequence[Answer], half: str) -> str:
    """Return the shares by hyperparameter: held, width of the ranges, start near the value."""
    lines = [
        f"{half} half: {'value':<16} {'n':>4} {'held':>7} {'no range':>9} {'decades':>8} near"
    ]
    groups: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        groups[answer.name].append(answer)
    for name, group in groups.items():
        lines.append(f"  {name:<26} {_figures(group)}")
    return "\n".join(lines) + "\n"


def by_kind(answers: Sequence[Answer]) -> str:
    """Return the same figures of the learning rate, by kind of training."""
    groups: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.name == "learning_rate":
            groups[answer.recipe.kind].append(answer)
    lines = [f"  {kind:<26} {_figures(group)}" for kind, group in sorted(groups.items())]
    return "learning_rate by kind\n" + "\n".join(lines) + "\n"


def _figures(group: Sequence[Answer]) -> str:
    """A value without a range counts as not held."""
    held = sum(answer.inside is True for answer in group) / len(group)
    none = sum(answer.inside is None for answer in group)
    widths = [answer.decades for answer in group if answer.decades is not None]
    near = [answer.factor <= NEAR for answer in group if answer.factor is not None]
    width = f"{statistics.median(widths):8.2f}" if widths else f"{'–':>8}"
    share = f"{sum(near) / len(near):.0%}" if near else "–"
    return f"{len(group):>4} {held:>7.1%} {none:>9} {width} {share}"


def _misses(answers: Sequence[Answer]) -> str:
    lines = []
    for answer in answers:
        if not answer.inside or (answer.name == "learning_rate" and (answer.factor or 1) > NEAR):
            recipe = answer.recipe
            word = {None: "no range", False: "outside", True: "far start"}[answer.inside]
            lines.append(
                f"{answer.name:<14} {word:<9} {answer.published:<9g} {recipe.kind}, "
                f"{recipe.facts.get('training.optimizer', '')}, {recipe.source} {recipe.locator}"
            )
    return "\n".join(sorted(lines)) + "\n"


def _count_look(figures: str) -> None:
    """Write down that the test half was looked at, when, and what the rates were then."""
    with (FOLDER / "looks.txt").open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} {' '.join(figures.split())}\n")


if __name__ == "__main__":
    raise SystemExit(main())
