"""What a person asks about, found: an id, a hyperparameter, a kind, a topic, or a claim."""

from __future__ import annotations

import re

from hpadvisor.engine.entries import Hyperparameter, Training
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.mentions import names_of, words_of
from hpadvisor.engine.pages import (
    Answer,
    ClaimAnswer,
    HyperparameterPage,
    TopicPage,
    hyperparameter_page,
    is_for,
    optimizer_page,
    topic_page,
)
from hpadvisor.engine.sentences import answer_sentence, kind_of
from hpadvisor.engine.terms import term_of
from hpadvisor.engine.wordings import SURE, nearest_claim, worded_claim
from hpadvisor.facts.vocabulary import OPTIMIZERS, SYMPTOM_ALIASES

__all__ = ["Answer", "ClaimAnswer", "HyperparameterPage", "TopicPage", "is_for", "look_up"]


def look_up(question: str, knowledge: Knowledge) -> Answer:
    """Find what a question is about: exact names first, then claims by their words.

    Args:
        question: A rule id, a hyperparameter (or alias), a kind of training, a topic, or a claim.
        knowledge: Where to look.

    Returns:
        The page; a :class:`ClaimAnswer` without a claim where nothing fits.
    """
    text = question.strip().rstrip("?!. ")
    entry = knowledge.find(text)
    if isinstance(entry, Hyperparameter):
        return hyperparameter_page(entry, knowledge)
    if entry is not None and not isinstance(entry, Training):
        return entry
    words = len(text.split())
    named = _by_name(text, knowledge) if words == 1 else None
    return named or _of_several_words(text, words, knowledge)


def _of_several_words(text: str, words: int, knowledge: Knowledge) -> Answer:
    """Answer by the wordings of claims, then by a name, then by what a sentence holds."""
    asks = words > 3
    claim = nearest_claim(text, knowledge)
    worded = worded_claim(text, knowledge)
    if worded is not None:
        near = [pair for pair in claim.near if pair[0].id != worded.id]
        return ClaimAnswer(worded, 1.0, near)
    if claim.claim is not None and claim.similarity >= SURE and words > 2:
        return claim
    item = None if asks else knowledge.hyperparameter(text)
    page = hyperparameter_page(item, knowledge) if item is not None else _by_name(text, knowledge)
    if page is not None:
        return page
    return answer_sentence(text, claim, knowledge) if asks else claim


def _by_name(text: str, knowledge: Knowledge) -> Answer | None:
    """Return what a text names, whole or without the words that only ask."""
    for words in dict.fromkeys((text, _subject(text))):
        found = _named(words, knowledge) if words else None
        if isinstance(found, HyperparameterPage) and " " in text:
            found.training = kind_of(text, knowledge)
        if found is not None:
            return found
    return None


_ASKING = frozenset({
    "what", "what's", "which", "how", "when", "why", "is", "are", "a", "an", "the", "do", "does",
    "should", "can", "must", "i", "my", "to", "for", "of", "it", "we", "our", "you", "need", "use",
    "choose", "set", "pick", "tune", "find", "want", "have", "good", "best", "right", "number",
    "value", "mean", "means", "model", "worth", "be", "shall", "give", "keeps", "large", "high",
    "small", "much", "many", "explain", "define", "definition", "trials", "training", "network",
})  # fmt: skip


def _subject(text: str) -> str:
    """Return what is left of a question without the words that only ask."""
    words = re.findall(r"[\w.'-]+", text.casefold())
    return " ".join(word for word in words if word not in _ASKING)


def _named(text: str, knowledge: Knowledge) -> Answer | None:
    """Return what bears this name: a term, a hyperparameter, a kind, a topic, a symptom."""
    term, topic = term_of(text), topic_page(text, knowledge)
    if term is not None and topic is None:
        return term
    item = knowledge.hyperparameter(text) if len(text.split()) <= 3 else None
    if item is not None:
        return hyperparameter_page(item, knowledge)
    symptom = SYMPTOM_ALIASES.get(text.casefold().replace("-", "_").replace(" ", "_"))
    if symptom:
        return topic_page(symptom, knowledge)
    return topic or _by_other_names(text, knowledge)


def _by_other_names(text: str, knowledge: Knowledge) -> Answer | None:
    """Return what is written out in full, an optimizer, or a metric under one of its names."""
    said = words_of(text)
    for item in knowledge.hyperparameters:
        if said == words_of(item.title):
            return hyperparameter_page(item, knowledge)
    training = next((one for one in knowledge.trainings if said == words_of(one.title)), None)
    if training is not None:
        return topic_page(training.id, knowledge)
    name = "_".join(said)
    if name in OPTIMIZERS:
        return optimizer_page(name, knowledge)
    metric = next((metric for metric in knowledge.metrics if name in metric.names), None)
    if metric is not None:
        return metric
    spoken = names_of(knowledge).get(tuple(said))
    entry = knowledge.find(str(spoken[1])) if spoken and spoken[0] == "hyperparameter" else None
    return hyperparameter_page(entry, knowledge) if isinstance(entry, Hyperparameter) else None
