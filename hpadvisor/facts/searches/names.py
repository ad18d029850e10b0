"""What the names of columns and settings mean, from the tables that all commands share."""

from __future__ import annotations

from hpadvisor.facts.configs import roles
from hpadvisor.facts.vocabulary import Vocabulary
from hpadvisor.readers.searches.record import Names


def canonical(name: str, vocabulary: Vocabulary) -> str:
    """Return the canonical hyperparameter of a name, empty where none is known.

    The tables' own names and aliases come first, as they are and without what stands before the
    last dot or slash (``optimizer.lr``); then the patterns that configs are read by.

    Args:
        name: As a user or an engine writes it: ``lr``, ``model.lr``, ``trainer/batch_size``.
        vocabulary: The names of the tables.
    """
    plain = roles.normal(name)
    leaf = roles.normal(name.replace("/", ".").rsplit(".", 1)[-1])
    for key in (name, plain, leaf):
        found = vocabulary.hyperparameters.get(key)
        if found is not None:
            return found
    role = roles.role_of(name) or ""
    return role if role in vocabulary.types and role != "seed" else ""


def names_of(vocabulary: Vocabulary) -> Names:
    """Make the table of names that readers of searches use."""

    def role_of(name: str) -> str | None:
        if roles.is_boosting_name(name):
            return canonical(name, vocabulary) or "gradient_boosting"
        return canonical(name, vocabulary) or roles.role_of(name)

    return Names(role_of)
