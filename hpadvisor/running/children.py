"""A training as a process of our own: started, watched, stopped, and never confused with another.

Each child leads a process group, so that what it starts itself ends with it. Its number and the
moment of its start stand in a file beside its output: a later run finds what a killed one left
behind, and touches nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError

OUTPUT = "output.log"
"""What a child prints, both streams, in its folder."""
PROCESS = "process.json"
"""Which process it is, while it runs."""
GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL."""

_POSIX = os.name == "posix"


@dataclass
class Child:
    """A running training.

    Attributes:
        folder: Where its output goes.
        process: The process.
        started: Monotonic seconds at its start.
    """

    folder: Path
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)

    @property
    def output(self) -> Path:
        """The file of its output."""
        return self.folder / OUTPUT

    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self.process.poll()

    def seconds(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started

    def stop(self, grace: float = GRACE) -> int:
        """End it and all that it started: asked first, then killed; return its exit code.

        Who interrupts the waiting (Ctrl-C for the second time) has it killed at once.
        """
        try:
            if self.process.poll() is None:
                _signal(self.process.pid, signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(grace)
        except BaseException:
            self._kill_surely()
            raise
        self._kill()
        return self.process.wait()

    def _kill(self) -> None:
        if _POSIX:
            _signal(self.process.pid, signal.SIGKILL)  # what outlived its leader, too
        elif self.process.poll() is None:
            self.process.kill()

    def _kill_surely(self) -> None:
        """Kill it though a terminal, and who supervises, interrupt this process at once."""
        for _ in range(3):
            with contextlib.suppress(KeyboardInterrupt):
                self._kill()
                break

    def close(self) -> None:
        """Forget the process once it has ended."""
        (self.folder / PROCESS).unlink(missing_ok=True)


def start(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], cwd: Path | None = None
) -> Child:
    """Start a command, its output going to a file of a folder.

    Args:
        arguments: Program and arguments, as they are; no shell reads them.
        folder: Made if it is not there.
        environment: Variables over those of this process.
        cwd: Where it runs; here when left out.

    Raises:
        UserError: the program is not there or may not be run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / OUTPUT).open("ab") as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
                cwd=cwd,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UserError(
                f"cannot be started ({why})",
                path=arguments[0],
                remedy="Check that the program is installed and its name is right.",
            ) from None
    mark = {"pid": process.pid, "since": _since(process.pid), "worker": os.getpid(),
            "worker_since": _since(os.getpid()), "host": socket.gethostname()}  # fmt: skip
    (folder / PROCESS).write_text(json.dumps(mark), encoding="utf-8")
    return Child(folder, process)


def end_orphans(root: Path) -> list[Path]:
    """End trainings whose worker was killed; return their folders.

    Only processes of this machine are touched that a mark below ``root`` names, that began when
    the mark says, and whose worker is gone.
    """
    ended = []
    for mark in sorted(root.glob(f"*/{PROCESS}")):
        found = _mark(mark)
        if (
            found is None
            or found.get("host") != socket.gethostname()
            or _is_same(found.get("worker"), found.get("worker_since"))
        ):
            continue
        if _is_same(found.get("pid"), found.get("since")):
            _signal(found["pid"], signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            while _is_same(found["pid"], found["since"]) and time.monotonic() < deadline:
                time.sleep(0.05)
            if _is_same(found["pid"], found["since"]):
                _signal(found["pid"], signal.SIGKILL)
            ended.append(mark.parent)
        mark.unlink(missing_ok=True)
    return ended


def _mark(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _is_same(pid: object, since: object) -> bool:
    """Whether a process runs that has this number and began then; unknown counts as no."""
    return isinstance(pid, int) and pid > 1 and since is not None and _since(pid) == since


def _since(pid: int) -> str | None:
    """When a process began, in ticks since the machine's start; None where that is not known."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name in parentheses may hold anything
    return None if fields[0] == "Z" else fields[19]


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if _POSIX:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
