"""The first change as the test: what the curve of a change says of its outcome, at which share.

``python -m benchmarks.clinic.usual half --write`` fits the chance that a change ends better from
how far it is ahead at a share of the run (development part), writes it as a rule, and judges the
policy "do the first change, stop at half or go on" against the log alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clinic.boosting import Additive, Options, fit
from benchmarks.clinic.scoring import HEADER, Answer, answer_of, score
from benchmarks.clinic.truth import Truth
from benchmarks.clinic.usual.logs import (
    LANGUAGE,
    form_of,
    run_of_usual,
    truth_of_usual,
    usual_settings,
)
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.engine.scoring import add_scores
from hpadvisor.facts.curves.change import change_facts
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.record import RunRecord, Series

Array = Any

CHANGES = ("lr_x0.1", "lr_x0.3", "lr_x3", "lr_x10", "regularization_up", "regularization_down",
           "capacity_x4")  # fmt: skip
"""Changes whose curves are kept and as long as the first run."""

SHARES = {"early": (0.2, 0.3), "half": (0.4, 0.5, 0.6), "late": (0.75, 0.9), "whole": (1.0,)}
BOUNDS = {"early": (0.15, 0.35), "half": (0.35, 0.7), "late": (0.7, 0.95), "whole": (0.95, 9.0)}
"""Shares that a score is fitted at, and from where to where it counts."""

NAMES = ["change.ahead", "change.ahead_of_end"]
OPTIONS = Options(rounds=150, keep=2, share=1.0)
RULES = Path(__file__).resolve().parents[3] / "rules" / "curves" / "scores_change.yaml"


@dataclass(frozen=True)
class Row:
    """A change of a training at a share of its run, and whether it helped in the end."""

    facts: Facts
    helps: bool
    task: str


def pair(record: dict[str, Any], seed: int, change: str, share: float) -> tuple[RunRecord, ...]:
    """The first run and its change up to a share, evaluated as such trainers do."""
    key = "fresh" if record["kind"] in LANGUAGE else "val"
    runs = []
    for name, part in (("reference", 1.0), (change, share)):
        curves = record["curves"][name][seed]
        values = np.asarray([np.nan if v is None else v for v in curves[key][1:]])
        places = np.arange(1, len(values) + 1) * float(record["interval"])
        kept = max(2, round(part * len(values)))
        series = {"val_loss": Series("val_loss", places[:kept], values[:kept])}
        runs.append(RunRecord(name, "csv", series, "step", float(places[kept - 1])))
    return tuple(runs)


def rows(records: Sequence[dict[str, Any]], shares: Sequence[float]) -> list[Row]:
    """Every change of every training at every share."""
    found = []
    for record in records:
        truth = truth_of_usual(record)
        for change in CHANGES:
            for seed in (0, 1):
                for share in shares:
                    facts, compared = change_facts(*pair(record, seed, change, share))
                    if compared is not None:
                        found.append(Row(facts, change in truth.helps, record["task"]))
    return found


def fitted(name: str, records: Sequence[dict[str, Any]]) -> Additive:
    """The chance that a change helps by how far it is ahead, as a score."""
    seen = rows(records, SHARES[name])
    values = np.asarray([[row.facts.get(fact, np.nan) for fact in NAMES] for row in seen])
    tasks = np.asarray([row.task for row in seen])
    counts = {task: int((tasks == task).sum()) for task in np.unique(tasks)}
    weights = np.asarray([1 / np.sqrt(counts[task]) for task in tasks])
    outcome = np.asarray([row.helps for row in seen], dtype=np.float64)
    return fit(NAMES, values, outcome, weights, tasks, OPTIONS)


def write() -> None:
    """Write the scores as rules."""
    from benchmarks.clinic.writing import rows_of

    texts = [_HEAD]
    records = usual_settings("development")
    for number, name in enumerate(SHARES, start=1):
        model = fitted(name, records)
        lines, start = rows_of(model, 1.0)
        low, high = BOUNDS[name]
        texts.append(
            f"  - id: SCO5{number:02d}\n"
            f"    title: A change that has run {low:g} to {min(high, 1):g} of its length\n"
            "    evidence: M\n"
            "    sources: [{cite: measured-clinic, locator: curves of seven changes of "
            f"{len(records)} settings}}]\n"
            f"    when: {{all: [{{fact: change.share, ge: {low}}}, "
            f"{{fact: change.share, lt: {high}}}, {{fact: change.ahead, exists: true}}]}}\n"
            "    fact: change.chance\n"
            "    meaning: chance that the change ends clearly better\n"
            f"    start: {model.start + start:.2f}\n"
            f"    points:\n{''.join(lines)}"
            "    examples:\n"
            f"      - {{given: {{change.share: {low}, change.ahead: 0.1}}, expect: match}}\n"
            f"      - {{given: {{change.share: 0.1, change.ahead: 0.1}}, expect: no-match}}\n\n"
        )
    RULES.write_text("".join(texts), encoding="utf-8")


@dataclass(frozen=True)
class _Policy:
    """From which chance on a change is tested, and from which at its test it is advised."""

    name: str
    share: float
    test_from: float
    keep_from: float


_HEAD = """# Written by `python -m benchmarks.clinic.usual half --write` from the development part
# of the trainings of a usual size; do not edit by hand. How far a change is ahead of the run
# before it, at a share of the run, to the chance that it ends clearly better.
scores:
"""

POLICIES = (
    _Policy("log alone", 0.0, 0.89, 0.0),
    *(_Policy(f"change to {share:g}, tested from {low:g}, kept from {keep:g}", share, low, keep)
      for share in (0.3, 0.5) for low in (0.6, 0.89) for keep in (0.3, 0.5)),
    _Policy("first change in full", 1.0, 0.6, 0.5),
)  # fmt: skip


def report(part: str) -> str:
    """What policies bring on a part, as Markdown."""
    knowledge = load_knowledge(without=ELSEWHERE)
    lines = [
        HEADER.replace("runs |", "runs | cost |").replace(
            "---|---|---|---|---|---|", "---|---|---|---|---|---|---|"
        )
    ]
    judged = []
    for record in usual_settings(part):
        truth = truth_of_usual(record)
        for seed in (0, 1):
            form = form_of(record, seed)
            run = diagnose_run(run_of_usual(record, seed, form), knowledge)
            judged.append((record, seed, truth, answer_of(run), chances(record, seed, knowledge)))
    for policy in POLICIES:
        answers, costs = [], []
        for record, seed, _, answer, known in judged:
            given, cost = _carried_out(policy, record, seed, answer, known, knowledge)
            answers.append(given)
            costs.append(cost)
        truths: list[Truth] = [one[2] for one in judged]
        lines.append(score(answers, truths).row(policy.name) + f" {np.mean(costs):.2f} |")
    return "\n".join(lines)


def chances(record: dict[str, Any], seed: int, knowledge: Any) -> dict[str, float]:
    """The chance of each change by the log alone, and that some change helps."""
    from hpadvisor.diagnosing.scored import with_scores
    from hpadvisor.facts.curves.extract import extract

    facts = with_scores(
        extract(run_of_usual(record, seed, form_of(record, seed))), knowledge.scores
    )
    names = ("epochs_x3", "stop_at_best", *CHANGES)
    found = {name: float(facts.get(f"score.{name}", 0.0)) for name in names}
    return {**found, "any": float(facts.get("curve.change_helps", 0.0))}


def _carried_out(
    policy: _Policy, record: dict[str, Any], seed: int, answer: Answer, known: dict[str, float],
    knowledge: Any,
) -> tuple[Answer, float]:  # fmt: skip
    """What is advised after the test, and what the test cost in trainings."""
    if not policy.share:
        return answer, 0.0
    if answer.spoke and answer.changes[:1] not in [(one,) for one in CHANGES]:
        return answer, 0.0  # longer training, or the best checkpoint: not tested
    if not answer.spoke and known["any"] < policy.test_from:
        return answer, 0.0
    first = answer.changes[0] if answer.spoke else max(CHANGES, key=lambda one: known[one])
    facts, _ = change_facts(*pair(record, seed, first, policy.share))
    chance = float(add_scores(knowledge.scores, facts).get("change.chance", 0.0))
    kept = chance >= policy.keep_from
    return (Answer((first,), True) if kept else Answer((), False)), policy.share
