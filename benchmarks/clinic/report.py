"""The clinic's report: our advice, peers, constant and random advice, on the test part.

``python -m benchmarks.clinic report [--peers DIR] [--write]`` prints Markdown; ``--write`` puts it
into docs/clinic.md and the measured blocks into the rules.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.clinic import judges
from benchmarks.clinic.logs import csv_of, run_of
from benchmarks.clinic.peers import PEERS, ask
from benchmarks.clinic.scoring import (
    HEADER,
    Answer,
    answer_of,
    calibration,
    change_of,
    constant_answers,
    random_answers,
    score,
)
from benchmarks.clinic.truth import Truth, settings, truth_of
from benchmarks.measured import write_measured
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.planning.diagnose import ELSEWHERE, diagnose_run
from hpadvisor.planning.diagnosis import Advice, RunDiagnosis
from hpadvisor.readers.curves.assembling import runs_of
from hpadvisor.readers.curves.reading import read_bytes, runs_in

ROOT = Path(__file__).resolve().parents[2]
DEEPOBS_TEST = ("quadratic_deep", "cifar10_3c3d")


def report(peers: Path | None, *, write: bool = False) -> str:
    """Judge everything and return the report as Markdown."""
    knowledge = load_knowledge(without=ELSEWHERE)
    test, development = settings("test"), settings("development")
    runs, truths, logs = _diagnosed(test, knowledge)
    lines = [_HEAD.format(
        settings=len(test) + len(development), test=len(test),
        tasks=len({record["task"] for record in test}),
        development=len(development),
        dev_tasks=len({record["task"] for record in development}),
        healthy=sum(truth.healthy for truth in truths) / len(truths),
    )]  # fmt: skip
    lines += _advisors(runs, truths, logs, peers)
    dev_runs, dev_truths, _ = _diagnosed(development, knowledge)
    dev_row = score([answer_of(run) for run in dev_runs], dev_truths)
    lines += ["", "For comparison, the development part (fitted to):", "", HEADER,
              dev_row.row("hpadvisor"), ""]  # fmt: skip
    measured = measure(knowledge, runs, truths, dev_runs, dev_truths)
    lines += _per_rule(knowledge, measured)
    lines += _calibrated(runs, truths)
    lines += _deepobs(knowledge, peers)
    lines += _gallery(knowledge)
    text = "\n".join(lines) + "\n"
    if write:
        (ROOT / "docs" / "clinic.md").write_text(text, encoding="utf-8")
        write_measured(measured, ROOT / "rules" / "curves")
    return text


_HEAD = """# The clinic: advice judged by what it brings

Written by `python -m benchmarks.clinic report --write`; the figures are the outcome, whatever it
is.

{settings} settings of small models were trained on real data, and trained again with each of nine
single changes, two seeds each (`benchmarks/clinic/`). A change helps when it lowers the test loss,
which the curves never show, by more than 5 % and by more than twice the seed spread. {test}
settings ({tasks} tasks) are the test part, {development} ({dev_tasks} tasks) the development
part, to which scores and thresholds were fitted; no task is in both. Both seeds' curves are
judged. On the test part no change helps in {healthy:.0%} of the runs.

## Advice on the test part
"""


def _diagnosed(
    records: list[dict[str, Any]], knowledge: Knowledge
) -> tuple[list[RunDiagnosis], list[Truth], list[str]]:
    runs, truths, logs = [], [], []
    for record in records:
        truth = truth_of(record)
        for seed in (0, 1):
            runs.append(diagnose_run(run_of(record, seed), knowledge))
            truths.append(truth)
            logs.append(csv_of(record, seed))
    return runs, truths, logs


def _advisors(
    runs: list[RunDiagnosis], truths: list[Truth], logs: list[str], peers: Path | None
) -> list[str]:
    ours = [answer_of(run) for run in runs]
    rows = [HEADER, score(ours, truths).row("**hpadvisor**")]
    for name in PEERS:
        readings = ask(name, peers, logs) if peers else None
        if readings is None:
            rows.append(f"| {name} | not installed | | | | |")
            continue
        scored = [score(answers, truths) for answers in readings]
        rows.append(max(scored, key=lambda one: one.helps + one.healthy_left_alone).row(name))
    speak = sum(answer.spoke for answer in ours) / len(ours)
    for name, answers in constant_answers(len(runs)).items():
        rows.append(score(answers, truths).row(name))
    rows.append(
        score(random_answers(len(runs), speak), truths).row("random, as often as we speak")
    )
    return rows


Counts = dict[str, float]


def measure(
    knowledge: Knowledge,
    runs: list[RunDiagnosis],
    truths: list[Truth],
    dev_runs: list[RunDiagnosis],
    dev_truths: list[Truth],
) -> dict[str, dict[str, Any]]:
    """How often each rule was right where it spoke, and how much of its kind it found."""
    changes = {
        rule.id: _changes_of(rule) for rule in knowledge.rules if "diagnose" in rule.applies_to
    }
    test, development = _counted(changes, runs, truths), _counted(changes, dev_runs, dev_truths)
    measured: dict[str, dict[str, Any]] = {}
    for rule, change in changes.items():
        if change is None or not test[rule]["said"]:
            continue
        measured[rule] = {
            "benchmark": "clinic",
            "precision": round(test[rule]["right"] / test[rule]["said"], 3),
            "recall": round(test[rule]["right"] / max(test[rule]["possible"], 1), 3),
            "n": int(test[rule]["said"]),
            "fitted_precision": round(
                (development[rule]["right"] + 1) / (development[rule]["said"] + 2), 3
            ),
            "fitted_n": int(development[rule]["said"]),
        }
    return measured


def _changes_of(rule: Any) -> str | None:
    if not rule.recommend:
        return None
    first = rule.recommend[0]
    return change_of(Advice(first.parameter, first.action, first.factor))


def _counted(
    changes: dict[str, str | None], runs: list[RunDiagnosis], truths: list[Truth]
) -> dict[str, Counts]:
    counts: dict[str, Counts] = defaultdict(lambda: {"said": 0, "right": 0, "possible": 0})
    for run, truth in zip(runs, truths, strict=True):
        said = {finding.rule for finding in run.findings if finding.explained_by is None}
        for rule, change in changes.items():
            counts[rule]["possible"] += change in truth.helps
            if rule in said:
                counts[rule]["said"] += 1
                counts[rule]["right"] += change in truth.helps
    return counts


def _per_rule(knowledge: Knowledge, measured: dict[str, dict[str, Any]]) -> list[str]:
    titles = {rule.id: rule for rule in knowledge.rules}
    lines = ["## Per diagnosis (test part)", "",
             "Right: the rule's first change truly helps. Recall: of the runs where it helps.", "",
             "| rule | diagnosis | precision | recall | said |",
             "|---|---|---|---|---|"]  # fmt: skip
    for name, one in measured.items():
        rule = titles[name]
        lines.append(
            f"| {name} {rule.title} | {rule.diagnosis} | {one['precision']:.2f} "
            f"| {one['recall']:.2f} | {one['n']} |"
        )
    return [*lines, ""]


def _calibrated(runs: list[RunDiagnosis], truths: list[Truth]) -> list[str]:
    pairs: list[tuple[float, bool]] = []
    for run, truth in zip(runs, truths, strict=True):
        answer = answer_of(run)
        if run.judged:
            right = bool(set(answer.changes) & set(truth.helps)) if answer.spoke else truth.healthy
            pairs.append((run.confidence, right))
    lines = ["## Calibration of the verdict (test part)", "",
             "| confidence | mean | right | runs |", "|---|---|---|---|"]  # fmt: skip
    for band, mean, share, count in calibration(pairs):
        lines.append(f"| {band} | {mean:.2f} | {share:.2f} | {count} |")
    return [*lines, ""]


def _direction(answer: Answer) -> str:
    """Up, down or keep, by the first recommendation."""
    if any(change in ("lr_x3", "lr_x10") for change in answer.changes[:1]):
        return "up"
    if any(change in ("lr_x0.3", "lr_x0.1") for change in answer.changes[:1]):
        return "down"
    return "keep"


def _deepobs(knowledge: Knowledge, peers: Path | None) -> list[str]:
    runs = judges.deepobs_runs()
    lines = ["## DeepOBS: does the advice on the rate go the right way?", ""]
    if not runs:
        return [*lines, "Left out: ../shared/corpus/curves/deepobs is not there.", ""]
    lines += [
        f"{len(runs)} public runs; truth from all other rates of the same problem and optimizer.",
        "The first recommendation counts; the rate itself is not in the log. The two problems",
        "named development were looked at while rules for broken trainings were written.", "",
        "| advisor, problems | up | down | keep | macro recall | wrong way |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    ours: dict[int, Answer] = {}
    for number, run in enumerate(runs):
        table = next(iter(read_bytes(judges.deepobs_csv(run).encode(), "deepobs")))
        ours[number] = answer_of(diagnose_run(next(iter(runs_of(table))), knowledge))
    answers: dict[str, list[Answer]] = {"**hpadvisor**": [ours[n] for n in range(len(runs))]}
    for name in PEERS:
        readings = ask(name, peers, [judges.deepobs_csv(run) for run in runs]) if peers else None
        if readings is not None:
            answers[name] = readings[0]
    for name, given in answers.items():
        for label, part in (("test", True), ("development", False), ("all", None)):
            kept = [n for n, run in enumerate(runs)
                    if part is None or (run["problem"] in DEEPOBS_TEST) == part]  # fmt: skip
            for n in kept:
                runs[n]["said"] = _direction(given[n])
            row = judges.direction_scores([runs[n] for n in kept], lambda run: str(run["said"]))
            lines.append(
                f"| {name}, {label} | {row['up']:.2f} | {row['down']:.2f} | {row['keep']:.2f} "
                f"| {row['macro']:.2f} | {row['wrong']:.3f} |"
            )
    return [*lines, ""]


def _gallery(knowledge: Knowledge) -> list[str]:
    lines = ["## QLoRA gallery", ""]
    found = judges.gallery()
    if not found:
        return [*lines, "Left out: ../shared/corpus/curves/qlora-gallery is not there."]
    good, odd = 0, []
    for cause, path in found:
        verdict = diagnose_run(next(iter(runs_in(path))), knowledge).verdict
        if verdict in judges.SENSIBLE[cause]:
            good += 1
        else:
            odd.append(f"{cause}: {verdict}")
    lines.append(f"{good} of {len(found)} verdicts make sense of the known cause.")
    return lines + [f"- {text}" for text in odd]
