"""The whole command that a user types next, where a search leaves something to be said."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpadvisor.readers.searches.record import ReadOptions


def audit_command(path: str | Path, *flags: str, given: ReadOptions | None = None) -> str:
    """Return the command that audits a path with flags, quoted for a shell.

    Args:
        path: The file or folder.
        flags: Options and their values, in turn.
        given: What the user said already; it is said again, but for what the flags say.
    """
    said = [] if given is None else _flags(given)
    kept = [word for flag, value in said if flag not in flags for word in (flag, value)]
    return shlex.join(["hpadvisor", "audit", str(path), *kept, *flags])


def _flags(given: ReadOptions) -> list[tuple[str, str]]:
    space = "" if given.space is None else str(given.space)
    single = (("--study", given.study), ("--objective", given.objective),
              ("--direction", given.direction), ("--space", space))  # fmt: skip
    return [(flag, value) for flag, value in single if value] + [
        ("--param", name) for name in given.params
    ]
