"""Why a training ended badly: told from its exit code and the end of its output."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["out_of_memory", "killed", "timeout", "crash", "no_score"]

TAIL_BYTES = 16_384
TAIL_LINES = 12

_GPU_MEMORY = (
    "cuda out of memory", "outofmemoryerror", "hip out of memory", "cublas_status_alloc_failed",
    "resource_exhausted", "mps backend out of memory", "xla:gpu out of memory",
)  # fmt: skip
_MEMORY = ("memoryerror", "std::bad_alloc", "cannot allocate memory", "oom-kill", "out of memory")


@dataclass(frozen=True)
class Failure:
    """Why a training gave no score.

    Attributes:
        kind: One of a few names.
        message: One line for people.
        tail: The last lines of its output.
    """

    kind: Kind
    message: str
    tail: str = ""

    @property
    def of_configuration(self) -> bool:
        """Whether other configurations may well come through: memory, time, a signal."""
        return self.kind in ("out_of_memory", "timeout", "killed")


def failure_of(code: int, output: Path) -> Failure:
    """Tell why a training with a bad exit code failed.

    Args:
        code: Exit code; negative where a signal ended it.
        output: What it printed.
    """
    tail = tail_of(output)
    low = tail.lower()
    if any(sign in low for sign in _GPU_MEMORY):
        return Failure("out_of_memory", "out of GPU memory", tail)
    if any(sign in low for sign in _MEMORY):
        return Failure("out_of_memory", "out of memory", tail)
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL):
        return Failure("out_of_memory", "killed, most likely for want of memory", tail)
    if code < 0:
        return Failure("killed", f"ended by signal {_name(-code)}", tail)
    return Failure("crash", f"exit code {code}{_last(tail)}", tail)


def tail_of(output: Path, lines: int = TAIL_LINES) -> str:
    """Return the last lines of an output that are not empty."""
    try:
        with output.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    parts = [line.rpartition("\r")[2].rstrip() for line in text.splitlines()]
    return "\n".join([part for part in parts if part][-lines:])


def _last(tail: str) -> str:
    last = tail.splitlines()[-1].strip() if tail else ""
    return f": {last[:200]}" if last else ", and it printed nothing"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
