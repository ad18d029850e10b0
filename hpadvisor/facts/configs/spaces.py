"""Facts of a search space: its settings, and its parameters one by one."""

from __future__ import annotations

import math
from typing import Any

from hpadvisor.facts.configs.parameter import Parameter
from hpadvisor.facts.configs.parameters import read_parameters
from hpadvisor.facts.configs.roles import (
    ADAM_FAMILY,
    BOOSTING_TEXT,
    CLASSIC_TEXT,
    SGD_FAMILY,
    is_boosting_name,
    optimizer_of,
    role_of,
)
from hpadvisor.facts.configs.subjects import Subject, place_of_entry
from hpadvisor.readers.configs.formats import Recognised, SearchMap
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.metrics import direction_of, split_of
from hpadvisor.readers.scalars import UNKNOWN, as_number

HOURS_PER_TRIAL = 0.5
"""What a grid's days are counted with, where no time is known."""


def space_subjects(
    found: Recognised, text: str, document: Subject, extra: list[Parameter] | None = None
) -> list[Subject]:
    """Add the facts of a space to its document, and return a subject per parameter.

    Args:
        found: The document and its format, which has a search map.
        text: The source, for words that no key holds.
        document: Facts of the document; the space's facts are added to it.
        extra: Parameters that stand in another file that this one names.
    """
    search = found.format.search
    if search is None:
        return []
    parameters = read_parameters(found.tree, search, strict=found.format.strict_text)
    everything = parameters + (extra or [])
    if search.options.get("only_spaces") and not everything:
        return []
    _settings(found.tree, search, document, text)
    _totals(everything, document)
    _what_is_searched(parameters, document)
    return [parameter_subject(item, document, search) for item in parameters]


def _first(tree: Tree, paths: tuple[str, ...]) -> Entry | None:
    for path in paths:
        entry = tree.find(path)
        if entry is not None and not (entry.node.kind == "scalar" and entry.node.text == ""):
            return entry
    return None


def _settings(tree: Tree, search: SearchMap, document: Subject, text: str) -> None:
    options = search.options
    _word_setting(
        tree, search, document, "method", options.get("method") or options.get("default_method")
    )
    entry = _first(tree, search.settings.get("metric", ()))
    if (
        entry is not None
        and entry.node.kind == "scalar"
        and tree.resolve(entry.node) is not UNKNOWN
    ):
        name = entry.node.text
        document.state("space.metric", name, place_of_entry(entry))
        document.state("space.metric_direction", direction_of(name), place_of_entry(entry))
        document.state("space.metric_split", split_of(name), place_of_entry(entry))
    _word_setting(tree, search, document, "goal", options.get("default_goal"), fact="direction")
    entry = _first(tree, search.settings.get("trials", ()))
    if entry is not None and entry.node.kind == "scalar":
        trials = as_number(tree.resolve(entry.node))
        if trials is not None and trials > 0:
            document.state("space.trials", int(trials), place_of_entry(entry))
    if options.get("prunes"):
        stops = _first(tree, search.settings.get("early_stopping", ())) is not None
        word = _first(tree, search.settings.get("method", ()))
        stops = stops or (
            word is not None and word.node.text in options.get("pruning_methods", ())
        )
        document.state("space.early_termination", stops)
    document.state("space.boosting", BOOSTING_TEXT.search(text) is not None)
    document.state("space.classic", CLASSIC_TEXT.search(text) is not None)


def _word_setting(
    tree: Tree, search: SearchMap, document: Subject, name: str, default: Any, fact: str = ""
) -> None:
    target = f"space.{fact or name}"
    entry = _first(tree, search.settings.get(name, ()))
    if entry is None or entry.node.kind != "scalar":
        document.state(target, default)
        return
    if tree.resolve(entry.node) is UNKNOWN:
        return
    word = entry.node.text.casefold()
    known = search.words.get(name, {}).get(word, word)
    if name == "goal":
        known = {"min": "minimize", "max": "maximize"}.get(known[:3])
    elif known not in _METHODS:
        known = _METHOD_WORDS.get(known.rsplit(".", 1)[-1], "other")
    document.state(target, known, place_of_entry(entry))


_METHODS = frozenset(
    {"grid", "random", "bayesian", "quasirandom", "evolution", "population", "hyperband",
     "single", "custom", "nas", "other"}
)  # fmt: skip
_METHOD_WORDS = {
    "tpe": "bayesian", "tpesampler": "bayesian", "gridsampler": "grid", "randomsampler": "random",
    "bayes": "bayesian", "sobol": "quasirandom", "pbt": "population", "cmaes": "evolution",
}  # fmt: skip


def _totals(parameters: list[Parameter], document: Subject) -> None:
    """State how much is searched, parameters of another file included."""
    varying = [item for item in parameters if item.varies]
    document.state("space.dimensions", len(varying))
    _grid(varying, document)
    _trials_share(document, len(varying))


def _what_is_searched(parameters: list[Parameter], document: Subject) -> None:
    """State what is searched in this very file; another file gets findings of its own."""
    if not parameters:
        return
    varying = [item for item in parameters if item.varies]
    roles = [role for item in varying if (role := role_of(item.name)) is not None]
    document.state("space.parameters", [item.name for item in parameters])
    document.state("space.roles", sorted(set(roles)))
    document.state(
        "space.learning_rate_searched", bool({"learning_rate", "log_learning_rate"} & set(roles))
    )
    if any(is_boosting_name(item.name) for item in parameters):
        document.state("space.boosting", True)
    fixed = {role for item in parameters if not item.varies and (role := role_of(item.name))}
    document.state("space.constant_roles", sorted(fixed))
    _optimizers(varying, document)
    document.state("space.has_default", any(item.has_default for item in parameters))
    first = next((item for item in varying if role_of(item.name) == "architecture"), None)
    if first is not None:
        document.state("space.architecture", first.name, first.place)
    batch = next((item for item in varying if role_of(item.name) == "batch_size"), None)
    if batch is not None:
        document.state("space.batch_size", batch.name, batch.place)


def _grid(varying: list[Parameter], document: Subject) -> None:
    if document.get("space.method") != "grid":
        return
    counts = [item.count for item in varying]
    if not counts or any(count is None for count in counts):
        return
    size = math.prod(count for count in counts if count)
    document.state("space.grid_size", size)
    document.state("space.grid_days", round(size * HOURS_PER_TRIAL / 24, 1))


def _trials_share(document: Subject, dimensions: int) -> None:
    trials = document.get("space.trials")
    if trials is not None and dimensions:
        document.state("space.trials_per_dimension", trials / dimensions)


def _optimizers(varying: list[Parameter], document: Subject) -> None:
    for item in varying:
        if role_of(item.name) != "optimizer" or not item.choices:
            continue
        names = {optimizer_of(str(choice)) for choice in item.choices}
        known = sorted(name for name in names if name)
        document.state("space.optimizers", known, item.place)
        mixed = bool(names & SGD_FAMILY) and bool(names & ADAM_FAMILY)
        document.state("space.optimizers_mixed", mixed, item.place)


def parameter_subject(item: Parameter, document: Subject, search: SearchMap) -> Subject:
    """Return the facts of one parameter."""
    subject = Subject("parameter", item.place, document)
    role = role_of(item.name)
    subject.state("parameter.name", item.name, item.place)
    subject.state("parameter.role", role, item.place)
    subject.state("parameter.type", item.type, item.parts.get("kind", item.place))
    subject.state("parameter.distribution", item.word, item.parts.get("kind"))
    subject.state("parameter.varies", item.varies)
    subject.state("parameter.bounds", item.bounds, item.parts.get("kind"))
    subject.state("parameter.has_default", item.has_default)
    if item.type in ("float", "int"):
        subject.state("parameter.scale", item.scale, item.parts.get("kind", item.place))
    _limits(item, subject)
    _choices(item, subject)
    if item.texts:
        subject.state("parameter.text_number", item.texts[0].node.text, item.texts[0])
    subject.state("parameter.log_kind", search.options.get("log_kind"))
    return subject


def _limits(item: Parameter, subject: Subject) -> None:
    low, high = item.low, item.high
    low_place, high_place = item.parts.get("low", item.place), item.parts.get("high", item.place)
    subject.state("parameter.low", low, low_place)
    subject.state("parameter.high", high, high_place)
    subject.state("parameter.written_low", item.written_low, low_place)
    subject.state("parameter.written_high", item.written_high, high_place)
    if item.written_low is None or item.written_high is None:
        return
    subject.state("parameter.empty", item.written_low > item.written_high, low_place)
    if low is not None and high is not None and low > 0 and high > low:
        subject.state("parameter.ratio", high / low, low_place)
        subject.state("parameter.decades", math.log10(high / low), low_place)
        middle = math.sqrt(low * high)
        subject.state("parameter.upper_percent", round(100 * (high - middle) / (high - low)))
        subject.state("parameter.middle", middle)


def _choices(item: Parameter, subject: Subject) -> None:
    if item.choices is None:
        return
    place = item.parts.get("choices", item.place)
    subject.state("parameter.choices_count", len(item.choices), place)
    spelled = [repr(choice) for choice in item.choices]
    repeated = next((text for text in spelled if spelled.count(text) > 1), None)
    subject.state("parameter.choices_repeated", repeated is not None, place)
    subject.state("parameter.repeated_choice", repeated, place)
    numbers = [number for choice in item.choices if (number := as_number(choice)) is not None]
    if len(numbers) == len(item.choices) and len(numbers) > 1:
        subject.state("parameter.highest_choice", max(numbers), place)
        subject.state("parameter.lowest_choice", min(numbers), place)
        if min(numbers) > 0:
            subject.state("parameter.choices_ratio", max(numbers) / min(numbers), place)
