"""From what was said to what is known: the kind of training, assumptions, and derived facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from hpadvisor.engine.conditions import ALWAYS
from hpadvisor.engine.entries import Entry, Training
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Undecided, holding, most_specific, rank_undecided
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.derived import INPUTS, derive
from hpadvisor.facts.situation.model import Situation
from hpadvisor.facts.situation.reading import situation_facts

AS_PRETRAINED = "computed: its model is pretrained"


def understand(situation: Situation, provenance: Mapping[str, str], knowledge: Knowledge) -> Facts:
    """Return everything that is known of a situation: stated, assumed, computed.

    What was stated is never replaced, but for one thing: a kind of training from random weights
    whose model is said to be pretrained is taken for its fine-tuning, and a warning says so. A
    kind that was not stated is inferred from the model, where exactly one kind fits; its usual
    settings are assumed.
    """
    facts = situation_facts(situation, provenance)
    if "training.kind" not in facts:
        _infer_kind(facts, knowledge)
    kind = _as_pretrained(facts, knowledge)
    if kind is not None:
        for name, value in kind.assume.items():
            if name not in facts:
                facts.put(name, value, f"assumed: usual for {kind.id}")
    return derive(facts)


def _infer_kind(facts: Facts, knowledge: Knowledge) -> None:
    named = [training for training in knowledge.trainings if training.condition is not ALWAYS]
    fitting = most_specific(holding(named, facts))
    if len(fitting) == 1:
        facts.put("training.kind", fitting[0].id, "assumed: fits the model")


def _as_pretrained(facts: Facts, knowledge: Knowledge) -> Training | None:
    """Return the kind of training; that of its fine-tuning, where the model is pretrained."""
    kind = knowledge.training(str(facts.get("training.kind", "")))
    if kind is None or not kind.if_pretrained or facts.get("model.pretrained") is not True:
        return kind
    facts.put("training.kind", kind.if_pretrained, AS_PRETRAINED)
    return knowledge.training(kind.if_pretrained)


def doubts(situation: Situation, facts: Facts, knowledge: Knowledge) -> list[str]:
    """Return what the situation says twice and differently, each with what was made of it."""
    found = []
    stated, kind = situation.training.kind, facts.fact("training.kind")
    if kind is not None and kind.source == AS_PRETRAINED and stated is not None:
        found.append(
            f"'{stated}' starts from random weights, but the model is pretrained: planned as "
            f"{kind.value}. If it starts from random weights, say model.pretrained: false"
        )
    training = knowledge.training(str(facts.get("training.kind", "")))
    usual = None if training is None else training.assume.get("model.pretrained")
    if usual is True and situation.model.pretrained is False:
        found.append(
            f"{facts.get('training.kind')} starts from pretrained weights, but model.pretrained "
            "is false: its ranges are made for pretrained weights. Which of the two is it?"
        )
    return found


def undecided(
    entries: Iterable[Entry], facts: Facts, knowledge: Knowledge
) -> tuple[Undecided, ...]:
    """Return the unknown facts that a person could state and that would decide some entries.

    Unknown derived facts are replaced by the facts that they are computed from.
    """
    open_entries: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        for name in entry.condition.evaluate(facts).unknown:
            for stated in INPUTS.get(name, (name,)):
                if stated not in facts and not stated.startswith("plan."):
                    open_entries[stated].append(entry.id)
    return rank_undecided(open_entries, knowledge.registry)
