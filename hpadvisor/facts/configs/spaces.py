"""Facts of a search space: its settings, and its parameters one by one."""

from __future__ import annotations

from hpadvisor.facts.configs.parameter import Parameter
from hpadvisor.facts.configs.parameter_facts import parameter_subject
from hpadvisor.facts.configs.parameters import read_parameters
from hpadvisor.facts.configs.roles import (
    ADAPTIVE_FAMILY,
    SGD_FAMILY,
    is_boosting_name,
    optimizer_of,
    role_of,
)
from hpadvisor.facts.configs.space_settings import state_settings, state_totals
from hpadvisor.facts.configs.subjects import Subject
from hpadvisor.readers.configs.formats import Recognised
from hpadvisor.readers.names import words_of
from hpadvisor.readers.scalars import as_number

_RATES = frozenset({"learning_rate", "log_learning_rate"})
_OF_AGENTS = frozenset(
    {"clip_range", "discount", "entropy_weight", "value_weight", "steps_of_environment"}
)
"""Roles that only reinforcement learning has."""


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
    state_settings(found.tree, search, document, text)
    state_totals(everything, document)
    _what_is_searched(parameters, document, scaled=found.tree.find("scales_rate") is not None)
    return [parameter_subject(item, document, search) for item in parameters]


def _what_is_searched(parameters: list[Parameter], document: Subject, *, scaled: bool) -> None:
    """State what is searched in this very file; another file gets findings of its own."""
    if not parameters:
        return
    varying = [item for item in parameters if item.varies]
    roles = [role for item in varying if (role := role_of(item.name)) is not None]
    document.state("space.parameters", [item.name for item in parameters])
    document.state("space.roles", sorted(set(roles)))
    _rate(varying, document)
    if any(is_boosting_name(item.name) for item in parameters):
        document.state("space.boosting", True)
    fixed = {role for item in parameters if not item.varies and (role := role_of(item.name))}
    document.state("space.constant_roles", sorted(fixed))
    document.state("space.agents", not _OF_AGENTS.isdisjoint({*roles, *fixed}))
    _optimizers(varying, document, scaled=scaled)
    document.state("space.has_default", any(item.has_default for item in parameters))
    for fact in ("architecture", "batch_size", "epochs"):
        first = next((item for item in varying if role_of(item.name) == fact), None)
        if first is not None:
            document.state(f"space.{fact}", first.name, first.place)


def _rate(varying: list[Parameter], document: Subject) -> None:
    """State whether the learning rate is searched; unknown where a name might mean it."""
    if any(role_of(item.name) in _RATES for item in varying):
        document.state("space.learning_rate_searched", True)
    elif not any(_may_be_rate(item) for item in varying):
        document.state("space.learning_rate_searched", False)


def _may_be_rate(item: Parameter) -> bool:
    """Whether a parameter of no known name could be a learning rate by its values."""
    if role_of(item.name) is not None:
        return False
    if item.choices is None:
        return item.written_high is None or item.written_low is None or item.type != "int"
    if any(isinstance(choice, (str, bool)) for choice in item.choices):
        return False
    numbers = [number for choice in item.choices if (number := as_number(choice)) is not None]
    return not numbers or min(numbers) < 1


def _optimizers(varying: list[Parameter], document: Subject, *, scaled: bool) -> None:
    rates = [item for item in varying if role_of(item.name) == "learning_rate"]
    for item in varying:
        if role_of(item.name) != "optimizer" or not item.choices:
            continue
        names = {optimizer_of(str(choice)) for choice in item.choices}
        known = sorted(name for name in names if name)
        document.state("space.optimizers", known, item.place)
        document.state("space.optimizer_parameter", item.name)
        mixed = bool(names & SGD_FAMILY) and bool(names & ADAPTIVE_FAMILY)
        document.state("space.optimizers_mixed", mixed, item.place)
        own = any(_names_an_optimizer(rate.name) for rate in rates)
        # A drawn rate that the code multiplies may be one for each optimizer: then unknown.
        if own or not scaled:
            document.state("space.rates_by_optimizer", own)
        if rates:
            document.state("space.shared_rate", rates[0].name)


def _names_an_optimizer(name: str) -> bool:
    return any(optimizer_of(word) is not None for word in words_of(name) if word != "momentum")
