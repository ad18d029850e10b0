"""Checks of a situation that need more than one of its values: names, roles, what is searched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hpadvisor.errors import UserError
from hpadvisor.facts.situation.errors import statement_error
from hpadvisor.facts.situation.model import Situation
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.situation.values import nearest_hint
from hpadvisor.facts.vocabulary import Vocabulary


def check_hyperparameters(
    situation: Situation, latest: Mapping[str, Statement], vocabulary: Vocabulary
) -> Iterable[UserError]:
    """Check the user's own hyperparameters: each name once, each role known and taken once."""
    statement = latest.get("hyperparameters")
    if statement is None:
        return
    names: set[str] = set()
    roles: dict[str, str] = {}
    for index, item in enumerate(situation.hyperparameters or []):
        if item.name in names:
            yield statement_error(statement, f"'{item.name}' stands twice", (index,))
        names.add(item.name)
        role = item.role or vocabulary.hyperparameters.get(item.name.casefold())
        if role is None:
            continue
        canonical = vocabulary.hyperparameters.get(role)
        if canonical is None and vocabulary.hyperparameters:
            hint = nearest_hint(role, vocabulary.types)
            yield statement_error(statement, f"{item.name}: '{role}' is no role.{hint}", (index,))
            continue
        item.role = canonical or role
        if item.role in roles:
            yield statement_error(
                statement,
                f"'{roles[item.role]}' and '{item.name}' both have the role {item.role};"
                " keep one, or leave the role out",
                (index,),
            )
        roles[item.role] = item.name


def check_search(
    situation: Situation, latest: Mapping[str, Statement], vocabulary: Vocabulary
) -> Iterable[UserError]:
    """Check what is to be tuned and fixed; the names become canonical, or stay the user's own."""
    own = {item.name for item in situation.hyperparameters or []}
    for field_name in ("tune", "fixed"):
        names: list[str] | None = getattr(situation.search, field_name)
        statement = latest.get(f"search.{field_name}")
        if not names or statement is None:
            continue
        resolved = []
        for name in names:
            canonical = vocabulary.hyperparameters.get(name)
            if name not in own and canonical is None and vocabulary.hyperparameters:
                hint = nearest_hint(name, (*own, *vocabulary.types))
                yield statement_error(statement, f"'{name}' is no hyperparameter.{hint}")
            resolved.append(name if name in own else canonical or name)
        setattr(situation.search, field_name, list(dict.fromkeys(resolved)))
    both = set(situation.search.tune or []) & set(situation.search.fixed or [])
    if both and "search.fixed" in latest:
        names_of_both = ", ".join(sorted(both))
        yield statement_error(
            latest["search.fixed"], f"{names_of_both}: to be tuned and fixed at once; choose one"
        )
