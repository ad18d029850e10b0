"""Judge the advice on trainings of a usual size: one log, what is told beside it, by group.

``python -m benchmarks.clinic.usual report --part development`` judges both seeds of every setting,
each logged in the form that was drawn for it. The test part is looked at rarely.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clinic.peers import PEERS, ask
from benchmarks.clinic.scoring import (
    HEADER,
    Answer,
    aim,
    answer_of,
    calibration,
    constant_answers,
    score,
)
from benchmarks.clinic.truth import Truth
from benchmarks.clinic.usual.logs import (
    LANGUAGE,
    Form,
    csv_of_usual,
    form_of,
    run_of_usual,
    told_of,
    truth_of_usual,
    usual_settings,
)
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.facts import Facts


@dataclass(frozen=True)
class Judged:
    """A log with its diagnosis and the truth of its setting."""

    record: dict[str, Any]
    seed: int
    form: Form
    diagnosis: RunDiagnosis
    truth: Truth

    @property
    def answer(self) -> Answer:
        """What was advised first."""
        return answer_of(self.diagnosis)


def judge_usual(
    records: Sequence[dict[str, Any]], knowledge: Knowledge, *, told: bool = False
) -> list[Judged]:
    """Diagnose both seeds of every setting, each in the form drawn for it."""
    found = []
    for record in records:
        truth = truth_of_usual(record)
        situation = Facts.of(told_of(record)) if told else None
        for seed in (0, 1):
            form = form_of(record, seed)
            run = run_of_usual(record, seed, form)
            found.append(
                Judged(record, seed, form, diagnose_run(run, knowledge, situation), truth)
            )
    return found


GROUPS: dict[str, Callable[[Judged], str]] = {
    "kind": lambda one: "language model" if one.record["kind"] in LANGUAGE else "other",
    "evaluated on": lambda one: one.form.validation,
    "training loss": lambda one: one.form.training,
    "schedule": lambda one: one.record["schedule"],
    "rate logged": lambda one: "yes" if one.form.rate else "no",
    "pretrained": lambda one: "yes" if one.record["pretrained"] else "no",
}
"""Ways to part the logs, for figures of each."""


def report(part: str, peers: Path | None) -> str:
    """Figures of a part, as Markdown."""
    knowledge = load_knowledge(without=ELSEWHERE)
    records = usual_settings(part)
    alone = judge_usual(records, knowledge)
    told = judge_usual(records, knowledge, told=True)
    tasks = len({record["task"] for record in records})
    lines = [f"## Trainings of a usual size, {part} part", "",
             f"{len(records)} settings of {tasks} tasks, two seeds each.", "", HEADER,
             _row("**hpadvisor**", alone),
             _row("**hpadvisor**, rate, optimizer, batch told", told)]  # fmt: skip
    lines += _peers(alone, peers)
    for name, answers in constant_answers(len(alone)).items():
        lines.append(score(answers, [one.truth for one in alone]).row(name))
    lines += ["", *_aims(alone, told), ""]
    for label, ran in (("one log", alone), ("told", told)):
        lines += _by_group(label, ran) + _calibrated(label, ran)
    return "\n".join(lines) + "\n"


def _row(name: str, ran: Sequence[Judged]) -> str:
    return score([one.answer for one in ran], [one.truth for one in ran]).row(name)


def _peers(ran: Sequence[Judged], folder: Path | None) -> list[str]:
    if folder is None:
        return []
    rows = []
    truths = [one.truth for one in ran]
    logs = [csv_of_usual(one.record, one.seed, one.form) for one in ran]
    for name in PEERS:
        readings = ask(name, folder, logs)
        if readings is None:
            rows.append(f"| {name} | not installed | | | | |")
            continue
        scored = [score(answers, truths) for answers in readings]
        rows.append(max(scored, key=lambda one: one.helps + one.healthy_left_alone).row(name))
    return rows


def _aims(alone: Sequence[Judged], told: Sequence[Judged]) -> list[str]:
    lines = []
    for label, ran, wanted in (("one log", alone, 0.55), ("told", told, 0.65)):
        found = score([one.answer for one in ran], [one.truth for one in ran])
        lines += [
            aim(f"{label}: first change helps", found.helps, wanted),
            aim(f"{label}: healthy left alone", found.healthy_left_alone, 0.85),
            aim(f"{label}: share of best gain", found.gain, 0.45),
            aim(f"{label}: harmful", found.harmful, 0.03, at_most=True),
        ]
    return lines


def _by_group(label: str, ran: Sequence[Judged]) -> list[str]:
    lines = [f"By group, {label}:", "", HEADER]
    for name, value_of in GROUPS.items():
        parted = defaultdict(list)
        for one in ran:
            parted[value_of(one)].append(one)
        lines += [_row(f"{name}: {value}", group) for value, group in sorted(parted.items())]
    return [*lines, ""]


def _calibrated(label: str, ran: Sequence[Judged]) -> list[str]:
    lines = [f"Calibration of the verdict, {label}:", "",
             "| logs | confidence | mean | right | runs |", "|---|---|---|---|---|"]  # fmt: skip
    parts = {
        "all": ran,
        "language models": [one for one in ran if one.record["kind"] in LANGUAGE],
        "other": [one for one in ran if one.record["kind"] not in LANGUAGE],
        "called healthy": [one for one in ran if not one.answer.spoke],
        "advised": [one for one in ran if one.answer.spoke],
    }
    for name, group in parts.items():
        for band, mean, share, count in calibration(_pairs(group)):
            lines.append(f"| {name} | {band} | {mean:.2f} | {share:.2f} | {count} |")
    return [*lines, ""]


def _pairs(ran: Sequence[Judged]) -> list[tuple[float, bool]]:
    pairs = []
    for one in ran:
        if one.diagnosis.judged:
            answer = one.answer
            hit = bool(set(answer.changes) & set(one.truth.helps))
            right = hit if answer.spoke else one.truth.healthy
            pairs.append((one.diagnosis.confidence, right))
    return pairs
