"""Which process does something, and whether it still lives."""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path
from typing import Any


@functools.cache
def this_process() -> dict[str, Any]:
    """Return what marks this process: its host, number, and when it started."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "since": started_at(os.getpid())}


def started_at(pid: int) -> str | None:
    """Return when a process started, in ticks; "dead" for one that has ended; None if unknown."""
    if not Path("/proc/self/stat").exists():
        return None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return "dead"
    return "dead" if fields[0] in "ZX" else fields[19]


def lives(process: dict[str, Any]) -> bool:
    """Tell whether a process lives; those of other hosts count as alive."""
    if process["host"] != socket.gethostname():
        return True
    since = started_at(process["pid"])
    if since is not None or os.name == "nt":  # os.kill would end the process on Windows
        return since is None or bool(since == process["since"])
    try:
        os.kill(process["pid"], 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True
