"""CSV of trials: Weights & Biases exports, Optuna and Ray data frames, anybody's table."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.files import csv_rows
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial
from hpadvisor.readers.searches.values import (
    choose_metric,
    direction_of,
    number,
    observed_space,
    parse,
    repeat,
    timestamp,
)

_PREFIXES = ("params_", "param_", "config/", "config.", "params.", "hyperparameters.")
_ABOUT = {
    "", "name", "id", "state", "status", "created", "runtime", "notes", "user", "tags", "sweep",
    "group", "job_type", "number", "trial", "trial_id", "datetime_start", "datetime_complete",
    "duration", "seed", "hostname", "start", "end", "start_time", "end_time", "index", "rank",
    "role",
}  # fmt: skip
_STATES = {
    "complete": State.COMPLETE, "completed": State.COMPLETE, "finished": State.COMPLETE,
    "succeeded": State.COMPLETE, "terminated": State.COMPLETE, "done": State.COMPLETE,
    "ok": State.COMPLETE, "pruned": State.PRUNED, "stopped": State.PRUNED,
    "early_stopped": State.PRUNED, "fail": State.FAILED, "failed": State.FAILED,
    "crashed": State.FAILED, "killed": State.FAILED, "error": State.FAILED,
    "running": State.RUNNING, "waiting": State.WAITING, "pending": State.WAITING,
}  # fmt: skip


def is_wandb(header: list[str]) -> bool:
    """Whether these columns are those of a run table of Weights & Biases."""
    return {"Name", "State"} <= set(header) and bool({"Runtime", "ID", "Sweep"} & set(header))


def is_wandb_chart(header: list[str]) -> bool:
    """Whether these columns are those of a chart export, which holds no hyperparameters."""
    return header[:1] == ["Step"] and any(name.endswith("__MIN") for name in header)


def read(text: str, path: str | Path, options: ReadOptions) -> Study:
    """Read a table with a row for each trial.

    A column ``seed`` that is not named as a parameter marks repetitions: rows that differ only
    in it become one trial with replicates. ``baseline`` in a column ``role`` marks the baseline.

    Raises:
        UserError: columns that cannot be told apart, or that are not there.
    """
    header, rows = csv_rows(text, path)
    if is_wandb_chart(header):
        raise UserError(
            "a chart of Weights & Biases, which holds no hyperparameters",
            path=path,
            remedy="Export the run table instead (its download button).",
        )
    table = list(rows)
    if not table:
        raise UserError("no trials", path=path, remedy="Give a CSV with a row for each trial.")
    params, prefix = _params(header, options, path)
    rest = [n for n in header if n not in params and n.lower() not in _ABOUT and n]
    scores = [n for n in rest if all(number(row.get(n) or "0") is not None for row in table)]
    metric = choose_metric(["value"] if "value" in scores and prefix else scores, options, path)
    notes = [
        "A table holds no search space: the ranges are those that the trials took. "
        "Give the real ones with --space FILE."
    ]
    direction = direction_of(metric, options, path, notes)
    trials = [_trial(index, row, params, prefix, metric) for index, row in enumerate(table)]
    seed = next((n for n in header if n.lower() == "seed" and n not in params), None)
    if seed is not None:
        trials = _join_seeds(trials, [row.get(seed, "").strip() for row in table], notes)
    engine = "wandb" if is_wandb(header) else "csv"
    space = observed_space(trials)
    return Study(Path(path).stem, engine, direction, metric, space, trials, str(path), notes)


def _params(header: list[str], options: ReadOptions, path: str | Path) -> tuple[list[str], str]:
    missing = [name for name in options.params if name not in header]
    listed = ", ".join(name for name in header[:30] if name)
    if missing:
        raise UserError(
            f"no column '{missing[0]}'", path=path, line=1, remedy=f"There are: {listed}."
        )
    if options.params:
        return list(options.params), ""
    for prefix in _PREFIXES:
        found = [name for name in header if name.startswith(prefix)]
        if found:
            return found, prefix
    others = [n for n in header if n and n.lower() not in _ABOUT and n != options.objective]
    if options.objective in header and others and not is_wandb(header):
        return others, ""
    raise UserError(
        "does not say which columns are hyperparameters",
        path=path,
        line=1,
        remedy=f"Add --param for each, and --objective for the score. Columns: {listed}.",
    )


def _trial(index: int, row: dict[str, str], params: list[str], prefix: str, metric: str) -> Trial:
    lowered = {name.lower(): cell for name, cell in row.items()}
    value = number(row.get(metric))
    word = (lowered.get("state") or lowered.get("status") or "").strip().lower()
    state = _STATES.get(word, State.COMPLETE)
    if state is State.COMPLETE and value is None:
        state = State.FAILED if word else State.WAITING
    taken = lowered.get("number") or lowered.get("trial") or ""
    return Trial(
        int(taken) if taken.isdecimal() else index,
        state,
        {
            name.removeprefix(prefix): parse(row[name])
            for name in params
            if row.get(name, "").strip()
        },
        value,
        start=timestamp(lowered.get("datetime_start") or lowered.get("created")),
        end=timestamp(lowered.get("datetime_complete")),
        seconds=number(lowered.get("runtime")) or number(lowered.get("duration")),
        enqueued=(lowered.get("role") or "").strip().lower() == "baseline",
    )


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
