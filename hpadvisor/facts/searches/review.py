"""All statistics of one study, each computed once, and the facts made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hpadvisor.facts.facts import Facts
from hpadvisor.facts.searches import gain as gains
from hpadvisor.facts.searches import importance as imp
from hpadvisor.facts.searches import judging, spending
from hpadvisor.facts.searches.noise import Noise, estimate_noise
from hpadvisor.facts.searches.table import Table, build_table, units_of
from hpadvisor.readers.searches.record import State, Study

_LEAST_FOR_GAIN = 10
_LEAST_FOR_IMPORTANCE = 15
_LEAST_FAILURES = 4
_RATE = ("lr", "learning_rate", "eta", "eta0", "learningrate", "learning-rate")


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """What the user says beyond the search itself.

    Attributes:
        noise: Standard deviation of the score between seeds.
        chance: The score of guessing.
        baseline: Number of the trial with the default configuration.
        planned: Trials planned in all.
    """

    noise: float | None = None
    chance: float | None = None
    baseline: int | None = None
    planned: int | None = None


@dataclass(slots=True)
class Review:
    """The statistics of a study; None or empty where they cannot be told."""

    study: Study
    table: Table
    options: ReviewOptions
    noise: Noise | None = None
    ties: list[int] = field(default_factory=list)
    optimism: float | None = None
    bounds: list[judging.Bound] | None = None
    baseline: judging.Baseline | None = None
    baseline_present: bool = False
    importances: list[imp.Importance] | None = None
    interactions: list[imp.Interaction] | None = None
    gain: gains.Gain | None = None
    duplicates: spending.Duplicates | None = None
    pruning: spending.Pruning | None = None
    hours: spending.Hours | None = None
    lost: list[int] = field(default_factory=list)
    failures: list[str] | None = None


def review(study: Study, options: ReviewOptions | None = None) -> Review:
    """Compute every statistic that the study has the evidence for."""
    options = options or ReviewOptions()
    table = build_table(study)
    found = Review(study, table, options)
    found.noise = estimate_noise(table, options.noise)
    found.duplicates = spending.duplicates(study)
    found.pruning = spending.pruning(study)
    found.hours = spending.hours(study, table.trials[table.best] if len(table) else None)
    found.lost = spending.lost(study)
    found.failures = _failures(study)
    _baseline_seen(found)
    if len(table) >= 2 and found.noise is not None:
        _with_noise(found, found.noise.sd)
    if len(table) >= _LEAST_FOR_IMPORTANCE and float(table.y.std()) > 0:
        found.importances = imp.importances(table)
        found.interactions = _interactions(found)
    if len(table) >= _LEAST_FOR_GAIN:
        found.gain = gains.expected_gain(table, _more(found))
    return found


def _more(found: Review) -> int:
    """Further trials to look at: the rest of what was planned, else as many again."""
    planned = found.options.planned
    done = len([t for t in found.study.trials if t.state is not State.WAITING])
    if planned is None or planned <= done:
        return len(found.table)
    return max(1, round((planned - done) * len(found.table) / max(done, 1)))


def _with_noise(found: Review, sd: float) -> None:
    table = found.table
    found.ties = judging.tie_set(table, sd)
    found.optimism = judging.optimism(table, sd)
    found.bounds = judging.at_bounds(table, sd)


def _baseline_seen(found: Review) -> None:
    trial = judging.baseline_trial(found.study.trials, found.options.baseline)
    found.baseline_present = trial is not None and trial.state is State.COMPLETE
    if trial is None or not len(found.table):
        return
    sd = None if found.noise is None else found.noise.sd
    too_good = 0.0 if sd is None or len(found.table) < 2 else judging.optimism(found.table, sd)
    found.baseline = judging.against_baseline(found.table, trial, sd, too_good)


def _failures(study: Study) -> list[str] | None:
    """Parameters on which failing depends; None where too few failed or ended well."""
    import numpy as np

    ended = [
        t for t in study.trials if t.params and t.state not in (State.RUNNING, State.WAITING)
    ]
    failed = np.array([float(t.state is State.FAILED) for t in ended])
    if not _LEAST_FAILURES <= failed.sum() <= len(ended) - _LEAST_FAILURES:
        return None
    units = units_of(ended, study.parameters)
    table = Table(study, 1.0, ended, failed, units)
    return [found.parameter for found in imp.importances(table) if found.significant]


def _interactions(found: Review) -> list[imp.Interaction] | None:
    """Test the rate with the batch size, and the two most important numbers."""
    names = [p.name for p in found.study.parameters]
    numbers = {p.name for p in found.study.parameters if p.is_number}
    rate = next((n for n in names if n.lower() in _RATE and n in numbers), None)
    batch = next((n for n in names if "batch" in n.lower()), None)
    pairs = []
    if rate and batch:
        pairs.append((rate, batch))
    strong = [i.parameter for i in found.importances or [] if i.significant]
    strong = [name for name in strong if name in numbers][:2]
    if len(strong) == 2 and set(strong) != {rate, batch}:
        pairs.append((strong[0], strong[1]))
    tested = [imp.interaction(found.table, names.index(a), names.index(b)) for a, b in pairs]
    if not tested or any(test is None for test in tested):
        return None
    # Two tests share the five per cent.
    return [t for t in tested if t is not None and t.p <= imp.LEVEL / len(tested)]


def facts_of(found: Review) -> Facts:
    """Make the facts that rules judge; what cannot be told stays unknown."""
    values: dict[str, Any] = {}
    for part in (_counts, _spending, _noise_facts, _best_facts, _outlook, _names):
        values |= part(found)
    return Facts.of(
        {name: value for name, value in values.items() if value is not None},
        f"computed from {found.study.source or found.study.name}",
    )


def _counts(found: Review) -> dict[str, Any]:
    study, count = found.study, len(found.table)
    scored = found.table.trials
    dimensions = len(study.parameters)
    return {
        "study.engine": study.engine,
        "study.trials": len(study.trials),
        "study.complete": count,
        "study.finished": sum(
            t.state not in (State.RUNNING, State.WAITING) for t in study.trials
        ),
        "study.dimensions": dimensions,
        "study.space_observed": study.space_observed,
        "study.distinct_scores": len({t.value for t in scored}) if count else None,
        "study.trials_per_dimension": count / dimensions if dimensions else None,
        "study.top5_chance": 1 - 0.95**count,
    }


def _spending(found: Review) -> dict[str, Any]:
    study, dup, pruned, hours = found.study, found.duplicates, found.pruning, found.hours
    infeasible = sum(t.infeasible for t in study.trials)
    ended = sum(t.state not in (State.RUNNING, State.WAITING) for t in study.trials)
    share = None if pruned is None else pruned.share
    implied = None if pruned is None else pruned.implied
    values = {
        "study.failed_share": spending.share(study, State.FAILED),
        "study.failure_parameters": found.failures,
        "study.failure_count": None if found.failures is None else len(found.failures),
        "study.infeasible_share": infeasible / ended if ended else None,
        "study.lost_trials": len(found.lost),
        "study.pruned_share": share if share is not None else (0.0 if ended else None),
        "study.pruned_implied": implied,
        "study.pruned_excess": _excess(share, implied, ended),
    }
    if dup is not None:
        values |= {
            "study.duplicate_share": dup.share,
            "study.duplicate_expected": dup.expected,
            "study.duplicate_excess": max(0.0, dup.share - dup.expected - 3 * dup.deviation),
        }
    if hours is not None:
        values["study.hours"] = hours.total
        if hours.total > 0:
            values["study.hours_failed_share"] = hours.failed / hours.total
            if hours.after_best is not None:
                values["study.hours_after_best_share"] = hours.after_best / hours.total
    return values


def _excess(share: float | None, implied: float | None, ended: int) -> float | None:
    """Pruned share above the implied one and its sampling error; 0 where nothing was pruned."""
    if share is None:
        return 0.0 if ended else None
    if implied is None:
        return None
    error = (implied * (1 - implied) / max(ended, 1)) ** 0.5
    return max(0.0, share - implied - 3 * error)


def _noise_facts(found: Review) -> dict[str, Any]:
    noise, table = found.noise, found.table
    sd = None if noise is None else noise.sd
    values: dict[str, Any] = {
        "study.not_learned_share": spending.not_learned(found.study, found.options.chance, sd)
    }
    if noise is not None:
        values |= {"study.noise": noise.sd, "study.noise_source": noise.source}
        if noise.sd > 0 and len(table) >= 8:
            spread = float(table.y.var(ddof=1))
            values["study.signal_to_noise"] = max(0.0, spread / noise.sd**2 - 1) ** 0.5
    return values


def _best_facts(found: Review) -> dict[str, Any]:
    values: dict[str, Any] = {
        "study.baseline_present": found.baseline_present if found.study.trials else None,
        "study.optimism": found.optimism,
        "study.tie_set": len(found.ties) or None,
    }
    if found.optimism is not None and found.noise is not None and found.noise.sd > 0:
        values["study.optimism_in_noise"] = found.optimism / found.noise.sd
    if found.bounds is not None:
        names = list(dict.fromkeys(bound.parameter for bound in found.bounds))
        values |= {"study.at_bound": names, "study.at_bound_count": len(names)}
    if found.baseline is not None:
        values |= {
            "study.baseline_gain": found.baseline.gain,
            "study.baseline_margin": found.baseline.margin,
            "study.baseline_beaten": found.baseline.beaten,
        }
    if found.importances is not None:
        names = [item.parameter for item in found.importances if item.significant]
        values |= {"study.important": names, "study.important_count": len(names)}
    if found.interactions is not None:
        pairs = [f"{i.first} × {i.second}" for i in found.interactions]
        values |= {"study.interactions": pairs, "study.interaction_count": len(pairs)}
    return values


def _outlook(found: Review) -> dict[str, Any]:
    if found.gain is None:
        return {}
    values = {
        "study.more_trials": found.gain.more,
        "study.new_best_chance": found.gain.chance,
        "study.expected_gain": found.gain.expected,
    }
    if found.noise is not None and found.noise.sd > 0:
        values["study.gain_in_noise"] = found.gain.expected / found.noise.sd
    return values


def _names(found: Review) -> dict[str, Any]:
    seeds = spending.suspicious_names(found.study, "seed")
    epsilons = spending.suspicious_names(found.study, "epsilon")
    return {
        "study.seed_parameters": seeds,
        "study.seed_count": len(seeds),
        "study.epsilon_parameters": epsilons,
        "study.epsilon_count": len(epsilons),
    }
