"""All statistics of one study, each computed once, and the facts made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec

from hpadvisor.errors import UserError
from hpadvisor.facts.searches import bounds as bounding
from hpadvisor.facts.searches import coverage, judging, soundness, spending
from hpadvisor.facts.searches import gain as gains
from hpadvisor.facts.searches import importance as imp
from hpadvisor.facts.searches.noise import Noise, estimate_noise, seeds_without_effect
from hpadvisor.facts.searches.table import Table, build_table, judged_table, units_of
from hpadvisor.readers.searches.record import State, Study

_LEAST_FOR_GAIN = 10
_LEAST_FOR_IMPORTANCE = 15
_LEAST_FAILURES = 4
_LONG = 24.0  # hours
_UNSURE = 0.4
_RATE = ("lr", "learning_rate", "eta", "eta0", "learningrate", "learning-rate")


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """What the user says beyond the search itself.

    Attributes:
        noise: Standard deviation of the score between seeds.
        chance: The score of guessing.
        baseline: Number of the trial with the default configuration.
        planned: Trials planned in all.
        worth: The least gain worth having; the noise, if not given.
        examples: Validation examples behind each score.
    """

    noise: float | None = None
    chance: float | None = None
    baseline: int | None = None
    planned: int | None = None
    worth: float | None = None
    examples: float | None = None


@dataclass(slots=True)
class Review:
    """The statistics of a study; None or empty where they cannot be told.

    ``table`` holds the complete trials, ``judged`` the pruned ones too (by rank).
    """

    study: Study
    table: Table
    judged: Table
    options: ReviewOptions
    noise: Noise | None = None
    ties: list[int] = field(default_factory=list)
    optimism: judging.Optimism | None = None
    bounds: list[bounding.Bound] | None = None
    ends: list[bounding.Bound] = field(default_factory=list)
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
    same_score: float | None = None
    pruned_better: float | None = None
    finite: coverage.Finite | None = None
    hardly_varied: list[coverage.HardlyVaried] = field(default_factory=list)
    seeds_without_effect: bool = False
    model_based: bool = False


def review(study: Study, options: ReviewOptions | None = None) -> Review:
    """Compute every statistic that the study has the evidence for.

    Raises:
        UserError: numpy is not installed.
    """
    options = options or ReviewOptions()
    _need_numpy()
    table = build_table(study)
    found = Review(study, table, table, options)
    memory = study.memory
    found.noise = estimate_noise(table, options.noise, options.examples or memory.examples)
    if memory.noise and (found.noise is None or found.noise.error >= _UNSURE):
        found.noise = Noise(memory.noise, "stated", "as the plan of this search states it")
    found.seeds_without_effect = seeds_without_effect(table)
    found.finite = coverage.finite_space(study)
    found.hardly_varied = coverage.hardly_varied(table)
    found.model_based = gains.improves_with_time(table)
    found.duplicates = spending.duplicates(study)
    found.pruning = spending.pruning(study)
    found.hours = spending.hours(study, table.trials[table.best] if len(table) else None)
    found.lost = spending.lost(study)
    found.failures = failing(study)
    found.same_score = soundness.same_score_share(table)
    found.pruned_better = soundness.pruned_were_better(study)
    if study.incomparable:
        found.noise = None  # neither ties nor a gain can be told among such scores
        return found
    _baseline_seen(found)
    if len(table) >= 2 and found.noise is not None:
        _with_noise(found, found.noise.sd)
    found.judged = judged_table(table)
    if len(found.judged) >= _LEAST_FOR_IMPORTANCE and float(found.judged.y.std()) > 0:
        found.importances = imp.importances(found.judged)
        found.interactions = _interactions(found)
    if len(table) and found.importances is not None:
        sd = found.noise.sd if found.noise is not None and found.noise.independent else None
        found.bounds = bounding.at_bounds(table, sd, imp.significant(found.importances))
    if len(table):
        found.ends = bounding.ends_of_best(found.judged)
        if found.finite is not None and found.finite.done and found.noise is not None:
            found.ends += bounding.ends_of_levels(found.judged, found.noise.sd)
    if len(table) >= _LEAST_FOR_GAIN:
        found.gain = gains.outlook(table, _more(found), worth_of(found) or 0.0)
    return found


def _need_numpy() -> None:
    if find_spec("numpy") is None:
        raise UserError("reviewing a search needs numpy", remedy="Install it: pip install numpy.")


def _more(found: Review) -> int:
    """Further trials to look at: the rest of what was planned, or of a finite space.

    Where nobody says how many were planned: the rest of a usual search, or half as many again;
    half as many where the rest of a usual search would take more than a day.
    """
    planned = found.options.planned or found.study.memory.planned
    done = len([t for t in found.study.trials if t.state is not State.WAITING])
    half = max(1, -(-gains.tried(found.table) // 2))
    more = half if planned is not None else max(gains.USUAL - done, half)
    if planned is not None and planned > done:
        more = planned - done
    hours = spending.hours_of_a_trial(found.study)
    if planned is None and hours is not None and hours * more > _LONG:
        more = half
    if found.finite is not None:
        more = min(more, max(0, found.finite.size - found.finite.tried))
    return more


def stops(found: Review) -> bool:
    """Whether further trials are not worth it; False where nothing says so."""
    if found.finite is not None and found.finite.done:
        return True
    if found.gain is None or worth_of(found) is None:
        return False
    each = spending.hours_of_a_trial(found.study)
    hours = None if each is None else each * found.gain.more
    judged, scored = gains.tried(found.table), len(found.table)
    return gains.stops(found.gain, judged, scored, len(found.ties), hours)


def worth_of(found: Review) -> float | None:
    """The least gain worth having: as stated, else the noise between seeds; None if unknown."""
    if found.options.worth is not None:
        return found.options.worth
    return None if found.noise is None or found.noise.sd <= 0 else found.noise.sd


def repeated_by(found: Review) -> str:
    """What a repeated training changes: its ``seed``; of scores over folds the ``split``."""
    told = found.noise is not None and found.noise.source == "splits"
    folds = found.study.engine == "scikit-learn" and not any(t.seeds for t in found.study.trials)
    return "split" if told or folds else "seed"


def _with_noise(found: Review, sd: float) -> None:
    table = found.table
    found.ties = judging.tie_set(table, sd)
    found.optimism = judging.optimism(table, sd, found.noise.error if found.noise else 0.0)


def _baseline_seen(found: Review) -> None:
    trial = judging.baseline_trial(found.study.trials, found.options.baseline)
    found.baseline_present = trial is not None and trial.state is State.COMPLETE
    if trial is None or not len(found.table):
        return
    sd = None if found.noise is None else found.noise.sd
    too_good = 0.0
    if sd is not None and len(found.table) >= 2:
        too_good = judging.optimism(found.table, sd).expected
    found.baseline = judging.against_baseline(found.table, trial, sd, too_good)


def failing(study: Study) -> list[str] | None:
    """Parameters on which failing depends; None where too few failed or ended well."""
    import numpy as np

    ended = [t for t in study.trials if t.params and t.state.is_end]
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
    tested = [imp.interaction(found.judged, names.index(a), names.index(b)) for a, b in pairs]
    if not tested or any(test is None for test in tested):
        return None
    # Two tests share the five per cent.
    return [t for t in tested if t is not None and t.p <= imp.PAIR_LEVEL / len(tested)]
