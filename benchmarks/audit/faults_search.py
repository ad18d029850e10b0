"""Faults put into replays, continued: pruners, interactions, hours, sizes and names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.audit.faults import TRIALS, Rng, knowledge, rows_of, says
from benchmarks.audit.halving import halve, prune
from benchmarks.audit.pools import Pool, noise_of, replay
from benchmarks.audit.rates import Row, rate
from hpadvisor.facts.searches import importance, spending
from hpadvisor.facts.searches.review import ReviewOptions, review
from hpadvisor.facts.searches.study_facts import facts_of
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, State, Study


def pruning(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD015 and AUD018: halving as it should be, too eager, or the wrong way round.

    Naive: more than 90 % were pruned.
    """
    if pool.curves.shape[2] < 9:
        return

    def one(factor: int, extra: float, wrong: bool) -> tuple[bool, bool]:
        study = replay(pool, 100, rng).study()
        halve(study, factor, wrong=wrong)
        for trial in study.trials:
            if trial.state is State.COMPLETE and rng.random() < extra:
                prune(trial, len(trial.steps) // factor)
        pruned = sum(t.state is State.PRUNED for t in study.trials)
        rule = "AUD018" if wrong else "AUD015"
        spoke = says(rule, study) if (wrong or extra) else _either(study)
        return spoke, pruned > 90

    def median(wrong: bool) -> tuple[bool, bool]:
        study = replay(pool, 100, rng).study()
        done: list[Any] = []
        for trial in study.trials:
            sign = -1 if wrong else 1
            for step in range(2, len(trial.steps)):
                others = [sign * values[step] for values in done]
                if len(others) >= 5 and sign * trial.values[step] < np.median(others):
                    prune(trial, step + 1)
                    break
            else:
                done.append(trial.values)
        pruned = sum(t.state is State.PRUNED for t in study.trials)
        return (says("AUD018", study) if wrong else _either(study)), pruned > 90

    cases = [
        ("asynchronous halving by 2", True, lambda: one(2, 0.0, False)),
        ("asynchronous halving by 3", True, lambda: one(3, 0.0, False)),
        ("asynchronous halving by 4", True, lambda: one(4, 0.0, False)),
        ("median pruner", True, lambda: median(False)),
        ("half of the survivors pruned too", False, lambda: one(3, 0.5, False)),
        ("all survivors pruned too", False, lambda: one(3, 1.0, False)),
        ("halving by 3, the wrong way round", False, lambda: one(3, 0.0, True)),
        ("median pruner, the wrong way round", False, lambda: median(True)),
    ]
    yield from rows_of("AUD015, AUD018 pruning", cases, replays)


def _either(study: Study) -> bool:
    return says("AUD015", study) or says("AUD018", study)


def interactions(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD016: two parameters made to depend on each other, and an additive null.

    Rate and batch size where the pool has both, else its first two numbers. The null adds their
    effects on the ranks (means over fifths of their ranges) and a residual that is shuffled. The
    dependence tilts a trial's score by the product of both, centred and of variance 1, times some
    standard deviations of the null's scores. Naive: both parameters matter.
    """
    numbers = [i for i, p in enumerate(pool.space) if p.is_number]
    batch = next((i for i, p in enumerate(pool.space) if "batch" in p.name), None)
    first, second = numbers[0], numbers[1] if batch is None else batch
    levels = max(1, len(pool.space[second].choices) - 1)

    def one(strength: float, count: int) -> tuple[bool, bool]:
        table = build_table(replay(pool, count, rng).study())
        units = table.units[:, (first, second)] / (1, levels)
        rest, fitted = np.argsort(np.argsort(table.y)) / count, np.zeros(count)
        for column in (first, second):
            fifth = np.minimum(4, (table.units[:, column] * 5).astype(int))
            means = np.array(
                [rest[fifth == k].mean() if (fifth == k).any() else 0 for k in range(5)]
            )
            fitted += means[fifth] - rest.mean()
            rest = rest - means[fifth] + rest.mean()
        centred = (units - units.mean(axis=0)) / units.std(axis=0)
        product = centred[:, 0] * centred[:, 1]
        scores = fitted + rng.permutation(rest)
        table.y = scores + strength * scores.std() * product
        found = importance.interaction(table, first, second)
        tested = importance.importances(table)
        named = {item.parameter for item in tested if item.significant}
        both = {pool.space[first].name, pool.space[second].name} <= named
        return found is not None and found.p <= importance.PAIR_LEVEL, both

    cases: list[Any] = []
    for count in (60, 100):
        cases.append((f"{count} trials, additive", True, lambda c=count: one(0.0, c)))
        for strength in (0.3, 0.6, 1.0):
            cases.append(
                (f"{count} trials, tilted by {strength:g} deviations", False,
                 lambda c=count, s=strength: one(s, c))
            )  # fmt: skip
    yield from rows_of("AUD016 interactions", cases, max(30, replays // 4))


def hours(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD007: failing late, which costs time, and at once. Naive: 25 % of the trials failed."""

    def one(share: float, late: bool) -> tuple[bool, bool]:
        study = replay(pool, TRIALS, rng).study()
        for trial in study.trials:
            trial.seconds = float(rng.lognormal(6, 0.5))
            if rng.random() < share:
                trial.state, trial.value = State.FAILED, None
                trial.seconds *= float(rng.uniform(0.7, 1)) if late else 0.02
        failed = sum(t.state is State.FAILED for t in study.trials)
        return says("AUD007", study), failed / TRIALS >= 0.25

    cases = [
        ("10 % fail late", True, lambda: one(0.1, True)),
        ("40 % fail at once", True, lambda: one(0.4, False)),
        ("30 % fail late", False, lambda: one(0.3, True)),
        ("50 % fail late", False, lambda: one(0.5, True)),
    ]
    yield from rows_of("AUD007 hours in failed trials", cases, replays)


def too_few(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """AUD014: whether it speaks, and how often such a search lacks one of the best twentieth."""
    edge = np.quantile(pool.truth, 0.95)
    for count in (5, 10, 15, 20, 30, 60):
        found = [replay(pool, count, rng) for _ in range(replays)]
        none = [bool((f.truth < edge).all()) for f in found]
        yield {
            "trials": count,
            "speaks": says("AUD014", found[0].study()),
            "holds_none_said": 0.95**count,
            "holds_none_seen": rate(none),
        }


def names() -> Iterator[Row]:
    """AUD012 and AUD013: seeds and numerical constants by their names.

    Clean names are those of the table of hyperparameters and their aliases, but for the constants.
    """
    table = knowledge().hyperparameters
    ours = [h for h in table if "epsilon" not in h.id and "seed" not in h.id]
    plain = {name for h in ours for name in (h.id, *h.aliases)}
    seeds = (
        "seed",
        "random_state",
        "random_seed",
        "model.seed",
        "trainer/seed",
        "data_seed",
        "SEED",
        "seeds",
        "np_seed",
        "torch_manual_seed",
        "rng_seed",
        "randomSeed",
    )
    epsilons = (
        "eps",
        "epsilon",
        "adam_epsilon",
        "adam_eps",
        "optimizer.eps",
        "layer_norm_eps",
        "rms_norm_eps",
        "batch_norm_epsilon",
        "adamEpsilon",
        "opt_epsilon",
    )
    for kind, right in (("seed", seeds), ("epsilon", epsilons)):
        for clean, given in ((True, sorted(plain)), (False, right)):
            hits = [bool(_suspicious(name, kind)) for name in given]
            missed = [n for n, hit in zip(given, hits, strict=True) if hit is clean]
            yield {
                "check": "AUD012 seed" if kind == "seed" else "AUD013 constant",
                "condition": f"{len(given)} names of {'other things' if clean else 'one'}",
                "should_speak": "no" if clean else "yes",
                "speaks": rate(hits),
                "wrong": ", ".join(missed) or "–",
            }


def _suspicious(name: str, kind: str) -> list[str]:
    study = Study("names", "csv", "maximize", "", [Parameter(name, "float", 0, 1, "linear")], [])
    return spending.suspicious_names(study, kind)


def whole(pool: Pool, replays: int, rng: Rng) -> Iterator[Row]:
    """How often each rule speaks in a sound search of sixty random trials with a baseline."""
    said: dict[str, int] = {}
    rules = [r for r in knowledge().rules if r.id.startswith("AUD")]
    for _ in range(replays):
        found = replay(pool, TRIALS, rng)
        study = found.study()
        study.trials[0].params, study.trials[0].enqueued = pool.params[0], True
        study.trials[0].value = float(pool.final[0, found.seeds[0]])
        noise = noise_of(found, build_table(study), rng)
        facts = facts_of(review(study, ReviewOptions(noise=noise.sd, planned=100)))
        for rule in rules:
            said[rule.id] = said.get(rule.id, 0) + (rule.condition.evaluate(facts).truth is True)
    for rule in rules:
        yield {"rule": rule.id, "title": rule.title, "speaks": said[rule.id] / replays}
