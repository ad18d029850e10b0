"""Faults put into replays: how often each check finds them, and how often it speaks without one.

Every function returns rows of one check: a condition (clean ones must stay silent, the others be
found), our rate and that of a naive rule where there is one. The rules are judged as an audit
judges them, by the conditions in ``rules/search``. Here: how the record of a search can be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from benchmarks.audit.halving import halve
from benchmarks.audit.pools import Pool, replay
from benchmarks.audit.rates import Row, rate
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import EXPLAINING, load_knowledge
from hpadvisor.facts.searches import soundness, spending
from hpadvisor.facts.searches.noise import estimate_noise
from hpadvisor.facts.searches.review import Review, ReviewOptions, failing
from hpadvisor.facts.searches.study_facts import facts_of
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

Rng = np.random.Generator
TRIALS = 60


@cache
def knowledge() -> Knowledge:
    """The rules that ship."""
    return load_knowledge(without=EXPLAINING)


def says(rule: str, study: Study, options: ReviewOptions | None = None) -> bool:
    """Whether a rule about how a search was run speaks; what needs permutations is left out."""
    table = build_table(study)
    found = Review(study, table, table, options or ReviewOptions())
    found.duplicates = spending.duplicates(study)
    found.pruning = spending.pruning(study)
    found.hours = spending.hours(study, table.trials[table.best] if len(table) else None)
    found.lost = spending.lost(study)
    if found.options.noise is not None:
        found.noise = estimate_noise(table, found.options.noise)
    found.same_score = soundness.same_score_share(table)
    found.pruned_better = soundness.pruned_were_better(study)
    condition = next(r for r in knowledge().rules if r.id == rule).condition
    return condition.evaluate(facts_of(found)).truth is True


def rows_of(
    check: str,
    cases: Sequence[tuple[str, bool, Callable[[], tuple[bool, bool | None]]]],
    replays: int,
) -> Iterator[Row]:
    """A row a case: its name, whether it is clean, and what makes one outcome (ours, naive)."""
    for name, clean, outcome in cases:
        pairs = [outcome() for _ in range(replays)]
        naive = [other for _, other in pairs if other is not None]
        yield {
            "check": check,
            "condition": name,
            "should_speak": "no" if clean else "yes",
            "speaks": rate([mine for mine, _ in pairs]),
            "naive_speaks": rate(naive) if naive else "–",
        }


def results(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD001 and AUD008: an objective that returns a constant, always or in part of the trials.

    Naive: all scores within half a point.
    """

    def stuck(share: float, examples: int | None = None) -> tuple[bool, bool]:
        study = replay(pool, TRIALS, rng).study()
        first = study.trials[0].value
        for trial in study.trials:
            if rng.random() < share:
                trial.value = first
            elif examples:
                trial.value = round(float(trial.value or 0) * examples) / examples
        values = [float(t.value or 0) for t in study.trials]
        spoke = says("AUD001", study) or says("AUD008", study)
        return spoke, max(values) - min(values) < 0.005

    cases = [
        ("as recorded", True, lambda: stuck(0.0)),
        ("scores on 50 examples", True, lambda: stuck(0.0, 50)),
        ("a constant in 30 % of the trials", False, lambda: stuck(0.3)),
        ("a constant in 60 %", False, lambda: stuck(0.6)),
        ("a constant in 90 %", False, lambda: stuck(0.9)),
        ("a constant always", False, lambda: stuck(1.0)),
    ]
    yield from rows_of("AUD001, AUD008 results equal", cases, replays)


def duplicates(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD010: repeated configurations in spaces of few cells, and in the pool's own space.

    Naive: any 5 % of repeats.
    """

    def one(cells: int | None, share: float) -> tuple[bool, bool]:
        study = replay(pool, TRIALS, rng).study()
        if cells:
            study.parameters = [Parameter("cell", "categorical", choices=tuple(range(cells)))]
            for trial in study.trials:
                trial.params = {"cell": int(rng.integers(cells))}
        for trial in study.trials[1:]:
            if rng.random() < share:
                trial.params = study.trials[int(rng.integers(trial.number))].params
        seen = {repr(trial.params) for trial in study.trials}
        return says("AUD010", study), 1 - len(seen) / TRIALS > 0.05

    sizes = ((None, "continuous"), (400, "400 cells"), (96, "96 cells"), (24, "24 cells"))
    cases: list[Any] = [
        (f"{name}, random sampling", True, lambda c=cells: one(c, 0.0)) for cells, name in sizes
    ]
    for share in (0.1, 0.2, 0.4):
        for cells, name in sizes[:3]:
            cases.append(
                (f"{name}, {share:.0%} repeat an earlier one", False,
                 lambda c=cells, s=share: one(c, s))
            )  # fmt: skip
    yield from rows_of("AUD010 duplicates", cases, replays)


def failures(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD002 and AUD005: shares of trials that fail or break a constraint, at random."""

    def one(rule: str, share: float) -> tuple[bool, None]:
        study = replay(pool, TRIALS, rng).study()
        for trial in study.trials:
            if rng.random() < share:
                trial.infeasible = rule == "AUD005"
                if rule == "AUD002":
                    trial.state, trial.value = State.FAILED, None
        return says(rule, study), None

    for rule, word, shares in (
        ("AUD002", "fail", (0.05, 0.1, 0.15, 0.25, 0.35, 0.5)),
        ("AUD005", "break a constraint", (0.1, 0.3, 0.4, 0.6, 0.8)),
    ):
        limit = 0.2 if rule == "AUD002" else 0.5
        cases: list[Any] = [
            (f"{share:.0%} {word}", share < limit, lambda s=share, r=rule: one(r, s))
            for share in shares
        ]
        yield from rows_of(f"{rule} share of trials that {word}", cases, replays)


def where_failing(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD003: failing beyond a bound of one parameter, against failing at random.

    Naive: the failed trials' mean lies a quarter of the range from the others' mean.
    """
    column = next(i for i, p in enumerate(pool.space) if p.name == pool.rate)

    def one(share: float, certain: float) -> tuple[bool, bool]:
        study = replay(pool, TRIALS, rng).study()
        unit = build_table(study).units[:, column]
        beyond = unit > np.quantile(unit, 1 - share)
        odds = np.where(beyond, certain, 0.02) if certain else np.full(TRIALS, share)
        failed = rng.random(TRIALS) < odds
        for trial, fails in zip(study.trials, failed, strict=True):
            if fails:
                trial.state, trial.value = State.FAILED, None
        naive = failed.any() and abs(unit[failed].mean() - unit[~failed].mean()) > 0.25
        found = failing(study) or []
        spoke = bool(found) if not certain else pool.rate in found
        return spoke, bool(naive)

    cases = [
        ("20 % fail at random", True, lambda: one(0.2, 0.0)),
        ("the upper fifth of a range fails in 50 %", False, lambda: one(0.2, 0.5)),
        ("the upper fifth fails in 90 %", False, lambda: one(0.2, 0.9)),
        ("the upper third fails in 90 %", False, lambda: one(0.33, 0.9)),
    ]
    yield from rows_of("AUD003 failing depends on a parameter", cases, replays)


def lost(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD004: workers that died, against four workers still busy. Naive: any running trial."""

    def one(dead: int, spread: float) -> tuple[bool, bool]:
        study = replay(pool, TRIALS, rng).study()
        free = [0.0] * 4
        for trial in study.trials:
            worker = int(np.argmin(free))
            trial.start = free[worker]
            free[worker] += float(rng.lognormal(4, spread))
            trial.end = free[worker]
        now = float(np.quantile([t.end or 0 for t in study.trials], 0.95))
        for trial in study.trials:
            if (trial.end or 0) > now:
                _still_running(trial)
        study.trials = [t for t in study.trials if (t.start or 0) <= now]
        for index in rng.choice(len(study.trials) * 2 // 3, dead, replace=False):
            _still_running(study.trials[index])
        running = any(t.state is State.RUNNING for t in study.trials)
        return says("AUD004", study), running

    cases = [
        ("four workers busy", True, lambda: one(0, 0.3)),
        ("four workers busy, run times spread widely", True, lambda: one(0, 1.2)),
        ("one worker died", False, lambda: one(1, 0.3)),
        ("three workers died", False, lambda: one(3, 0.3)),
        ("three workers died, run times spread widely", False, lambda: one(3, 1.2)),
    ]
    yield from rows_of("AUD004 trials lost to crashes", cases, replays)


def _still_running(trial: Trial) -> None:
    trial.state, trial.value, trial.end = State.RUNNING, None, None


def learned(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD006: trials that end as NaN, or score like guessing; halving is not that.

    Naive: a trial that ended at its first checkpoint has diverged (30 % of them).
    """
    good = np.where(pool.truth > np.quantile(pool.truth, 0.4))[0]

    def one(share: float, kind: str) -> tuple[bool, bool]:
        study = replay(pool, TRIALS, rng, good).study()
        options = ReviewOptions(chance=pool.guess if kind == "guess" else None)
        if kind == "halving":
            halve(study, 3)
        else:
            for trial in study.trials:
                if rng.random() < share:
                    trial.value = pool.guess + float(rng.normal(0, 0.005))
                    if kind == "nan":
                        trial.value = float("nan")
                    trial.steps, trial.values = (), ()
        ended = [t for t in study.trials if len(t.steps) and t.steps[-1] == 1]
        return says("AUD006", study, options), len(ended) > 0.3 * TRIALS

    cases = [("as recorded", True, lambda: one(0.0, "nan"))]
    if pool.curves.shape[2] > 3:
        cases.append(("halving stops most of them early", True, lambda: one(0.0, "halving")))
    for share in (0.2, 0.4, 0.6):
        cases.append(
            (f"{share:.0%} are NaN", share < 0.3, lambda s=share: one(s, "nan"))  # type: ignore[misc]
        )
    cases += [
        ("40 % guess, --chance given", False, lambda: one(0.4, "guess")),
        ("60 % guess, --chance given", False, lambda: one(0.6, "guess")),
    ]
    yield from rows_of("AUD006 diverged or never learned", cases, replays)
