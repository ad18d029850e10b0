"""A growing log, of which only what was appended is read again.

Tables, JSON lines and console logs in a one-byte encoding can be continued; everything else is
read anew when it changes, and so is a log that was truncated, rotated or rewritten.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.curves import console, delimited, json_logs, titles
from hpadvisor.readers.curves.reading import add_companions, is_document, read_lines, read_log
from hpadvisor.readers.curves.tables import Table, appended
from hpadvisor.readers.curves.text import HEAD_BYTES, encoding_of

SNIFFED_LINES = 60
"""A log is read as a whole until it has as many lines as its format is recognised by."""

_SAMPLE = 256
_CONTINUED = ("utf-8", "utf-8-sig", "cp1252")


class Follower:
    """One log, looked at again and again.

    Attributes:
        path: The log: a file, or an MLflow run folder.
        read_bytes: How many bytes have been read in all; for tests.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_bytes = 0
        self._stamp: tuple[int, int, int] | None = None
        self._forget()

    def _forget(self) -> None:
        self._offset = 0
        self._head = self._tail = b""
        self._encoding: str | None = None
        self._dialect: delimited.Dialect | None = None
        self._console: console.ConsoleReader | None = None
        self._table: Table | None = None

    def tables(self, *, ended: bool = False) -> list[Table] | None:
        """Read what is new.

        Args:
            ended: Whether nothing more is written, so that a last line without an end is whole.

        Returns:
            The tables of the log as it stands; None where nothing changed since the last look.

        Raises:
            UserError: it is not there, or holds no training log (yet).
        """
        stamp = _stamp(self.path)
        left = ended and stamp is not None and 0 <= self._offset < stamp[0]
        if stamp == self._stamp and not left:
            return None
        self._stamp = stamp
        if self._table is not None and not self._continues():
            self._forget()
        if self._table is None and not self._has_lines():
            self.read_bytes += 0 if stamp is None else stamp[0]
            return list(read_log(self.path))
        return self._continued(ended)

    def _continues(self) -> bool:
        """Whether what was read before still stands where it stood."""
        with self.path.open("rb") as stream:
            head = stream.read(len(self._head))
            stream.seek(self._offset - len(self._tail))
            return head == self._head and stream.read(len(self._tail)) == self._tail

    def _has_lines(self) -> bool:
        """Whether the log is made of lines of text, so that it can be continued."""
        if not self.path.is_file():
            return False
        with self.path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        encoding = encoding_of(head)
        if encoding not in _CONTINUED or is_document(head.decode(encoding, "replace")):
            return False
        self._encoding, self._head = encoding, head[:_SAMPLE]
        return True

    def _continued(self, ended: bool) -> list[Table] | None:
        """Read the complete lines that were appended; a half-written one waits for its end."""
        with self.path.open("rb") as stream:
            stream.seek(self._offset)
            data = stream.read()
        whole = data if ended else data[: data.rfind(b"\n") + 1]
        if not whole:
            if self._table is None:
                raise UserError("no complete line yet", path=self.path)
            return None
        self.read_bytes += len(whole)
        self._offset += len(whole)
        self._tail = (self._tail + whole)[-_SAMPLE:]
        text = whole.decode(self._encoding or "utf-8", "replace").removeprefix("\ufeff")
        lines = io.StringIO(text, newline="")
        if self._table is None:
            try:
                self._table = self._first(lines)
            except UserError:
                self._forget()  # no log yet: its first lines are read again with those to come
                raise
            if whole.count(b"\n") < SNIFFED_LINES:  # too short to be sure of its format
                table = self._table
                self._forget()
                return [table]
        elif self._console is not None:
            self._console.feed(lines)
            self._table = self._console.table()
            add_companions(self._table, self.path)
        else:
            rows = self._rows(lines)
            if rows is None:
                return None
            self._table = appended(self._table, rows)
        # Roles may add columns and notes to a table: each look gets its own.
        own = replace(
            self._table, columns=dict(self._table.columns), notes=list(self._table.notes)
        )
        return [own]

    def _first(self, lines: io.StringIO) -> Table:
        table = read_lines(lines, str(self.path))
        if table.format == "csv":
            lines.seek(0)
            probe = [lines.readline().rstrip("\r\n") for _ in range(SNIFFED_LINES)]
            probe = titles.from_header(probe)
            self._dialect = delimited.sniff([line for line in probe if line.strip()][:-1])
        elif table.format == "console":
            lines.seek(0)
            self._console = console.ConsoleReader(str(self.path))
            self._console.feed(lines)
        add_companions(table, self.path)
        return table

    def _rows(self, lines: io.StringIO) -> Table | None:
        """The new rows; None where the new lines hold none."""
        source = str(self.path)
        if self._table is None:
            return None
        if self._dialect is not None:
            rows = delimited.read_body(lines, self._dialect, list(self._table.columns), source)
            return rows if rows.rows else None
        try:
            return json_logs.read_json_lines(lines, source)
        except UserError:
            return None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Size, time and identity of a log; of a folder, those of the files in it."""
    try:
        if path.is_dir():
            stats = [one.stat() for one in sorted(path.rglob("*")) if one.is_file()]
            sizes = sum(stat.st_size for stat in stats)
            return sizes, max((stat.st_mtime_ns for stat in stats), default=0), len(stats)
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
