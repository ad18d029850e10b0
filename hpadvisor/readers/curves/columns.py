"""Every column of a log with its part and what it holds, chosen for a role or not."""

from __future__ import annotations

from typing import Final

from hpadvisor.readers.curves.axis import Chosen
from hpadvisor.readers.curves.record import Kind, LoggedColumn, Part
from hpadvisor.readers.curves.roles import Candidate, part_of, read_name
from hpadvisor.readers.curves.tables import Table

_KINDS: Final[dict[str, Kind]] = {
    "train_loss": "loss",
    "val_loss": "loss",
    "train_metric": "metric",
    "val_metric": "metric",
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "epoch": "axis",
    "step": "axis",
    "time": "axis",
}


def logged_columns(table: Table, chosen: Chosen) -> list[LoggedColumn]:
    """Describe the columns of a table that hold numbers.

    Args:
        table: As read.
        chosen: Role to column name.
    """
    roles = {name: role for role, (name, _) in chosen.items()}
    found = []
    for name, column in table.columns.items():
        values = int(column.present.sum())
        if not values:
            continue
        role = roles.get(name, "")
        candidate = chosen[role][1] if role else read_name(name)
        found.append(_column(name, role, candidate, values))
    return found


def _column(name: str, role: str, candidate: Candidate | None, values: int) -> LoggedColumn:
    kind = "other" if candidate is None else _KINDS[candidate.role]
    higher = None
    if kind == "loss":
        higher = False
    elif kind == "metric" and candidate is not None:
        higher = candidate.higher_is_better
    return LoggedColumn(name, _part(name, role), kind, role, higher, values)


def _part(name: str, role: str) -> Part:
    """The part that a name says, else the one that its role stands for."""
    said = part_of(name)
    if said == "train" or (said is None and role.startswith("train_")):
        return "train"
    if said == "test":
        return "test"
    return "val" if said or role.startswith("val_") else ""
