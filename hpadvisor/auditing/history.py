"""Past runs set by hand: what each change brought, what was never touched, what to try next.

Runs that differ in one setting alone form a chain along it. From the best run the next trainings
follow by a fixed order: what its own log advises (benchmarks/history: that improves most often),
go on where a change won, take along a win that the best run lacks, try the untried side of what
was changed. A direction that lost is left. From eight runs on a model of all of them says what
follows, and may move several settings at once.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from hpadvisor.auditing.decision import LEAST
from hpadvisor.auditing.expected import most_promising
from hpadvisor.auditing.model import ChangeEffect, History, NextTraining, TriedRun
from hpadvisor.facts.configs.roles import role_of
from hpadvisor.facts.searches.review import Review
from hpadvisor.readers.searches.record import Parameter, Study, Trial

MOST_RUNS = 60
"""More runs are a search, and no history that a person reads line by line."""

LEAST_FOR_A_MODEL = 8
"""Runs from which on a model names the next trainings: it improves on the best run in .50, .40 and
.44 of the histories of 8, 12 and 30 runs on the development tables, the steps along chains in .38,
.30 and .25. With fewer runs neither is ahead, and a step along a chain can be explained."""

MOST_NEXT = 3
_FACTORS: Final = {
    "learning_rate": 3.0, "weight_decay": 10.0, "batch_size": 2.0, "width": 2.0, "epochs": 2.0,
}  # fmt: skip
_LOG_FACTOR = 3.0
_SHORT_OF_ONE: Final = {
    "dropout", "attention_dropout", "stochastic_depth", "label_smoothing", "momentum",
    "adam_beta1", "adam_beta2", "ema_decay", "discount",
}  # fmt: skip
"""At 1 nothing is left of the signal, or nothing of it is forgotten: a step ends before."""
_FIRST: Final = (
    "learning_rate", "weight_decay", "dropout", "epochs", "batch_size", "width", "depth",
    "warmup_steps", "momentum", "label_smoothing",
)  # fmt: skip
"""What is tried first where nothing else decides (rules/importance: the rate before all)."""


def set_by_hand(study: Study) -> bool:
    """Whether a table without an engine's marks holds too few runs for a search.

    Then nobody judges it as one, and what the runs say to do next is what helps.
    """
    return study.engine in ("csv", "wandb") and 2 <= len(study.scored) < LEAST


def history_of(found: Review) -> History | None:
    """The history in a study of past runs; None where it is a search, or has too many runs.

    Args:
        found: The study with its statistics: noise, and the meaning of its parameters.
    """
    study = found.study
    trials = study.scored
    if not 2 <= len(trials) <= MOST_RUNS or not study.parameters:
        return None
    noise = None if found.noise is None else found.noise.sd
    effects = list(_effects(study, trials, noise))
    return History(
        runs=_runs(study, trials),
        effects=effects,
        untouched={name: value for name, value in study.fixed.items() if _is_setting(name, value)},
        next=_next(study, trials, effects),
    )


def with_advice(
    history: History, study: Study, advised: Sequence[tuple[str, float, str]]
) -> History:
    """Put what the best run's own log advises before what follows from the others.

    Args:
        history: As :func:`history_of` returns it.
        study: The runs.
        advised: Hyperparameter by its role, factor on today's value, and the reason; the likeliest
            to help first.
    """
    trials = study.scored
    best, found = _best(study, trials), list[NextTraining]()
    for role, factor, reason in advised:
        parameter = next((one for one in study.parameters if one.role == role), None)
        value = best.params.get(parameter.name) if parameter is not None else None
        again = any(parameter is not None and parameter.name in one.changes for one in found)
        if parameter is None or again or not _is_number(value) or not value:
            continue
        low, high = _limits(parameter)
        new = _rounded(parameter, min(max(float(value) * factor, low), high))
        setting = {**best.params, parameter.name: new}
        if new == value or any(_alike(setting, one.params, study) for one in trials):
            continue
        found.append(NextTraining(changes={parameter.name: new}, from_run=best.number,
                                  settings=setting, reason=reason))  # fmt: skip
    named = {name for item in found for name in item.changes}
    rest = [item for item in history.next if not named & item.changes.keys()]
    return history.model_copy(update={"next": [*found, *rest][:MOST_NEXT]})


def _best(study: Study, trials: list[Trial]) -> Trial:
    return max(trials, key=lambda one: study.sign * float(one.value or 0.0))


def _runs(study: Study, trials: list[Trial]) -> list[TriedRun]:
    best = _best(study, trials)
    ordered = sorted(trials, key=lambda one: -study.sign * float(one.value or 0.0))
    return [
        TriedRun(
            number=one.number, label=one.label, settings=dict(one.params),
            score=float(one.value or 0.0), best=one is best,
        )
        for one in ordered
    ]  # fmt: skip


def _effects(study: Study, trials: list[Trial], noise: float | None) -> Iterator[ChangeEffect]:
    """Neighbours along each chain: runs that differ in one setting alone."""
    names = [parameter.name for parameter in study.parameters]
    for parameter in study.parameters:
        chains: dict[tuple[Any, ...], list[Trial]] = defaultdict(list)
        for trial in trials:
            if parameter.name in trial.params:
                rest = tuple(repr(trial.params.get(n)) for n in names if n != parameter.name)
                chains[rest].append(trial)
        for chain in chains.values():
            ordered = sorted(
                chain, key=lambda one: (_place(one.params[parameter.name]), one.number)
            )
            for before, after in pairwise(ordered):
                old, new = before.params[parameter.name], after.params[parameter.name]
                if old == new:
                    continue
                gain = study.sign * (float(after.value or 0.0) - float(before.value or 0.0))
                clear = None if noise is None else abs(gain) > 2 * math.sqrt(2) * noise
                yield ChangeEffect(
                    parameter=parameter.name, before=old, after=new, from_run=before.number,
                    to_run=after.number, gain=gain, clear=clear,
                )  # fmt: skip


def _place(value: Any) -> tuple[int, float, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, float(value), ""
    return 1, 0.0, repr(value)


def _is_setting(name: str, value: Any) -> bool:
    return isinstance(value, bool | int | float | str) and role_of(name) is not None


def _next(study: Study, trials: list[Trial], effects: list[ChangeEffect]) -> list[NextTraining]:
    """One to three trainings, each a change of the best run that was not tried."""
    best = _best(study, trials)
    expected = _expected(study, trials, best) if len(trials) >= LEAST_FOR_A_MODEL else ()
    return [*expected] or _along_chains(study, trials, best, effects)


def _along_chains(
    study: Study, trials: list[Trial], best: Trial, effects: list[ChangeEffect]
) -> list[NextTraining]:
    """What follows from the runs that differ from each other in one setting alone."""
    tried = [one.params for one in trials]
    found: list[NextTraining] = []
    for name, value, reason in _candidates(study, trials, best, effects):
        setting = {**best.params, name: value}
        same = any(_alike(setting, params, study) for params in tried)
        again = any(name in one.changes for one in found)
        if same or again or value == best.params.get(name):
            continue
        found.append(
            NextTraining(
                changes={name: value}, from_run=best.number, settings=setting, reason=reason
            )
        )
        if len(found) == MOST_NEXT:
            break
    return found


def _expected(study: Study, trials: list[Trial], best: Trial) -> Iterator[NextTraining]:
    """What a model of the runs expects to be better than the best of them."""
    found = most_promising(
        study.parameters, trials, study.sign, lambda p, v, side: stepped(p, v, side, None),
        MOST_NEXT,
    )  # fmt: skip
    for settings in found:
        changes = {k: v for k, v in settings.items() if v != best.params.get(k)}
        yield NextTraining(
            changes=changes, from_run=best.number, settings=settings,
            reason=f"a model of the {len(trials)} runs expects most of it",
        )  # fmt: skip


def _alike(setting: dict[str, Any], params: dict[str, Any], study: Study) -> bool:
    """Whether two settings are the same; numbers on a logarithmic scale to a tenth."""
    for parameter in study.parameters:
        one, other = setting.get(parameter.name), params.get(parameter.name)
        numbers = _is_number(one) and _is_number(other) and parameter.scale == "log"
        if numbers and min(float(one or 0), float(other or 0)) > 0:
            if abs(math.log(float(one or 0) / float(other or 0))) > 0.1:
                return False
        elif one != other:
            return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


Candidate = tuple[str, Any, str]


def _candidates(
    study: Study, trials: list[Trial], best: Trial, effects: list[ChangeEffect]
) -> Iterator[Candidate]:
    known = {parameter.name: parameter for parameter in study.parameters}
    ways = _ways(best, effects)
    yield from _further(known, best, ways)
    yield from _wins_elsewhere(known, best, effects)
    order = sorted(known.values(), key=rank)
    yield from _other_side(order, best, ways)
    yield from _between(order, ways)
    yield from _other_choices(order, trials, best)


def rank(parameter: Parameter) -> tuple[int, str]:
    """Its place in the order of trying, the name among equals."""
    place = _FIRST.index(parameter.role) if parameter.role in _FIRST else len(_FIRST)
    return place, parameter.name


Ways = dict[str, dict[int, ChangeEffect]]
"""By parameter: what came of the neighbour below (-1) and above (+1) the best run."""


def _ways(best: Trial, effects: list[ChangeEffect]) -> Ways:
    ways: Ways = defaultdict(dict)
    for effect in effects:
        if effect.to_run == best.number:
            ways[effect.parameter][-1] = effect
        elif effect.from_run == best.number:
            ways[effect.parameter][1] = effect
    for effect in effects:  # beside other settings, where nothing was seen beside the best ones
        value = best.params.get(effect.parameter)
        if value in (effect.before, effect.after):
            ways[effect.parameter].setdefault(1 if value == effect.before else -1, effect)
    return ways


def _further(known: dict[str, Parameter], best: Trial, ways: Ways) -> Iterator[Candidate]:
    """Go on in a direction that won up to the best run, the largest win first."""
    wins = []
    for name, sides in ways.items():
        parameter = known[name]
        for side, effect in sides.items():
            won = effect.gain if side < 0 else -effect.gain
            if won > 0 and effect.clear is not False and -side not in sides:
                wins.append((won, name, -side, effect))
    for _, name, side, effect in sorted(wins, key=lambda one: -one[0]):
        parameter = known[name]
        value = stepped(parameter, best.params[name], side, effect)
        if value is not None:
            before = effect.before if side > 0 else effect.after
            yield name, value, f"{name} from {before} to {best.params[name]} won: go on"


def _wins_elsewhere(
    known: dict[str, Parameter], best: Trial, effects: list[ChangeEffect]
) -> Iterator[Candidate]:
    """Take along a change that won beside other runs, which the best run lacks."""
    for effect in sorted(effects, key=lambda one: -abs(one.gain)):
        if effect.clear is False or best.number in (effect.from_run, effect.to_run):
            continue
        value = effect.after if effect.gain > 0 else effect.before
        worse = effect.before if effect.gain > 0 else effect.after
        if best.params.get(effect.parameter) == worse:
            yield effect.parameter, value, (
                f"{effect.parameter} {value} won over {worse} beside other settings"
            )  # fmt: skip


def _other_side(order: list[Parameter], best: Trial, ways: Ways) -> Iterator[Candidate]:
    """The untried side of what was changed and lost; else a first step from the best run."""
    for parameter in order:
        if not parameter.is_number or not _is_number(best.params.get(parameter.name)):
            continue
        sides = ways.get(parameter.name, {})
        for side in (1, -1):
            if side in sides:
                continue
            effect = sides.get(-side)
            value = stepped(parameter, best.params[parameter.name], side, effect)
            if value is None:
                continue
            tried = "the other side lost" if effect else "no run differs from the best in it alone"
            yield parameter.name, value, f"{parameter.name}: {tried}"


def _between(order: list[Parameter], ways: Ways) -> Iterator[Candidate]:
    """Half way to a neighbour, where both sides lost and lie far apart."""
    for parameter in order:
        for effect in ways.get(parameter.name, {}).values():
            low, high = effect.before, effect.after
            numbers = parameter.scale == "log" and _is_number(low) and _is_number(high)
            if numbers and low > 0 and high / low > 4:
                middle = _rounded(parameter, math.sqrt(low * high))
                yield parameter.name, middle, f"{parameter.name}: between {low} and {high}"


def _other_choices(
    order: list[Parameter], trials: list[Trial], best: Trial
) -> Iterator[Candidate]:
    """A choice that other runs took, and that was not tried beside the best settings."""
    for parameter in order:
        if parameter.is_number:
            continue
        for trial in sorted(trials, key=lambda one: one.number):
            value = trial.params.get(parameter.name)
            if value is not None and value != best.params.get(parameter.name):
                yield parameter.name, value, f"{parameter.name} {value}: not tried beside the best"


def stepped(parameter: Parameter, value: Any, side: int, effect: ChangeEffect | None) -> Any:
    """A usual step from a value, within what the hyperparameter allows; None where it ends."""
    if not parameter.is_number or not _is_number(value):
        return None
    if value > 0 and (parameter.scale == "log" or _in_factors(parameter, effect)):
        factor = _FACTORS.get(parameter.role, _LOG_FACTOR)
        if effect is not None and effect.before and effect.before > 0:
            factor = min(max(effect.after / effect.before, 1.5), 10.0)
        new = value * factor**side
    else:
        gap = abs(effect.after - effect.before) if effect is not None else _gap(parameter, value)
        new = value + side * gap
        if not parameter.role and new <= 0 < value:  # of an unknown one nothing says what off is
            new = value / 2
    low, high = _limits(parameter)
    if parameter.levels and not parameter.observed:
        low, high = max(low, parameter.levels[0]), min(high, parameter.levels[-1])
    if parameter.role in _SHORT_OF_ONE and value < 1:
        high = min(high, 1 - (1 - value) / 4)
    new = _rounded(parameter, min(max(new, low), high))
    return None if new == value else new


def _limits(parameter: Parameter) -> tuple[float, float]:
    """What the user and the role allow, infinite where they say nothing."""
    low = parameter.minimum if parameter.minimum is not None else -math.inf
    high = parameter.maximum if parameter.maximum is not None else math.inf
    return low, high


def _in_factors(parameter: Parameter, effect: ChangeEffect | None) -> bool:
    """Whether a setting that no table knows was moved by a factor, as sizes and penalties are."""
    if parameter.role or effect is None:
        return False
    ends = (effect.before, effect.after)
    return all(_is_number(end) and end > 0 for end in ends) and max(ends) >= 2 * min(ends)


def _gap(parameter: Parameter, value: float) -> float:
    if parameter.role in ("dropout", "label_smoothing"):
        return 0.1
    if parameter.low is not None and parameter.high is not None and parameter.high > parameter.low:
        return (parameter.high - parameter.low) / 4
    return abs(value) / 2 or 0.1


def _rounded(parameter: Parameter, value: float) -> Any:
    if parameter.type == "int":
        return max(1, round(value)) if value > 0 else round(value)
    return float(f"{value:.2g}") if value < 0.9 or value > 1 else float(f"{value:.3g}")
