"""What a person asks about, found: an id, a hyperparameter, a kind, a topic, or a claim."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hpadvisor.engine.conditions import Leaf
from hpadvisor.engine.entries import Claim, Entry, Hyperparameter, Range, Rule, TierTable, Training
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.terms import Term, term_of
from hpadvisor.facts.vocabulary import DIAGNOSES, SYMPTOM_ALIASES

FOUND = 0.5
"""Similarity from which a claim counts as the one that was meant."""
SURE = 0.8
"""Similarity from which a claim goes before a hyperparameter that the question names."""
NEAR = 0.25
"""Similarity from which a claim is worth naming as a near miss."""


@dataclass(slots=True)
class HyperparameterPage:
    """Everything that is known of one hyperparameter."""

    hyperparameter: Hyperparameter
    tiers: list[tuple[TierTable, int]]
    ranges: list[Range]
    rules: list[Rule]
    claims: list[Claim]


@dataclass(slots=True)
class TopicPage:
    """Entries that share a topic, a chapter, a diagnosis or a kind of training."""

    title: str
    entries: list[Entry]
    training: Training | None = None


@dataclass(slots=True)
class ClaimAnswer:
    """The claim that was meant, and those that it might have been."""

    claim: Claim | None
    similarity: float
    near: list[tuple[Claim, float]] = field(default_factory=list)


Answer = Entry | HyperparameterPage | TopicPage | ClaimAnswer | Term


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
        return _hyperparameter(entry, knowledge)
    if entry is not None and not isinstance(entry, Training):
        return entry
    asks = len(text.split()) > 3
    named = None if asks else knowledge.hyperparameter(text)
    claim = _claim(text, knowledge)
    worded = _worded(text, knowledge)
    if worded is not None:
        near = [pair for pair in claim.near if pair[0].id != worded.id]
        return ClaimAnswer(worded, 1.0, near)
    if claim.claim is not None and claim.similarity >= SURE and len(text.split()) > 2:
        return claim
    if named is not None:
        return _hyperparameter(named, knowledge)
    for words in dict.fromkeys((text, _subject(text))):
        found = _named(words, knowledge) if words else None
        if found is not None:
            return found
    return claim


def _worded(text: str, knowledge: Knowledge) -> Claim | None:
    """Return the claim of which a text is one of the wordings; a single word is none."""
    said = _plain(text)
    if " " not in said:
        return None
    for claim in knowledge.claims:
        if said in map(_plain, (claim.claim, *claim.phrases)):
            return claim
    return None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w.'-]+", text.casefold())).rstrip(".")


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
    term, topic = term_of(text), _topic(text, knowledge)
    if term is not None and topic is None:
        return term
    item = knowledge.hyperparameter(text) if len(text.split()) <= 3 else None
    if item is not None:
        return _hyperparameter(item, knowledge)
    symptom = SYMPTOM_ALIASES.get(text.casefold().replace("-", "_").replace(" ", "_"))
    return _topic(symptom, knowledge) if symptom else topic


def _hyperparameter(item: Hyperparameter, knowledge: Knowledge) -> HyperparameterPage:
    tiers = [
        (table, tier)
        for table in knowledge.tiers
        for tier, names in table.tiers.items()
        if item.id in names
    ]
    rules = [rule for rule in knowledge.rules if _concerns(rule, item.id)]
    words = {item.id.replace("_", " "), item.title.casefold(), *item.aliases}
    claims = [
        claim
        for claim in knowledge.claims
        if any(_mentions(f"{claim.claim} {' '.join(claim.phrases)}", word) for word in words)
    ]
    ranges = [entry for entry in knowledge.ranges if entry.hyperparameter == item.id]
    return HyperparameterPage(item, tiers, ranges, rules, claims)


def _concerns(rule: Rule, name: str) -> bool:
    if any(item.parameter == name for item in rule.recommend):
        return True
    return any(_names(leaf, name) for leaf in rule.condition.leaves())


def _names(leaf: Leaf, name: str) -> bool:
    if leaf.fact == f"training.{name}":
        return True
    return leaf.fact.startswith("plan.") and leaf.op == "contains" and leaf.wanted == name


def _mentions(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word.casefold())}s?\b", text.casefold()) is not None


def _topic(text: str, knowledge: Knowledge) -> TopicPage | None:
    """Return the page of a kind of training, a diagnosis, a topic, a chapter or a folder."""
    training = knowledge.training(text)
    if training is not None:
        return TopicPage(training.title, _of_training(training, knowledge), training)
    slug = re.sub(r"[\s_]+", "-", text.casefold())
    name = slug.replace("-", "_")
    groups: list[tuple[str, list[Entry]]] = []
    if name in DIAGNOSES:
        groups.append((name, [rule for rule in knowledge.rules if _diagnoses(rule, name)]))
    chapters = [c for c in knowledge.chapters if slug in (c.id, c.id.removesuffix("s"))]
    for chapter in chapters:
        groups.append(
            (chapter.title, [e for e in knowledge.entries() if chapter.id in e.chapters])
        )
    topics = {name, name.removesuffix("s")}
    groups.append((name, [rule for rule in knowledge.rules if rule.topic in topics]))
    groups.append((name, [e for e in knowledge.entries() if _folder(e) in (name, f"{name}s")]))
    for title, entries in groups:
        if entries:
            return TopicPage(title.replace("_", " "), entries)
    return None


def _diagnoses(rule: Rule, name: str) -> bool:
    return rule.diagnosis == name or any(
        leaf.fact == "symptoms" and leaf.wanted == name for leaf in rule.condition.leaves()
    )


def _folder(entry: Entry) -> str:
    parts = entry.path.split("/")
    return parts[-2] if len(parts) > 1 else ""


def _of_training(training: Training, knowledge: Knowledge) -> list[Entry]:
    return [
        entry
        for entry in knowledge.entries()
        if any(
            leaf.fact == "training.kind"
            and (leaf.wanted == training.id or training.id in _listed(leaf))
            and leaf.op in ("eq", "in")
            for leaf in entry.condition.leaves()
        )
    ]


def _listed(leaf: Leaf) -> Sequence[str]:
    return leaf.wanted if isinstance(leaf.wanted, list) else ()


def _claim(text: str, knowledge: Knowledge) -> ClaimAnswer:
    """Rank claims by the words they share with a text, rare words counting more.

    Each wording of a claim is compared on its own; the best one counts. Spelling mistakes are
    forgiven by mapping unknown words to the nearest known one.
    """
    wordings = [
        (claim, _words(wording, knowledge))
        for claim in knowledge.claims
        for wording in (claim.claim, *claim.phrases)
    ]
    weights = _weights(words for _, words in wordings)
    asked = [_nearest_word(word, weights) for word in _words(text, knowledge)]
    best: dict[str, tuple[float, Claim]] = {}
    for claim, words in wordings:
        similarity = _cosine(asked, words, weights)
        if similarity > best.get(claim.id, (0.0, claim))[0]:
            best[claim.id] = (similarity, claim)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].id))
    near = [(claim, similarity) for similarity, claim in ranked if similarity >= NEAR]
    if near and near[0][1] >= FOUND and len(set(asked)) > 1:
        return ClaimAnswer(near[0][0], near[0][1], near[1:4])
    return ClaimAnswer(None, 0.0, near[:4])


_STOP_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "because", "but", "by", "can", "do", "does",
    "for", "from", "get", "gets", "give", "gives", "has", "have", "i", "if", "in", "is", "it",
    "its", "just", "me", "my", "of", "on", "one", "only", "or", "our", "so", "than", "that",
    "the", "then", "there", "they", "this", "to", "use", "was", "we", "what", "when", "which",
    "will", "with", "you", "your", "should", "must", "need", "needs", "always",
})  # fmt: skip
_SYNONYMS = {
    "lr": "rate", "learningrate": "rate", "bayes": "bayesian", "tpe": "bayesian",
    "randomized": "random", "exhaustive": "thorough", "hyperparam": "hyperparameter",
    "param": "hyperparameter", "parameter": "hyperparameter", "hp": "hyperparameter",
    "knob": "hyperparameter", "setting": "hyperparameter", "config": "configuration",
    "run": "trial", "experiment": "trial", "net": "network", "wd": "decay", "bs": "batch",
    "best": "good", "better": "good", "optimal": "good", "tune": "search", "tuning": "search",
    "prune": "prun", "bigger": "larg", "larger": "larg", "big": "larg", "large": "larg",
}  # fmt: skip


def _words(text: str, knowledge: Knowledge) -> list[str]:
    """Return the words that carry meaning, shortened to their stems."""
    found = []
    for word in re.findall(r"[a-z0-9]+(?:\.[0-9]+)?", text.casefold().replace("_", " ")):
        if word in _STOP_WORDS:
            continue
        stem = _stem(_SYNONYMS.get(word, word))
        found.append(_SYNONYMS.get(stem, stem))
    return found


def _stem(word: str) -> str:
    """Cut the commonest endings; crude, but the same on both sides."""
    for ending in ("ations", "ation", "ingly", "ness", "ing", "ies", "ied", "ers", "est", "ed",
                   "es", "er", "ly", "s", "e"):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _weights(wordings: Iterable[list[str]]) -> dict[str, float]:
    """Return a weight for each word: the rarer over all wordings, the heavier."""
    count: Counter[str] = Counter()
    total = 0
    for words in wordings:
        total += 1
        count.update(set(words))
    return {word: math.log(1 + total / seen) for word, seen in count.items()}


def _nearest_word(word: str, weights: dict[str, float]) -> str:
    if word in weights or len(word) < 4:
        return word
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, weights.keys(), scorer=fuzz.ratio, score_cutoff=80)
    return word if found is None else str(found[0])


def _cosine(asked: list[str], words: list[str], weights: dict[str, float]) -> float:
    unknown = max(weights.values(), default=1.0)
    left, right = Counter(asked), Counter(words)
    shared = sum(weights.get(word, unknown) ** 2 for word in left.keys() & right.keys())

    def norm(counts: Counter[str]) -> float:
        return math.sqrt(sum(weights.get(word, unknown) ** 2 for word in counts))

    scale = norm(left) * norm(right)
    return shared / scale if scale else 0.0
