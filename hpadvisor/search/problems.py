"""What goes wrong in a search, said in one line."""

from __future__ import annotations

from hpadvisor.errors import UserError


class TuneError(UserError):
    """Something the user can mend, in one line: the function, the storage, a flag."""


class StoppedError(TuneError):
    """The search ended before its time; the same command goes on where it stopped."""


class NotWrittenError(NotImplementedError):
    """Stands in an emitted script where the user's training belongs."""
