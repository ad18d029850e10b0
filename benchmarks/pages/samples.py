"""A page of each command, always the same: what is shot, measured and checked."""

from __future__ import annotations

import math
from pathlib import Path

import hpadvisor
from hpadvisor.report.html.document import Document

NAMES = ("plan", "diagnose", "after", "check", "audit", "run", "report")
_CONFIG = """\
model_name_or_path: some-model-7b
learning_rate: 5.0
lr_scheduler_type: cosine
warmup_ratio: 0.9
num_train_epochs: 3
per_device_train_batch_size: 4
gradient_accumulation_steps: 8
weight_decay: 3.0
bf16: true
fp16: true
"""


def documents(folder: Path) -> dict[str, list[Document]]:
    """Return what each page shows.

    Args:
        folder: Where the logs, configs and tables of trials are written that they are made from.
    """
    from hpadvisor.api import audit_with_statistics, diagnose_changes
    from hpadvisor.report.html.of_audit import audit_document
    from hpadvisor.report.html.of_changes import changes_document
    from hpadvisor.report.html.of_check import check_document
    from hpadvisor.report.html.of_diagnosis import diagnosis_document
    from hpadvisor.report.html.of_plan import plan_document
    from hpadvisor.report.html.of_run import run_documents
    from hpadvisor.running.baseline import Baseline
    from hpadvisor.running.loop import RunResult
    from hpadvisor.running.training import Outcome

    example = Path(hpadvisor.__file__).parent / "examples" / "cifar10-resnet.yaml"
    log, trials, config = _log(folder), _trials(folder), folder / "train.yaml"
    config.write_text(_CONFIG, encoding="utf-8")
    plan, diagnosis = hpadvisor.plan(example), hpadvisor.diagnose(log)
    audit, review = audit_with_statistics(trials)
    base, *changed = _changes(folder)
    found = {
        "plan": plan_document(plan),
        "diagnose": diagnosis_document(diagnosis),
        "after": changes_document(diagnose_changes(base, changed)),
        "check": check_document(hpadvisor.check([config])),
        "audit": audit_document(audit, review),
    }
    params = {"lr": 0.1, "weight_decay": 5e-4, "batch_size": 128}
    outcomes = [
        Outcome(Path("train"), "complete", params, score, 640.0) for score in (0.912, 0.909)
    ]
    result = RunResult(
        Baseline(outcomes, params, diagnosis.runs[0]), plan,
        winner={"lr": 0.034, "weight_decay": 8.1e-4, "batch_size": 128}, score=0.9281,
        verdict="The best configuration beats the baseline by 8 times the noise between seeds.",
        command=["python", "train.py", "--lr", "0.034", "--weight-decay", "0.00081"],
        audit=audit, review=review, folder="hpadvisor-run",
    )  # fmt: skip
    pages = {name: [document] for name, document in found.items()}
    joined = [document for name, document in found.items() if name != "after"]
    return {**pages, "run": run_documents(result), "report": joined}


def pages(folder: Path) -> dict[str, Path]:
    """Write a page of each command, and return them by name."""
    import os

    from hpadvisor.report.html.rendering import html_page

    before = Path.cwd()
    os.chdir(folder)  # so that the pages name files without a folder
    try:
        shown = documents(Path())
    finally:
        os.chdir(before)
    written = {}
    for name, parts in shown.items():
        written[name] = folder / f"{name}.html"
        written[name].write_text(html_page(parts, name), encoding="utf-8")
    return written


def _log(folder: Path) -> Path:
    """A training that overfits from its middle on."""
    rows = ["epoch,train_loss,val_loss,val_accuracy,lr"]
    for epoch in range(1, 61):
        wave = 0.015 * math.sin(1.7 * epoch) + 0.01 * math.sin(0.6 * epoch)
        train = 0.06 + 2.1 * math.exp(-epoch / 9) + wave / 3
        val = 0.45 + 1.9 * math.exp(-epoch / 7) + 0.011 * max(0, epoch - 22) + wave
        score = 0.87 - 0.6 * math.exp(-epoch / 8) - 0.0009 * max(0, epoch - 30) + wave / 4
        rows.append(f"{epoch},{train:.4f},{val:.4f},{score:.4f},{0.1 * (1 - epoch / 61):.5f}")
    path = folder / "metrics.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def _changes(folder: Path) -> list[Path]:
    """A training, one with a higher rate that won, and one with a rate that is too high."""
    paths = []
    for name, rate, level, speed in (
        ("base", 0.003, 0.95, 14), ("rate-x3", 0.01, 0.74, 9), ("rate-x10", 0.1, 1.02, 6),
    ):  # fmt: skip
        rows = ["epoch,train_loss,val_loss,lr"]
        for epoch in range(1, 41):
            wave = 0.006 * math.sin(1.9 * epoch + rate * 100)
            loss = level + 1.5 * math.exp(-epoch / speed) + wave
            rows.append(f"{epoch},{0.93 * loss:.4f},{loss:.4f},{rate}")
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text("\n".join(rows), encoding="utf-8")
    return paths


def _trials(folder: Path) -> Path:
    """Forty trials whose best ones lie at the upper end of the rate."""
    rows = ["number,val_accuracy,state,params_lr,params_weight_decay,params_optimizer"]
    for number in range(40):
        place, other = (number * 17 % 40) / 40, (number * 23 % 40) / 40
        rate, decay = 10 ** (-5 + 3 * place), 10 ** (-6 + 4 * other)
        score = 0.93 - 0.09 * (1 - place) ** 2 - 0.02 * (other - 0.6) ** 2 - 0.002 * (number % 3)
        kind = ("sgd", "adamw")[number % 2]
        rows.append(f"{number},{score:.4f},COMPLETE,{rate:.4g},{decay:.4g},{kind}")
    path = folder / "trials.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path
