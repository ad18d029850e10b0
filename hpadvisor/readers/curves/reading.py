"""One log to tables, whatever its format; its content decides, not its name."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from hpadvisor.errors import UserError, kind_of
from hpadvisor.readers.curves import delimited, titles
from hpadvisor.readers.curves.assembling import runs_of
from hpadvisor.readers.curves.discovery import find_logs
from hpadvisor.readers.curves.record import RunRecord
from hpadvisor.readers.curves.tables import Table, number
from hpadvisor.readers.curves.text import (
    EVENT_FILE,
    HEAD_BYTES,
    encoding_of,
    open_text,
    read_whole,
    standard_input,
)
from hpadvisor.readers.files import read_head

_STAMPED = re.compile(r"\[[^\[\]{}\"\n]*\][ \t]*[^ \t\r\n\],]")
"""A line that goes on behind its bracket."""

_JSON_PIECE = re.compile(r'\s*(?:"[^"]*"\s*:.*|[{}\[\]]+,?\s*)')
"""A line of JSON that was printed with a key a line."""

_PACKED = {
    b"\x1f\x8b": ("packed with gzip", "Unpack it: gunzip -k FILE."),
    b"PK\x03\x04": ("an archive or a workbook", "Unpack it, or save the sheet as CSV."),
}
"""How packed files begin, what they are, and what to do."""

_FORMATS = "CSV, JSON, console text, TensorBoard, MLflow, W&B, Parquet"


def read_runs(
    given: list[str],
    mapping: Mapping[str, str] | None = None,
    on_log: Callable[[int, int], object] | None = None,
) -> Iterator[RunRecord]:
    """Read every run that the arguments name, one after the other.

    Args:
        given: Files, folders, globs, or ``-`` for standard input.
        mapping: Role to column name, over what the names say.
        on_log: Called after each log with how many of how many have been read.

    Raises:
        UserError: nothing is found, or the only log cannot be read. Of several, one that cannot be
            read becomes a run that is not judged, with the reason.
    """
    logs: list[Path | None] = []
    for item in given:
        logs += [None] if item == "-" else find_logs([item])
    for count, path in enumerate(logs, start=1):
        try:
            yield from _runs_of_log(path, mapping)
        except UserError as error:
            if len(logs) == 1 or error.path == "--map":
                raise
            yield _unread(error, path)
        if on_log is not None:
            on_log(count, len(logs))


def _runs_of_log(path: Path | None, mapping: Mapping[str, str] | None) -> Iterator[RunRecord]:
    if path is not None:
        yield from runs_in(path, mapping)
        return
    for table in read_bytes(standard_input(), "<standard input>"):
        yield from runs_of(table, mapping)


def _unread(error: UserError, path: Path | None) -> RunRecord:
    """A run in place of a log that could not be read."""
    source = "<standard input>" if path is None else str(path)
    reason = f"{error.what}. {error.remedy}".rstrip(". ")
    return RunRecord(source, "", {}, "row", 0.0, refusal=reason, refusal_kind="unreadable")


def runs_in_memory(given: Any, mapping: Mapping[str, str] | None = None) -> Iterator[RunRecord]:
    """Turn curves that are in memory into runs; ``readers.given`` says in which forms.

    Raises:
        UserError: it is none of these forms, or there are no numbers in it.
    """
    from hpadvisor.readers.given import ACCEPTED, table_given

    table = table_given(given)
    if table is None:
        raise UserError(
            f"curves cannot be read from {kind_of(given)}", path="curves", remedy=ACCEPTED
        )
    yield from runs_of(table, mapping)


def one_run(given: Any, name: str, mapping: Mapping[str, str] | None = None) -> RunRecord:
    """Read what holds one run: a log, or curves that are in memory.

    Args:
        given: A path, or what :func:`runs_in_memory` takes.
        name: What curves in memory are called.
        mapping: Role to column name, over what the names say.

    Raises:
        UserError: it cannot be read, or holds several runs.
    """
    from hpadvisor.readers.given import path_given

    place = path_given(given)
    stored = isinstance(place, str | Path)
    found = list(read_runs([str(place)], mapping) if stored else runs_in_memory(given, mapping))
    if len(found) != 1:
        raise UserError(
            f"holds {len(found)} runs", path=place if stored else name,
            remedy="Give a log of one run.",
        )  # fmt: skip
    if not stored:
        found[0].source = name
    return found[0]


def runs_in(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[RunRecord]:
    """Read the runs of one log."""
    for table in read_log(path):
        yield from runs_of(table, mapping)


def read_log(path: Path) -> Iterator[Table]:
    """Read one log (a file, an MLflow run folder, or a folder of TensorBoard events).

    Raises:
        UserError: it is empty, binary of no known kind, or holds no training log.
    """
    from hpadvisor.readers.curves import local_runs

    stored = local_runs.of_store(str(path)) if not path.exists() else None
    if stored is not None:
        from hpadvisor.readers.curves.stores import read_mlflow_database

        yield from read_mlflow_database(*stored)
        return
    head = b"" if path.is_dir() else read_head(path, HEAD_BYTES)
    if b"\0" not in head and not path.is_dir():
        yield from _read_text(path, head)
        return
    from hpadvisor.readers.curves import event_folders, stores, tfevents

    if path.is_dir() and (path / "metrics").is_dir():
        yield stores.read_mlflow_run(path)
    elif path.is_dir():
        table = event_folders.read_event_folder(path)
        add_companions(table, path / EVENT_FILE)
        yield table
    elif head.startswith(stores.SQLITE_HEAD):
        yield from stores.read_mlflow_database(path)
    elif head.startswith(b"PAR1"):
        yield stores.read_parquet(path)
    elif tfevents.is_event_file(path, head):
        yield tfevents.read_events(path)
    elif head.startswith(local_runs.WANDB_HEAD):
        yield local_runs.read_wandb(path)
    else:
        _refuse_packed(path, head)
        yield from _read_text(path, head)


def _refuse_packed(path: Path, head: bytes) -> None:
    for start, (what, remedy) in _PACKED.items():
        if head.startswith(start):
            raise UserError(what, path=path, remedy=remedy)


def _read_text(path: Path, head: bytes) -> Iterator[Table]:
    if not head.strip():
        raise UserError("empty", path=path, remedy="Give a training log.")
    encoding = encoding_of(head)
    if encoding is None:
        raise UserError("binary of no known kind", path=path, remedy=f"Known: {_FORMATS}.")
    if is_document(head.decode(encoding, "replace")):
        from hpadvisor.readers.curves import json_logs

        table = json_logs.read_json(read_whole(path, encoding), str(path))
    else:
        with open_text(path, encoding) as stream:
            table = read_lines(stream, str(path))
    if encoding not in ("utf-8", "utf-8-sig"):
        table.notes.append(f"read as {encoding}")
    add_companions(table, path)
    yield table


def read_bytes(data: bytes, source: str) -> Iterator[Table]:
    """Read a text log that is in memory.

    Raises:
        UserError: empty, binary, or no training log.
    """
    if not data.strip():
        raise UserError("empty", path=source, remedy="Give a training log.")
    encoding = encoding_of(data[:65536])
    if encoding is None:
        raise UserError("binary", path=source, remedy="Give text: CSV, JSON or console output.")
    text = data.decode(encoding, "replace")
    if is_document(text):
        from hpadvisor.readers.curves import json_logs

        yield json_logs.read_json(text, source)
    else:
        yield read_lines(io.StringIO(text, newline=""), source)


def is_document(head: str) -> bool:
    """Whether text is one JSON document rather than JSON lines or a table."""
    text = head.lstrip("\ufeff \t\r\n")
    if text.startswith("["):
        # "[2026-01-01 10:00] epoch 1 …" is a console log.
        return text[1:2] in '{[]-0123456789 \r\n\tnN"' and not _STAMPED.match(text)
    if not text.startswith("{"):
        return False
    first = text.splitlines()[0].strip()
    return not (first.endswith(("}", "},")) and first != "{}" and len(text.splitlines()) > 1)


def _is_torn_json(filled: list[str]) -> bool:
    """Whether lines are pieces of a JSON document that does not begin here."""
    pieces = sum(_JSON_PIECE.fullmatch(line) is not None for line in filled)
    braces = sum(line.strip() in ("{", "}", "},", "[", "]", "],") for line in filled)
    return braces >= 2 and pieces - braces >= 2 and pieces >= 0.9 * len(filled)


def read_lines(stream: TextIO, source: str) -> Table:
    """Read a table, JSON lines or a console log from a stream of lines.

    Args:
        stream: Lines of text.
        source: For messages.

    Raises:
        UserError: no training log is in it.
    """
    lines = list(islice(stream, 60))
    lines = titles.from_header(lines)
    rest = chain(lines, stream)
    probe = [line.rstrip("\r\n") for line in lines]
    filled = [line for line in probe if line.strip()]
    objects = sum(line.lstrip().startswith("{") for line in filled)
    if filled and objects >= 0.5 * len(filled) and '"' in "".join(filled):
        from hpadvisor.readers.curves import json_logs

        return json_logs.read_json_lines(rest, source)
    if _is_torn_json(filled):
        from hpadvisor.readers.curves import json_logs

        return json_logs.read_pieces("".join(rest), source)
    whole = filled if len(lines) < 60 else filled[:-1]
    dialect = delimited.sniff(whole)
    if dialect is not None and not _is_boxed(filled):
        return delimited.read_delimited(rest, dialect, source)
    if _only_header(filled):
        raise UserError("a header without rows", path=source, remedy="Nothing was logged yet.")
    from hpadvisor.readers.curves import console

    if len(lines) == 60 or console.looks_like_console(filled):
        return console.read_console(rest, source)
    raise UserError("no training log in it", path=source, remedy=f"Known: {_FORMATS}.")


def _names_a_number(row: str) -> bool:
    """Whether a row of a printed table is a name and its number: ``| fps | 142 |``."""
    name, value = (cell.strip() for cell in row.strip().strip("|").split("|"))
    return number(name) is None and number(value) is not None


def _is_boxed(lines: list[str]) -> bool:
    """Whether lines are boxes of a name and a value each, as Stable-Baselines3 prints them."""
    rows = [line for line in lines if line.lstrip().startswith("|")]
    return (
        len(rows) >= 3
        and rows[0].count("|") == 3
        and ("/ " in rows[0] or _names_a_number(rows[0]))
        and not any(set(line.strip()) <= set("|-: ") for line in rows)
    )


def _only_header(lines: list[str]) -> bool:
    return len(lines) == 1 and any(sign in lines[0] for sign in ",;\t") and "=" not in lines[0]


def add_companions(table: Table, path: Path) -> None:
    """Hyperparameters that frameworks write beside their log."""
    for name in ("hparams.yaml", "args.yaml", "config.yaml", "config.json", "args.json"):
        companion = path.parent / name
        if companion.is_file() and companion.stat().st_size < 200_000:
            from hpadvisor.readers.curves.companions import read_config

            for key, value in read_config(companion).items():
                table.config.setdefault(key, value)
