"""A folder of past runs with different settings: each run a known trial.

What people have: Hydra's multirun folders, TensorBoard runs (with hparams or a config beside
them), Lightning's ``CSVLogger`` with ``hparams.yaml``, folders of the Hugging Face Trainer, and
scripts of one's own that write a log or a result and a config.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.asking import audit_command
from hpadvisor.readers.searches.columns import is_seed
from hpadvisor.readers.searches.hydra_sweep import Sweep, overrides_of, sweep_of
from hpadvisor.readers.searches.record import (
    MAXIMIZE,
    MINIMIZE,
    ReadOptions,
    State,
    Study,
    Trial,
)
from hpadvisor.readers.searches.run_curves import Curve, curves_below
from hpadvisor.readers.searches.run_settings import (
    folder_of,
    settings_in_name,
    settings_in_text,
    settings_near,
    tidy,
)
from hpadvisor.readers.searches.scores import direction_of_score, rank
from hpadvisor.readers.searches.values import NO_DIRECTION, observed_space, repeat

_LEAST = 2
_COMMON = 0.6


@dataclass(slots=True)
class PastRun:
    """One run.

    Attributes:
        place: Its log or folder.
        settings: What it was given.
        curves: Its scores over time, by their names.
        seconds: Its run time, where it says it.
        notes: What was assumed of it.
    """

    place: Path
    settings: dict[str, Any]
    curves: dict[str, Curve]
    seconds: float | None = None
    notes: list[str] = field(default_factory=list)


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read a folder of past runs as a study of known trials.

    The score of a run is the best that its curve reached, for that checkpoint is what one keeps;
    the runs of one sweep of Hydra's Optuna plugin are the search that they are, with its space;
    runs that differ only in their seed are one trial with repetitions.

    Raises:
        UserError: fewer than two runs, settings that nowhere differ, or no common score.
    """
    root = Path(path)
    runs = _with_settings(list(_runs(root, options)))
    if len(runs) < _LEAST:
        raise UserError(
            "a folder that holds no search, and fewer than two runs with settings and scores",
            path=path,
            remedy="Give a folder that holds the runs, each with its log and its config "
            "(hparams.yaml, config.yaml, args.json, .hydra), or a table of runs as CSV.",
        )
    swept = None if options.params else sweep_of([run.place for run in runs])
    if swept is not None:
        return _sweep(runs, *swept, options, path)
    notes = [
        "These are past runs, not a search: what was tried is known, what could have been is "
        "not. The ranges are those that the runs took."
    ]
    metric, higher = _score(runs, options, path, notes)
    direction = options.direction or (MAXIMIZE if higher else MINIMIZE)
    searched = _searched(runs, options)
    if not searched:
        raise UserError(
            f"{len(runs)} runs whose settings nowhere differ",
            path=path,
            remedy="Keep each run's config beside its log, or give a table of runs as CSV.",
        )
    trials = _trials(runs, metric, direction, searched, root)
    fixed = _fixed(runs, searched, options)
    space = observed_space(trials, options.params or searched)
    name = root.resolve().name or "runs"
    found = Study(name, "runs", direction, metric, space, trials, str(path), notes)
    found.fixed, found.history = fixed, True
    return found


def _sweep(
    runs: list[PastRun], sweep: Sweep, numbers: list[int], options: ReadOptions, path: str | Path
) -> Study:
    """The runs of one sweep of Hydra's as the search that they are, numbered like its jobs."""
    root = Path(path)
    notes = [
        "The score is the best that each run's log reached; what the function returned to the "
        "sweeper is kept of the best run only."
    ]
    options = replace(options, direction=options.direction or sweep.direction)
    metric, higher = _score(runs, options, path, notes)
    # A sweeper may maximise what its function returns while the log's score is a loss.
    told = direction_of_score(metric)
    direction = told or options.direction or (MAXIMIZE if higher else MINIMIZE)
    trials = []
    for job, run in sorted(zip(numbers, runs, strict=True), key=lambda pair: pair[0]):
        trial = _trial(job, run, metric, direction, root)
        given = overrides_of(folder_of(run.place))
        trial.params = {name: given[name] for name in sweep.space if name in given}
        trials.append(trial)
    found = Study(
        root.resolve().name or "sweep", "hydra", direction, metric, list(sweep.space.values()),
        trials, str(path), notes,
    )  # fmt: skip
    found.fixed = _fixed(runs, [], options)
    found.fixed = {k: v for k, v in found.fixed.items() if k.replace("/", ".") not in sweep.space}
    found.memory.planned = sweep.planned
    return found


def _runs(root: Path, options: ReadOptions) -> Iterator[PastRun]:
    known = options.names.role_of
    for place, curves, told in curves_below(root, options):
        settings = settings_near(place, root)
        for more in (
            told, settings_in_text(place), settings_in_name(place, root, known),
        ):  # fmt: skip
            for key, value in more.items():
                settings.setdefault(key, value)
        yield PastRun(place, tidy(settings), curves)


def _with_settings(runs: list[PastRun]) -> list[PastRun]:
    """One run a folder: of several logs of one, that with the most to say; those with a score."""
    grouped: dict[Path, list[PastRun]] = defaultdict(list)
    for run in runs:
        if run.settings and run.curves:
            grouped[folder_of(run.place)].append(run)
    kept = []
    for group in grouped.values():
        alike = all(run.settings == group[0].settings for run in group)
        if not alike:
            kept += group
            continue
        best = max(group, key=_size)
        for run in group:
            for name, curve in run.curves.items():
                best.curves.setdefault(name, curve)
        kept.append(best)
    return kept


def _size(run: PastRun) -> tuple[int, int]:
    return len(run.curves), sum(len(curve.y) for curve in run.curves.values())


def _score(
    runs: list[PastRun], options: ReadOptions, path: str | Path, notes: list[str]
) -> tuple[str, bool]:
    """The score that most runs have, and whether it should rise."""
    counts = Counter(name for run in runs for name in run.curves)
    common = [name for name, count in counts.items() if count >= _COMMON * len(runs)]
    wanted = options.objective
    if wanted:
        if wanted not in counts:
            listed = ", ".join(sorted(counts))
            raise UserError(f"no score '{wanted}'", path=path, remedy=f"There are: {listed}.")
        common = [wanted]
    told = {name: _rises(runs, name) for name in common}
    known = [name for name in common if told[name] is not None or options.direction]
    if not known:
        listed = ", ".join(sorted(counts)) or "nothing"
        asked = ("--objective", "NAME", "--direction", "maximize")
        raise UserError(
            f"the runs have no score in common whose direction is known ({listed})",
            path=path,
            remedy=f"Name it: {audit_command(path, *asked, given=options)}",
        )
    best = min(known, key=lambda name: (rank(name), -counts[name], name))
    if len(known) > 1:
        others = ", ".join(sorted(set(known) - {best})[:8])
        notes.append(f"The score is {best}; there are {others} too (--objective).")
    elif rank(best) in (NO_DIRECTION - 1, NO_DIRECTION - 2):
        notes.append(f"The score is {best}, of the training data: no validation was logged.")
    return best, bool(told[best])


def _rises(runs: list[PastRun], name: str) -> bool | None:
    told = {c.higher for run in runs if (c := run.curves.get(name)) and c.higher is not None}
    if len(told) == 1:
        return told.pop()
    direction = direction_of_score(name)
    return None if direction is None else direction == MAXIMIZE


def _searched(runs: list[PastRun], options: ReadOptions) -> list[str]:
    """Settings that differ between runs; a name for each value of one run only is no setting."""
    values: dict[str, list[Any]] = defaultdict(list)
    for run in runs:
        for key, value in run.settings.items():
            values[key].append(value)
    found = []
    for key, given in values.items():
        distinct = {repr(value) for value in given}
        differs = len(distinct) > 1 or len(given) < len(runs)
        names_a_run = len(distinct) == len(given) > 2 and all(isinstance(v, str) for v in given)
        if not is_seed(key) and differs and not names_a_run and _counts(key, given, runs, options):
            found.append(key)
    return found


def _counts(key: str, given: list[Any], runs: list[PastRun], options: ReadOptions) -> bool:
    """Whether a setting that some runs lack counts: only where its name is known."""
    known = options.names.role_of(key) is not None
    return known or len(given) == len(runs)


def _fixed(runs: list[PastRun], searched: list[str], options: ReadOptions) -> dict[str, Any]:
    """Known hyperparameters that no run changed."""
    found: dict[str, Any] = {}
    for run in runs:
        for key, value in run.settings.items():
            known = options.names.role_of(key) not in (None, "seed")
            if key not in searched and known and not is_seed(key):
                found.setdefault(key, value)
    return found


def _seed(run: PastRun) -> str:
    """The seed of a run, by whatever path its config names it."""
    return next((str(value) for key, value in run.settings.items() if is_seed(key)), "")


def _trials(
    runs: list[PastRun], metric: str, direction: str, searched: list[str], root: Path
) -> list[Trial]:
    groups: dict[str, list[PastRun]] = defaultdict(list)
    for run in runs:
        groups[repr([(key, run.settings.get(key)) for key in searched])].append(run)
    trials = []
    for number, members in enumerate(groups.values()):
        first = members[0]
        trial = _trial(number, first, metric, direction, root)
        trial.params = {k: first.settings[k] for k in searched if k in first.settings}
        scored = [(_seed(m), _trial(number, m, metric, direction, root).value) for m in members]
        if len(members) > 1:
            repeat(trial, scored)
        trials.append(trial)
    return trials


def _trial(number: int, run: PastRun, metric: str, direction: str, root: Path) -> Trial:
    curve = run.curves.get(metric)
    label = _label(run.place, root)
    if curve is None or not len(curve.y):
        return Trial(number, State.FAILED, label=label, seconds=run.seconds)
    finite = [value for value in curve.y if math.isfinite(value)]
    pick = max if direction == MAXIMIZE else min
    value = pick(finite) if finite else math.nan
    diverged = bool(finite) and not math.isfinite(curve.y[-1])
    return Trial(
        number,
        State.COMPLETE,
        value=math.nan if diverged else value,
        steps=curve.x if len(curve.y) > 1 else (),
        values=curve.y if len(curve.y) > 1 else (),
        seconds=run.seconds,
        label=label,
        place=str(run.place),
    )


_LONGEST_LABEL = 120
"""Letters of a run's name; of a longer one the end is kept, which tells it from its siblings."""


def _label(place: Path, root: Path) -> str:
    """What a person would call a run: its place below the folder, without what all have."""
    try:
        parts = list(place.relative_to(root).parts)
    except ValueError:
        parts = [place.name]
    if place.is_file() and len(parts) > 1:
        parts = parts[:-1]
    usual = ("lightning_logs", "logs", "checkpoints", "train", ".hydra", "version_0", "tb")
    name = "/".join(part for part in parts if part not in usual) or place.stem
    return name if len(name) <= _LONGEST_LABEL else f"…{name[1 - _LONGEST_LABEL :]}"
