"""Which rule and source each range of the benchmark's plans comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.plans.planned import knowledge
from benchmarks.plans.tasks import load_situation
from hpadvisor.engine.entries import Range
from hpadvisor.planning.model import Parameter


def ranges_table(families: Sequence[str]) -> Iterator[str]:
    """Yield a table of the ranges that the families' plans use, with rule and source."""
    import hpadvisor

    known = {entry.id: entry for entry in knowledge().ranges}
    yield "| family | hyperparameter | legal | searched | rule | grade | sources |"
    yield "|---|---|---|---|---|---|---|"
    for family in families:
        situation = load_situation(family)
        situation.setdefault("data", {"train_examples": 10000})
        plan = hpadvisor.plan({**situation, "budget": {"trainings": 50}}, knowledge=knowledge())
        legal = {item["name"]: item for item in situation["hyperparameters"]}
        for item in plan.search_steps[0].parameters if plan.search_steps else []:
            entries = [known[rule] for rule in item.rules if rule in known]
            stated = legal[item.name]
            bounds = stated.get("choices") or [stated["low"], stated["high"]]
            yield (
                f"| {family} | {item.name} | {_words(bounds)} | {_searched(item)} | "
                f"{_rules(entries)} |"
            )


def _searched(item: Parameter) -> str:
    return _words(item.choices) if item.choices is not None else _words([item.low, item.high])


def _words(values: Sequence[object]) -> str:
    if len(values) == 2 and all(isinstance(v, int | float) for v in values):
        return f"{values[0]:g} to {values[1]:g}"
    return ", ".join(map(str, values))


def _rules(entries: Sequence[Range]) -> str:
    if not entries:
        return "the user's legal values | | "
    cited = [f"{c.source.title}, {c.locator}" for entry in entries for c in entry.citations]
    ids = ", ".join(entry.id for entry in entries)
    return f"{ids} | {', '.join(entry.evidence for entry in entries)} | {'; '.join(cited)}"
