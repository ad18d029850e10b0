"""docs/evidence.md, the picture and the figures that plans quote, from the committed results."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.plans.contenders import BUDGETS, CONTENDERS
from benchmarks.plans.figures import (
    REFERENCE,
    TITLES,
    expectations_text,
    family_figures,
    of_few_rows,
    tuned,
)
from benchmarks.plans.measured import measured_rules
from benchmarks.plans.ranges import ranges_table
from benchmarks.plans.running import FULL, PLAN, QUICK, RESULTS
from benchmarks.plans.statistics import Comparison, compare, mean, within
from benchmarks.plans.tasks import VARIANTS
from benchmarks.plans.texts import FEWER, HEAD, SMALL, TAIL

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "evidence.md"
PICTURE = ROOT / "docs" / "evidence.svg"
SMALL_FILE = RESULTS / "small" / "lcbench.json"
FIGURES = ROOT / "hpadvisor" / "planning" / "expectations.json"


def load_results(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """Read the results of a folder: as told first, families in a fixed order."""
    found = [json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("*.json")]
    order = [*TITLES], [*VARIANTS]
    return sorted(found, key=lambda r: (order[1].index(r["variant"]), order[0].index(r["family"])))


def write_report() -> None:
    """Write everything that is generated from the committed results."""
    from benchmarks.plans.picture import draw

    results = load_results()
    told = [tuned(result) for result in results if result["variant"] == "as-told"]
    for path, text in {**generated(results), PICTURE: draw(told)}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def generated(results: list[dict[str, Any]]) -> dict[Path, str]:
    """Return the generated texts; the same results give the same text.

    The picture is not among them: how it is written hangs on the version of matplotlib.
    """
    told = [result for result in results if result["variant"] == "as-told"]
    return {
        EVIDENCE: "\n".join(_document(results)) + "\n",
        FIGURES: expectations_text(told),
        **measured_rules([tuned(result) for result in told]),
    }


def show_results(folder: Path | None) -> None:
    """Print the tables of a folder of results."""
    for result in load_results(folder or RESULTS):
        sys.stdout.write("\n".join(_table(result)) + "\n\n")


def _document(results: list[dict[str, Any]]) -> Iterator[str]:
    yield HEAD
    told = [result for result in results if result["variant"] == "as-told"]
    yield "## In a sentence\n"
    for result in map(tuned, told):
        yield f"- {_sentence(result)}"
    yield ""
    for result in map(tuned, told):
        tasks = len(result["regret"][PLAN])
        yield f"## {TITLES[result['family']]}\n"
        yield f"{tasks} tasks, {result['runs']} paired runs each.\n"
        yield from _table(result)
        yield ""
        if result["family"] == "lora":
            yield from _models_within(result)
    yield from _small(told)
    yield from _fewer_runs([tuned(result) for result in told])
    yield "## What survives a bad default and bounds ten times wider\n"
    yield (
        "*bad-default*: the user's learning rate is the end of the legal range that is farther "
        "from it. *wide-bounds*: legal bounds of all that is on a log scale ten times wider to "
        "each side; the tables answer with their nearest value.\n"
    )
    for result in results:
        if result["variant"] != "as-told":
            yield f"### {result['variant']}, {result['family']}, {result['runs']} runs\n"
            yield from _table(tuned(result))
            yield ""
    yield "## Where the ranges come from\n"
    yield from ranges_table([result["family"] for result in told])
    yield TAIL
    yield _cost(told)


def _cost(told: list[dict[str, Any]]) -> str:
    """Say what the benchmark takes, from the processor seconds of the contenders' runs."""
    seconds = {"quick": 0.0, "full": 0.0}
    for result in told:
        each = sum(result["seconds"].values()) * len(result["regret"][PLAN])
        seconds["quick"] += each * QUICK[result["family"]]
        seconds["full"] += each * FULL[result["family"]]
    return (
        "Measured: `--quick --workers 2`, all four families, took 11 minutes on two busy cores, "
        "13 processor minutes. The processor seconds in the tables (one run on one task of each "
        f"family) give {seconds['quick'] / 60:.0f} for it and {seconds['full'] / 3600:.1f} hours "
        "for `--full`, so expect about twice that; `--workers` spreads the tasks over processes."
    )


def _models_within(result: dict[str, Any]) -> Iterator[str]:
    """Say in how many runs a plan and the reference come within 1 % of the best score."""
    for budget in (3, 5, 10):
        ours, theirs = (within(result, name, budget, 0.01) for name in (PLAN, REFERENCE))
        yield (
            f"- {budget} trainings: within 1 % of the best score in {100 * ours:.0f} % of the "
            f"runs by the plan, in {100 * theirs:.0f} % by {REFERENCE}."
        )
    yield ""


def _small(told: list[dict[str, Any]]) -> Iterator[str]:
    yield SMALL
    for row in json.loads(SMALL_FILE.read_text(encoding="utf-8")) if SMALL_FILE.is_file() else []:
        yield (
            f"| {row['task']} | {row['examples']} | {row['validation_accuracy_gain']:+} | "
            f"{row['test_balanced_accuracy_gain']:+} |"
        )
    yield "\nThese tasks are among those of the tables above; here they stand alone:\n"
    for result in told:
        few = of_few_rows(result)
        if few["regret"][PLAN]:
            yield f"{result['family']}: {', '.join(few['regret'][PLAN])}\n"
            yield from _table(few)
            yield ""


def _fewer_runs(told: list[dict[str, Any]]) -> Iterator[str]:
    """Show the contenders that were run on fewer tasks or less often, each on its own pairs."""
    yield FEWER
    yield "| family | contender | trainings | tasks | runs each | plan | contender | plan better |"
    yield "|---|---|---|---|---|---|---|---|"
    for result in told:
        for name in result["regret"]:
            for budget in BUDGETS if not _complete(result, name) else ():
                versus = compare(result, name, budget)
                if versus is not None:
                    regrets = f"{versus.plan:.3f} | {versus.other:.3f} |{_mark(versus)} |"
                    size = f"{budget} | {versus.tasks} | {versus.runs}"
                    yield f"| {result['family']} | {name} | {size} | {regrets}"
    yield ""


def _complete(result: dict[str, Any], name: str) -> bool:
    """Whether a contender was run on all tasks, as often as the plan, to at least 50 trainings."""
    budget = str(min(50, result["budgets_to"]))
    cells = result["regret"][name]
    return set(cells) == set(result["regret"][PLAN]) and all(
        len(cell.get(budget, ())) == result["runs"] for cell in cells.values()
    )


def _table(result: dict[str, Any]) -> Iterator[str]:
    budgets = [b for b in BUDGETS if b <= result["budgets_to"]]
    names = [n for n in (PLAN, *CONTENDERS) if n in result["regret"] and _complete(result, n)]
    timed = bool(result["seconds"])
    head = ["regret at trainings", *map(str, budgets), *(["processor seconds"] if timed else [])]
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    means = {(n, b): mean(result, n, b) for n in names for b in budgets}
    lows = {b: min(m for n in names if (m := means[n, b]) is not None) for b in budgets}
    for name in names:
        cells = []
        for budget in budgets:
            value = means[name, budget]
            if value is None:
                cells.append("")
                continue
            text = f"{value:.3f}"
            text = f"**{text}**" if round(value, 3) <= round(lows[budget], 3) else text
            versus = compare(result, name, budget) if name != PLAN else None
            cells.append(text + (_mark(versus) if versus else ""))
        last = [f"{result['seconds'].get(name, 0):.2f}"] if timed else []
        yield f"| {' | '.join([name, *cells, *last])} |"


def _mark(versus: Comparison) -> str:
    sign = {"ahead": " ▲", "behind": " ▼", "level": ""}[versus.verdict]
    return f" ({100 * versus.wins:.0f} %{sign})"


def _sentence(result: dict[str, Any]) -> str:
    figures = [f for f in family_figures(result) if f["against"] == REFERENCE]
    said = [f for f in figures if f.get("as_good_as") is not None]
    behind = _behind(result)
    text = f"**{result['family']}**: "
    if said:
        text += (
            f"in {', '.join(str(f['trainings']) for f in said)} trainings a plan does as well in "
            "the mean as Optuna as it comes in "
            f"{', '.join(str(f['as_good_as']) for f in said)}, or better. "
        )
    ahead = [str(f["trainings"]) for f in figures if f["verdict"] == "ahead"]
    if ahead:
        text += f"At equal budgets it is significantly ahead of it at {', '.join(ahead)}. "
    if behind:
        return text + "Significantly behind: " + "; ".join(behind) + "."
    return text + "Behind no contender by a significant margin at any budget."


def _behind(result: dict[str, Any]) -> list[str]:
    found = []
    for name in CONTENDERS:
        lost = []
        for budget in BUDGETS:
            if budget <= result["budgets_to"]:
                versus = compare(result, name, budget)
                if versus is not None and versus.verdict == "behind":
                    lost.append(str(budget))
        if lost:
            found.append(f"{name} at {', '.join(lost)}")
    return found
