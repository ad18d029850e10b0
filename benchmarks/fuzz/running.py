"""Commands in this process, one input after the other, each with its limits."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from benchmarks.fuzz.judging import Outcome

SECONDS = 10
"""Of the processor, for one input."""
MEMORY = 1 << 30
"""Bytes that an input may take beyond what the process has at its start."""


class HangError(BaseException):
    """An input that has taken its time; no handler of the program catches it."""


def limit_memory() -> None:
    """Let no input take a gigabyte more than the loaded program."""
    import resource

    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = used * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def run(arguments: Sequence[str]) -> Outcome:
    """Run a command as the program does, and return what came of it."""
    from hpadvisor.cli import main as program
    from hpadvisor.cli.streams import guard_streams
    from hpadvisor.report.terminal import prepare_streams

    before = sys.argv, sys.stdout, sys.stderr, sys.stdin
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    sys.argv, sys.stdout, sys.stderr = ["hpadvisor", *arguments], out, err
    sys.stdin = io.StringIO("")
    ended, code = "", None
    try:
        with _limited():
            prepare_streams()
            guard_streams()
            code = int(program._outcome())
    except HangError:
        ended = "hang"
    except MemoryError:
        ended = "memory"
    except BaseException as error:
        err.write(f"Traceback (most recent call last): {type(error).__name__}: {error}\n")
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        sys.argv, sys.stdout, sys.stderr, sys.stdin = before
    if "not enough memory" in _text(err):
        ended = "memory"
    return Outcome(code, _text(out), _text(err), ended)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8", "replace")


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def quiet_environment(folder: Path) -> None:
    """Keep caches and reports of a run inside a folder, and colours out."""
    os.environ.update(
        XDG_CACHE_HOME=str(folder / "cache"), TMPDIR=str(folder), NO_COLOR="1", COLUMNS="100",
        OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1",
    )  # fmt: skip
