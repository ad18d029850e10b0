"""The words that this tool's own output uses, each defined in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the output: its names, what it means, and what to look up next."""

    names: tuple[str, ...]
    meaning: str
    see: tuple[str, ...] = ()


TERMS: Final = (
    Term(
        ("ASHA", "asynchronous successive halving", "successive halving", "halving"),
        "A pruner. Many configurations train a little; the best third or quarter of those "
        "that have come equally far goes on, and so on up to the full length. Workers never "
        "wait for each other.",
        ("CLM010", "CLM018", "CLM011"),
    ),
    Term(
        ("Hyperband",),
        "Successive halving at several first lengths, for searches in which nobody knows how "
        "soon a score foretells the last one. A part of its budget goes to full trainings.",
        ("CLM010", "CLM018"),
    ),
    Term(
        ("pruner", "prune"),
        "What ends a trial early when its scores so far promise little. It pays when early "
        "scores rank trials as the last ones do; it harms slow starters, such as low rates "
        "and long warmups.",
        ("CLM010", "CLM011", "CLM019"),
    ),
    Term(
        ("median pruner", "MedianPruner"),
        "A pruner that ends a trial whose best score so far is worse than the median of the "
        "earlier trials at the same step.",
        ("CLM010",),
    ),
    Term(
        ("TPE", "tree-structured Parzen estimator", "TPESampler"),
        "A sampler that learns: it models where good and where other trials lie, and proposes "
        "values that the good ones favour. It needs some space-filling trials first. Optuna's "
        "default.",
        ("CLM008", "CLM025", "CLM003"),
    ),
    Term(
        ("quasi-random", "quasi random", "Sobol", "Halton", "low discrepancy", "space-filling"),
        "Points that are spread evenly over the space, by a sequence such as Sobol's or "
        "Halton's. Unlike random points they leave no gaps and form no clusters.",
        ("CLM024", "CLM004"),
    ),
    Term(
        ("sampler",),
        "What proposes the next configuration: a grid, random or quasi-random points, or a "
        "model of the trials so far (TPE, Gaussian process).",
        ("TPE", "quasi-random", "CLM004"),
    ),
    Term(
        ("GP", "Gaussian process"),
        "A sampler's model that predicts the score of untried values, and how sure it is. "
        "Strong with few dimensions and few trials.",
        ("CLM008", "CLM003"),
    ),
    Term(
        ("noise", "standard error", "seed noise", "variance between seeds"),
        "How much the score differs between trainings that differ in their seed alone, or "
        "between validation sets of the same size. A difference below about two standard "
        "errors shows nothing.",
        ("CLM080", "CLM082", "seed"),
    ),
    Term(
        ("tier", "tiers"),
        "How early a hyperparameter is worth tuning. Tier 1 is searched first; tier 5 is "
        "never searched. The budget says how many tiers are reached.",
        ("learning_rate", "CLM042", "CLM007"),
    ),
    Term(
        ("trial", "trials"),
        "One configuration, trained once (with some pruners: in part) and scored.",
        ("CLM105", "CLM015"),
    ),
    Term(
        ("baseline", "default configuration"),
        "The configuration that one has today, trained and scored as every trial is. What a "
        "search gains is measured against it.",
        ("CLM093", "CLM083"),
    ),
    Term(
        ("confirmation", "confirm", "finalist", "finalists"),
        "The best few configurations of a search, trained again with the same fresh seeds. "
        "The best score of a search is partly luck; the confirmation's mean is not.",
        ("CLM080", "CLM081", "CLM082"),
    ),
    Term(
        ("fidelity", "low fidelity", "proxy", "subset", "rung"),
        "A cheaper stand-in for the full training: fewer epochs, less data, a smaller model. "
        "It is worth as much as its ranking agrees with that of full trainings.",
        ("CLM098", "CLM097"),
    ),
    Term(
        ("range", "search space", "space"),
        "The values among which a search may choose, with the scale on which it chooses them.",
        ("CLM086", "CLM026"),
    ),
    Term(
        ("log scale", "log", "logarithmic scale", "decade", "decades"),
        "Equal steps are equal factors: 0.001 to 0.01 gets as many trials as 0.01 to 0.1. A "
        "decade is a factor of ten. Right for what acts by its order of magnitude, as rates "
        "do.",
        ("CLM044", "learning_rate"),
    ),
    Term(
        ("reversed log", "reversed log scale", "1 - log scale"),
        "A log scale for the distance to one: 0.9, 0.99 and 0.999 are equally far apart. "
        "Right for momentum, betas and discounts.",
        ("momentum", "discount"),
    ),
    Term(
        ("verdict",),
        "The first line of a plan: tune, fix something first, leave the defaults, collect "
        "data, or stop.",
        ("CLM092", "CLM090"),
    ),
    Term(
        ("GPU", "GPUs", "worker", "workers", "parallel", "n_jobs"),
        "Workers train trials side by side, as a rule one on each GPU. They shorten the wait, "
        "not the search; a sampler that learns sees fewer results before each proposal.",
        ("CLM022", "CLM009"),
    ),
    Term(
        ("range test", "learning rate finder", "lr finder"),
        "One short training in which the rate rises step by step. The loss says from which "
        "rate on it falls, and at which it blows up. It finds a decade, not the value.",
        ("CLM047", "learning_rate"),
    ),
    Term(
        ("cross-validation", "cross validation", "folds", "k-fold"),
        "The score as the mean over several splits of the training data. It costs as many "
        "trainings as there are folds, and pays for small tables, whose single validation set "
        "is mostly noise.",
        ("CLM090", "noise"),
    ),
    Term(
        ("evidence", "published", "measured", "folk advice"),
        "What stands behind an entry: measured by this project, published in a paper or by "
        "the authors of the software, or advice that is passed on and was not tested.",
    ),
)
"""Definitions only. What is true of these things stands in the rules, with sources."""

BY_NAME: Final[Mapping[str, Term]] = MappingProxyType(
    {name.casefold().replace("-", " "): term for term in TERMS for name in term.names}
)


def term_of(text: str) -> Term | None:
    """Return the term that a text names, also in the plural, or None."""
    name = text.strip().casefold().replace("-", " ").replace("_", " ")
    return BY_NAME.get(name) or BY_NAME.get(name.removesuffix("s"))
