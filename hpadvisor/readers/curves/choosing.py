"""Which column is judged as what: totals before parts, losses before metrics, like with like."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Final

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.axis import Chosen
from hpadvisor.readers.curves.roles import (
    ROLES,
    Candidate,
    as_metric,
    is_axis,
    part_of,
    read_name,
    running_best,
    tokens,
)
from hpadvisor.readers.curves.summing import LOSSES, candidates_of, sum_parts, without_part
from hpadvisor.readers.curves.tables import Column, Refusal, Table
from hpadvisor.readers.metrics import metric_of
from hpadvisor.records import replace

SCORES: Final = ("train_loss", "val_loss", "train_metric", "val_metric")
"""The roles that are judged."""

_OF_LOSSES: Final = "part of a loss"
"""The family of what is a loss or a part of one, and never a metric beside it."""


def choose_columns(table: Table, mapping: Mapping[str, str]) -> Chosen:
    """Choose a column for each role.

    A total comes before its parts, which are summed where nothing else is there; a metric is never
    the loss where a loss is logged; what is compared is of one kind in both parts.

    Args:
        table: As read.
        mapping: Role to column name, over what the names say.

    Raises:
        UserError: a mapped column or role does not exist.
    """
    _of_two_sets(table)
    chosen = _mapped(table, mapping)
    for name, candidate in candidates_of(table, mapping):
        _offer(chosen, table, name, candidate, mapping)
    _one_column(table, chosen)
    _like_with_like(table, chosen, mapping)
    _score_of_validation(table, chosen, mapping)
    _same_metric(table, chosen, mapping)
    _of_one_name(table, chosen, mapping)
    sum_parts(table, chosen, mapping)
    return chosen


_FIRST_SET: Final = re.compile(r"^validation_0(?=\W)")
_SECOND_SET: Final = re.compile(r"^validation_1(?=\W)")


def _of_two_sets(table: Table) -> None:
    """Of XGBoost's ``validation_0`` and ``validation_1`` the first is what it is trained on."""
    second = any(_SECOND_SET.match(name) for name in table.columns)
    if not second or not any(_FIRST_SET.match(name) for name in table.columns):
        return
    table.columns = {_FIRST_SET.sub("train", name): one for name, one in table.columns.items()}
    table.notes.append("of validation_0 and validation_1 the first is taken for the training data")


def _mapped(table: Table, mapping: Mapping[str, str]) -> Chosen:
    chosen: Chosen = {}
    for role, name in mapping.items():
        if role not in ROLES:
            raise UserError(
                f"no role is called {role}", path="--map", remedy=f"Roles: {', '.join(ROLES)}."
            )
        if name not in table.columns:
            raise UserError(
                f"no column is called {name}",
                path=table.source,
                remedy=f"Columns: {', '.join(list(table.columns)[:20])}.",
            )
        metric = metric_of(name) if role.endswith("metric") else None
        higher = metric is None or metric.better != "lower"
        chosen[role] = (name, Candidate(role, 0, higher, metric))
    return chosen


def _offer(
    chosen: Chosen, table: Table, name: str, candidate: Candidate, mapping: Mapping[str, str]
) -> None:
    """Take a column where its role is free, or held by one that says less."""
    role = candidate.role
    if role in mapping:
        return
    known = chosen.get(role)
    if known is None or _order((name, candidate), table) < _order(known, table):
        chosen[role] = (name, candidate)


def _order(choice: tuple[str, Candidate], table: Table) -> tuple[bool, bool, bool, bool, int]:
    """Columns that say something come before those that do not, losses before metrics.

    That is: values of which one is finite, a handful of them, and a metric that is not the same
    throughout. A loss may be the same throughout: that is what there is to tell; but one that is
    zero throughout stands behind others, as that of a component that is not trained.
    """
    column, candidate = table.columns[choice[0]], choice[1]
    values = column.values[column.present]
    finite = values[np.isfinite(values)]
    still = candidate.role.endswith("metric") and len(finite) > 1 and bool(np.ptp(finite) == 0)
    unused = candidate.role.endswith("loss") and len(finite) > 1 and not finite.any()
    still = still or unused
    return not len(finite), len(values) < 5, still, candidate.stands_in, candidate.rank


def _one_column(table: Table, chosen: Chosen) -> None:
    """A nameless list of numbers, or one unknown column, is taken for the training loss."""
    if any(role in chosen for role in SCORES):
        return
    numeric = [
        name
        for name, column in table.columns.items()
        if column.texts is None
        and column.present.any()
        and read_name(name) is None
        and metric_of(name) is None
        and running_best(name) is None
        and not _counts_rows(column)
    ]
    if len(numeric) == 1 and (
        len(table.columns) == 1 or numeric[0].lower() in ("value", "values")
    ):
        chosen["train_loss"] = (numeric[0], Candidate("train_loss", 0))
        table.notes.append(f"the only column ({numeric[0]}) is taken for the training loss")


def _counts_rows(column: Column) -> bool:
    steps = np.diff(column.values)
    return len(steps) > 1 and bool((steps == 1).all())


def _like_with_like(table: Table, chosen: Chosen, mapping: Mapping[str, str]) -> None:
    """Metrics that stand for the loss do so only where no loss is logged, and alike in both parts.

    ``loss`` beside ``val_mae``: the error is a metric. ``train_rmse`` beside ``val_rmse`` and
    ``val_mae``: the errors of one kind are the losses.
    """
    free = [role for role in LOSSES if role not in mapping]
    standing = [role for role in free if role in chosen and chosen[role][1].stands_in]
    named = [role for role in LOSSES if role in chosen and role not in standing]
    if named:
        for role in standing:
            del chosen[role]
    elif len(standing) == 2:
        _of_one_kind(table, chosen)
    kept = {chosen[role][0] for role in LOSSES if role in chosen}
    for name, candidate in candidates_of(table, mapping):
        if candidate.stands_in and candidate.metric is not None and name not in kept:
            if kept and candidate.metric.family == _OF_LOSSES:
                continue  # a part of the loss that is logged
            part = "val" if candidate.role == "val_loss" else None
            other = as_metric(tokens(name), part, candidate.metric)
            _offer(chosen, table, name, other, mapping)


def _of_one_kind(table: Table, chosen: Chosen) -> None:
    """Make the validation's stand-in the same metric as the training's, or leave it out."""
    wanted = chosen["train_loss"][1].metric
    if chosen["val_loss"][1].metric is wanted:
        return
    del chosen["val_loss"]
    for name, candidate in candidates_of(table, {}):
        if candidate.role == "val_loss" and candidate.metric is wanted:
            _offer(chosen, table, name, candidate, {})


def _score_of_validation(table: Table, chosen: Chosen, mapping: Mapping[str, str]) -> None:
    """Beside ``train_loss`` and ``valid_loss`` (fastai) a bare ``accuracy`` is of validation.

    So it is beside a loss of validation alone.
    """
    if "train_metric" in mapping or "val_metric" in chosen or "val_loss" not in chosen:
        return
    loss, score = (chosen.get(role, ("", None))[0] for role in ("train_loss", "train_metric"))
    if score and part_of(score) is None and (not loss or part_of(loss) == "train"):
        name, candidate = chosen.pop("train_metric")
        chosen["val_metric"] = (name, replace(candidate, role="val_metric"))
        table.notes.append(f"{score} names no part and is taken for the validation score")
        for other, said in candidates_of(table, mapping):
            if said.role == "train_metric" and part_of(other) == "train":
                _offer(chosen, table, other, said, mapping)


def _same_metric(table: Table, chosen: Chosen, mapping: Mapping[str, str]) -> None:
    """The score of training is of the kind of validation's where one is, else it stays.

    One that goes the other way is left out: a run has one direction.
    """
    if "train_metric" in mapping or not {"train_metric", "val_metric"} <= set(chosen):
        return
    wanted = chosen["val_metric"][1].metric
    if wanted is None or chosen["train_metric"][1].metric is wanted:
        return
    other = chosen.pop("train_metric")
    for name, candidate in candidates_of(table, mapping):
        if candidate.role == "train_metric" and candidate.metric is wanted:
            _offer(chosen, table, name, candidate, mapping)
    alike = other[1].higher_is_better == chosen["val_metric"][1].higher_is_better
    if "train_metric" not in chosen and alike and part_of(other[0]) == "train":
        chosen["train_metric"] = other


def _of_one_name(table: Table, chosen: Chosen, mapping: Mapping[str, str]) -> None:
    """Beside ``train_acc`` stands ``test_acc``, not ``test_avg_acc``, where both are logged."""
    if "val_metric" in mapping or not {"train_metric", "val_metric"} <= set(chosen):
        return
    wanted = without_part(chosen["train_metric"][0])
    held, known = chosen["val_metric"]
    if without_part(held) == wanted:
        return
    for name, candidate in candidates_of(table, mapping):
        same = candidate.role == "val_metric" and candidate.metric is known.metric
        if same and part_of(name) == part_of(held) and without_part(name) == wanted:
            chosen["val_metric"] = (name, candidate)
            return


def first_score(table: Table, chosen: Chosen) -> Column | None:
    """The column of the first role that is judged, None without one."""
    for role in SCORES:
        if role in chosen:
            return table.columns[chosen[role][0]]
    return None


def without_scores(table: Table) -> tuple[Refusal, str]:
    """Why nothing can be judged: the columns have other names, or hold no numbers."""
    for name, column in table.columns.items():
        candidate = read_name(name)
        if candidate is not None and candidate.role in SCORES and not column.present.any():
            said = next((text for text in column.texts or () if text), "")
            cells = f", but cells such as {said!r}" if said else ""
            return "no_scores", f"{name} holds no numbers{cells}"
    for name, column in table.columns.items():
        metric = running_best(name)
        if metric is not None and falls_back(column, metric.better != "lower"):
            return "run_table", (
                f"{name} is the best value of a finished training, and falls again from row to "
                f"row: these are {int(column.present.sum())} trainings, not one. Compare them as "
                f"a search, with their settings: {audit_command(table)}"
            )
    names = ", ".join([name for name in table.columns if not is_axis(name)][:12])
    return "no_scores", (
        f"no column is a loss or a score (columns: {names}); say --map train_loss=COLUMN"
    )


def audit_command(table: Table) -> str:
    """The command that reviews a table of runs."""
    return f"hpadvisor audit {shlex.quote(table.source.partition('#')[0])}"


def falls_back(column: Column, higher_is_better: bool) -> bool:
    """Whether a best value so far gets worse, which no best value of one training can."""
    values = column.values[column.present & np.isfinite(column.values)]
    steps = np.diff(values) if higher_is_better else -np.diff(values)
    return len(steps) > 0 and bool((steps < -1e-12).any())
