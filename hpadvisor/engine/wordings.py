"""Which claim a text means: by the words that it shares with a claim's wordings."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from hpadvisor.engine.entries import Claim
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.pages import ClaimAnswer

FOUND = 0.5
"""Similarity from which a claim counts as the one that was meant."""
SURE = 0.8
"""Similarity from which a claim goes before a hyperparameter that the question names."""
NEAR = 0.25
"""Similarity from which a claim is worth naming as a near miss."""


def worded_claim(text: str, knowledge: Knowledge) -> Claim | None:
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


def nearest_claim(text: str, knowledge: Knowledge) -> ClaimAnswer:
    """Rank claims by the words they share with a text, rare words counting more.

    Each wording of a claim is compared on its own; the best one counts. Spelling mistakes are
    forgiven by mapping unknown words to the nearest known one.
    """
    owners = [claim for claim in knowledge.claims for _ in (claim.claim, *claim.phrases)]
    texts = tuple(text for claim in knowledge.claims for text in (claim.claim, *claim.phrases))
    stems, weights = _weighed(texts)
    wordings = list(zip(owners, stems, strict=True))
    asked = [_nearest_word(word, weights) for word in _stems(text)]
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


@lru_cache(maxsize=4)
def _weighed(texts: tuple[str, ...]) -> tuple[list[list[str]], dict[str, float]]:
    """Return the stems of each wording and a weight for each stem, made once for all questions."""
    stems = [_stems(text) for text in texts]
    return stems, _weights(stems)


def _stems(text: str) -> list[str]:
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
