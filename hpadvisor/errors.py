"""What goes wrong for the user, said in one line: where, what, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path

from hpadvisor.visible import one_line, shortened


class ExitCode(IntEnum):
    """Exit codes of every command (a stable contract)."""

    OK = 0
    FINDINGS = 1
    CANNOT_JUDGE = 2
    BUG = 3
    INTERRUPTED = 130


class UserError(Exception):
    """Something the user can mend: a bad file, flag or rule. Ends the command with exit code 2.

    Args:
        what: What is wrong, without a full stop.
        path: The file (or flag) in which it stands.
        line: One-based line in that file.
        column: One-based column in that line.
        remedy: What to do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        path: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.path = None if path is None else str(path)
        self.line = line
        self.column = column
        self.remedy = remedy

    @property
    def where(self) -> str:
        """``file:line:column``, as far as known; empty where nothing is."""
        parts = [self.path] if self.path else []
        if self.path and self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(str(part) for part in parts)

    def __str__(self) -> str:
        """Render one line: ``where: what. Remedy.``."""
        what = shortened(self.what)
        text = f"{shortened(self.where)}: {what}" if self.where else what
        if self.remedy:
            text = text.rstrip(".")
            stop = "" if text.endswith(("?", "!")) else "."
            text = f"{text}{stop} {shortened(self.remedy, 900)}"
        return one_line(" ".join(text.split()))


class UserErrors(UserError):  # noqa: N818 - the plural of UserError
    """Several mendable errors found in one pass, reported together, a line each."""

    def __init__(self, errors: list[UserError]) -> None:
        first = errors[0]
        super().__init__(
            first.what, path=first.path, line=first.line, column=first.column, remedy=first.remedy
        )
        self.errors = errors

    def __str__(self) -> str:
        """Render a line for each error."""
        return "\n".join(str(error) for error in self.errors)


def nearest(word: str, words: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` for the nearest known word, or an empty text."""
    import difflib

    found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"Did you mean '{found[0]}'?" if found else ""


def kind_of(value: object) -> str:
    """Say what was given, for a message: ``a value of type 'int'``."""
    return "nothing (None)" if value is None else f"a value of type '{type(value).__name__}'"
