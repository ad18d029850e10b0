"""Runs of trackers that lie on this machine: by their folders, by an id, or one of a store."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.tables import Table

WANDB_HEAD = b":W&B"
_WANDB_RUN = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-(?P<id>[^/]+)")
_WANDB_OWN = re.compile(r"debug(?:-[a-z]+)?\.log")
_ID = re.compile(r"[A-Za-z0-9][\w-]*(?:/[A-Za-z0-9][\w.-]*){0,2}")
_OWN_VALUES = ("_runtime", "_timestamp")
_DATABASES = ("mlflow.db",)
_MOST_STORES = 1_000


def wandb_log(folder: Path) -> Path | None:
    """The binary log in a run's folder of Weights & Biases; None for any other folder."""
    if not _WANDB_RUN.fullmatch(folder.name):
        return None
    return next(iter(sorted(folder.glob("run-*.wandb"))), None)


def is_wandb_own(file: Path) -> bool:
    """Whether a file is what the client of W&B logs of itself."""
    return _WANDB_OWN.fullmatch(file.name) is not None and file.parent.name in ("wandb", "logs")


def read_wandb(path: Path) -> Table:
    """Read a run's own log, online or offline, finished or not.

    Raises:
        UserError: no number was written to it yet.
    """
    from hpadvisor.readers.curves.json_shapes import table_of_document
    from hpadvisor.readers.searches.wandb_log import read_run

    run = read_run(path)
    rows = [
        {
            ("step" if name == "_step" and "step" not in row else name): value
            for name, value in row.items()
            if name not in _OWN_VALUES and not name.startswith("_wandb")
        }
        for row in run.history
    ]
    source = f"{path}#{run.name}" if run.name else str(path)
    table = table_of_document(rows, source) if any(len(row) > 1 for row in rows) else None
    if table is None:
        raise UserError(
            "no logged value in it yet",
            path=path,
            remedy="W&B writes in blocks: look again later, or after run.finish().",
        )
    table.format = "wandb"
    table.config.update(run.config)
    return table


def of_store(item: str) -> tuple[Path, str] | None:
    """Take ``mlflow.db#RUN`` apart, the database and a run's id or name; None for all else."""
    file, sign, run = item.rpartition("#")
    return (Path(file), run) if sign and run and Path(file).is_file() else None


def by_id(given: str) -> Path | None:
    """Find a run of the working directory's stores by its id.

    Args:
        given: The id of a run of W&B (also ``ENTITY/PROJECT/ID``) or MLflow.

    Returns:
        A log, the folder of a run, or ``DATABASE#ID``; None where there is none.
    """
    if not _ID.fullmatch(given):
        return None
    return _wandb_by_id(given.rpartition("/")[2]) or _mlflow_by_id(given)


def _wandb_by_id(wanted: str) -> Path | None:
    folders = [Path(os.environ.get("WANDB_DIR") or ".") / "wandb", Path("wandb")]
    for folder in folders:
        for child in _children(folder):
            match = _WANDB_RUN.fullmatch(child.name)
            log = wandb_log(child) if match and match["id"] == wanted else None
            if log is not None:
                return log
    return None


def _mlflow_by_id(wanted: str) -> Path | None:
    for experiment in _children(Path("mlruns")):
        if "/" not in wanted and (experiment / wanted / "metrics").is_dir():
            return experiment / wanted
    return next((found for one in _DATABASES if (found := in_database(Path(one), wanted))), None)


def in_database(database: Path, wanted: str) -> Path | None:
    """The address of a run in a database of MLflow; None where it does not hold it."""
    from hpadvisor.readers.curves.stores import database_holds

    if not database.is_file() or not database_holds(database, wanted):
        return None
    return database.with_name(f"{database.name}#{wanted}")


def _children(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        found = sorted(child for child in folder.iterdir() if child.is_dir())
        yield from found[:_MOST_STORES]
