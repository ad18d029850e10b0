"""Locks between processes: who holds one stands in it, so that a dead one's is broken at once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileOpenLock

from hpadvisor.search.problems import TuneError
from hpadvisor.search.processes import lives, this_process
from hpadvisor.search.words import say

try:
    import fcntl
except ImportError:  # Windows, where no process is taken for dead either
    fcntl = None  # type: ignore[assignment]

LOCK_SECONDS = 60.0
"""After which the lock of another machine that holds it is taken for dead."""
FOREIGN_SECONDS = 10.0
"""The same for a lock that names no holder, of another program: those hold it for milliseconds."""
SAY_SECONDS = 3.0
"""After which it is said what is waited for."""


class FileLock(JournalFileOpenLock):  # type: ignore[misc, unused-ignore]
    """Optuna's lock file, which also says who holds it.

    The lock of a process that was killed is then broken at once, not after half a minute.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        self._path = Path(f"{file}.lock")

    def acquire(self) -> bool:
        """Wait for the lock, and take it."""
        # Linked into place with its content: there is no moment at which nobody seems to hold it.
        own = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}")
        own.write_text(json.dumps(this_process()))
        try:
            return self._link(own)
        except OSError:  # a file system without hard links
            taken = bool(super().acquire())
            self._path.write_text(json.dumps(this_process()))
            return taken
        finally:
            own.unlink(missing_ok=True)

    def _link(self, own: Path) -> bool:
        pause, seen, since, said = 0.001, "", time.monotonic(), False
        while True:
            with contextlib.suppress(FileExistsError):
                os.link(own, self._path)
                return True
            if self._break_dead():
                continue
            with contextlib.suppress(OSError):
                text = self._path.read_text()
                state = f"{self._path.stat().st_mtime_ns} {text}"
                if state != seen:
                    seen, since = state, time.monotonic()
                holder, waited = _holder(text), time.monotonic() - since
                if waited > SAY_SECONDS and not said:
                    said = True
                    say(f"waiting for {self._path.name}, held by {_named(holder)}")
                if waited > _patience(holder):
                    self._remove(text)
            time.sleep(pause)
            pause = min(2 * pause, 0.05)

    def _break_dead(self) -> bool:
        """Remove the lock of a process that has died; say whether there was such."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            text = self._path.read_text()
            if not lives(json.loads(text)):
                return self._remove(text)
        return False

    def _remove(self, text: str) -> bool:
        """Remove the lock if it still is the one that was read.

        One process at a time: else one could read a dead lock, and remove the live one that
        another has put in its place meanwhile.
        """
        key = hashlib.sha256(str(self._path).encode()).hexdigest()[:16]
        with (Path(tempfile.gettempdir()) / f"tune-break-{key}").open("w") as stream:
            if fcntl is not None:
                fcntl.flock(stream, fcntl.LOCK_EX)
            with contextlib.suppress(OSError):
                if self._path.read_text() == text:
                    self._path.unlink()
                    return True
        return False


def _holder(text: str) -> dict[str, Any] | None:
    """Return who holds a lock, by what stands in it; None where it does not say."""
    with contextlib.suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict) and "host" in found and "pid" in found:
            return found
    return None


def _patience(holder: dict[str, Any] | None) -> float:
    """Return how long a lock may be held: for ever by a process of this machine that lives."""
    if holder is None:
        return FOREIGN_SECONDS
    return math.inf if holder["host"] == socket.gethostname() else LOCK_SECONDS


def _named(holder: dict[str, Any] | None) -> str:
    return f"process {holder['pid']} of {holder['host']}" if holder else "another program"


@contextlib.contextmanager
def locked(storage: str | None) -> Iterator[None]:
    """Let one process at a time look at the trials and decide which comes next."""
    if storage is None:
        yield
        return
    lock = FileLock(_lock_file(storage))
    lock.acquire()
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError):
            lock.release()


def _lock_file(storage: str) -> Path:
    """Return the file that processes lock: beside the journal; for servers on this machine only.

    Only processes of its own machine can be seen to be dead, so nothing more has to be locked:
    the server itself gives each queued trial to one worker.
    """
    if storage.startswith("sqlite"):
        raise TuneError("--storage: SQLite breaks under several workers; give a journal file")
    if "://" in storage:
        key = hashlib.sha256(f"{os.environ.get('USER', '')} {storage}".encode()).hexdigest()
        return Path(tempfile.gettempdir()) / f"tune-{key[:16]}"
    if not Path(storage).absolute().parent.is_dir():
        raise TuneError(f"--storage {storage}: give a journal file in a folder that exists")
    return Path(f"{Path(storage).absolute()}.next")
