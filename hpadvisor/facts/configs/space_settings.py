"""The settings of a search: how trials are chosen, towards what, how many, and when they stop."""

from __future__ import annotations

import math
import re
from typing import Any

from hpadvisor.facts.configs.parameter import Parameter
from hpadvisor.facts.configs.roles import BOOSTING_TEXT, CLASSIC_TEXT, NETWORK_TEXT
from hpadvisor.facts.configs.subjects import Subject, place_of_entry
from hpadvisor.readers.configs.formats import SearchMap
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.metrics import direction_of, is_loss, split_of, words_of
from hpadvisor.readers.scalars import UNKNOWN, as_number

_NO_QUALITY = frozenset(
    {"time", "runtime", "duration", "seconds", "epoch", "epochs", "step", "steps", "iteration",
     "iterations", "lr", "timestamp", "elapsed", "walltime"}
)  # fmt: skip
"""Last words of a name that says how long or how far a trial ran, not how good it is."""
_UNITS = frozenset({"s", "sec", "secs", "ms", "min", "minutes", "hours", "total", "this", "iter"})
_METHODS = frozenset(
    {"grid", "random", "bayesian", "quasirandom", "evolution", "population", "hyperband",
     "single", "custom", "nas", "other"}
)  # fmt: skip
_METHOD_WORDS = {
    "tpe": "bayesian", "tpesampler": "bayesian", "gridsampler": "grid", "randomsampler": "random",
    "bayes": "bayesian", "sobol": "quasirandom", "pbt": "population", "cmaes": "evolution",
    "gpsampler": "bayesian", "qmcsampler": "quasirandom", "cmaessampler": "evolution",
    "bruteforcesampler": "grid", "nsgaiisampler": "evolution",
}  # fmt: skip


def first_entry(tree: Tree, paths: tuple[str, ...]) -> Entry | None:
    """Return the first of several paths that is there and not empty."""
    for path in paths:
        entry = tree.find(path)
        if entry is not None and not (entry.node.kind == "scalar" and entry.node.text == ""):
            return entry
    return None


def state_settings(tree: Tree, search: SearchMap, document: Subject, text: str) -> None:
    """State method, objective, direction, trials and early stopping of a search."""
    options = search.options
    default = options.get("method") or options.get("default_method")
    _word(tree, search, document, "method", default)
    _metric(tree, search, document)
    _word(tree, search, document, "goal", options.get("default_goal"), fact="direction")
    _number(tree, search, document, "trials")
    _startup(tree, search, document)
    if options.get("prunes"):
        stops = first_entry(tree, search.settings.get("early_stopping", ())) is not None
        word = first_entry(tree, search.settings.get("method", ()))
        pruning = options.get("pruning_methods", ())
        stops = stops or (word is not None and word.node.text in pruning)
        document.state("space.early_termination", stops)
    _hyperband(tree, search, document)
    _kind_of_model(search, document, text)
    parsed = options.get("parsed_texts")
    document.state("space.texts_are_parsed", bool(parsed) and str(parsed) in text)


def _kind_of_model(search: SearchMap, document: Subject, text: str) -> None:
    boosting = BOOSTING_TEXT.search(text) is not None
    classic = CLASSIC_TEXT.search(text) is not None
    if search.options.get("script"):
        # A script imports scikit-learn for its metrics; a network beside it is what is tuned.
        network = NETWORK_TEXT.search(text) is not None
        boosting, classic = boosting and not network, not network
    document.state("space.boosting", boosting)
    document.state("space.classic", classic)


def _metric(tree: Tree, search: SearchMap, document: Subject) -> None:
    entry = first_entry(tree, search.settings.get("metric", ()))
    if entry is None or entry.node.kind != "scalar" or tree.resolve(entry.node) is UNKNOWN:
        return
    name, place = entry.node.text, place_of_entry(entry)
    words = words_of(name)
    document.state("space.metric", name, place)
    sense = first_entry(tree, search.settings.get("sense", ()))
    direction = sense.node.text if sense is not None else direction_by_name(name)
    document.state("space.metric_direction", direction, place)
    document.state("space.metric_split", _split(name), place)
    document.state("space.metric_is_loss", is_loss(words), place)
    document.state("space.metric_is_no_quality", _measures_no_quality(words), place)


def direction_by_name(name: str) -> str | None:
    """Return which way a metric goes by the one table; a bare score may go either way."""
    telling = [word for word in words_of(name) if word not in _VAGUE and not word.isdigit()]
    return direction_of(name) if telling else None


_VAGUE = frozenset(
    {"score", "scores", "metric", "value", "values", "result", "results", "best", "val", "test",
     "train", "valid", "validation", "eval", "mean", "avg", "average", "final", "objective", "of"}
)  # fmt: skip


def _split(name: str) -> str | None:
    glued = _GLUED.search(name.lower())
    return split_of(name) or (_GLUED_SPLITS[glued[1]] if glued else None)


_GLUED = re.compile(
    r"(?:^|[^a-z])(test|val|valid|train)(?:loss|acc|accuracy|error|f1|auc|rmse|mae|mse)$"
)
_GLUED_SPLITS = {"test": "test", "val": "validation", "valid": "validation", "train": "training"}


def _measures_no_quality(words: tuple[str, ...]) -> bool:
    """Whether a name tells of time or progress: ``time_total_s``, ``training_iteration``."""
    left = [word for word in words if word not in _UNITS and not word.isdigit()]
    return bool(left) and left[-1] in _NO_QUALITY and "loss" not in left and "best" not in left


def _word(
    tree: Tree, search: SearchMap, document: Subject, name: str, default: Any, fact: str = ""
) -> None:
    target = f"space.{fact or name}"
    entry = first_entry(tree, search.settings.get(name, ()))
    if entry is None or entry.node.kind != "scalar":
        document.state(target, default)
        return
    if tree.resolve(entry.node) is UNKNOWN:
        return
    word = entry.node.text.casefold()
    allowed = search.options.get("allowed", {}).get(name)
    if allowed is not None and word not in allowed:
        document.state("space.unknown_word", entry.node.text, place_of_entry(entry))
        document.state("space.unknown_setting", name)
        document.state("space.allowed_words", ", ".join(allowed))
        return
    known = search.words.get(name, {}).get(word, word)
    if name == "goal":
        known = {"min": "minimize", "max": "maximize"}.get(known[:3])
    elif known not in _METHODS:
        known = _METHOD_WORDS.get(known.rsplit(".", 1)[-1], "other")
    document.state(target, known, place_of_entry(entry))


def _number(tree: Tree, search: SearchMap, document: Subject, name: str) -> None:
    entry = first_entry(tree, search.settings.get(name, ()))
    if entry is None or entry.node.kind != "scalar":
        return
    number = as_number(tree.resolve(entry.node))
    if number is not None and number > 0:
        document.state(f"space.{name}", int(number), place_of_entry(entry))


def _startup(tree: Tree, search: SearchMap, document: Subject) -> None:
    """State how many trials are drawn before the sampler learns, where it is one that does."""
    if document.get("space.method") != "bayesian":
        return
    entry = first_entry(tree, search.settings.get("startup", ()))
    if entry is not None:
        _number(tree, search, document, "startup")
    elif search.options.get("default_startup"):
        document.state("space.startup", search.options["default_startup"])
        document.state("space.startup_is_default", True)


def _hyperband(tree: Tree, search: SearchMap, document: Subject) -> None:
    """State what W&B's early termination lacks, or has twice."""
    path = search.options.get("hyperband")
    entry = tree.find(path) if path else None
    if entry is None or entry.node.kind != "mapping":
        return
    keys = tree.children(entry.node).keys()
    brackets = [name for name in ("min_iter", "max_iter") if name in keys]
    place = place_of_entry(entry)._replace(node=entry.key or entry.node)
    document.state("space.hyperband_brackets", len(brackets), place)


def state_totals(parameters: list[Parameter], document: Subject) -> None:
    """State how much is searched, parameters of another file included."""
    varying = [item for item in parameters if item.varies]
    # What only some trials draw is no dimension of each of them.
    dimensions = sum(1 for item in varying if not item.sometimes)
    document.state("space.dimensions", dimensions)
    _grid(varying, document)
    trials = document.get("space.trials")
    if trials is not None and dimensions:
        document.state("space.trials_per_dimension", trials / dimensions)
    startup = document.get("space.startup")
    if trials is not None and startup is not None:
        document.state("space.only_startup", trials <= startup, document.place_of("space.trials"))


def _grid(varying: list[Parameter], document: Subject) -> None:
    if document.get("space.method") != "grid":
        return
    counts = [item.count for item in varying]
    if not counts or any(count is None for count in counts):
        return
    size = math.prod(count for count in counts if count)
    document.state("space.grid_size", size)
    parts = [f"{item.name} {item.count}" for item in varying[:6]]
    document.state("space.grid_parts", " × ".join([*parts, *(["…"] if len(varying) > 6 else [])]))
    trials = document.get("space.trials")
    if trials is not None:
        document.state("space.cap_below_grid", trials < size, document.place_of("space.trials"))
