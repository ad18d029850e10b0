"""The knowledge as one object: every entry, by kind and by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hpadvisor.engine.entries import (
    Case,
    Chapter,
    Claim,
    Entry,
    Hyperparameter,
    MetricEntry,
    Pruner,
    Range,
    Rule,
    Score,
    Source,
    Strategy,
    TierTable,
    Training,
)
from hpadvisor.facts.registry import FactRegistry
from hpadvisor.facts.vocabulary import HyperparameterType, Vocabulary
from hpadvisor.readers.location import builtin_rules
from hpadvisor.readers.names import role

__all__ = ["Knowledge", "builtin_rules"]


@dataclass(slots=True)
class Knowledge:
    """Everything that was loaded, in a deterministic order (by folder, file and line)."""

    registry: FactRegistry
    rules: list[Rule] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    hyperparameters: list[Hyperparameter] = field(default_factory=list)
    trainings: list[Training] = field(default_factory=list)
    tiers: list[TierTable] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    strategies: list[Strategy] = field(default_factory=list)
    pruners: list[Pruner] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    metrics: list[MetricEntry] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    chapters: list[Chapter] = field(default_factory=list)

    def entries(self) -> Iterator[Entry]:
        """Yield every entry but sources and chapters."""
        groups: tuple[list[Entry], ...] = (
            [*self.rules],
            [*self.scores],
            [*self.hyperparameters],
            [*self.trainings],
            [*self.tiers],
            [*self.ranges],
            [*self.strategies],
            [*self.pruners],
            [*self.claims],
            [*self.cases],
            [*self.metrics],
        )
        for group in groups:
            yield from group

    def find(self, entry_id: str) -> Entry | None:
        """Return the entry of an id, upper and lower case alike, or None."""
        wanted = entry_id.casefold()
        return next((entry for entry in self.entries() if entry.id.casefold() == wanted), None)

    def vocabulary(self) -> Vocabulary:
        """Return the names that a situation may use."""
        kinds: dict[str, str] = {}
        names: dict[str, str] = {}
        types: dict[str, HyperparameterType] = {}
        for training in self.trainings:
            for alias in (*training.aliases, training.id):
                kinds[alias] = training.id
        for item in self.hyperparameters:
            for alias in item.aliases:
                names.setdefault(alias, item.id)
            types[item.id] = HyperparameterType(
                item.type, item.minimum, item.maximum, item.off, item.choices, item.scale or ""
            )
        names.update({name: name for name in types})
        return Vocabulary(kinds, names, types)

    def hyperparameter(self, name: str) -> Hyperparameter | None:
        """Return a hyperparameter by canonical name or alias, or None."""
        wanted = name.casefold().replace("-", "_").replace(" ", "_")
        for item in self.hyperparameters:
            if item.id == wanted:
                return item
        found = next((item for item in self.hyperparameters if wanted in item.aliases), None)
        meant = role(name) if found is None else None
        if meant is None or not meant.certain:
            return found
        return next((item for item in self.hyperparameters if item.id == meant.name), None)

    def training(self, name: str) -> Training | None:
        """Return a kind of training by name or alias, or None."""
        wanted = name.casefold().replace("_", "-").replace(" ", "-")
        for item in self.trainings:
            if item.id == wanted or wanted in item.aliases:
                return item
        return None
