"""A change that was made: whether it won, whether to stop it, and what comes next.

Each change is judged beside the run that it was made from: the one that differs least in what
both say of themselves, else the best run before it. The next advice is that of the best run
without what was tried already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from hpadvisor.diagnosing.composer import diagnose_run
from hpadvisor.diagnosing.model import Advice, RunDiagnosis, finite
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import judge
from hpadvisor.engine.scoring import add_scores
from hpadvisor.errors import UserError
from hpadvisor.facts.configs.roles import role_of
from hpadvisor.facts.curves.change import Compared, change_facts
from hpadvisor.facts.facts import Facts
from hpadvisor.records import replace
from hpadvisor.showing import Showable

if TYPE_CHECKING:
    from hpadvisor.readers.curves.record import RunRecord

Outcome = Literal["won", "lost", "level", "stop", "go_on", "too_early", "cannot_compare"]
_OUTCOMES: dict[str, Outcome] = {
    "CUR080": "lost", "CUR081": "won", "CUR082": "lost", "CUR083": "level", "CUR084": "stop",
    "CUR085": "go_on", "CUR086": "too_early",
}  # fmt: skip
_KEPT: tuple[Outcome, ...] = ("won",)
_REGULARIZATION = ("weight_decay", "dropout", "label_smoothing")
_CAPACITY = ("architecture", "width", "hidden_size", "depth", "layers", "embedding_size",
             "attention_heads")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed.

    Attributes:
        parameter: The hyperparameter by its role, or the name that a config gives it.
        factor: New value over old; None where it is no number, or unknown.
        said: How it was found: by the user, or by comparing what both runs say of themselves.
        name: As the user calls it; empty for the parameter's name.
    """

    parameter: str
    factor: float | None
    said: str
    name: str = ""

    @property
    def topic(self) -> str:
        """The word that advice uses for it."""
        if self.parameter in _REGULARIZATION:
            return "regularization"
        return "model_capacity" if self.parameter in _CAPACITY else self.parameter

    @property
    def words(self) -> str:
        """Such as ``learning rate × 3``."""
        name = (self.name or self.parameter).replace("_", " ")
        return name if self.factor is None else f"{name} × {self.factor:.3g}"


@dataclass(slots=True)
class ChangeVerdict:
    """A change beside the run before it.

    Attributes:
        before: Source of the run that it is compared with.
        after: Source of the run with the change.
        changes: What was changed; empty where nobody says and nothing tells.
        outcome: One word.
        title: The rule's title.
        advice: What to do, from the rule.
        rule: The rule.
        chance: Chance that it ends clearly better, where the run is not whole.
        share: Share of the first run's length that it has run.
        gain: Fall of the loss at the same place, as a share of the first run's level.
        noise: Noise of the gain.
        levels: Levels that were compared.
        loss: What was compared: validation or training.
    """

    before: str
    after: str
    changes: list[Change]
    outcome: Outcome
    title: str = ""
    advice: str = ""
    rule: str = ""
    chance: float | None = None
    share: float | None = None
    gain: float | None = None
    noise: float | None = None
    levels: Compared | None = None
    loss: str = ""


@dataclass(slots=True, repr=False)
class ChangeReport(Showable):
    """A chain of changes, the best run, and what comes next.

    Attributes:
        base: Diagnosis of the first run.
        verdicts: One a change, in the order given.
        best: Source of the best run so far.
        next: Advice of the best run without what was tried.
        notes: What was struck out, and what is missing.
        runs: Diagnoses of all runs, the first one first, with their curves; not part of the JSON.
    """

    base: RunDiagnosis
    verdicts: list[ChangeVerdict]
    best: str
    next: list[Advice] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    runs: list[RunDiagnosis] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """Plain data, numbers finite."""
        return {
            "schema_version": "1.0",
            "base": self.base.source,
            "changes": [_verdict_json(one) for one in self.verdicts],
            "best": self.best,
            "next": [
                {"parameter": item.parameter, "action": item.action, "factor": item.factor,
                 "value": finite(item.value), "rule": item.rule, "message": item.message}
                for item in self.next
            ],
            "notes": self.notes,
        }  # fmt: skip


def _verdict_json(one: ChangeVerdict) -> dict[str, Any]:
    return {
        "before": one.before, "after": one.after, "outcome": one.outcome, "rule": one.rule,
        "title": one.title, "advice": one.advice, "loss": one.loss,
        "changes": [
            {"parameter": change.parameter, "factor": finite(change.factor), "said": change.said}
            for change in one.changes
        ],
        "share": finite(one.share), "gain": finite(one.gain), "noise": finite(one.noise),
        "chance": finite(one.chance),
    }  # fmt: skip


_SAID = re.compile(r"(?P<name>[^=]+)=\s*(?:[×x*]\s*(?P<factor>\S*)|(?P<value>.+))")


def said_change(text: str) -> Change:
    """Read ``learning_rate=×3``, or ``learning_rate=0.3`` where the value says no factor.

    Raises:
        UserError: it is of another form.
    """
    found = _SAID.fullmatch(text.strip())
    factor: float | None = None
    if found and found["factor"] is not None:
        try:
            factor = float(found["factor"])
        except ValueError:
            found = None
    if found is None or (factor is not None and not 0 < factor < 1e12):
        raise UserError(
            f"'{text}' names no change", path="--change",
            remedy="Write NAME=×FACTOR, such as learning_rate=×3, or NAME=VALUE.",
        )  # fmt: skip
    name = found["name"].strip()
    return Change(role_of(name) or name, factor, "--change", name)


def changes_between(first: RunRecord, second: RunRecord) -> list[Change]:
    """What two runs say of themselves that differs: configs, settings the log prints, the rate."""
    before, after = _settings(first), _settings(second)
    found = []
    for name in sorted(before.keys() & after.keys()):
        old, new = before[name], after[name]
        if old == new:
            continue
        number = all(isinstance(value, int | float) for value in (old, new))
        factor = float(new) / float(old) if number and float(old) > 0 else None
        found.append(Change(name, factor, "both runs"))
    return found


_NO_CHANGE = frozenset((
    "seed", "output_dir", "run_name", "name", "id", "steps", "train_examples", "timestamp", "date",
    "time", "experiment_name", "experiment_dir", "save_dir", "log_dir", "path", "host", "device",
))  # fmt: skip
_OUTCOME = re.compile(r"(?:metrics?|results?|scores?|history|stats|summary)[./]|^best_", re.I)
"""What a script writes beside its settings and is none: what came of them."""


def _settings(run: RunRecord) -> dict[str, Any]:
    """Settings by role where a name has one."""
    known: dict[str, Any] = {}
    for key, value in run.config.items():
        name = role_of(str(key)) or str(key)
        last = re.split(r"[./]", str(key))[-1]
        if {name, last} & _NO_CHANGE or _OUTCOME.search(str(key)):
            continue
        if isinstance(value, int | float | str):
            known.setdefault(name, value)
    for name, told in run.told.items():
        if name not in _NO_CHANGE:
            known.setdefault(name, told.value)
    rates = run.series.get("learning_rate")
    if rates is not None and len(rates.y):
        known["learning_rate"] = float(f"{float(max(rates.y)):.4g}")
    return known


def judge_changes(
    first: RunRecord,
    changed: Sequence[RunRecord],
    said: Sequence[Change],
    knowledge: Knowledge,
    situation: Facts | None = None,
) -> ChangeReport:
    """Judge a chain of changes.

    Args:
        first: The run before any change.
        changed: A run a change, in the order in which they were made.
        said: What each changes, in the same order, as far as the user says; else it is read from
            what the runs say of themselves.
        knowledge: The rules.
        situation: What else is known of the training.
    """
    best, verdicts = first, []
    for number, run in enumerate(changed):
        before = _made_from(run, [best, first, *changed[:number]])
        changes = [said[number]] if number < len(said) else changes_between(before, run)
        verdict = judge_change(before, run, changes, knowledge)
        verdicts.append(verdict)
        if verdict.outcome in _KEPT and (before is best or _lower(run, best)):
            best = run
    runs = [diagnose_run(run, knowledge, situation) for run in (first, *changed)]
    place = next(n for n, run in enumerate((first, *changed)) if run is best)
    diagnosis = runs[place]
    report = ChangeReport(runs[0], verdicts, best.source, runs=runs)
    running = [one for one in verdicts if one.outcome in ("go_on", "too_early")]
    if running:
        report.notes.append("a change is still running: what comes next is said when it has ended")
        return report
    _next(report, diagnosis)
    return report


def _made_from(run: RunRecord, earlier: Sequence[RunRecord]) -> RunRecord:
    """The earlier run whose settings differ least from a run's; of equals the first named."""
    return min(earlier, key=lambda one: len(changes_between(one, run)))


def _lower(run: RunRecord, best: RunRecord) -> bool:
    _, levels = change_facts(best, run)
    return levels is not None and levels.after < levels.before


def judge_change(
    before: RunRecord, after: RunRecord, changes: list[Change], knowledge: Knowledge
) -> ChangeVerdict:
    """Judge one change beside the run before it."""
    facts, levels = change_facts(before, after)
    facts = add_scores(
        [score for score in knowledge.scores if score.fact == "change.chance"], facts
    )
    rules = [rule for rule in knowledge.rules if "change" in rule.applies_to]
    found = [
        one for one in judge(rules, facts, knowledge.registry).findings if one.explained_by is None
    ]
    verdict = ChangeVerdict(
        before.source, after.source, changes, "cannot_compare", levels=levels,
        chance=facts.get("change.chance"), share=facts.get("change.share"),
        noise=facts.get("change.noise"), loss=str(facts.get("change.loss", "")),
    )  # fmt: skip
    if levels is not None:
        verdict.gain = 1 - levels.after / levels.before
    if not found:
        verdict.title = "The two runs cannot be compared"
        verdict.advice = (
            "Give logs with the same axis that hold the same loss, more than one value of it."
        )
        return verdict
    first = found[0]
    verdict.rule, verdict.title, verdict.advice = first.rule.id, first.rule.title, first.message
    verdict.outcome = _OUTCOMES.get(first.rule.id, "level")
    return verdict


def _next(report: ChangeReport, diagnosis: RunDiagnosis) -> None:
    """Advice of the best run, without changes that were tried, or further ones where one lost."""
    struck = []
    for item in diagnosis.recommendations:
        tried = _tried(item, report.verdicts)
        if tried is None:
            report.next.append(item)
        else:
            struck.append(f"{item.parameter.replace('_', ' ')}: {tried}")
    report.next = [
        replace(item, priority=place) for place, item in enumerate(report.next, start=1)
    ]
    report.notes += [f"not advised again: {words}" for words in struck]
    unknown = sum(not verdict.changes for verdict in report.verdicts)
    if unknown:
        report.notes.append(
            "what was changed is told by neither log: name it by --change, so that it is not "
            "advised again"
        )


def _tried(item: Advice, verdicts: Sequence[ChangeVerdict]) -> str | None:
    """Why a change is not advised again; None where it may be."""
    for verdict in verdicts:
        if verdict.outcome not in ("lost", "level", "stop"):
            continue
        for change in verdict.changes:
            if change.topic == item.parameter and _same_way(item, change):
                return f"{change.words} {_DID[verdict.outcome]}"
    return None


_DID: Mapping[str, str] = {
    "lost": "lost", "level": "made no difference", "stop": "fell behind and could be stopped",
}  # fmt: skip


def _same_way(item: Advice, change: Change) -> bool:
    if change.factor is None:
        return True
    if item.factor is not None:
        return (item.factor > 1) == (change.factor > 1)
    return {"increase": change.factor > 1, "decrease": change.factor < 1}.get(item.action, True)
