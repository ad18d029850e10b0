"""Which columns of a table of trials are hyperparameters, and which is the score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.asking import audit_command
from hpadvisor.readers.searches.places import is_deviation, is_spread, settings_by_place, stem
from hpadvisor.readers.searches.record import ReadOptions
from hpadvisor.readers.searches.scores import (
    SCORE_PREFIXES,
    SCORE_WORDS,
    direction_of_score,
    plain_score,
    rank,
    without_parts,
)
from hpadvisor.readers.searches.values import number, parse

Rows = Sequence[dict[str, str]]

PARAMETER_PREFIXES = (
    "params_", "param_", "params.", "params/", "config/", "config.", "hparams/", "hparams.",
    "hyperparameters.", "hyperparameters/", "hp/", "hp.", "args/", "args.",
)  # fmt: skip
_PREFIXES_ABOUT = (
    "user_attrs_", "system_attrs_", "intermediate_values", "tags.", "attributes.", "_", "gpu",
    "system/", "sys/", "unnamed:",
)  # fmt: skip
ABOUT = {
    "", "name", "id", "state", "status", "created", "runtime", "notes", "user", "tags", "sweep",
    "group", "job_type", "number", "trial", "trial_id", "trial id", "trial_number",
    "datetime_start", "datetime_complete", "duration", "seed", "hostname", "start", "end",
    "start_time", "end_time", "start time", "end time", "index", "rank", "role", "run",
    "run_id", "run id", "run name", "run_name", "experiment", "experiment_id", "artifact_uri",
    "source", "source type", "source name", "source version", "version", "date", "time",
    "timestamp", "elapsed", "seconds", "minutes", "hours", "wall_time", "walltime", "train_time",
    "training_time", "train_runtime", "fit_time", "total_time", "time_s", "time_total_s",
    "comment", "comments", "description", "log_dir", "logdir", "output_dir", "save_dir", "path",
    "checkpoint", "epoch", "step", "global_step", "best_epoch", "best_step", "iteration",
    "host", "node", "pid", "random_seed", "random_state", "fold", "params_count", "n_params",
    "num_parameters", "num_params", "parameters", "flops", "memory", "gpu_memory", "ip", "done",
    "training_iteration", "time_this_iter_s", "node_ip", "trial_name", "tag", "project", "entity",
    "url", "commit", "git_commit", "device", "seeds", "repeat", "replicate",
}  # fmt: skip
_REACHED = re.compile(
    r"^(?:used|best|stopped|final|last|actual|trained|completed)_(?:epochs?|steps?|iterations?)$"
    r"|^(?:epochs?|steps?|iterations?)_(?:of_best|used|run|trained|stopped|completed)$", re.I
)  # fmt: skip
"""How far a run came: an outcome of early stopping, and no setting."""
_DATA = ("dataset", "data_set", "dataset_name", "data_name", "corpus", "benchmark")
_PATH = re.compile(r"[./]")
_SEEDS = ("seed", "random_seed", "random_state", "seeds", "repeat", "replicate")
_LEAST_TO_BE_TOLD = 2
_AGREE = 0.9


@dataclass(slots=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        params: Column to the hyperparameter's name, without its prefix.
        score: The column of the score.
        spread: The column of the score's deviation between seeds, empty without one.
        seed: The column of the seed, empty without one.
        notes: What was taken for what, where nobody said it.
        incomparable: Why the rows cannot be compared with each other, empty where they can.
    """

    params: dict[str, str]
    score: str
    spread: str = ""
    seed: str = ""
    notes: list[str] = field(default_factory=list)
    incomparable: str = ""


def tell_columns(header: list[str], rows: Rows, options: ReadOptions, path: str | Path) -> Columns:
    """Tell hyperparameters, the score and what stands beside them apart.

    Columns named by the user count as he says. Else prefixes of engines decide (``params_``,
    ``config/``, ``metrics.``), then the tables of names: a known hyperparameter, a known metric;
    then what the cells are: words, switches and few distinct numbers are settings.

    Raises:
        UserError: a named column is not there, or it cannot be told; the remedy is the command.
    """
    names = [name for name in header if name]
    _check_named(names, options, path)
    scores = _scores(names, rows, options)
    params = _params(names, rows, options, scores)
    if options.objective and options.objective in params:
        del params[options.objective]
    if not params:
        raise _no_params(names, scores, options, path)
    scores = [name for name in scores if name not in params]
    notes: list[str] = []
    score = _choose(scores, rows, options, path, notes)
    seed = next((n for n in names if is_seed(n) and n not in params), "")
    left = [n for n in names if _could_be(n, rows) and n not in params and n not in scores]
    if left and not options.params:
        notes.append(
            f"Not taken for hyperparameters: {_listed(left)}. Name all that count with --param."
        )
    mixed = _several_data(params, rows, options)
    return Columns(params, score, _spread_of(score, names, rows), seed, notes, mixed)


def _several_data(params: dict[str, str], rows: Rows, options: ReadOptions) -> str:
    """Say that scores of several data sets stand side by side."""
    for column, name in params.items():
        count = len(set(_cells(column, rows)))
        is_data = _PATH.split(name.lower())[-1] in _DATA
        if is_data and column not in options.params and count > 1:
            return (
                f"The rows are of {count} data sets ({column}), whose scores cannot be compared "
                "with each other: the best and the spread mean little. Give the rows of one."
            )
    return ""


def _check_named(names: list[str], options: ReadOptions, path: str | Path) -> None:
    missing = [name for name in options.params if name not in names]
    if missing:
        raise UserError(
            f"no column '{missing[0]}'", path=path, line=1, remedy=f"There are: {_listed(names)}."
        )
    if options.objective and options.objective not in names:
        shown = [n for n in names if n.lower() not in ABOUT]
        raise UserError(
            f"no score '{options.objective}'", path=path, remedy=f"There are: {_listed(shown)}."
        )


def is_about(name: str) -> bool:
    """Whether a column tells of the run itself rather than of its settings or scores."""
    lowered = name.lower()
    if lowered in ABOUT or lowered.startswith(_PREFIXES_ABOUT):
        return True
    return bool(_REACHED.match(lowered))


def is_seed(name: str) -> bool:
    """Whether a column or setting is the seed of a run, by the last part of its name."""
    last = _PATH.split(name.lower())[-1]
    return last in _SEEDS or last.endswith("_seed")


def _cells(name: str, rows: Rows) -> list[str]:
    return [cell for row in rows if (cell := (row.get(name) or "").strip())]


def _numeric(name: str, rows: Rows) -> bool:
    cells = _cells(name, rows)
    return bool(cells) and all(number(cell) is not None for cell in cells)


def _scores(names: list[str], rows: Rows, options: ReadOptions) -> list[str]:
    """Columns of numbers that are scores by their prefix or name."""
    if options.objective:
        return [options.objective]
    found = []
    for name in names:
        plain = plain_score(name)
        if name in options.params or not _numeric(name, rows) or is_spread(name, names):
            continue
        if any(name.startswith(p) for p in PARAMETER_PREFIXES):
            continue
        if plain != name or (not is_about(name) and _is_score(name, rows, options)):
            found.append(name)
    return found


def _is_score(name: str, rows: Rows, options: ReadOptions) -> bool:
    lowered = name.lower()
    if lowered in SCORE_WORDS:
        return True
    return direction_of_score(name) is not None and not _is_known(name, rows, options)


def _is_known(name: str, rows: Rows, options: ReadOptions) -> bool:
    """Whether a name is that of a hyperparameter: a ``precision`` of 0.93 is a score."""
    if options.names.role_of(name) is None:
        return False
    if direction_of_score(name) is None:
        return True
    values = [number(cell) for cell in _cells(name, rows)]
    return not any(value is not None and 0 < value < 1 for value in values)


def _without(name: str, prefixes: tuple[str, ...]) -> str:
    return next((name[len(p) :] for p in prefixes if name.startswith(p)), name)


def _params(
    names: list[str], rows: Rows, options: ReadOptions, scores: list[str]
) -> dict[str, str]:
    if options.params:
        return {name: name for name in options.params}
    prefixed = {
        name: _without(name, PARAMETER_PREFIXES)
        for name in names
        if name.startswith(PARAMETER_PREFIXES)
    }
    if prefixed:
        return {n: plain for n, plain in prefixed.items() if plain and _cells(n, rows)}
    others = [n for n in names if n not in scores and not is_about(n) and _cells(n, rows)]
    others = [n for n in others if not n.startswith(SCORE_PREFIXES) and not is_spread(n, names)]
    if options.objective and not any(_is_score(name, rows, options) for name in others):
        return {name: name for name in others}
    found = [name for name in others if _is_setting(name, rows, options)]

    def known(name: str) -> bool:
        return options.names.role_of(name) is not None

    def unknown(name: str) -> bool:
        nameless = name in others and name not in scores and not known(name)
        return nameless and _numeric(name, rows) and direction_of_score(name) is None

    return {name: name for name in settings_by_place(names, found, scores, known, unknown)}


def _is_setting(name: str, rows: Rows, options: ReadOptions) -> bool:
    """Whether a column is a hyperparameter, by its name or by what its cells are."""
    if _is_known(name, rows, options):
        return True
    if direction_of_score(name) is not None and _numeric(name, rows):
        return False
    cells = _cells(name, rows)
    distinct = {repr(parse(cell)) for cell in cells}
    if not _numeric(name, rows):  # words: choices repeat themselves, identifiers do not
        return len(distinct) == 1 or len(distinct) <= max(2, len(cells) // 2)
    return len(distinct) > 1 and len(distinct) <= max(2, len(cells) // 2)


def _could_be(name: str, rows: Rows) -> bool:
    """Whether a column that is left out might be a hyperparameter after all."""
    if is_about(name) or name.startswith(SCORE_PREFIXES) or is_spread(name, rows[0]):
        return False
    return len({*_cells(name, rows)}) >= _LEAST_TO_BE_TOLD and _numeric(name, rows)


def _choose(
    scores: list[str], rows: Rows, options: ReadOptions, path: str | Path, notes: list[str]
) -> str:
    """The score among the columns that are scores: validation first, a metric before a loss."""
    if options.objective:
        return options.objective
    if not scores:
        asked = ("--objective", "COLUMN", "--direction", options.direction or "maximize")
        raise UserError(
            "records no score that is known by its name",
            path=path,
            remedy=f"Name it: {audit_command(path, *asked, given=options)}",
        )
    ranked = sorted(scores, key=rank)
    best = without_parts([name for name in ranked if rank(name) == rank(ranked[0])])
    if len(best) > 1 and not all(_agree(best[0], other, rows) for other in best[1:]):
        told = options.direction or direction_of_score(best[0])
        asked = ("--objective", best[0], *(() if told else ("--direction", "maximize")))
        raise UserError(
            f"does not say which score counts: {_listed(best)}",
            path=path,
            remedy=f"Name it: {audit_command(path, *asked, given=options)}",
        )
    if len(scores) > 1:
        others = [name for name in scores if name != best[0]]
        notes.append(f"The score is {best[0]}; there are {_listed(others)} too (--objective).")
    return best[0]


def _agree(first: str, second: str, rows: Rows) -> bool:
    """Whether two scores order the trials alike, so that it matters little which is taken."""
    import numpy as np

    pairs = [(number(row.get(first)), number(row.get(second))) for row in rows]
    known = np.array([pair for pair in pairs if None not in pair], dtype=float)
    if len(known) < 3:
        return False
    ranks = known.argsort(axis=0).argsort(axis=0)
    if not ranks.std(axis=0).all():
        return False
    signs = {direction_of_score(name) for name in (first, second)}
    expected = -1.0 if len(signs) == 2 else 1.0
    moved = ranks - ranks.mean(axis=0)
    together = float((moved[:, 0] * moved[:, 1]).sum() / np.sqrt((moved**2).sum(axis=0)).prod())
    return expected * together >= _AGREE


def _spread_of(score: str, names: list[str], rows: Rows) -> str:
    """The column of a score's deviation, such as ``val_acc_std`` or ``std_test_score``."""
    for name in names:
        if is_deviation(name) and stem(name) == stem(score):
            return name if _numeric(name, rows) else ""
    return ""


def _no_params(
    names: list[str], scores: list[str], options: ReadOptions, path: str | Path
) -> UserError:
    others = [n for n in names if not is_about(n) and n not in scores] or ["COLUMN"]
    flags = [flag for name in others[:12] for flag in ("--param", name)]
    score = options.objective or (scores[0] if scores else "COLUMN")
    return UserError(
        "does not say which columns are hyperparameters",
        path=path,
        line=1,
        remedy=f"Name them: {audit_command(path, *flags, '--objective', score, given=options)}",
    )


def _listed(names: Sequence[Any]) -> str:
    return ", ".join(map(str, names[:20])) + (", …" if len(names) > 20 else "")
