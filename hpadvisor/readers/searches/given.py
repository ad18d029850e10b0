"""Searches that are in memory, brought into a form that is read from disk."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError, kind_of
from hpadvisor.readers.given import columns_of, is_records, path_given

_REMEDY = (
    'Say what the search does not: hpadvisor.audit(search, objective="…", direction="maximize", '
    "params=[…])."
)
"""The keywords that a command takes as flags."""
_ACCEPTED = (
    "Give a file, a folder or the URL of a storage; or a Study of Optuna, a frame of trials, or a "
    "list of records, a trial each."
)


@contextmanager
def as_path(given: Any) -> Iterator[str | Path]:
    """Give the path of a search; what is in memory lies in a temporary file meanwhile.

    Args:
        given: A path or URL, a Study of Optuna, a frame of trials, a list of records, or
            columns by name.
    """
    if isinstance(given, str | Path):
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            if hasattr(given, "trials") and hasattr(given, "study_name"):
                yield _copied_study(given, Path(folder))
                return
            records = [dict(one) for one in given] if is_records(given) else _rows(given)
            place = path_given(given) if records is None else _written(records, Path(folder))
            if not isinstance(place, str | Path):
                raise UserError(
                    f"a search cannot be read from {kind_of(given)}",
                    path="search", remedy=_ACCEPTED,
                )  # fmt: skip
            yield place
        except UserError as error:
            if folder not in str(error):
                raise
            raise UserError(error.what, path="the search in memory", remedy=_REMEDY) from None


def _copied_study(study: Any, folder: Path) -> Path:
    """The study in a journal of Optuna's own, with its distributions and attributes."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    path = folder / "study.log"
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(path)))
    copy = optuna.create_study(
        study_name=study.study_name, directions=study.directions, storage=storage
    )
    for name, value in study.user_attrs.items():
        copy.set_user_attr(name, value)
    copy.add_trials(study.trials)
    return path


def _rows(given: Any) -> list[dict[str, Any]] | None:
    columns = columns_of(given)
    if columns is None:
        return None
    cells = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in cells]


def _written(records: list[dict[str, Any]], folder: Path) -> Path:
    """Records as CSV."""
    names = list(dict.fromkeys(str(name) for record in records for name in record))
    path = folder / "trials.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        writer.writerows({str(name): cell for name, cell in one.items()} for one in records)
    return path
