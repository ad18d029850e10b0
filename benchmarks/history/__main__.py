"""Judge the next training after a history: ``python -m benchmarks.history [--tables]``.

Settings of the clinic's test part that were trained at seven rates, three strengths of
regularisation and two sizes are the board. A history is made as people make one: from the base,
one setting at a time is moved by a step or two, and what won is kept. Then each method names one
training more; it improves where it lowers the best validation loss so far, and the test loss too.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.clinic.usual.guided import (
    BASE,
    RATES,
    SIZES,
    Guide,
    Point,
    Table,
    moved,
    tables,
)
from hpadvisor.auditing.history import history_of
from hpadvisor.facts.searches.review import review
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

LENGTHS = (3, 5, 8, 12)
PER_TABLE = 6
STRENGTH_VALUES = (0.1, 1.0, 10.0)


def main() -> None:
    """Play and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--lengths", type=int, nargs="*", default=list(LENGTHS))
    parser.add_argument("--tables", action="store_true", help="play on public tuning tables")
    parser.add_argument("--part", choices=("development", "test"), default="development")
    parser.add_argument("--histories", type=int, default=60, help="per table and length")
    options = parser.parse_args()
    if options.tables:
        from benchmarks.history import tables as public

        print(public.report(options.lengths, options.histories, options.part))
        return
    print(report(options.lengths))


def report(lengths: Sequence[int]) -> str:
    """How often each method's next training improves, by the length of the history."""
    boards = tables()
    guide = Guide(halves=False)
    methods = {
        "audit": lambda t, h, n: _audit(guide, t, h, n),
        "history alone": _advised,
        "what the best run's log advises": lambda t, h, n: _of_log(guide, t, h, n),
        "TPE told the history": _tpe, "random": _random,
    }  # fmt: skip
    hits: dict[tuple[str, int], list[list[float]]] = {}
    for table in boards:
        for length in lengths:
            found: dict[str, list[float]] = {name: [] for name in methods}
            for number in range(PER_TABLE):
                tried = drawn(table, length, number)
                if len(tried) < length:
                    continue
                for name, method in methods.items():
                    found[name].append(_improves(table, tried, method(table, tried, number)))
            for name, values in found.items():
                hits.setdefault((name, length), []).append(values)
    lines = [f"{len(boards)} settings × {PER_TABLE} histories; share of next trainings that",
             "improve on the best so far, validation and test loss both", "",
             "| method | " + " | ".join(f"{n} runs" for n in lengths) + " |",
             "|---" * (len(lengths) + 1) + "|"]  # fmt: skip
    for name in methods:
        cells = [_mean(hits[name, length]) for length in lengths]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "Paired by setting, audit less the other:", ""]
    for name in list(methods)[1:]:
        cells = [_paired(hits["audit", n], hits[name, n]) for n in lengths]
        lines.append(f"| against {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean(rows: list[list[float]]) -> str:
    means = [float(np.mean(row)) for row in rows if row]
    return f"{np.mean(means):.2f}"


def _paired(ours: list[list[float]], theirs: list[list[float]]) -> str:
    gaps = [float(np.mean(a) - np.mean(b)) for a, b in zip(ours, theirs, strict=True) if a]
    return f"{np.mean(gaps):+.2f} ± {np.std(gaps, ddof=1) / len(gaps) ** 0.5:.2f}"


def drawn(table: Table, length: int, number: int) -> list[Point]:
    """A history as people make one: one setting at a time, what won is kept."""
    random = np.random.default_rng([5, number, length])
    tried, best = [BASE], BASE
    for _ in range(200):
        if len(tried) == length:
            break
        axis = int(random.choice(3, p=(0.6, 0.25, 0.15)))
        step = int(random.choice((-2, -1, 1, 2) if axis == 0 else (-1, 1)))
        moved = list(best)
        moved[axis] += step
        point: Point = (moved[0], moved[1], moved[2])
        if point not in table.test or point in tried:
            continue
        tried.append(point)
        if table.validated(point) < table.validated(best):
            best = point
    return tried


def _improves(table: Table, tried: list[Point], point: Point | None) -> float:
    best = min(tried, key=table.validated)
    if point is None:
        return 0.0
    lower = table.validated(point) < table.validated(best)
    return float(lower and table.test[point] < table.test[best])


def study_of(table: Table, tried: list[Point]) -> Study:
    """The history as a reader would return it; values on the board's own scales."""
    parameters = [
        Parameter("lr", "float", min(RATES), max(RATES), "log", observed=True,
                  role="learning_rate", minimum=min(RATES), maximum=max(RATES)),
        Parameter("decay", "float", 0.1, 10.0, "log", observed=True, role="weight_decay",
                  minimum=0.1, maximum=10.0),
        Parameter("width", "int", 1, 2, "log", observed=True, role="width", minimum=1, maximum=2),
    ]  # fmt: skip
    trials = [
        Trial(
            number, State.COMPLETE,
            {"lr": RATES[point[0]], "decay": STRENGTH_VALUES[point[1]], "width": SIZES[point[2]]},
            min(table.validated(point), 3 * table.trivial),
        )
        for number, point in enumerate(tried)
    ]  # fmt: skip
    study = Study(table.name, "runs", "minimize", "val_loss", parameters, trials)
    study.history = True
    return study


def _nearest(settings: dict[str, Any]) -> Point:
    rate = int(np.argmin([abs(np.log(value / settings["lr"])) for value in RATES]))
    strength = int(np.argmin([abs(np.log(v / settings["decay"])) for v in STRENGTH_VALUES]))
    return rate, strength, SIZES.index(int(settings["width"]))


def _advised(table: Table, tried: list[Point], _: int) -> Point | None:
    history = history_of(review(study_of(table, tried)))
    if history is None:
        return None
    for item in history.next:
        point = _nearest(item.settings)
        if point not in tried:
            return point
    return None


def _of_log(guide: Guide, table: Table, tried: list[Point], _: int) -> Point | None:
    """The first advice of the best run's log, whether or not it was tried."""
    best = min(tried, key=table.validated)
    points = [moved(best, change) for change in guide.said(table, best)]
    return next((point for point in points if point in table.test), None)


def _audit(guide: Guide, table: Table, tried: list[Point], number: int) -> Point | None:
    """What ``audit FOLDER`` names first: by the best run's log, else by the history."""
    best = min(tried, key=table.validated)
    for change in guide.likely(table, best):
        point = moved(best, change)
        if point in table.test and point not in tried:
            return point
    return _advised(table, tried, number)


def _tpe(table: Table, tried: list[Point], number: int) -> Point | None:
    import optuna
    from optuna.distributions import IntDistribution

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=number, n_startup_trials=1)
    )
    space = {"rate": IntDistribution(0, 6), "strength": IntDistribution(0, 2),
             "size": IntDistribution(0, 1)}  # fmt: skip
    for point in tried:
        study.add_trial(optuna.trial.create_trial(
            params=dict(zip(space, point, strict=True)), distributions=dict(space),
            value=min(table.validated(point), 3 * table.trivial)))  # fmt: skip
    for _ in range(30):
        trial = study.ask(dict(space))
        point = (trial.params["rate"], trial.params["strength"], trial.params["size"])
        if point not in tried:
            return point
    return None


def _random(table: Table, tried: list[Point], number: int) -> Point | None:
    points = sorted(point for point in table.test if point not in tried)
    return points[int(np.random.default_rng([9, number, len(tried)]).integers(len(points)))]


if __name__ == "__main__":
    main()
