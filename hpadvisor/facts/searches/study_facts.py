"""The statistics of a study as the facts that rules judge."""

from __future__ import annotations

import math
from typing import Any

from hpadvisor.facts.facts import Facts
from hpadvisor.facts.searches import gain as gains
from hpadvisor.facts.searches import spending
from hpadvisor.facts.searches.review import Review, repeated_by, stops, worth_of
from hpadvisor.facts.situation.derived import top5_chance
from hpadvisor.readers.searches.record import State

LEAST_HOURS = 1 / 3600
"""Run time of a search below which shares of it say nothing: its trials trained nothing."""


def facts_of(found: Review) -> Facts:
    """Make the facts that rules judge; what cannot be told stays unknown."""
    values: dict[str, Any] = {}
    for part in (_counts, _spending, _noise_facts, _best_facts, _outlook, _coverage, _names):
        values |= part(found)
    return Facts.of(
        {name: value for name, value in values.items() if value is not None},
        f"computed from {found.study.source or found.study.name}",
    )


def _counts(found: Review) -> dict[str, Any]:
    study, count = found.study, len(found.table)
    scored = found.table.trials
    dimensions, judged = len(study.parameters), gains.tried(found.table)
    is_search = bool(dimensions and count) and not study.history
    return {
        "study.engine": study.engine,
        "study.trials": len(study.trials),
        "study.complete": count,
        "study.judged": judged,
        "study.finished": sum(t.state.is_end for t in study.trials),
        "study.dimensions": dimensions,
        "study.space_observed": study.space_observed,
        "study.distinct_scores": len({t.value for t in scored}) if count else None,
        "study.same_score_share": found.same_score,
        "study.trials_per_dimension": judged / dimensions if is_search else None,
        "study.top5_chance": top5_chance(judged) if is_search else None,
        "study.repeated_by": repeated_by(found),
    }


def _spending(found: Review) -> dict[str, Any]:
    study, dup, pruned, hours = found.study, found.duplicates, found.pruning, found.hours
    infeasible = sum(t.infeasible for t in study.trials)
    ended = sum(t.state.is_end for t in study.trials)
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
        "study.pruned_better_share": found.pruned_better,
    }
    if dup is not None:
        values |= {
            "study.duplicate_share": dup.share,
            "study.duplicate_expected": dup.expected,
            "study.duplicate_excess": max(0.0, dup.share - dup.expected - 3 * dup.deviation),
        }
    if hours is not None and hours.total >= LEAST_HOURS:
        values["study.hours"] = hours.total
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
    error = math.sqrt(implied * (1 - implied) / max(ended, 1))
    return max(0.0, share - implied - 2 * error)


def _noise_facts(found: Review) -> dict[str, Any]:
    noise, table = found.noise, found.table
    sd = None if noise is None else noise.sd
    values: dict[str, Any] = {
        "study.not_learned_share": spending.not_learned(found.study, found.options.chance, sd)
    }
    if noise is not None:
        values |= {"study.noise": noise.sd, "study.noise_source": noise.source}
        if noise.sd > 0 and len(table) >= 8 and noise.independent:
            spread = float(table.y.var(ddof=1))
            ratio = spread**0.5 / noise.sd  # squared it could be too small for a number
            values["study.signal_to_noise"] = max(0.0, min(ratio, 1e100) ** 2 - 1) ** 0.5
    return values


def _best_facts(found: Review) -> dict[str, Any]:
    values: dict[str, Any] = {
        "study.baseline_present": found.baseline_present if found.study.trials else None,
        "study.optimism": None if found.optimism is None else found.optimism.expected,
        "study.tie_set": len(found.ties) or None,
    }
    if found.optimism is not None and found.noise is not None and found.noise.sd > 0:
        values |= {
            "study.optimism_in_noise": found.optimism.expected / found.noise.sd,
            "study.optimism_low": max(0.0, found.optimism.low),
            "study.optimism_high": found.optimism.high,
        }
    if found.bounds is not None:
        names = list(dict.fromkeys(bound.parameter for bound in found.bounds))
        values |= {"study.at_bound": names, "study.at_bound_count": len(names)}
        values["study.at_bound_where"] = [
            f"{bound.parameter} ({bound.side} end, {bound.bound:.4g})" for bound in found.bounds
        ]
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
    if found.gain is None or found.study.history or found.study.incomparable:
        return {}
    values: dict[str, Any] = {
        "study.more_trials": found.gain.more,
        "study.new_best_chance": found.gain.chance,
        "study.expected_gain": found.gain.expected,
    }
    if worth_of(found) is not None:
        values |= {
            "study.worth": found.gain.worth,
            "study.worth_chance": found.gain.chance_worth,
            "study.worth_bound": found.gain.bound,
        }
    if found.noise is not None and found.noise.sd > 0:
        values["study.gain_in_noise"] = found.gain.expected / found.noise.sd
    each = spending.hours_of_a_trial(found.study)
    values["study.more_hours"] = None if each is None else each * found.gain.more
    if worth_of(found) is not None:
        values["study.more_pays"] = not stops(found)
        values["study.plateau"] = gains.on_a_plateau(found.gain, len(found.table), len(found.ties))
    return values


def _coverage(found: Review) -> dict[str, Any]:
    finite = found.finite
    names = [item.parameter for item in found.hardly_varied]
    held = list(dict.fromkeys([*found.study.memory.held, *found.study.fixed]))
    values: dict[str, Any] = {
        "study.hardly_varied": names if len(found.table) else None,
        "study.hardly_varied_count": len(names) if len(found.table) else None,
        "study.seeds_without_effect": found.seeds_without_effect,
        "study.noise_assumed": None if found.noise is None else found.noise.assumed,
        "study.space_done": finite is not None and finite.done,
        "study.held": held,
    }
    if finite is not None:
        values |= {"study.space_size": finite.size, "study.space_tried": finite.tried}
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
