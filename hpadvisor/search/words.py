"""What is printed: lines as they happen, and configurations in words."""

from __future__ import annotations

import sys
import textwrap

from hpadvisor.search.plan import Params


def say(text: str) -> None:
    """Write a line to standard error at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def described(params: Params) -> str:
    """Return a configuration in one line."""
    return ", ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in params.items()
    )


def wrapped(text: str, indent: str = "") -> list[str]:
    """Return a text as lines of a terminal's width."""
    return textwrap.wrap(text, 95, initial_indent=indent, subsequent_indent=" " * len(indent))
