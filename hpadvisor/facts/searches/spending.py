"""Where the trials and the hours went: duplicates, pruning, failures, lost workers."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

_GUESSING = 0.02
_PATIENCE = 3
"""How often the longest run time a trial may take before its worker counts as dead (measured)."""

_SEED_NAME = re.compile(r"(^|[._/\s-])(random_?)?(seed|random_state)s?($|[._/\s-])", re.IGNORECASE)
_EPSILON_NAME = re.compile(r"(^|[._/\s-])(adam_?|layer_?norm_?)?(eps|epsilon)($|[._/\s-])", re.I)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Configurations tried more than once.

    Attributes:
        share: Share of the trials that repeat an earlier configuration.
        expected: The share that random sampling of the same space gives.
        deviation: Standard deviation of that share.
        cells: Configurations in the space; infinite where a number is continuous.
    """

    share: float
    expected: float
    deviation: float
    cells: float


def duplicates(study: Study) -> Duplicates | None:
    """Compare repeated configurations with what random sampling would give."""
    keys = [
        repr(sorted(t.params.items(), key=lambda item: item[0])) for t in study.trials if t.params
    ]
    count = len(keys)
    if count < 2:
        return None
    share = 1 - len(set(keys)) / count
    cells = math.prod((cells_of(parameter) for parameter in study.parameters), start=1.0)
    if math.isinf(cells) or cells > 1e12:
        return Duplicates(share, 0.0, 0.0, math.inf)
    distinct = cells * -math.expm1(count * math.log1p(-1 / cells)) if cells > 1 else 1.0
    expected = max(0.0, 1 - distinct / count)
    return Duplicates(share, expected, _occupancy_deviation(count, cells), cells)


def _occupancy_deviation(count: int, cells: float) -> float:
    """Standard deviation of the share of repeats among draws from equally likely cells."""
    if cells < 2:
        return 0.0
    if cells > 1e4:  # the exact form cancels; repeats are then a Poisson count of pairs
        return math.sqrt(count / (2 * cells))
    empty = (1 - 1 / cells) ** count
    both = (1 - 2 / cells) ** count
    variance = cells * (cells - 1) * both + cells * empty - (cells * empty) ** 2
    return math.sqrt(max(0.0, variance)) / count


def cells_of(parameter: Parameter) -> float:
    """How many values a parameter can take."""
    if not parameter.is_number:
        return float(max(1, len(parameter.choices)))
    if parameter.low is None or parameter.high is None or parameter.observed:
        return math.inf
    if parameter.step:
        return math.floor((parameter.high - parameter.low) / parameter.step + 1e-9) + 1
    if parameter.type == "int" and parameter.scale != "log":
        return parameter.high - parameter.low + 1
    return math.inf


@dataclass(frozen=True, slots=True)
class Pruning:
    """Pruned trials against the schedule that their last steps show.

    Attributes:
        share: Share of the trials that ended and were pruned.
        implied: The share that the schedule prunes by design, None where none is recognised.
        rungs: The steps at which trials were stopped, the last one the full length.
        factor: The reduction factor, None where none is recognised.
    """

    share: float
    implied: float | None
    rungs: tuple[float, ...]
    factor: float | None


def pruning(study: Study) -> Pruning | None:
    """Recognise a halving schedule by its rungs; None where nothing was pruned."""
    ended = [t for t in study.trials if t.state in (State.COMPLETE, State.PRUNED)]
    pruned = [t for t in ended if t.state is State.PRUNED]
    if not pruned:
        return None
    share = len(pruned) / len(ended)
    stops = Counter(round(float(t.steps[-1]), 6) for t in pruned if len(t.steps))
    full = max((float(t.steps[-1]) for t in ended if len(t.steps)), default=0.0)
    rungs = sorted(step for step in stops if step > 0 and stops[step] >= 0.02 * len(pruned))
    covered = sum(stops[step] for step in rungs)
    # A single step at which most were stopped is no ladder: a median pruner makes that too.
    needed = 0.9 if len(rungs) > 1 else 1.0
    if not rungs or covered < needed * len(pruned) or full <= rungs[-1]:
        return Pruning(share, None, tuple(rungs[:20]), None)
    ladder = [*rungs, full]
    ratios = [b / a for a, b in pairwise(ladder)]
    factor = median(ratios)
    regular = all(0.6 * factor <= ratio <= 1.7 * factor for ratio in ratios)
    if not regular or not 1.5 <= factor <= 10 or len(rungs) > 8:
        return Pruning(share, None, tuple(rungs[:20]), None)
    factor = max(2.0, float(round(factor)))
    return Pruning(share, 1 - factor ** -len(rungs), tuple(ladder), factor)


_OTHER_EPSILON = re.compile(
    r"clip|greedy|explor|smooth|privacy|"
    r"(^|[._/\s-])(start|end|init|initial|min|max|final|decay|noise)($|[._/\s-])",
    re.IGNORECASE,
)
"""What an epsilon may be besides a numerical constant: PPO's clip range, exploration, …"""


def suspicious_names(study: Study, kind: str) -> list[str]:
    """Parameters that are seeds (``seed``) or numerical constants (``epsilon``) by their name."""
    pattern = _SEED_NAME if kind == "seed" else _EPSILON_NAME
    names = [p.name for p in study.parameters if pattern.search(p.name)]
    return [name for name in names if kind == "seed" or not _OTHER_EPSILON.search(name)]


@dataclass(frozen=True, slots=True)
class Hours:
    """Run time, added over all trials, in hours.

    Attributes:
        total: Of all trials that say it.
        failed: Of failed ones.
        pruned: Of pruned ones.
        after_best: Of those that began after the best one had ended.
        wall: From the first begin to the last end, None where times are not recorded.
    """

    total: float
    failed: float
    pruned: float
    after_best: float | None
    wall: float | None


def hours(study: Study, best: Trial | None) -> Hours | None:
    """Add up run times; None where none is recorded."""
    timed = [(t, d) for t in study.trials if (d := t.duration) is not None]
    if not timed:
        return None

    def added(members: list[tuple[Trial, float]]) -> float:
        return sum(seconds for _, seconds in members) / 3600

    starts = [t.start for t in study.trials if t.start is not None]
    ends = [t.end for t in study.trials if t.end is not None]
    after = None
    if best is not None and best.end is not None and starts:
        after = added([(t, d) for t, d in timed if t.start is not None and t.start >= best.end])
    return Hours(
        added(timed),
        added([(t, d) for t, d in timed if t.state is State.FAILED]),
        added([(t, d) for t, d in timed if t.state is State.PRUNED]),
        after,
        (max(ends) - min(starts)) / 3600 if starts and ends else None,
    )


def hours_of_a_trial(study: Study) -> float | None:
    """Mean run time of the trials that ended, pruned ones too: what one more is likely to take."""
    times = [d for t in study.trials if t.state.is_end and (d := t.duration) is not None]
    return sum(times) / len(times) / 3600 if times else None


def lost(study: Study) -> list[int]:
    """Trials that still count as running though the search went on long after: dead workers."""
    ends = [t.end for t in study.trials if t.end is not None]
    lengths = [d for t in study.trials if t.state is State.COMPLETE and (d := t.duration)]
    if not ends or len(lengths) < 3:
        return []
    patience = _PATIENCE * max(lengths)
    return [
        t.number
        for t in study.trials
        if t.state is State.RUNNING and t.start is not None and max(ends) - t.start > patience
    ]


def share(study: Study, *states: State) -> float | None:
    """Share of the ended trials in some states; None where none has ended."""
    ended = [t for t in study.trials if t.state.is_end]
    return sum(t.state in states for t in ended) / len(ended) if ended else None


def not_learned(study: Study, chance: float | None, sd: float | None) -> float | None:
    """Share of the trials that diverged or never learned; None where it cannot be told.

    A score that is NaN or infinite counts; so does a score no better than guessing, or a curve
    that ended no better than it began. A trial that merely ended early does not. No better than
    guessing is within two noise standard deviations of it, or within 2 % of the way to the best.
    """
    within = 2 * (sd or 0.0)
    if chance is not None:
        scores = [t.value for t in study.trials if t.value is not None and math.isfinite(t.value)]
        way = max((study.sign * (score - chance) for score in scores), default=0.0)
        within = max(within, _GUESSING * way)
    judged = unknown = bad = 0
    for trial in study.trials:
        if trial.state not in (State.COMPLETE, State.PRUNED):
            continue
        outcome = _learned(trial, study.sign, chance, within)
        judged += outcome is not None
        unknown += outcome is None
        bad += outcome is False
    if judged == bad:  # nothing but NaN can be told here, so the rest counts as learned
        return bad / (judged + unknown) if bad else None
    return bad / judged


def _learned(trial: Trial, sign: float, chance: float | None, within: float) -> bool | None:
    values: Any = [v for v in (trial.value, *trial.values) if v is not None]
    if any(not math.isfinite(v) for v in values):
        return False
    if chance is not None and trial.value is not None:
        return sign * (trial.value - chance) > within
    if trial.state is State.COMPLETE and len(trial.values) >= 5:
        first, last = trial.values[0], max(sign * v for v in trial.values[1:])
        return last > sign * first
    return None
