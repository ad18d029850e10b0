"""Looks to figures: what is said under a rule of patience, when, how often, how falsely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.live.looks import Training
from hpadvisor.diagnosing.lasting import UNJUDGED, Lasting

STOPPING = frozenset({"diverged", "not_learning"})
PROGRESS = 0.95
"""A training that falls below this share of its best loss so far should not have been stopped."""


@dataclass(frozen=True)
class Said:
    """What is said during a training: after each look the verdict that stands, and a stop."""

    verdicts: tuple[str, ...]
    stopped: int | None

    @property
    def spoken(self) -> list[str]:
        """The verdicts in the order in which they were said."""
        before = (UNJUDGED, *self.verdicts)
        return [now for was, now in zip(before, self.verdicts, strict=False) if was != now]

    @property
    def returns(self) -> bool:
        """Whether a verdict that was taken back is said again: flicker."""
        return len(set(self.spoken)) < len(self.spoken)


def said(training: Training, looks: int, growth: float) -> Said:
    """What an advisor of so much patience says."""
    lasting = Lasting(looks, growth, said=UNJUDGED)
    verdicts: list[str] = []
    stopped = None
    for place, look in enumerate(training.looks, start=1):
        lasting.look(look.verdict, float(place), plain=look.plain)
        verdicts.append(lasting.said)
        if stopped is None and lasting.stood and lasting.said in STOPPING:
            stopped = place
    return Said(tuple(verdicts), stopped)


def patience_row(trainings: Sequence[Training], looks: int, growth: float) -> str:
    """A line of the table of patience."""
    heard = [said(one, looks, growth) for one in trainings]
    wins = [
        stays(one, words)
        for one, words in zip(trainings, heard, strict=True)
        if one.looks[-1].right and one.looks[-1].verdict != UNJUDGED
    ]
    early = [share for share in wins if share is not None]
    stops = [_stop(one, words) for one, words in zip(trainings, heard, strict=True)]
    asked = [stop for stop in stops if stop is not None]
    count = np.mean([len(one.spoken) for one in heard])
    back = np.mean([one.returns for one in heard])
    return (
        f"| {looks} look{'s' * (looks > 1)}, {growth:.0%} further | {count:.2f} | {back:.1%} "
        f"| {len(early) / len(wins):.0%} | {np.median(early):.2f} | {len(asked)} | {sum(asked)} |"
    )


def stays(training: Training, words: Said) -> float | None:
    """The share of the training at which its last verdict is first said, and stays.

    None where that of the whole log is not said before the end.
    """
    last, count = training.looks[-1].verdict, len(words.verdicts)
    if words.verdicts[-1] != last:
        return None
    first = count
    while first > 1 and words.verdicts[first - 2] == last:
        first -= 1
    return first / count


def verdict_rows(trainings: Sequence[Training], looks: int, growth: float) -> list[str]:
    """A line for each verdict of a whole log: how early it is said, where it is right."""
    rows = []
    for verdict in sorted({one.looks[-1].verdict for one in trainings} - {UNJUDGED}):
        ended = [one for one in trainings if one.looks[-1].verdict == verdict]
        right = [one for one in ended if one.looks[-1].right]
        found = [stays(one, said(one, looks, growth)) for one in right]
        early = sorted(share for share in found if share is not None)
        shares = (
            f"{np.quantile(early, 0.25):.2f} | {np.median(early):.2f} | "
            f"{np.quantile(early, 0.75):.2f}"
            if early
            else "| |"
        )
        rows.append(f"| {verdict} | {len(ended)} | {len(right)} | {len(early)} | {shares} |")
    return rows


def stop_line(trainings: Sequence[Training], looks: int, growth: float) -> str:
    """How many trainings would be asked to stop, when, and how many wrongly."""
    found = [(one, said(one, looks, growth)) for one in trainings]
    stopped = [(one, words) for one, words in found if words.stopped is not None]
    false = sum(bool(_stop(one, words)) for one, words in stopped)
    meant = sum(one.looks[-1].verdict in STOPPING for one in trainings)
    caught = sum(one.looks[-1].verdict in STOPPING for one, _ in stopped)
    when = [(words.stopped or 0) / len(words.verdicts) for _, words in stopped]
    median = f" (median {np.median(when):.2f} of the training)" if when else ""
    return (
        f"{len(stopped)} of {len(trainings)} trainings are asked to stop{median}: {caught} of the "
        f"{meant} whose whole log is judged so, and {false} falsely: these get more than 5 % "
        f"better afterwards."
    )


def _stop(training: Training, words: Said) -> bool | None:
    """Whether a stop was false: the training became better afterwards; None without a stop."""
    if words.stopped is None:
        return None
    before = min(training.losses[: words.stopped])
    after = min(training.losses[words.stopped :], default=before)
    return after < PROGRESS * before
