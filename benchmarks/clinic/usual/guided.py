"""The manual tuning loop, played on tables: diagnose, do the first change, judge it, again.

``python -m benchmarks.clinic.usual guided`` plays it on settings of the test part that were
trained at seven rates, three strengths of regularisation and two sizes, against a grid of rates,
random configurations and Optuna's TPE. What is chosen by the logged validation loss is judged by
the test loss. A training that is stopped at half costs a half.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.clinic.scoring import change_of
from benchmarks.clinic.usual.draw import draw_group
from benchmarks.clinic.usual.logs import DATA, LANGUAGE, usual_settings
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.engine.scoring import add_scores
from hpadvisor.facts.curves.change import change_facts
from hpadvisor.past import LEAST_LIKELY
from hpadvisor.readers.curves.record import RunRecord, Series

Point = tuple[int, int, int]
"""Place among rates, strengths of regularisation, and sizes."""

RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
STRENGTHS = ("regularization_down", "reference", "regularization_up")
SIZES = (1, 2)
BASE: Point = (3, 1, 0)
BUDGETS = (1, 2, 3, 4, 5, 6, 8)
RUNS = 10
_MOVES = {"lr_x0.1": (-2, 0, 0), "lr_x0.3": (-1, 0, 0), "lr_x3": (1, 0, 0), "lr_x10": (2, 0, 0),
          "regularization_up": (0, 1, 0), "regularization_down": (0, -1, 0),
          "capacity_x4": (0, 0, 1)}  # fmt: skip
STOP_BELOW = 0.2
"""Chance below which a change is stopped at half, as rule CUR084 says."""


@dataclass(frozen=True)
class Table:
    """A setting trained at every point: test losses, and logged curves."""

    name: str
    language: bool
    interval: float
    curves: dict[Point, dict[str, list[float | None]]]
    test: dict[Point, float]
    trivial: float

    def logged(self, point: Point, share: float = 1.0) -> RunRecord:
        """The log of a point, up to a share of its length."""
        curve = self.curves[point]
        values = np.asarray([np.nan if v is None else v for v in curve[self._key][1:]])
        train = np.asarray([np.nan if v is None else v for v in curve["train"]])
        kept = max(2, round(share * len(values)))
        places = np.arange(1, len(values) + 1) * (self.interval if self.language else 1.0)
        series = {
            "val_loss": Series("val_loss", places[:kept], values[:kept]),
            "train_loss": Series("train_loss", places[:kept], train[-len(values) :][:kept]),
        }
        axis = "step" if self.language else "epoch"
        return RunRecord(self.name, "csv", series, axis, float(places[kept - 1]),
                         epoch_length=None if self.language else 1.0)  # fmt: skip

    @property
    def _key(self) -> str:
        return "fresh" if self.language else "val"

    def validated(self, point: Point) -> float:
        """The last logged validation loss; infinite where it broke."""
        value = self.curves[point][self._key][-1]
        return float("inf") if value is None else float(value)

    def gained(self, point: Point) -> float:
        """Share of the best gain over the base that a point brings; below zero where worse."""
        base, best = self.test[BASE], min(self.test.values())
        return float(np.clip((base - self.test[point]) / max(base - best, 1e-9), -1, 1))


def tables() -> list[Table]:
    """Every table whose best point is more than 2 % better than the base."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    with gzip.open(DATA / "tables.jsonl.gz", "rt", encoding="utf-8") as stream:
        for row in map(json.loads, stream):
            grouped.setdefault(row["id"], []).append(row)
    known = {record["id"]: record for record in usual_settings()}
    found = []
    for name, rows in sorted(grouped.items()):
        group = draw_group(int(name[1:5]))
        trivial = known[name]["trivial"] if name in known else max(
            value for row in rows for value in row["val"][:1] if value is not None
        )  # fmt: skip
        curves, test = {}, {}
        for row in rows:
            strength, rate, size = row["point"].split("/")
            point = (RATES.index(float(rate)), STRENGTHS.index(strength), SIZES.index(int(size)))
            curves[point] = {key: row[key] for key in ("val", "fresh", "train")}
            test[point] = min(3 * trivial, 3 * trivial if row["test"] is None else row["test"])
        table = Table(f"{name} {group.task.name}", group.task.kind in LANGUAGE,
                      float(group.interval), curves, test, trivial)  # fmt: skip
        if min(test.values()) < 0.98 * test[BASE]:
            found.append(table)
    return found


@dataclass
class Played:
    """What was trained so far: cost after each training, and the best logged point then."""

    costs: list[float] = field(default_factory=list)
    chosen: list[Point] = field(default_factory=list)

    def at(self, budget: float) -> Point:
        """The best point within a budget; the base where nothing was trained."""
        best = BASE
        for cost, point in zip(self.costs, self.chosen, strict=True):
            if cost <= budget + 1e-9:
                best = point
        return best


def played(table: Table, order: Iterator[tuple[Point, float]], budget: float) -> Played:
    """Train points in an order, each with the share of its length that is trained."""
    found, best, spent = Played(), BASE, 0.0
    for point, share in order:
        spent += share
        if spent > budget:
            break
        if share == 1.0 and table.validated(point) < table.validated(best):
            best = point
        found.costs.append(spent)
        found.chosen.append(best)
    return found


class Guide:
    """The loop: the first change of the best run's diagnosis that was not tried in vain."""

    def __init__(self, *, halves: bool) -> None:
        self.knowledge = load_knowledge(without=ELSEWHERE)
        self.halves = halves

    def order(self, table: Table, _: int) -> Iterator[tuple[Point, float]]:
        """Points in the order in which they are trained, with the share that is trained."""
        best, tried = BASE, {BASE}
        lost: set[tuple[Point, str]] = set()
        while True:
            change = self._next(table, best, tried, lost)
            if change is None:
                return
            point = moved(best, change)
            tried.add(point)
            if self.halves and self._stops(table, best, point):
                lost.add((best, _way(change)))
                yield point, 0.5
                continue
            yield point, 1.0
            if table.validated(point) < table.validated(best):
                best = point
            else:
                lost.add((best, _way(change)))

    def _stops(self, table: Table, best: Point, point: Point) -> bool:
        facts, _ = change_facts(table.logged(best), table.logged(point, 0.5))
        if facts.get("change.broke"):
            return True
        chance = add_scores(self.knowledge.scores, facts).get("change.chance")
        return chance is not None and float(chance) < STOP_BELOW

    def _next(
        self, table: Table, best: Point, tried: set[Point], lost: set[tuple[Point, str]]
    ) -> str | None:
        advised = self.said(table, best)
        known = diagnose_run(table.logged(best), self.knowledge).chances
        likely = sorted(_MOVES, key=lambda change: -known.get(change, 0.0))
        for change in [*advised, *likely]:
            if change not in _MOVES or (best, _way(change)) in lost:
                continue
            point = moved(best, change)
            if point not in tried and _inside(point):
                return change
        near = [change for change in likely if _inside(moved(best, change))
                and moved(best, change) not in tried]  # fmt: skip
        return near[0] if near else None

    def said(self, table: Table, point: Point) -> list[str]:
        """The changes that the diagnosis of a point recommends, in its order."""
        run = diagnose_run(table.logged(point), self.knowledge)
        found = [change_of(item) for item in run.recommendations]
        return [change for change in found if change in _MOVES]

    def likely(self, table: Table, point: Point) -> list[str]:
        """The changes that may help by a point's own log, the likeliest first."""
        known = diagnose_run(table.logged(point), self.knowledge).chances
        found = sorted(_MOVES, key=lambda change: -known.get(change, 0.0))
        return [change for change in found if known.get(change, 0.0) >= LEAST_LIKELY]


def moved(point: Point, change: str) -> Point:
    """The point that a change leads to, on the board or beyond it."""
    move = _MOVES[change]
    return (point[0] + move[0], point[1] + move[1], point[2] + move[2])


def _inside(point: Point) -> bool:
    return (
        0 <= point[0] < len(RATES)
        and 0 <= point[1] < len(STRENGTHS)
        and 0 <= point[2] < len(SIZES)
    )


def _way(change: str) -> str:
    return {"lr_x0.1": "down", "lr_x0.3": "down", "lr_x3": "up", "lr_x10": "up"}.get(
        change, change
    )


def rate_grid(_: Table, __: int) -> Iterator[tuple[Point, float]]:
    """Rates around today's, the nearest first."""
    for rate in (4, 2, 5, 1, 6, 0):
        yield (rate, 1, 0), 1.0
    for rate in (3, 4, 2, 5):
        yield (rate, 1, 1), 1.0


def at_random(table: Table, run: int) -> Iterator[tuple[Point, float]]:
    """Points drawn without replacement."""
    points = sorted(point for point in table.test if point != BASE)
    for place in np.random.default_rng(run).permutation(len(points)):
        yield points[place], 1.0


def tpe(table: Table, run: int) -> Iterator[tuple[Point, float]]:
    """Optuna's TPE as it comes, told the base run."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=run))
    study.enqueue_trial({"rate": BASE[0], "strength": BASE[1], "size": BASE[2]})
    for number in range(20):
        trial = study.ask()
        point = (trial.suggest_int("rate", 0, 6), trial.suggest_int("strength", 0, 2),
                 trial.suggest_int("size", 0, 1))  # fmt: skip
        study.tell(trial, min(table.validated(point), 3 * table.trivial))
        if number:
            yield point, 1.0


Order = Callable[[Table, int], Iterator[tuple[Point, float]]]


def report() -> str:
    """The share of the best gain by budget, and paired comparisons, as Markdown."""
    known = tables()
    guide, whole = Guide(halves=True), Guide(halves=False)
    methods: dict[str, tuple[Order, int]] = {
        "guided, stopped at half": (guide.order, 1),
        "guided, every change in full": (whole.order, 1),
        "grid of rates": (rate_grid, 1), "TPE": (tpe, RUNS), "random": (at_random, RUNS),
    }  # fmt: skip
    gains: dict[str, Any] = {}
    for name, (order, runs) in methods.items():
        gains[name] = np.asarray([
            [
                np.mean([
                    table.gained(played(table, order(table, run), budget).at(budget))
                    for run in range(runs)
                ])
                for budget in BUDGETS
            ]
            for table in known
        ])  # fmt: skip
    lines = [f"{len(known)} settings, share of the best gain of 42 points by trainings spent", "",
             "| method | " + " | ".join(map(str, BUDGETS)) + " |",
             "|---" * (len(BUDGETS) + 1) + "|"]  # fmt: skip
    for name, values in gains.items():
        lines.append(f"| {name} | " + " | ".join(f"{v:.2f}" for v in values.mean(0)) + " |")
    lines += ["", "Paired by setting, guided (every change in full) less the other: mean ± error",
              "", "| against | " + " | ".join(map(str, BUDGETS)) + " |",
              "|---" * (len(BUDGETS) + 1) + "|"]  # fmt: skip
    ours = gains["guided, every change in full"]
    for name, values in gains.items():
        if name != "guided, every change in full":
            gap = ours - values
            error = gap.std(0, ddof=1) / np.sqrt(len(known))
            cells = (f"{m:+.2f} ± {e:.2f}" for m, e in zip(gap.mean(0), error, strict=True))
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
