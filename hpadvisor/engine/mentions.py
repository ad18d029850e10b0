"""What a whole question speaks of: hyperparameters, terms, kinds of training, symptoms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Final

from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.terms import TERMS, Term
from hpadvisor.facts.vocabulary import OPTIMIZERS, SYMPTOM_ALIASES, SYMPTOMS

LONGEST = 6
"""Words of the longest name that is looked for."""

_ALIKE: Final = (
    (re.compile(r"\bfine[\s-]?tun(?:e|es|ed|ing)\b"), "fine tuning"),
    (re.compile(r"\bclip(?:ping|ped)? (?:the |my )?gradients?(?: norm)?\b"), "gradient clipping"),
    (re.compile(r"\bwarm[\s-]up\b"), "warmup"),
    (re.compile(r"\bbatch norm(?:ali[sz]ation)?\b"), "batchnorm"),
    (re.compile(r"\bneighbour"), "neighbor"),
    (re.compile(r"(?<=[a-z]{2})is(?=ation|ed\b|ers?\b|ing\b)"), "iz"),
    (re.compile(r"\blayer wise\b"), "layerwise"),
    (re.compile(r"\b\d+(?:\.\d+)?e (?:0)?\d\b"), "learning rate"),
    (re.compile(r"\b(?:how deep|deeper)\b"), "depth"),
    (re.compile(r"\boscillat(?:es?|ing|ions?)\b"), "oscillating"),
    (re.compile(r"\bexplod(?:es?|ed|ing)\b"), "exploding"),
    (re.compile(r"\bdiverg(?:es?|ing|ed)\b"), "diverged"),
    (
        re.compile(
            r"\b(?:predicts?|outputs?) (?:only |always )?(?:the )?(?:one|same|single) class\b"
        ),
        "does not learn",
    ),
    (re.compile(r"\balways predicts?\b"), "does not learn"),
    (re.compile(r"\b(?:not|never) (?:learn\w*|converg\w*)\b"), "does not learn"),
    (
        re.compile(r"\bdoes(?:n t| not) (?:go down|decrease|improve|learn|converge)\b"),
        "does not learn",
    ),
    (
        re.compile(r"\btrain\w* (?:accuracy|score|acc)\b.*\b(?:but|while)\b.*\b(?:test|val\w*)\b"),
        "overfitting",
    ),
    (
        re.compile(
            r"\bval\w* (?:loss|accuracy|acc|score)\b.*\b(?:nois[ey]\w*|jumps?|fluctuat\w*)\b"
        ),
        "noisy validation",
    ),
)
"""Spellings of one thing, brought to the one that the names have."""

_SPOKEN: Final = {
    "batch": "batch_size", "batches": "batch_size", "minibatch": "batch_size",
    "rate": "learning_rate", "number of trees": "n_estimators", "many trees": "n_estimators",
    "hidden layers": "depth", "many layers": "depth", "fp16": "precision", "bf16": "precision",
    "half precision": "precision", "number of neighbors": "n_neighbors",
    "many neighbors": "n_neighbors", "lora rank": "lora_rank", "alpha for lora": "lora_alpha",
    "freezing": "frozen_layers", "cosine": "lr_schedule", "step decay": "lr_schedule",
    "reducelronplateau": "lr_schedule", "onecycle": "lr_schedule",
    "early stopping": "early_stopping", "accumulation": "gradient_accumulation",
    "adam s betas": "adam_beta1", "kl penalty": "dpo_beta", "buffer": "replay_buffer_size",
    "drop path": "stochastic_depth", "discriminative learning rates": "layerwise_lr_decay",
    "layerwise learning rate decay": "layerwise_lr_decay", "step size scheduler": "lr_schedule",
    "clipping": "gradient_clipping", "capacity": "model_capacity", "trees": "n_estimators",
    "regularizers": "regularization", "more trees": "n_estimators", "embedding": "embedding_size",
    "l2 regularization": "weight_decay", "leaves": "num_leaves",
}  # fmt: skip
"""Names of hyperparameters in whole sentences that nobody writes as keys."""

_SPOKEN_KINDS: Final = {
    "rbf": "svm", "llm": "llm-fine-tuning", "fine tuning bert": "encoder-fine-tuning",
    "fine tuning a 7b": "llm-fine-tuning", "gan": "gan", "agent": "ppo",
}  # fmt: skip

_EVERYDAY: Final = frozenset({
    "batch", "batches", "rate", "rates", "many trees", "many layers", "hidden layers", "buffer",
    "leaves", "freezing", "depth", "momentum", "rank", "patience", "flat", "many neighbors",
    "number of trees", "trees", "capacity", "clipping", "number of neighbors",
    "agent", "transformer", "kernel",
})  # fmt: skip
"""Names that mean a hyperparameter only among other words of the field."""

_TOO_SHORT: Final = frozenset({
    "data", "none", "units", "channels", "layers", "iterations", "timesteps", "horizon",
    "distance", "kernel", "smoothing", "solver", "gamma", "alpha", "epsilon", "eps", "lam", "mom",
    "amp", "tau", "r", "c", "schedule", "nonlinearity", "neighbors", "width", "dtype", "l2",
    "neighbours", "penalty", "temperature", "step size", "ema", "nothing", "num steps", "n steps",
})  # fmt: skip
"""Names of hyperparameters that mean too much else in a sentence."""

_PLAIN_TERMS: Final = frozenset({
    "range", "space", "log", "trial", "worker", "gpu", "parallel", "published", "measured",
    "evidence", "subset", "verdict", "tune", "fix first", "stop", "default", "winner",
    "validation",
    "hyperparameter", "configuration", "setting", "point", "value", "score", "objective",
    "metric",
    "budget", "hour", "training", "study", "search", "sweep", "gain", "effect", "table", "random",
    "benchmark", "manual", "by hand", "store", "storage", "step", "iteration", "gradient", "head",
    "ray", "optuna", "w b", "wandb", "grid", "dimension", "explore", "exploit", "refine",
    "held out",
    "symptom", "adapter", "deviation", "variance", "checkpoint", "test set", "test data",
    "correlation", "collect data", "pretrained", "from scratch", "scratch", "fine tuning",
    "pretraining", "tier", "confirm", "baseline", "n jobs", "proxy", "seed",
})  # fmt: skip
"""Terms that a question about something else may use."""

_PLAIN_KINDS: Final = frozenset({
    "linear", "graph", "vision", "alignment", "forest", "rf", "clip", "tabular", "bagging", "mae",
    "rainbow", "ctr", "ssl", "speech", "contrastive", "informer", "dino", "pretraining", "iqn",
})  # fmt: skip

_PLAIN_SYMPTOMS: Final = frozenset({"ok", "fine", "slow", "flat", "noisy", "inf", "healthy"})


@dataclass(slots=True)
class Mentions:
    """What a text names, each in the order of its first mention."""

    hyperparameters: list[str] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    optimizers: list[str] = field(default_factory=list)
    symptoms: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    """The words that name nothing."""
    sure: bool = False
    """Whether a name was found that is no everyday word."""


Meant = tuple[str, str | Term]
Names = dict[tuple[str, ...], Meant]


def mentions(text: str, names: Names) -> Mentions:
    """Return what a text names; where names overlap, the longest counts.

    Args:
        text: A question or a claim, as people write it.
        names: What :func:`names_of` made of the knowledge.
    """
    found = Mentions()
    words = words_of(text)
    start = 0
    while start < len(words):
        size, meant = _longest(words, start, names)
        if meant is None:
            found.others.add(words[start])
        else:
            _add(found, meant)
            found.sure |= " ".join(words[start : start + size]) not in _EVERYDAY
        start += size
    return found


def _longest(words: list[str], start: int, names: Names) -> tuple[int, Meant | None]:
    for size in range(min(LONGEST, len(words) - start), 0, -1):
        part = tuple(words[start : start + size])
        for last in (part[-1], part[-1].removesuffix("s"), f"{part[-1]}s"):
            meant = names.get((*part[:-1], last))
            if meant is not None:
                return size, meant
    return 1, None


def _add(found: Mentions, meant: Meant) -> None:
    kind, value = meant
    if isinstance(value, Term):
        if value not in found.terms:
            found.terms.append(value)
        return
    held = {
        "hyperparameter": found.hyperparameters,
        "kind": found.kinds,
        "optimizer": found.optimizers,
        "symptom": found.symptoms,
    }[kind]
    if value not in held:
        held.append(value)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, with spellings brought to one."""
    plain = text.casefold().replace("_", " ").replace("-", " ")
    for pattern, instead in _ALIKE:
        plain = pattern.sub(instead, plain)
    return re.findall(r"[a-z0-9]+", plain)


def names_of(knowledge: Knowledge) -> Names:
    """Return every name that a sentence may hold; hyperparameters before terms before kinds."""
    items = [(one.id, (one.title, *one.aliases)) for one in knowledge.hyperparameters]
    kinds = [(one.id, one.aliases) for one in knowledge.trainings]
    return _names_of(tuple(items), tuple(kinds))


Named = tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=4)
def _names_of(items: Named, kinds: Named) -> Names:
    names: Names = {}
    for name, meant in chain(_pairs(items), _other_pairs(kinds)):
        words = tuple(words_of(name))
        if words:
            names.setdefault(words, meant)
    return names


def _pairs(items: Named) -> Iterator[tuple[str, Meant]]:
    for name, item in _SPOKEN.items():
        yield name, ("hyperparameter", item)
    for item, others in items:
        for name in (item, *others):
            if _said(name) not in _TOO_SHORT and len(name) > 1:
                yield name, ("hyperparameter", item)
    for term in TERMS:
        for name in term.names:
            if not {_said(name), _said(name).removesuffix("s")} & _PLAIN_TERMS:
                yield name, ("term", term)


def _other_pairs(kinds: Named) -> Iterator[tuple[str, Meant]]:
    """Yield names of kinds of training, optimizers and symptoms."""
    for name, kind in _SPOKEN_KINDS.items():
        yield name, ("kind", kind)
    for kind, others in kinds:
        for name in (kind, *others):
            if name not in _PLAIN_KINDS:
                yield name, ("kind", kind)
    for name in OPTIMIZERS[:-1]:
        yield name, ("optimizer", name)
    symptoms = {name: name for name in SYMPTOMS} | dict(SYMPTOM_ALIASES)
    for name, symptom in symptoms.items():
        if name not in _PLAIN_SYMPTOMS:
            yield name, ("symptom", symptom)


def _said(name: str) -> str:
    return " ".join(words_of(name))
