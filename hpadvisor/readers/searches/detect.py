"""Which engine left this? Decided by content, never by opening a pickle."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
import zlib
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.files import read_head, refuse_pipe
from hpadvisor.readers.searches import (
    katib,
    keras_tuner,
    mlflow_db,
    nni,
    optuna_journal,
    optuna_sqlite,
    optuna_url,
    sklearn_search,
    smac,
    sqlite,
    syne_tune,
    trials_csv,
)
from hpadvisor.readers.searches.asking import audit_command
from hpadvisor.readers.searches.folders import candidates
from hpadvisor.readers.searches.record import ReadOptions, Study
from hpadvisor.readers.searches.settling import settle
from hpadvisor.readers.searches.space_file import read_space

_MAX_TEXT = 512 * 1024 * 1024
_FOREIGN = (
    LookupError, TypeError, ValueError, AttributeError, OSError, ArithmeticError, EOFError,
    RecursionError, RuntimeError, csv.Error, sqlite3.Error, zlib.error, zipfile.BadZipFile,
)  # fmt: skip
"""What reading a damaged or foreign file of an engine raises."""
_ACCEPTED = (
    "Give an Optuna database or journal, a folder of Ray Tune, MLflow, Keras Tuner, SMAC, Syne "
    "Tune or W&B, an nni.sqlite, Katib JSON, cv_results_ or a table of trials as CSV."
)


def read_search(path: Any, options: ReadOptions | None = None) -> Study:
    """Read a search, whichever engine left it.

    Args:
        path: A file, a folder, or the URL of an Optuna storage; or what is in memory: a study of
            Optuna, a data frame, a list of records.
        options: What the user says about it.

    Returns:
        The study, its ranges replaced by those of ``options.space`` where given.

    Raises:
        UserError: nothing found, several found, not understood, or damaged.
    """
    options = options or ReadOptions()
    try:
        study = _read(path, options)
    except PermissionError as error:
        raise UserError(
            f"cannot be read ({error.strerror})",
            path=error.filename or path,
            remedy="Check its permissions.",
        ) from None
    except _FOREIGN as error:
        # Well-formed, but not what the engine writes: a foreign or newer layout.
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        raise UserError(
            f"not in the form that is known of its engine ({detail})",
            path=path,
            remedy="Export the trials as CSV, then use --param and --objective.",
        ) from error
    settle(study)
    if options.params:
        study.parameters = [p for p in study.parameters if p.name in options.params]
    if options.space is not None:
        _state_space(study, options)
    return study


def _state_space(study: Study, options: ReadOptions) -> None:
    stated = {parameter.name: parameter for parameter in read_space(options.space or "")}
    recorded = {name for trial in study.trials for name in trial.params}
    if not recorded & set(stated):
        raise UserError(
            "none of its parameters is one of the search",
            path=options.space,
            remedy=f"The search has: {', '.join(sorted(recorded))}.",
        )
    study.parameters = [p for name, p in stated.items() if name in recorded]
    study.notes = [note for note in study.notes if "--space" not in note]


def _read(path: str | Path, options: ReadOptions) -> Study:
    text = str(path)
    if "://" in text:
        if text.startswith("sqlite:///"):
            return _read(text.removeprefix("sqlite:///"), options)
        return optuna_url.read(text, options)
    place = Path(path)
    if place.is_dir():
        return _folder(place, options)
    refuse_pipe(place)
    head = read_head(place, 4096, name=path, missing="no such file or folder")
    return _file(place, head, options)


def _file(path: Path, head: bytes, options: ReadOptions) -> Study:
    if not head.strip(b"\0 \r\n\t"):
        raise UserError("empty", path=path, remedy="The search has not written to it yet.")
    if head.startswith(sqlite.MAGIC):
        return _database(path, options)
    if head[:1] == b"\x80" or path.suffix in (".pkl", ".pickle", ".joblib"):
        raise UserError(
            "a pickle, which can run any code and is never opened",
            path=path,
            remedy="Export the trials as CSV (Hyperopt: trials.trials; scikit-learn: "
            "pandas.DataFrame(search.cv_results_).to_csv), then use --param and --objective.",
        )
    if path.name in ("results.csv.zip", "metadata.json"):
        return syne_tune.read(path.parent, options)
    if path.suffix == ".wandb":
        raise UserError(
            "a binary log of Weights & Biases",
            path=path,
            remedy="Give the folder wandb that holds the runs; for runs made offline: wandb sync, "
            "then export the run table as CSV (--param and --objective).",
        )
    if b"\0" in head:
        raise UserError("not a search", path=path, remedy=_ACCEPTED)
    return _text(path, head, options)


def _text(path: Path, head: bytes, options: ReadOptions) -> Study:
    first = head.split(b"\n", 1)[0]
    if first.lstrip().startswith(b"{") and b'"op_code"' in first:
        return optuna_journal.read(path, options)
    if path.name in ("oracle.json", "runhistory.json"):
        reader = keras_tuner.read if path.name == "oracle.json" else smac.read
        return reader(path.parent, options)
    if path.stat().st_size > _MAX_TEXT:
        raise UserError("larger than 512 MB", path=path, remedy="Check that it is a search.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("not UTF-8 text", path=path, remedy=_ACCEPTED) from None
    if first.lstrip()[:1] in (b"{", b"["):
        return _json(path, text, options)
    return _table(path, text, options)


def _table(path: Path, text: str, options: ReadOptions) -> Study:
    from hpadvisor.readers.searches import optuna_console, text_tables
    from hpadvisor.readers.searches.files import csv_rows

    if optuna_console.recognises(text):
        return optuna_console.read(text, path, options)
    table = text_tables.markdown(text)
    if table is not None:
        return trials_csv.study_of_rows(*table, path, options)
    header, _ = csv_rows(text, path)
    if sklearn_search.recognises(header):
        return sklearn_search.read(text, path, options)
    if len(header) < 2:
        table = text_tables.aligned(text)
        if table is None:
            raise UserError("not a search", path=path, remedy=_ACCEPTED)
        return trials_csv.study_of_rows(*table, path, options)
    return trials_csv.read(text, path, options)


def _json(path: Path, text: str, options: ReadOptions) -> Study:
    from hpadvisor.readers.searches import optuna_console, text_tables

    if optuna_console.recognises(text):  # its lines begin with a bracket, as JSON does
        return optuna_console.read(text, path, options)
    try:
        raw: Any = json.loads(text)
    except ValueError as error:
        raw = _lines(text)
        if raw is None:
            raise UserError(
                "broken or unfinished JSON",
                path=path,
                line=getattr(error, "lineno", None),
                remedy="Copy or export it again.",
            ) from None
    if katib.recognises(raw):
        return katib.read(raw, path, options)
    rows = text_tables.records(raw)
    if rows is None:
        raise UserError("JSON of a kind that is not known here", path=path, remedy=_ACCEPTED)
    return trials_csv.study_of_rows(*rows, path, options)


def _lines(text: str) -> list[Any] | None:
    """JSON lines as a list; None where this is something else. A torn last line is left out."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = []
    for place, line in enumerate(lines, start=1):
        try:
            found.append(json.loads(line))
        except ValueError:
            if place < len(lines) or not found:
                return None
    return found


def _database(path: Path, options: ReadOptions) -> Study:
    with sqlite.opened(path) as db:
        names = sqlite.tables(db)
    readers = {"optuna": optuna_sqlite.read, "mlflow": mlflow_db.read, "nni": nni.read}
    engine = sqlite.engine_of(names)
    if engine:
        return readers[engine](path, options)
    shown = ", ".join(sorted(names)[:6]) or "none"
    raise UserError(
        f"a SQLite database of no engine known here (tables: {shown})",
        path=path,
        remedy=_ACCEPTED,
    )


def _folder(path: Path, options: ReadOptions) -> Study:
    """The search of an engine; else a folder of past runs; else the one table in it."""
    from hpadvisor.readers.searches import past_runs

    found = candidates(path, _read)
    if len(found) == 1:
        place, reader = found[0]
        return reader(place, options)
    if len(found) > 1:
        shown = ", ".join(str(place) for place, _ in found[:6])
        shown += ", …" if len(found) > 6 else ""
        command = audit_command(found[0][0])
        raise UserError(
            f"holds {len(found)} searches: {shown}", path=path, remedy=f"Name one: {command}"
        )
    tables = sorted(path.glob("*.csv"))
    try:
        return past_runs.read(path, options)
    except UserError:
        if len(tables) == 1:
            return _read(tables[0], options)
        if tables and not any(child.is_dir() for child in path.iterdir()):
            shown = ", ".join(map(str, tables[:6])) + (", …" if len(tables) > 6 else "")
            raise UserError(
                "a folder with tables", path=path, remedy=f"Name one: {shown}."
            ) from None
        raise
