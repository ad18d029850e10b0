"""Where news of a running training are shown: a line on standard error, a log, or a notebook."""

from __future__ import annotations

import html
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hpadvisor.live.advisor import News

Show = Literal["auto", "line", "log", "notebook", "none"]
"""``auto`` is ``notebook`` in a notebook, else ``line``; ``log`` is the logger ``hpadvisor``."""

LOGGER = logging.getLogger("hpadvisor.live")

_TONES = {"healthy": "#1a7f37", "diverged": "#c62828", "not_learning": "#c62828"}


def shower(show: Show | Callable[[News], object]) -> Callable[[News], object]:
    """Return the function that shows news.

    Raises:
        ValueError: it is none of the known ways.
    """
    if callable(show):
        return show
    if show == "auto":
        show = "notebook" if in_notebook() else "line"
    ways: dict[str, Callable[[News], object]] = {
        "line": _line, "log": _log, "notebook": _Notebook(), "none": lambda news: None,
    }  # fmt: skip
    if show not in ways:
        raise ValueError(f"show={show!r} is none of {', '.join(['auto', *ways])}, nor a function")
    return ways[show]


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; imports nothing."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return shell is not None and type(shell).__name__ in ("ZMQInteractiveShell", "Shell")


def _line(news: News) -> None:
    text = f"hpadvisor: {news.text}"
    bars = sys.modules.get("tqdm")
    if bars is not None:  # a line through a bar that is drawn would tear it
        bars.tqdm.write(text, file=sys.stderr)
        return
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _log(news: News) -> None:
    LOGGER.log(logging.INFO if news.verdict == "healthy" else logging.WARNING, "%s", news.text)


class _Notebook:
    """One display of a cell, which grows by a line with all news."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._display: object | None = None

    def __call__(self, news: News) -> None:
        from IPython.display import HTML, display

        tone = _TONES.get(news.verdict, "#b26a00")
        style = f"border-left:4px solid {tone};padding-left:8px;margin:2px 0"
        self._lines.append(f'<div style="{style}">{html.escape(news.text)}</div>')
        shown = HTML("".join(self._lines))
        if self._display is None:
            self._display = display(shown, display_id=True)
        else:
            self._display.update(shown)  # type: ignore[attr-defined]
