"""The whole command that a user types next, where a search leaves something to be said."""

from __future__ import annotations

import shlex
from pathlib import Path


def audit_command(path: str | Path, *flags: str) -> str:
    """Return the command that audits a path with flags, quoted for a shell.

    Args:
        path: The file or folder.
        flags: Options and their values, in turn.
    """
    return shlex.join(["hpadvisor", "audit", str(path), *flags])
