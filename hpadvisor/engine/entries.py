"""The entries of the knowledge, as loaded: slotted, frozen, without behaviour of their own."""

from __future__ import annotations

from typing import Any

from hpadvisor.engine.conditions import ALWAYS, Condition, facts_of
from hpadvisor.records import Record


class Citation(Record):
    """A source that an entry rests on, and the part of it.

    Attributes:
        source: What is cited.
        locator: The part of it: section, table, page.
        checked: Year and month in which that part was re-read against the entry; empty where it
            was not.
    """

    source: Source
    locator: str = ""
    checked: str = ""


class Example(Record):
    """Facts, and what the entry's condition must answer for them: match, no-match, unknown."""

    given: dict[str, Any]
    expect: str
    line: int


class Entry(Record, kw_only=True):
    """What every entry has.

    Attributes:
        id: Unique over all files.
        title: A short phrase.
        kind: The list in which it stands (``rules``, ``ranges``, …).
        path: The file it comes from, relative to its rules folder; ``line`` the line there.
        status: preview, stable or deprecated.
        evidence: M measured, P paper or official repository, F folk.
        citations: The sources, at least one.
        chapters: Chapters of the starting guide that it carries.
        corrects: What of that guide it corrects, empty where nothing.
        limits: Where it does not hold.
        condition: When it holds; always, where the entry has no ``when``.
        examples: Its own tests.
    """

    id: str
    title: str
    kind: str
    path: str
    line: int
    status: str = "preview"
    evidence: str = ""
    citations: tuple[Citation, ...] = ()
    chapters: tuple[str, ...] = ()
    corrects: str = ""
    limits: str = ""
    why: str = ""
    condition: Condition = ALWAYS
    examples: tuple[Example, ...] = ()

    @property
    def specificity(self) -> int:
        """How many facts the condition looks at: the more, the more specific."""
        return len(facts_of(self.condition))


class Recommendation(Record):
    """A change to one hyperparameter.

    Attributes:
        parameter: Canonical name.
        action: increase, decrease, set, add, remove, tune or keep.
        factor: What to multiply the present value by.
        value: What to set it to.
        low: Low end of a range to tune in; ``high`` the other end.
        scale: log or linear.
        choices: Values to choose from.
        message: What to say about it, empty where the action says all.
    """

    parameter: str
    action: str
    factor: float | None = None
    value: Any = None
    low: float | None = None
    high: float | None = None
    scale: str | None = None
    choices: tuple[Any, ...] = ()
    message: str = ""


class Rule(Entry, kw_only=True):
    """Judgement: when its condition holds, this is said."""

    topic: str = "advice"
    applies_to: tuple[str, ...] = ()
    severity: str = "note"
    impact: str = "medium"
    confidence: str = "medium"
    persona: str = "default"
    diagnosis: str = ""
    verdict: str = ""
    tool: str = ""
    advice: str = ""
    recommend: tuple[Recommendation, ...] = ()
    together: bool = False
    trainings: int = 0
    headline: bool = False
    after: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    measured: dict[str, Any] | None = None
    milder: dict[str, Any] | None = None
    each: str = ""
    message: str = ""
    at: tuple[str, ...] = ()
    fix: dict[str, str] | None = None
    cases: tuple[dict[str, str], ...] = ()
    claims: dict[str, Any] | None = None


class Hyperparameter(Entry, kw_only=True):
    """A canonical name with its type, its usual scale and its meaning."""

    type: str
    scale: str = "linear"
    minimum: float | None = None
    maximum: float | None = None
    off: float | None = None
    choices: tuple[Any, ...] = ()
    unit: str = ""
    group: str = ""
    meaning: str = ""
    aliases: tuple[str, ...] = ()
    find_start: str = ""


class Training(Entry, kw_only=True):
    """A kind of training, and what is assumed of it where the user said nothing."""

    meaning: str = ""
    aliases: tuple[str, ...] = ()
    assume: dict[str, Any]
    if_pretrained: str = ""


class TierTable(Entry, kw_only=True):
    """Which hyperparameters to search first, for a kind of training."""

    tiers: dict[int, tuple[str, ...]]
    measured: dict[str, Any] | None = None


class Range(Entry, kw_only=True):
    """Where to search one hyperparameter, under a condition."""

    hyperparameter: str
    low: float | None = None
    high: float | None = None
    scale: str = ""
    default: Any = None
    choices: tuple[Any, ...] = ()
    off: float | None = None


class Phase(Record, kw_only=True):
    """A share of a search with a strategy of its own."""

    name: str
    share: float
    strategy: str


class Strategy(Entry, kw_only=True):
    """How to search, for the trainings that fit."""

    strategy: str
    tiers: int
    sampler: dict[str, Any]
    prune: bool = False
    prune_trainings: int | None = None
    phases: tuple[Phase, ...] = ()
    confirm: dict[str, int]
    max_trainings: int | None = None
    trials_per_dimension: int = 3
    measured: dict[str, Any] | None = None


class Pruner(Entry, kw_only=True):
    """How to stop bad trials early."""

    pruner: str
    settings: dict[str, Any]
    cost_fraction: float = 1.0


class Claim(Entry, kw_only=True):
    """What people say about tuning, and what is true of it."""

    claim: str
    holds: str
    answer: str
    do_instead: str = ""
    phrases: tuple[str, ...] = ()


class Case(Entry, kw_only=True):
    """A case study, as evidence."""

    setting: str = ""
    rows: tuple[dict[str, str], ...] = ()
    lesson: str = ""
    caution: str = ""


class MetricEntry(Entry, kw_only=True):
    """A metric of some field: direction, bounds and names; ``readers.metrics`` looks names up."""

    better: str
    family: str
    names: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    percent: bool = False
    loss: bool = False
    evaluated: bool = False
    order: int = 5


class Points(Record, kw_only=True):
    """Points that one fact adds to a score.

    Attributes:
        fact: A number, or true and false as 1 and 0.
        below: Rising limits; the first one that the fact is below chooses its points.
        points: One more than there are limits: the last is for facts at or above all of them.
        unknown: Points where the fact is not known.
    """

    fact: str
    below: tuple[float, ...]
    points: tuple[float, ...]
    unknown: float = 0.0


class Score(Entry, kw_only=True):
    """An additive score: points of facts, summed and turned into a probability.

    Attributes:
        fact: The fact that it defines, a probability between 0 and 1.
        meaning: What that probability is of.
        start: The sum before any points.
        points: What each fact adds.
        measured: How well it does; written by a benchmark.
    """

    fact: str
    meaning: str
    start: float
    points: tuple[Points, ...]
    measured: dict[str, Any] | None = None


class Source(Record, kw_only=True):
    """Something that is cited."""

    id: str
    title: str
    kind: str
    authors: str = ""
    year: int | None = None
    url: str = ""
    path: str = ""
    line: int = 0


class Chapter(Record, kw_only=True):
    """A chapter of the guide that the project started from."""

    id: str
    title: str
    path: str = ""
    line: int = 0
