"""What goes wrong in a search, said in one line."""

from __future__ import annotations

from hpadvisor.errors import UserError


class TuneError(UserError):
    """Something the user can mend, in one line: the function, the storage, a flag."""


class StoppedError(TuneError):
    """The search ended before its time; the same command goes on where it stopped."""


class NotWrittenError(NotImplementedError):
    """Stands in an emitted script where the user's training belongs."""


class TrainingError(Exception):
    """A training that gave no score, told in one line.

    Attributes:
        of_configuration: Whether other configurations may well come through (memory, time), so
            that it does not count as a sign of a broken function.
    """

    of_configuration: bool = False
