"""scikit-learn's ``cv_results_``, saved as CSV."""

from __future__ import annotations

import math
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.asking import audit_command
from hpadvisor.readers.searches.files import csv_rows
from hpadvisor.readers.searches.record import MAXIMIZE, ReadOptions, State, Study, Trial
from hpadvisor.readers.searches.scores import without_parts
from hpadvisor.readers.searches.values import number, observed_space, parse

_PREFIX = "param_"


def recognises(header: list[str]) -> bool:
    """Whether these columns are those of a ``cv_results_``."""
    return any(name.startswith("mean_test_") for name in header) and any(
        name.startswith(_PREFIX) for name in header
    )


def read(text: str, path: str | Path, options: ReadOptions) -> Study:
    """Read a CSV of ``cv_results_``, of a halving search too.

    Traps: ``params`` holds Python reprs (never evaluated; the ``param_*`` columns say the same);
    a halving search lists one configuration at several resources; a failed fit scores NaN.

    Raises:
        UserError: several scorers and none chosen, or no such scorer.
    """
    header, found = csv_rows(text, path)
    rows = list(found)
    scorers = [name.removeprefix("mean_test_") for name in header if name.startswith("mean_test_")]
    notes = [
        "cv_results_ holds no search space: the ranges are those that the trials took. "
        "Give the real ones with --space FILE."
    ]
    scorer = _scorer(scorers, options, path, notes)
    folds = [
        name for name in header if name.startswith("split") and name.endswith(f"_test_{scorer}")
    ]
    conditional = _conditional(rows)
    trials = [_trial(index, row, scorer, folds, conditional) for index, row in enumerate(rows)]
    if "n_resources" in header:
        trials = _by_configuration(trials)
    return Study(
        Path(path).stem,
        "scikit-learn",
        options.direction or MAXIMIZE,  # scikit-learn's scorers rise by convention
        scorer,
        observed_space(trials),
        trials,
        str(path),
        notes,
    )


def _scorer(scorers: list[str], options: ReadOptions, path: str | Path, notes: list[str]) -> str:
    wanted = options.objective.removeprefix("mean_test_")
    if wanted:
        if wanted in scorers:
            return wanted
        raise UserError(
            f"no scorer '{wanted}'", path=path, remedy=f"There are: {', '.join(scorers)}."
        )
    whole = without_parts(scorers)
    if len(whole) > 1:
        raise UserError(
            f"several scorers: {', '.join(scorers)}",
            path=path,
            remedy=f"Name one: {audit_command(path, '--objective', whole[0], given=options)}",
        )
    if len(scorers) > 1:
        others = ", ".join(name for name in scorers if name != whole[0])
        notes.append(f"The score is {whole[0]}; there are {others} too (--objective).")
    return whole[0]


def _conditional(rows: list[dict[str, str]]) -> set[str]:
    """Columns that only some values of another one fill: gamma belongs to some kernels alone.

    An empty cell may also be a None (a depth without limit); such cells follow no other column.
    """
    names = [name for name in rows[0] if name.startswith(_PREFIX)] if rows else []
    filled = {name: [bool((row.get(name) or "").strip()) for row in rows] for name in names}
    partly = [name for name in names if any(filled[name]) and not all(filled[name])]
    whole = [name for name in names if all(filled[name])]
    found = set()
    for name in partly:
        for other in whole:
            seen = {(row[other], there) for row, there in zip(rows, filled[name], strict=True)}
            often = len({row[other] for row in rows})
            if len(seen) == often and 2 * often <= len(rows):
                found.add(name)
    return found


def _trial(
    index: int, row: dict[str, str], scorer: str, folds: list[str], conditional: set[str]
) -> Trial:
    value = number(row.get(f"mean_test_{scorer}"))
    scores = [number(row.get(fold)) for fold in folds]
    # Trials of an earlier search, which emitted searches carry along, have a mean alone.
    known = any(score is not None for score in scores)
    splits = tuple(float("nan") if v is None else v for v in scores) if known else ()
    seconds = (number(row.get("mean_fit_time")) or 0) + (number(row.get("mean_score_time")) or 0)
    resource = number(row.get("n_resources"))
    failed = value is None or math.isnan(value)
    return Trial(
        index,
        State.FAILED if failed else State.COMPLETE,
        {
            name.removeprefix(_PREFIX): parse(cell)
            for name, cell in row.items()
            if name.startswith(_PREFIX) and (name not in conditional or cell.strip())
        },
        None if failed else value,
        () if resource is None else (resource,),
        () if resource is None or value is None else (value,),
        splits=splits if len(splits) > 1 else (),
        seconds=seconds * max(len(folds), 1),
    )


def _by_configuration(rows: list[Trial]) -> list[Trial]:
    """One trial a configuration: its curve over resources, pruned below the largest."""
    found: dict[tuple[str, ...], Trial] = {}
    for row in rows:
        key = tuple(f"{name}={value!r}" for name, value in sorted(row.params.items()))
        old = found.get(key)
        if old is None:
            found[key] = row
            continue
        row.number, row.seconds = old.number, (old.seconds or 0) + (row.seconds or 0)
        row.steps, row.values = (*old.steps, *row.steps), (*old.values, *row.values)
        found[key] = row
    trials = list(found.values())
    top = max((trial.steps[-1] for trial in trials if trial.steps), default=0.0)
    for index, trial in enumerate(trials):
        trial.number = index
        if trial.state is State.COMPLETE and trial.steps and trial.steps[-1] < top:
            trial.state = State.PRUNED
    return trials
