"""The clinic's report: our advice, peers, constant and random advice, on the test part.

``python -m benchmarks.clinic report [--peers DIR] [--write]`` prints Markdown; ``--write`` puts it
into docs/clinic.md and the measured blocks into the rules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.clinic import judges
from benchmarks.clinic.logs import csv_of, run_of, situation_of, stepwise
from benchmarks.clinic.measuring import measure
from benchmarks.clinic.peers import PEERS, ask
from benchmarks.clinic.scoring import (
    HEADER,
    Answer,
    Scores,
    aim,
    answer_of,
    calibration,
    constant_answers,
    random_answers,
    score,
)
from benchmarks.clinic.truth import Truth, settings, steps_seen, truth_of
from benchmarks.clinic.usual import report as usual
from benchmarks.measured import write_measured
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.facts import Facts
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
    lines += _against_aims(score([answer_of(run) for run in runs], truths))
    lines += _told_and_missing(test, knowledge)
    dev_runs, dev_truths, _ = _diagnosed(development, knowledge)
    dev_row = score([answer_of(run) for run in dev_runs], dev_truths)
    lines += ["", "For comparison, the development part (fitted to):", "", HEADER,
              dev_row.row("hpadvisor"), ""]  # fmt: skip
    measured = measure(knowledge, runs, truths, dev_runs, dev_truths)
    lines += _per_rule(knowledge, measured)
    lines += _calibrated(runs, truths)
    lines += _deepobs(knowledge, peers)
    lines += _gallery(knowledge)
    lines += ["", usual.report("test", peers)]
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
    records: list[dict[str, Any]],
    knowledge: Knowledge,
    *,
    told: bool = False,
    without: tuple[str, ...] = (),
    steps: str = "",
) -> tuple[list[RunDiagnosis], list[Truth], list[str]]:
    """Diagnose both seeds of every setting: with the situation told, or without some columns.

    ``steps`` puts losses of every few steps in place of the epochs' means: on an axis of
    ``epochs`` or of ``steps`` alone.
    """
    runs, truths, logs = [], [], []
    seen = steps_seen() if steps else {}
    for record in records:
        truth = truth_of(record)
        situation = Facts.of(situation_of(record)) if told else None
        for seed in (0, 1):
            run = run_of(record, seed)
            if steps:
                stepwise(run, seen[record["id"]], seed, counted=steps == "epochs")
            for role in without:
                run.series.pop(role, None)
            runs.append(diagnose_run(run, knowledge, situation))
            truths.append(truth)
            logs.append(csv_of(record, seed))
    return runs, truths, logs


def _against_aims(found: Scores) -> list[str]:
    return [
        "", "Against the aims:", "",
        aim("first change helps", found.helps, 0.75),
        aim("healthy left alone", found.healthy_left_alone, 0.85),
        aim("share of best gain", found.gain, 0.6),
        aim("harmful", found.harmful, 0.03, at_most=True), "",
        "docs/decisions-diagnose.md says what was tried, and how far one could get.",
    ]  # fmt: skip


_LOSS_ALONE = ("val_loss", "val_metric", "train_metric", "learning_rate")
_LOGGED = (
    ("all columns", (), ""),
    ("losses alone, no accuracy", ("train_metric", "val_metric", "learning_rate"), ""),
    ("no validation loss", ("val_loss",), ""),
    ("training loss alone", _LOSS_ALONE, ""),
    ("training loss every few steps", (), "epochs"),
    ("training loss every few steps alone", _LOSS_ALONE, "epochs"),
    ("training loss every few steps alone, epochs not logged", _LOSS_ALONE, "steps"),
)
"""Name of the log, roles that it lacks, and the axis of losses of every few steps."""


def _told_and_missing(records: list[dict[str, Any]], knowledge: Knowledge) -> list[str]:
    lines = ["", "The same runs with more and with less to go by (peers can be told nothing):", "",
             HEADER]  # fmt: skip
    for name, without, steps in _LOGGED:
        for label, told in (("", False), (", situation told", True)):
            runs, truths, _ = _diagnosed(
                records, knowledge, told=told, without=without, steps=steps
            )
            lines.append(score([answer_of(run) for run in runs], truths).row(name + label))
    return lines


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
    aims: list[str] = []
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
            if name == "**hpadvisor**" and part:
                aims = [aim("macro recall, test", row["macro"], 0.75),
                        aim("wrong way, test", row["wrong"], 0.02, at_most=True)]  # fmt: skip
    return [*lines, "", *aims, ""]


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
