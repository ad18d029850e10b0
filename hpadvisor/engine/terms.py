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
        (
            "quasi-random",
            "quasi random",
            "quasirandom",
            "Sobol",
            "Halton",
            "low discrepancy",
            "space-filling",
        ),
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
        (
            "noise",
            "standard error",
            "standard deviation",
            "deviation",
            "seed noise",
            "variance",
            "variance between seeds",
        ),
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
        ("baseline", "default configuration", "default", "defaults"),
        "The configuration that one has today, trained and scored as every trial is. What a "
        "search gains is measured against it.",
        ("CLM093", "CLM083"),
    ),
    Term(
        ("confirmation", "confirm", "finalist", "finalists", "winner"),
        "The best few configurations of a search, trained again with the same fresh seeds. "
        "The best score of a search is partly luck; the confirmation's mean is not.",
        ("CLM080", "CLM081", "CLM082"),
    ),
    Term(
        ("fidelity", "low fidelity", "proxy", "subset", "rung", "early scores", "early results"),
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
        ("verdict", "tune", "fix first", "leave the defaults", "collect data", "stop"),
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
        ("cross-validation", "cross validation", "folds", "fold", "k-fold"),
        "The score as the mean over several splits of the training data. It costs as many "
        "trainings as there are folds, and pays for small tables, whose single validation set "
        "is mostly noise.",
        ("CLM090", "noise"),
    ),
    Term(
        ("hyperparameter", "hyperparameters"),
        "A value that is chosen before a training and not learned in it: the learning rate, the "
        "number of layers. What training learns are weights.",
        ("learning_rate", "tier"),
    ),
    Term(
        ("configuration", "configurations", "setting", "settings", "point", "values"),
        "One value for each hyperparameter: what one training is started with.",
        ("trial", "baseline"),
    ),
    Term(
        ("score", "objective", "metric"),
        "The one number by which trials are compared, on validation data. Its direction says "
        "whether more or less is better.",
        ("noise", "CLM094"),
    ),
    Term(
        ("budget", "hours", "training", "trainings"),
        "What a search may cost, counted in full trainings: hours divided by the hours of one "
        "training. Fixes, repeats on other seeds and folds are counted too.",
        ("CLM105", "CLM016"),
    ),
    Term(
        ("study", "search", "sweep"),
        "A search and all of its trials, as they are stored together.",
        ("trial", "CLM013"),
    ),
    Term(
        ("gain", "effect"),
        "By how much the score is better than the baseline's, on the same seeds.",
        ("baseline", "noise"),
    ),
    Term(
        ("regret",),
        "How far the configuration that one would keep lies behind the best that there is; "
        "zero is best. It can be known only where all configurations were trained, as in tables.",
        ("surrogate",),
    ),
    Term(
        ("surrogate", "table", "tables", "benchmark"),
        "Recorded or modelled scores of many configurations, on which a search can be replayed "
        "without training. Our figures of strategies come from such tables.",
        ("regret", "evidence"),
    ),
    Term(
        ("rank correlation", "correlation", "Spearman", "Kendall"),
        "How well one order of configurations agrees with another: 1 is the same order, 0 is "
        "none. It says whether short trainings rank as full ones do.",
        ("fidelity",),
    ),
    Term(
        ("grid", "grid search"),
        "All combinations of a few listed values. Fine for one hyperparameter; with more, most "
        "of its trainings repeat values that do not matter.",
        ("CLM001", "CLM002", "CLM005"),
    ),
    Term(
        ("random search", "random"),
        "Every trial draws all of its values anew, whatever the earlier trials showed.",
        ("CLM004", "CLM005", "quasi-random"),
    ),
    Term(
        ("Bayesian", "Bayesian search", "model-based"),
        "A search that proposes the next values from a model of the trials so far.",
        ("TPE", "GP", "CLM025"),
    ),
    Term(
        ("manual", "by hand"),
        "One training at a time, each chosen after a look at the curves of the last.",
        ("CLM023",),
    ),
    Term(
        ("Optuna", "Ray", "Ray Tune", "W&B", "wandb"),
        "Programs that run a search: they propose, store and stop trials. `hpadvisor plan "
        "--emit` writes what each of them needs.",
        ("CLM103", "CLM020", "CLM021"),
    ),
    Term(
        ("journal", "storage", "store"),
        "The file in which a search keeps its trials, so that it can be stopped, resumed and "
        "shared by several workers.",
        ("study",),
    ),
    Term(
        ("dimension", "dimensions"),
        "One searched hyperparameter. The more there are, the more trials a search needs.",
        ("CLM006", "CLM007"),
    ),
    Term(
        ("explore", "exploit", "refine"),
        "Exploring tries values far from each other; exploiting tries values near the best ones "
        "so far.",
        ("quasi-random", "TPE"),
    ),
    Term(
        ("checkpoint",),
        "The weights as they were at one moment of a training. The best checkpoint is the one "
        "with the best validation score, mostly not the last.",
        ("CLM068", "early_stopping"),
    ),
    Term(
        ("validation set", "validation", "held-out", "test set", "test data"),
        "Validation data choose between configurations. Test data are used once, on the "
        "configuration that was chosen; a score that chose is too good.",
        ("CLM094", "noise"),
    ),
    Term(
        ("adapter", "adapters"),
        "Small matrices that are trained beside the frozen weights of a large model.",
        ("lora", "lora_rank"),
    ),
    Term(
        ("pretrained", "from scratch", "scratch", "fine-tuning", "fine tuning", "pretraining"),
        "Pretrained weights come from an earlier training on much data; fine-tuning goes on "
        "from them, at rates of a tenth or less of those from scratch.",
        ("CLM066", "CLM045"),
    ),
    Term(
        (
            "task",
            "classification",
            "regression",
            "ranking",
            "translation",
            "generation",
            "language modeling",
        ),
        "What a model is asked for. It says which scores are usual; the kind of training says "
        "which values are.",
        ("score",),
    ),
    Term(
        ("head",),
        "The last layers of a model, made new for the task; the pretrained layers below them "
        "are the backbone.",
        ("CLM119", "frozen_layers"),
    ),
    Term(
        ("effective batch size", "effective batch"),
        "Examples for each step of the optimizer: batch per device × accumulation × devices.",
        ("batch_size", "CLM114"),
    ),
    Term(
        ("step", "steps", "iteration"),
        "One update of the weights, on one batch. An epoch is as many steps as the training "
        "data have batches.",
        ("epochs",),
    ),
    Term(
        ("overflow", "underflow", "loss scaling"),
        "Numbers too large or too small for half precision (fp16). They become infinite or zero, "
        "and the loss NaN. bf16 has the reach of fp32.",
        ("precision", "DIA002"),
    ),
    Term(
        ("gradient", "gradients", "gradient norm"),
        "The direction in which the loss grows fastest, a number for each weight; its norm is "
        "its length.",
        ("gradient_clipping",),
    ),
    Term(
        ("decoupled", "decoupled weight decay"),
        "Weight decay that shrinks the weights apart from the gradient, as AdamW does.",
        ("weight_decay", "CLM048"),
    ),
    Term(
        ("symptom", "symptoms"),
        "What the curves of a training show: overfitting, not_learning, diverged and so on.",
        ("overfitting", "diverged"),
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
