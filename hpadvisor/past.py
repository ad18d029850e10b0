"""Past runs: read with the meaning of their settings, and what the best one's own log advises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hpadvisor.auditing.history import with_advice
from hpadvisor.auditing.model import History
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.engine.judging import load_judging
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.text import of_ten
from hpadvisor.errors import UserError
from hpadvisor.facts.searches.meaning import give_meaning
from hpadvisor.facts.searches.names import names_of
from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.given import as_path
from hpadvisor.readers.searches.record import ReadOptions, Study

_MOVES = {
    "lr_x0.1": ("learning_rate", 0.1), "lr_x0.3": ("learning_rate", 0.3),
    "lr_x3": ("learning_rate", 3.0), "lr_x10": ("learning_rate", 10.0),
    "regularization_up": ("weight_decay", 10.0), "regularization_down": ("weight_decay", 0.1),
    "capacity_x4": ("width", 2.0), "epochs_x3": ("epochs", 3.0),
}  # fmt: skip
"""The hyperparameter and factor of a change whose chance a diagnosis knows."""


LEAST_LIKELY = 0.1
"""Chance from which on a change is worth a training of a history."""


def past_runs(
    path: str | Path | Any, knowledge: Knowledge, options: ReadOptions | None = None
) -> Study:
    """Read a search, or a folder or table of past runs, with the meaning of its parameters.

    Args:
        path: A file, a folder, or the URL of an Optuna storage; or what is in memory.
        knowledge: Its vocabulary knows the names.
        options: Which study, which score, which way.

    Raises:
        UserError: nothing that can be read as a search.
    """
    vocabulary = knowledge.vocabulary()
    named = replace(options or ReadOptions(), names=names_of(vocabulary))
    with as_path(path) as place:
        study = read_search(place, named)
    if place is not path:
        study.source = "memory"
    give_meaning(study, vocabulary)
    return study


def advised(history: History, study: Study, rules: Sequence[str | Path] = ()) -> History:
    """Put what the best run's log makes likely before what follows from the other runs.

    Args:
        history: The history, the best run first.
        study: Its runs, which know where their logs are.
        rules: Folders or files of rules beside those that ship.
    """
    best = history.runs[0].number
    place = next((one.place for one in study.trials if one.number == best), "")
    return with_advice(history, study, _by_log(place, rules)) if place else history


def _by_log(place: str, rules: Sequence[str | Path]) -> list[tuple[str, float, str]]:
    """Changes that may help by a log: role, factor and reason, the likeliest first."""
    known = load_judging("diagnose", rules, without=ELSEWHERE)
    try:
        runs = list(read_runs([place]))
    except UserError:
        return []
    if len(runs) != 1:
        return []
    chances = diagnose_run(runs[0], known).chances
    likely = sorted(chances.items(), key=lambda item: -item[1])
    return [
        (*_MOVES[change], f"by its own log it helps in {of_ten(chance)}")
        for change, chance in likely
        if change in _MOVES and chance >= LEAST_LIKELY
    ]
