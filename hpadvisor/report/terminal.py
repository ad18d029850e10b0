"""What the terminal can show: its width, and whether colour is wanted."""

from __future__ import annotations

import os
import shutil
import sys

PIPE_WIDTH = 100
LEAST_WIDTH = 40


def terminal() -> tuple[int, bool]:
    """Return width and colour for standard output.

    ``NO_COLOR`` (any value) and ``TERM=dumb`` switch colour off, ``FORCE_COLOR`` on; a pipe gets
    no colour and a fixed width.
    """
    is_terminal = sys.stdout.isatty()
    color = is_terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        color = True
    if os.environ.get("NO_COLOR"):
        color = False
    if not is_terminal and "COLUMNS" not in os.environ:
        return PIPE_WIDTH, color
    return max(shutil.get_terminal_size().columns, LEAST_WIDTH), color
