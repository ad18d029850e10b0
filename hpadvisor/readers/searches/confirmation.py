"""Confirmations by emitted scripts: one trial a configuration, with the scores of its seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from hpadvisor.readers.searches.record import Parameter, State, Trial
from hpadvisor.readers.searches.values import observed_space, repeat


def join_confirmation(
    trials: Sequence[Trial], attributes: Sequence[dict[str, Any]], notes: list[str]
) -> tuple[list[Trial], list[Parameter]] | None:
    """Turn the trainings of a confirmation into one trial for each configuration.

    Args:
        trials: The trainings, by number.
        attributes: What the script wrote beside each.
        notes: Gets a sentence about it.

    Returns:
        The trials, numbered as in the search that they were taken from, and the ranges that they
        took; None where this is no confirmation.
    """
    groups: dict[int, list[tuple[Trial, dict[str, Any]]]] = defaultdict(list)
    for trial, marks in zip(trials, attributes, strict=True):
        if isinstance(marks.get("finalist"), int) and isinstance(marks.get("params"), dict):
            groups[marks["finalist"]].append((trial, marks))
    if not groups or sum(map(len, groups.values())) < len(trials):
        return None
    joined = [_joined(number, groups[number]) for number in sorted(groups)]
    notes.append(
        "This is the confirmation of a search: each trial is a configuration, its score the mean "
        "over the fresh seeds."
    )
    missed = sum(len(trial.seeds) < len({m["seed"] for _, m in groups[trial.number]})
                 for trial in joined if trial.replicates)  # fmt: skip
    if missed:
        notes.append(f"{missed} of them have no score on some of the seeds.")
    return joined, observed_space(joined)


def _joined(number: int, members: list[tuple[Trial, dict[str, Any]]]) -> Trial:
    first, marks = members[0]
    ended = [trial.end for trial, _ in members if trial.end is not None]
    durations = [trial.duration for trial, _ in members if trial.duration is not None]
    found = Trial(
        number,
        first.state if len(members) == 1 else State.FAILED,
        dict(marks["params"]),
        start=first.start,
        end=max(ended, default=None),
        seconds=sum(durations) if durations else None,
        enqueued=marks.get("role") == "baseline",
    )
    if any(trial.state in (State.RUNNING, State.WAITING) for trial, _ in members):
        found.state = State.RUNNING
    scores = {
        str(own["seed"]): trial.value
        for trial, own in members
        if trial.state is State.COMPLETE and trial.value is not None
    }
    repeat(found, scores.items())
    return found
