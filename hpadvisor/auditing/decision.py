"""Go on, stop, change the space, or say that nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence

from hpadvisor.auditing.model import Candidate, Check, Confirmation, Outlook
from hpadvisor.engine.text import human
from hpadvisor.facts.searches.bounds import Bound
from hpadvisor.facts.searches.gain import LEAST_TO_STOP, STOP_BELOW, Gain, outlook, tried
from hpadvisor.facts.searches.power import ENOUGH, power, seeds_for
from hpadvisor.facts.searches.review import Review, repeated_by, worth_of

_FINALISTS = 5
_SEEDS, _MOST_SEEDS = 3, 12
_CLAIMED = 0.1  # a gain of less than that share of the noise is none
_MOST_FAILED = 0.5
_BY_HAND = "These runs were set by hand: what they bring does not foretell what more would bring."
LEAST = 10
"""Complete trials from which on a search can be judged."""


def decide(found: Review, checks: list[Check]) -> tuple[str, list[str]]:
    """Decide what to do with the search.

    Returns:
        ``continue``, ``stop``, ``change_space`` or ``cannot_judge``, and the reasons.
    """
    by_name = {check.check: check for check in checks}
    if not len(found.table):
        return "cannot_judge", ["No trial is complete and has a finite score."]
    if found.study.incomparable:
        return "cannot_judge", [found.study.incomparable]
    for decision in (_broken, _confirmed, _space):
        answer = decision(found, by_name)
        if answer is not None:
            return answer
    return _outlook(found)


def _found(checks: dict[str, Check], name: str) -> bool:
    return checks[name].outcome == "finding"


def _broken(found: Review, checks: dict[str, Check]) -> tuple[str, list[str]] | None:
    """More trials of the same are worth nothing: the scores or the pruner are wrong."""
    for name in ("results_recorded", "pruning"):
        if _found(checks, name) and checks[name].severity == "error":
            return "stop", [checks[name].message]
    if not _found(checks, "signal"):
        return None
    ends = [end for end in found.ends if not end.listed]
    if ends:
        where = f"T{_at_ends(ends)[1:]}: the space may be cut there."
        return "change_space", [checks["signal"].message, where]
    return "stop", [checks["signal"].message]


def _confirmed(found: Review, checks: dict[str, Check]) -> tuple[str, list[str]] | None:
    """A few configurations with several seeds each are no search but a confirmation."""
    from hpadvisor.auditing.confirmed import is_confirmation, report

    if not is_confirmation(found):
        return None
    return "stop", [report(found, list(checks.values()))]


def _space(found: Review, checks: dict[str, Check]) -> tuple[str, list[str]] | None:
    reasons = []
    if _found(checks, "bounds"):
        reasons.append(checks["bounds"].message)
    if _found(checks, "seed_in_space"):
        reasons.append(checks["seed_in_space"].message)
    for name, fact in (("failures", "failed_share"), ("learned", "not_learned_share")):
        share = checks[name].numbers.get(fact)
        if _found(checks, name) and share is not None and share >= _MOST_FAILED:
            reasons.append(checks[name].message)
    if not reasons:
        return None
    named = {bound.parameter for bound in found.bounds or []}
    others = [end for end in found.ends if end.parameter not in named]
    if others:
        reasons.append(f"And {_at_ends(others)}: try values beyond it too.")
    return "change_space", reasons


def _outlook(found: Review) -> tuple[str, list[str]]:
    count = len(found.table)
    if found.study.history and count >= LEAST:
        return "continue", [_BY_HAND]
    if found.finite is not None and found.finite.done:
        done = (
            f"All {human(found.finite.size)} combinations of the values were tried: nothing of "
            "this space is left."
        )
        if found.ends:
            return "change_space", [f"{done} But {_at_ends(found.ends)}: try values beyond."]
        return "stop", [f"{done} Confirm the best ones, or widen the space."]
    if found.gain is None:
        return _too_few(found, count)
    if worth_of(found) is None:
        reason = (
            "The noise between seeds is not known, so nothing says which gain would be real. Run "
            "the best three configurations with three seeds each and give the deviation with "
            "--noise, or say with --worth which gain is worth having."
        )
        if found.noise is not None:
            reason = (
                "Repeats score the same, so any gain is real, however small. Say with --worth "
                "which gain is worth having."
            )
        return "cannot_judge", [reason]
    reasons = [_what(found, found.gain)]
    if found.gain.bound >= STOP_BELOW:
        reasons[0] += ". Go on"
    elif tried(found.table) < LEAST_TO_STOP:
        reasons[0] += f", but under {LEAST_TO_STOP} trials that is too uncertain to stop by"
    elif found.ends:
        reasons[0] += f": not worth it in this space. But {_at_ends(found.ends)}: go on beyond"
        return "change_space", [f"{reasons[0]}."]
    else:
        reasons[0] += ": not worth it. Confirm the best ones instead"
        return "stop", [f"{reasons[0]}."]
    return "continue", [f"{reasons[0]}."]


def _too_few(found: Review, count: int) -> tuple[str, list[str]]:
    """Runs set by hand go on with the next training; a search says what it needs."""
    trials = "1 complete trial is" if count == 1 else f"{count} complete trials are"
    reason = f"{trials} too few to judge a search; {LEAST} are the least"
    if found.study.history and found.study.parameters:
        return "continue", [f"{reason}. They are taken as runs set by hand."]
    return "cannot_judge", [f"{reason}. Run {LEAST - count} more, then audit again."]


def _what(found: Review, gain: Gain) -> str:
    """The outlook in words, as far as the decision hangs on it."""
    worth = human(gain.worth)
    between = f"the noise between {repeated_by(found)}s"
    kind = "stated" if found.options.worth is not None else between
    text = (
        f"{gain.more} more trials find a new best with a chance of {gain.chance:.0%}, and gain "
        f"{human(gain.expected)} on average; they gain more than {worth} ({kind}) with a chance "
        f"of about {gain.chance_worth:.0%}, {gain.bound:.0%} at most; the higher one decides, "
        "because scores so far foretell later gains poorly"
    )
    if found.options.planned is None:
        text += f" ({tried(found.table) + gain.more} trials assumed in all, see --planned)"
    return text


def _at_ends(found: Sequence[Bound]) -> str:
    """Where the best trials lie at an end that may be passed, in words."""
    said = {
        False: "the best trial and most of the best third lie at",
        True: "the best trial, ahead of every other value's by more than the noise, lies at",
    }
    parts = []
    for listed, text in said.items():
        ends = [
            f"the {'upper' if end.side == 'high' else 'lower'} end of {end.parameter} "
            f"({human(end.bound)})"
            for end in found
            if end.listed is listed
        ]
        if ends:
            parts.append(f"{text} {', '.join(ends)}")
    return "; ".join(parts)


def outlooks(found: Review) -> list[Outlook]:
    """What a quarter, half, as many and twice as many trials again would bring."""
    no_search = found.study.history or found.study.incomparable
    if no_search or found.gain is None or (found.finite is not None and found.finite.done):
        return []
    count, worth = tried(found.table), worth_of(found)
    sd = None if found.noise is None or found.noise.sd <= 0 else found.noise.sd
    mores = sorted(
        {max(1, count // 4), max(1, count // 2), count, 2 * count, max(1, found.gain.more)}
    )
    gains = [outlook(found.table, more, worth or 0.0) for more in mores]
    return [
        Outlook(
            trials=gain.more,
            chance_of_new_best=gain.chance,
            chance_of_worth=None if worth is None else gain.chance_worth,
            expected_gain=gain.expected,
            gain_in_noise=None if sd is None else gain.expected / sd,
        )
        for gain in gains
    ]


def confirmation(found: Review) -> Confirmation | None:
    """The runs that tell the tied trials apart: all with the same seeds, none used before.

    Three seeds each; more where they are needed to find the gain that the search claims in four of
    five cases, and cost no more than a quarter of the search.

    Returns:
        None where nothing is scored, or too little to judge: a search that has hardly begun has no
        finalists. Without a known noise the best five are taken.
    """
    table = found.table
    done = found.finite is not None and found.finite.done
    if not len(table) or (found.gain is None and not done):
        return None
    order = [int(i) for i in (-table.y).argsort(kind="stable")]
    chosen = (found.ties or order)[:_FINALISTS]
    if len(chosen) == 1 and len(order) > 1:
        chosen = order[:2]  # a lone winner is run against its runner-up
    candidates = [
        Candidate(
            number=table.trials[i].number,
            role="candidate",
            params=table.trials[i].params,
            value=table.trials[i].value,
        )
        for i in chosen
    ]
    candidates += _baseline(found, {candidate.number for candidate in candidates})
    rivals = max(sum(candidate.role == "candidate" for candidate in candidates), 1)
    runs = max(len(candidates), rivals + 1)
    each, said = _strength(found, rivals, runs)
    seeds = [1001 + k for k in range(each)]
    total = len(candidates) * each
    message = (
        f"Run {len(candidates)} configurations with the same {each} fresh {_again(found)} "
        f"({total} trainings), take the best mean, and report that mean."
    )
    if not any(candidate.role == "baseline" for candidate in candidates):
        message += " Add your default configuration to them."
    return Confirmation(
        trials=candidates, seeds=seeds, trainings=total, message=f"{message}{said}"
    )


def _again(found: Review) -> str:
    """What a repeated training changes: its seed; where scores are means over folds, the folds."""
    return "splits into folds" if repeated_by(found) == "split" else "seeds"


def _strength(found: Review, rivals: int, runs: int) -> tuple[int, str]:
    """The seeds of each, and how likely they find the gain over the baseline."""
    sd = found.noise.sd if found.noise is not None else 0.0
    known = found.baseline is not None and found.baseline.gain > _CLAIMED * sd
    claim = found.baseline.gain if known and found.baseline is not None else worth_of(found)
    if sd <= 0 or claim is None:
        return _SEEDS, ""
    needed = seeds_for(claim, sd, rivals, _SEEDS, _MOST_SEEDS)
    paid = max(_SEEDS, tried(found.table) // 4 // runs)
    each = needed if known and needed is not None and needed <= paid else _SEEDS
    chance = power(claim, sd, rivals, each)
    what = "the gain that the search claims" if known else "a gain that is worth having"
    text = (
        f" A true gain over the default of {human(float(f'{claim:.2g}'))} ({what}) is then found "
        f"in {_of_ten(chance)} cases"
    )
    if chance >= ENOUGH:
        return each, f"{text}."
    more = (
        f"{needed} {_again(found)} find it in 8 of 10"
        if needed
        else f"{_MOST_SEEDS} {_again(found)} are too few as well"
    )
    return each, f"{text}; {more}."


def _of_ten(chance: float) -> str:
    tenths = round(10 * chance)
    return {0: "fewer than 1 of 10", 10: "nearly all"}.get(tenths, f"{tenths} of 10")


def _baseline(found: Review, present: set[int | None]) -> list[Candidate]:
    from hpadvisor.facts.searches.judging import baseline_trial

    trial = baseline_trial(found.study.trials, found.options.baseline)
    if trial is None or trial.number in present:
        return []
    return [
        Candidate(number=trial.number, role="baseline", params=trial.params, value=trial.value)
    ]
