"""What is left behind by a bug of ours: a report file, and one line that says where it is."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress

from hpadvisor.report.terminal import say
from hpadvisor.visible import one_line, shortened


def report_bug(error: Exception) -> None:
    """Write a report of a bug where that is possible, and say in one line where it is."""
    import traceback

    from hpadvisor import __version__

    text = "".join(
        [
            f"hpadvisor {__version__}, Python {sys.version}\n",
            f"arguments: {sys.argv[1:]}\n\n",
            *traceback.format_exception(error),
        ]
    )
    name = _written(text)
    said = shortened(one_line(f"{type(error).__name__}: {error}"))
    last = traceback.extract_tb(error.__traceback__)[-1]
    how = f"with {name}" if name else f"(no folder takes a report; {last.filename}:{last.lineno})"
    say(f"hpadvisor: a bug in hpadvisor ({said}). Please report it {how}.", error=True)


def _written(text: str) -> str:
    """Write the report to the first folder that takes it; its path, or an empty text."""
    for folder in _folders():
        try:
            handle, name = tempfile.mkstemp(prefix="hpadvisor-bug-", suffix=".txt", dir=folder)
        except OSError:
            continue
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
        except OSError:
            continue
        return name
    return ""


def _folders() -> Iterator[str]:
    with suppress(OSError):  # no folder of the usual ones can be written to
        yield tempfile.gettempdir()
    yield from (".", os.path.expanduser("~"))  # noqa: PTH111 - without a home it stays as it is
