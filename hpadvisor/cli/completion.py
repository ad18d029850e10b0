"""What a shell completes: kinds, optimizers, symptoms, examples, rules, hyperparameters.

Each function is called by the shell's completion only, with what is typed so far.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpadvisor.engine.knowledge import Knowledge


Completer = Callable[[str], list[str]]


def offered(completer: Completer) -> Completer | None:
    """Return a function where a shell asks; else None, since Typer would look at it at length."""
    return completer if "_HPADVISOR_COMPLETE" in os.environ else None


def kinds(incomplete: str) -> list[str]:
    """Kinds of training."""
    return _fitting(incomplete, sorted(one.id for one in _known().trainings))


def optimizers(incomplete: str) -> list[str]:
    """Optimizers."""
    from hpadvisor.facts.vocabulary import OPTIMIZERS

    return _fitting(incomplete, OPTIMIZERS)


def symptoms(incomplete: str) -> list[str]:
    """Symptoms of curves."""
    from hpadvisor.facts.vocabulary import SYMPTOMS

    return _fitting(incomplete, SYMPTOMS)


def strategies(incomplete: str) -> list[str]:
    """Strategies of a search."""
    from hpadvisor.facts.vocabulary import STRATEGIES

    return _fitting(incomplete, STRATEGIES)


def tools(incomplete: str) -> list[str]:
    """Tools of a search."""
    from hpadvisor.facts.vocabulary import TOOLS

    return _fitting(incomplete, TOOLS)


def examples(incomplete: str) -> list[str]:
    """Bundled situations."""
    from hpadvisor.cli.plan import examples as bundled

    return _fitting(incomplete, ["list", *bundled()])


def hyperparameters(incomplete: str) -> list[str]:
    """Canonical hyperparameters; of a list with commas the last one."""
    before, comma, last = incomplete.rpartition(",")
    names = _fitting(last, (one.id for one in _known().hyperparameters))
    return [f"{before}{comma}{name}" for name in names]


def rule_ids(incomplete: str) -> list[str]:
    """Ids of rules and table entries."""
    return _fitting(incomplete, (entry.id for entry in _known().entries()))


def check_rules(incomplete: str) -> list[str]:
    """Ids of the rules of check; of a list with commas the last one."""
    before, comma, last = incomplete.rpartition(",")
    ids = sorted(rule.id for rule in _known().rules if "check" in rule.applies_to)
    return [f"{before}{comma}{one}" for one in _fitting(last, ids)]


def kinds_of_rules(incomplete: str) -> list[str]:
    """Kinds and topics of rules."""
    from hpadvisor.engine.fields import KINDS

    return _fitting(incomplete, (*KINDS, *sorted({rule.topic for rule in _known().rules})))


def questions(incomplete: str) -> list[str]:
    """What can be explained: hyperparameters, kinds of training, topics, rules."""
    known = _known()

    def names() -> Iterator[str]:
        yield from (one.id for one in known.hyperparameters)
        yield from (one.id for one in known.trainings)
        yield from sorted({rule.topic for rule in known.rules})
        if incomplete:
            yield from (entry.id for entry in known.entries())

    return _fitting(incomplete, dict.fromkeys(names()))


def _known() -> Knowledge:
    from hpadvisor.engine.loading import load_knowledge

    return load_knowledge([])


def _fitting(incomplete: str, names: Iterable[str]) -> list[str]:
    wanted = incomplete.casefold()
    return [name for name in names if name.casefold().startswith(wanted)]
