"""Whole questions: what is answered to them, by what they name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hpadvisor.engine.entries import Claim, Rule, Training
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.mentions import Mentions, Names, mentions, names_of, words_of
from hpadvisor.engine.pages import (
    Answer,
    ClaimAnswer,
    concerns,
    diagnoses,
    hyperparameter_page,
    is_for,
    listed,
    topic_page,
)
from hpadvisor.engine.wordings import SURE

CLOSE: Final = 0.65
"""Similarity from which a claim answers though it does not name what the question names."""

_OF_ALL: Final = frozenset({"learning_rate", "batch_size", "optimizer", "epochs", "seed"})
"""What questions about another hyperparameter also name."""

_ASKS_VALUES: Final = re.compile(
    r"\b(?:range|values?|usual|typical|sensible|reasonable|recommended)\b"
    r"|\bhow (?:much|large|small|high|low|big|long)\b"
)
"""A question for numbers: the page of a hyperparameter has them, a claim mostly not."""

_SAYS_LITTLE: Final = frozenset({
    "of", "number", "final", "learning", "rate", "size", "min", "max", "steps", "weight", "the",
    "features", "weights", "update", "target", "share", "a", "in", "decay", "i", "use", "range",
    "value", "ratio", "coefficient",
})  # fmt: skip
"""Parts of names that do not tell which hyperparameter is meant."""


def answer_sentence(text: str, claim: ClaimAnswer, knowledge: Knowledge) -> Answer:
    """Answer a whole question: a claim on the same subject, or the page of what it names.

    Args:
        text: The question.
        claim: The claim whose words are nearest, with its similarity.
        knowledge: Where to look.

    Returns:
        The answer; a claim answer without a claim, and with related names, where the question
        names nothing or several things that nothing joins.
    """
    names = names_of(knowledge)
    said = _with_kind(mentions(text, names), text, knowledge)
    meant = claim.claim
    sure = claim.similarity >= SURE or not _asks_values(text, said)
    if meant is not None and sure and _same_subject(said, meant, claim.similarity, names):
        return claim
    page = None if _foreign(said, text, knowledge) else _page(said, knowledge, names)
    if page is not None:
        return page
    near = claim.near if meant is None else [(meant, claim.similarity), *claim.near]
    related = [*said.hyperparameters, *(term.names[0] for term in said.terms), *said.kinds]
    return ClaimAnswer(None, 0.0, near[:4], related)


def kind_of(text: str, knowledge: Knowledge) -> Training | None:
    """Return the first kind of training that a text names, or None."""
    kinds = mentions(text, names_of(knowledge)).kinds
    return knowledge.training(kinds[0]) if kinds else None


def _page(said: Mentions, knowledge: Knowledge, names: Names) -> Answer | None:
    return _joined(said, knowledge, names) or _page_of(said, knowledge)


def _asks_values(text: str, said: Mentions) -> bool:
    asked = [name for name in said.hyperparameters if name != "optimizer"]
    return len(asked) == 1 and _ASKS_VALUES.search(text.casefold()) is not None


def _same_subject(said: Mentions, claim: Claim, similarity: float, names: Names) -> bool:
    """Whether a claim speaks of what the question names, and in its own words of nothing else."""
    asked = _things(said)
    own, *others = (_things(mentions(t, names)) for t in (claim.claim, *claim.phrases))
    spoken = own.union(*others)
    if not asked:
        return True
    if not spoken:
        return similarity >= CLOSE
    return asked <= spoken and own <= asked


def _things(said: Mentions) -> set[str]:
    """Return the hyperparameters and symptoms of a text; the optimizer is named in passing."""
    return {*said.hyperparameters, *said.symptoms} - {"optimizer"}


def _with_kind(said: Mentions, text: str, knowledge: Knowledge) -> Mentions:
    """Let the kind of training say what a short name means: C of a support vector machine."""
    if not said.kinds:
        return said
    kind = said.kinds[0]
    owned = {entry.hyperparameter for entry in knowledge.ranges if is_for(entry, kind)}
    if owned & set(said.hyperparameters):
        return said
    words = set(words_of(text)) - _SAYS_LITTLE - set(words_of(kind))
    parts = {name: set(words_of(name)) - _SAYS_LITTLE for name in owned}
    found = [name for name in sorted(owned) if parts[name] & words]
    taken = {word for name in found for word in parts[name]}
    kept = [name for name in said.hyperparameters if not taken & set(words_of(name))]
    said.hyperparameters = [*kept, *found]
    return said


def _foreign(said: Mentions, text: str, knowledge: Knowledge) -> bool:
    """Whether a text names things by everyday words alone, among words from elsewhere."""
    if said.sure:
        return False
    return bool(said.others - _known_words(knowledge))


def _known_words(knowledge: Knowledge) -> frozenset[str]:
    return _words_of_entries(
        tuple(
            " ".join((entry.title, getattr(entry, "claim", ""), getattr(entry, "advice", ""),
                      getattr(entry, "answer", ""), *getattr(entry, "phrases", ())))
            for entry in knowledge.entries()
        )
    )  # fmt: skip


@lru_cache(maxsize=2)
def _words_of_entries(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in words_of(text))


def _joined(said: Mentions, knowledge: Knowledge, names: Names) -> Rule | None:
    """Return the one rule that joins several things that a question names.

    Two hyperparameters are joined by an interaction, a symptom and a kind by a diagnosis.
    """
    ranked: list[tuple[int, int, str, Rule]] = []
    for rule in knowledge.rules:
        if rule.topic == "interaction" and not said.symptoms:
            shared = _named_in(rule, said.hyperparameters, names)
        elif rule.topic == "diagnosis" and any(diagnoses(rule, name) for name in said.symptoms):
            shared = 1 + sum(is_for(rule, kind) for kind in said.kinds)
            shared += sum(concerns(rule, name) for name in said.hyperparameters)
        else:
            continue
        if shared > 1:
            ranked.append((-shared, _breadth(rule), rule.id, rule))
    return min(ranked, key=lambda one: one[:3])[3] if ranked else None


def _named_in(rule: Rule, asked: list[str], names: Names) -> int:
    """Return how many hyperparameters a rule joins: in its title, or by what it asks for."""
    title = set(mentions(rule.title, names).hyperparameters)
    searched = {leaf.wanted for leaf in rule.condition.leaves() if leaf.fact == "plan.parameters"}
    return max(len(title & set(asked)), len(searched & set(asked)))


def _breadth(rule: Rule) -> int:
    """Return for how many kinds of training a rule was made; the narrower says more."""
    return sum(
        max(len(listed(leaf)), 1)
        for leaf in rule.condition.leaves()
        if leaf.fact == "training.kind"
    )


def _page_of(said: Mentions, knowledge: Knowledge) -> Answer | None:
    """Return the page of the one thing that a question is about, or None."""
    if said.symptoms:
        return topic_page(said.symptoms[0], knowledge)
    asked = said.hyperparameters
    if said.optimizers and not (asked or said.terms):
        asked = ["optimizer"]
    for passing in ({"optimizer"}, _OF_ALL):
        if len(asked) > 1:
            asked = [name for name in asked if name not in passing] or asked
    item = knowledge.hyperparameter(asked[0]) if len(asked) == 1 else None
    if item is not None:
        page = hyperparameter_page(item, knowledge)
        page.training = knowledge.training(said.kinds[0]) if said.kinds else None
        return page
    if not asked and said.terms:
        return said.terms[0]
    return topic_page(said.kinds[0], knowledge) if said.kinds else None
