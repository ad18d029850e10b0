"""CSV of trials: Weights & Biases exports, Optuna and Ray data frames, anybody's table."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.columns import Columns, is_seed, tell_columns
from hpadvisor.readers.searches.durations import seconds_of
from hpadvisor.readers.searches.files import csv_rows
from hpadvisor.readers.searches.packed import unpacked
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial
from hpadvisor.readers.searches.scores import direction_of_score, says_little
from hpadvisor.readers.searches.values import (
    direction_of,
    number,
    observed_space,
    parse,
    repeat,
    timestamp,
)

_STATES = {
    "complete": State.COMPLETE, "completed": State.COMPLETE, "finished": State.COMPLETE,
    "succeeded": State.COMPLETE, "terminated": State.COMPLETE, "done": State.COMPLETE,
    "ok": State.COMPLETE, "pruned": State.PRUNED, "stopped": State.PRUNED,
    "early_stopped": State.PRUNED, "fail": State.FAILED, "failed": State.FAILED,
    "crashed": State.FAILED, "killed": State.FAILED, "error": State.FAILED,
    "running": State.RUNNING, "waiting": State.WAITING, "pending": State.WAITING,
}  # fmt: skip

_NUMBERED = {"0": State.RUNNING, "1": State.COMPLETE, "2": State.PRUNED, "3": State.FAILED,
             "4": State.WAITING}  # fmt: skip
"""As Optuna counts its states, where a table took their numbers for their names."""


def is_wandb(header: list[str]) -> bool:
    """Whether these columns are those of a run table of Weights & Biases."""
    return {"Name", "State"} <= set(header) and bool({"Runtime", "ID", "Sweep"} & set(header))


def is_wandb_chart(header: list[str]) -> bool:
    """Whether these columns are those of a chart export, which holds no hyperparameters."""
    ends = {name.rpartition("__")[2] for name in header if "__" in name}
    return {"MIN", "MAX"} <= ends and not is_wandb(header)


def read(text: str, path: str | Path, options: ReadOptions) -> Study:
    """Read a table with a row for each trial.

    A column ``seed`` that is not named as a parameter marks repetitions: rows that differ only
    in it become one trial with replicates. ``baseline`` in a column ``role`` marks the baseline.

    Raises:
        UserError: columns that cannot be told apart, or that are not there.
    """
    header, rows = csv_rows(text, path)
    return study_of_rows(header, list(rows), path, options)


def study_of_rows(
    header: list[str], table: list[dict[str, str]], path: str | Path, options: ReadOptions
) -> Study:
    """Make a study of rows of texts by column; see :func:`read`."""
    if is_wandb_chart(header):
        raise UserError(
            "a chart of Weights & Biases, which holds no hyperparameters",
            path=path,
            remedy="Export the run table instead (its download button).",
        )
    if not table:
        raise UserError("no trials", path=path, remedy="Give a CSV with a row for each trial.")
    if all(number(name) is not None for name in header if name) and any(header):
        raise UserError(
            "has no names of columns: its first line holds numbers alone",
            path=path,
            line=1,
            remedy="Put the names of the hyperparameters and of the score into a first line.",
        )
    header, table = unpacked(header, table)
    told = tell_columns(header, table, options, path)
    notes = [
        "A table holds no search space: the ranges are those that the trials took. "
        "Give the real ones with --space FILE.",
        *told.notes,
    ]
    direction = options.direction or direction_of_score(told.score)
    direction = direction or direction_of(told.score, options, path, notes)
    if not options.direction and says_little(told.score):
        notes.append(
            f"'{told.score}' says little of its direction, {direction} was taken: --direction."
        )
    trials = [_trial(index, row, told) for index, row in enumerate(table)]
    if told.seed:
        trials = _join_seeds(trials, [(row.get(told.seed) or "").strip() for row in table], notes)
    elif not options.params:
        trials = _join_seed_settings(trials, notes)
    engine = "wandb" if is_wandb(header) else "csv"
    space = observed_space(trials)
    return Study(
        Path(path).stem, engine, direction, told.score, space, trials, str(path), notes,
        incomparable=told.incomparable,
    )  # fmt: skip


def _trial(index: int, row: dict[str, str], told: Columns) -> Trial:
    lowered = {name.lower(): cell for name, cell in row.items() if name}
    value = number(row.get(told.score))
    word = (lowered.get("state") or lowered.get("status") or "").strip().lower()
    word = word.removeprefix("trialstate.")
    state = _STATES.get(word, State.COMPLETE)
    if "number" in lowered and "value" in lowered:
        state = _NUMBERED.get(word, state)
    if state is State.COMPLETE and value is None:
        state = State.FAILED if word else State.WAITING
    taken = lowered.get("number") or lowered.get("trial") or ""
    return Trial(
        int(taken) if taken.isdecimal() else index,
        state,
        {
            name: parse(row[column])
            for column, name in told.params.items()
            if (row.get(column) or "").strip()
        },
        value,
        start=timestamp(_first(lowered, "datetime_start", "created", "start time", "start_time")),
        end=timestamp(_first(lowered, "datetime_complete", "end time", "end_time")),
        seconds=seconds_of(lowered),
        enqueued=(lowered.get("role") or "").strip().lower() == "baseline",
        spread=number(row.get(told.spread)) if told.spread else None,
        label=(_first(lowered, "name", "run name", "run_name", "run") or "").strip()[:60],
    )


def _first(row: dict[str, str], *names: str) -> str | None:
    return next((row[name] for name in names if row.get(name)), None)


def _join_seed_settings(trials: list[Trial], notes: list[str]) -> list[Trial]:
    """Join trials by a seed among their settings, where it repeats configurations.

    Drawn anew in each trial it is searched, and the audit says so.
    """
    name = next((n for trial in trials for n in trial.params if is_seed(n)), "")
    if not name:
        return trials
    rest = {repr(sorted((k, v) for k, v in t.params.items() if k != name)) for t in trials}
    if len(trials) < 2 * len(rest):
        return trials
    return _join_seeds(trials, [str(trial.params.pop(name, "")) for trial in trials], notes)


def _join_seeds(rows: list[Trial], seeds: list[str], notes: list[str]) -> list[Trial]:
    groups: dict[str, list[tuple[Trial, str]]] = defaultdict(list)
    for row, seed in zip(rows, seeds, strict=True):
        groups[repr(sorted(row.params.items()))].append((row, seed))
    if len(groups) == len(rows):
        return rows
    notes.append("Rows that differ only in their seed were taken as one trial each.")
    joined = []
    for index, members in enumerate(groups.values()):
        first = members[0][0]
        first.number = index
        repeat(first, [(seed, m.value) for m, seed in members if m.state is State.COMPLETE])
        first.enqueued = any(member.enqueued for member, _ in members)
        joined.append(first)
    return joined
