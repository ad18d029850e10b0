"""Verdicts of a training that goes on: one is said when it changed and lasts, so none flickers.

How long it must stand was chosen on the clinic's development part: ``python -m benchmarks.live``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpadvisor.diagnosing.model import RunDiagnosis

LOOKS = 3
"""Looks in a row that must find a verdict before it replaces the one that was said."""

GROWTH = 0.2
"""Share by which the training must have gone on since the first of these looks."""

UNJUDGED = "cannot_judge"

_BROKEN = ("curve.ends_nonfinite", "curve.nonfinite_from_start")


def is_plain(run: RunDiagnosis) -> bool:
    """Whether a verdict needs no second look: a loss that is NaN or infinite stays so."""
    first = next((one for one in run.findings if one.explained_by is None), None)
    return first is not None and any(
        item.fact in _BROKEN and item.got is True for item in first.evidence
    )


@dataclass(slots=True)
class Lasting:
    """Remembers what was said of one run, and tells when there is something new to say.

    Attributes:
        looks: Looks in a row that a new verdict must stand for.
        growth: Share by which the training must have gone on meanwhile.
        said: The verdict that was said last; empty where even the first look is to be said.
        stood: Whether the verdict that was said has stood that long, or is plain.
    """

    looks: int = LOOKS
    growth: float = GROWTH
    said: str = ""
    stood: bool = False
    _next: str = ""
    _seen: int = 0
    _since: float = 0.0

    def look(self, verdict: str, at: float, *, plain: bool = False) -> bool:
        """Take the verdict of one look.

        That a run cannot be judged any more is no verdict, and takes none back.

        Args:
            verdict: What the look found.
            at: How far the training is, in any unit that grows with it.
            plain: Whether it needs no second look, see :func:`is_plain`.

        Returns:
            Whether the verdict is to be said now.
        """
        first = not self.said
        if not first and verdict == UNJUDGED:
            self._next = ""
            return False
        if verdict != self._next:
            self._next, self._seen, self._since = verdict, 0, at
        self._seen += 1
        stands = self._seen >= self.looks and at >= self._since * (1 + self.growth)
        lasts = (stands and verdict != UNJUDGED) or plain
        if verdict == self.said:
            self.stood = self.stood or lasts
            return False
        if not first and not lasts:
            return False
        self.said, self.stood = verdict, lasts
        return True

    def rest(self) -> bool:
        """Say what the last look found, now that the training ended or the log rests.

        Returns:
            Whether that is another verdict than the one that was said.
        """
        if not self._next or self._next == self.said:
            return False
        self.said, self.stood = self._next, True
        return True
