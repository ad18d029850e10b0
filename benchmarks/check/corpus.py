"""What check finds in a corpus of real configs, against mistakes that were confirmed by reading.

    python benchmarks/check/corpus.py [--corpus DIR] [--sample N]

The corpus is a folder with INDEX.tsv (repo, path, format) and KNOWN-MISTAKES.tsv (rule, verdict,
repo, path, line); it is not part of the project. Prints hits per rule, the share of files with
errors and warnings, recall on confirmed mistakes, exempt places that are hit, and how many files
have their format recognised. Exits 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

from hpadvisor.checking.findings import CheckResult, Finding
from hpadvisor.checking.running import Checking
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import read_document

DEFAULT_CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "configs"
RULES = {
    "lr-linear-scale": "SPC001",
    "log_uniform-needs-exponents": "SPC007",
    "metric-direction-mismatch": "SPC016",
    "seed-as-hyperparameter": "SPC017",
    "eps-tuned": "SPC018",
    "grid>100": "SPC013",
    "dropout-span>0.7": "SPC010",
    "dropout-upper>0.7": "SPC010",
    "optimises-test-metric": "SPC014",
    "optimises-training-metric": "SPC015",
    "lr-upper>=1": "SPC003",
    "batch-searched-lr-fixed": "SPC012",
    "lr-range-narrow": "SPC002",
    "arch-searched-lr-fixed": "SPC011",
    "trials<3xdims": "SPC005",
    "sgd+adam-share-lr-range": "SPC004",
    "sci-notation-string(min/max)": "SPC006",
    "duplicate-key-conflict": "CFG022",
}
AS_GOOD = {
    ("torchtune", "azureml-job"): "labelled by the word 'component'; holds no _component_",
    ("hydra-optuna", "hypersweeper"): "its sweeper is HyperSMAC or HyperRS, not Optuna",
    ("hydra", "ray-tune"): "its parameters are ray.tune distributions",
}
"""Labels of the index that a reading of the file shows to be coarser or wrong."""

Row = dict[str, str]


def read_table(path: Path) -> list[Row]:
    """Read a tab-separated table."""
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def place(corpus: Path, row: Row) -> Path:
    """Return a row's file."""
    return corpus / row["repo"].replace("/", "+") / row["path"]


def run(corpus: Path, rows: list[Row], persona: str) -> CheckResult:
    """Check every file of the index."""
    checking, result = Checking(CheckSettings(persona=persona)), CheckResult()
    for row in rows:
        try:
            checking.check(read_document(place(corpus, row)), result)
        except UserError as error:
            print(f"not readable: {error}")
    checking.finish(result)
    return result


def recognised(result: CheckResult, rows: list[Row], corpus: Path) -> tuple[int, list[str]]:
    """Return how many files got their format, and a line for each that did not."""
    formats = {file.path: file.formats for file in result.files}
    good, misses = 0, []
    for row in rows:
        wanted = row["format"].split(":", 1)[1]
        got = formats.get(str(place(corpus, row)), [])
        if wanted in got or any((wanted, name) in AS_GOOD for name in got):
            good += 1
        elif wanted == "generic" and got:
            good += 1  # the index gave no format; a more telling one is no miss
        else:
            misses.append(f"{wanted} as {got or 'nothing'}: {row['repo']} {row['path']}")
    return good, misses


def against_known(
    found: list[Finding], known: list[Row], corpus: Path
) -> tuple[list[str], list[str], Counter[str]]:
    """Return the confirmed mistakes that were missed, the exempt places hit, and counts."""
    by_file: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in found:
        by_file[finding.path, finding.rule.id].append(finding)
    missed, wrong, counts = [], [], Counter[str]()
    for row in known:
        rule = RULES[row["rule"]]
        hits = by_file[str(place(corpus, row)), rule]
        if rule == "CFG022":
            hits = [hit for hit in hits if hit.line == int(row["line"])]
        label = f"{rule} {row['rule']}: {row['repo']} {row['path']} {row['line']} {row['detail']}"
        true = row["verdict"] == "TP"
        counts["true" if true else "exempt"] += 1
        if true and not hits:
            missed.append(label)
        elif true:
            counts["found"] += 1
        elif hits:
            wrong.append(label)
    return missed, wrong, counts


def report(result: CheckResult, rows: list[Row], corpus: Path) -> bool:
    """Print everything; return whether the targets hold."""
    hits = Counter((f.rule.id, f.severity, f.rule.title) for f in result.findings)
    files = {name: {f.path for f in result.findings if f.severity == name}
             for name in ("error", "warning", "note")}  # fmt: skip
    print("hits per rule")
    for (rule, severity, title), count in sorted(hits.items()):
        print(f"  {count:4d}  {rule}  {severity:7s}  {title}")
    shares = {name: len(paths) / len(rows) for name, paths in files.items()}
    for name, share in shares.items():
        print(f"files with a {name}: {len(files[name])} of {len(rows)} = {share:.2%}")
    good, misses = recognised(result, rows, corpus)
    print(f"format recognised: {good} of {len(rows)} = {good / len(rows):.2%}")
    for line in misses:
        print(f"  {line}")
    missed, wrong, counts = against_known(
        result.findings, read_table(corpus / "KNOWN-MISTAKES.tsv"), corpus
    )
    print(f"confirmed mistakes found: {counts['found']} of {counts['true']}")
    for line in missed:
        print(f"  missed  {line}")
    print(f"exempt places hit: {len(wrong)} of {counts['exempt']}")
    for line in wrong:
        print(f"  hit  {line}")
    return (
        shares["error"] <= 0.03
        and shares["warning"] <= 0.10
        and good / len(rows) >= 0.97
        and not wrong
    )


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS)
    parser.add_argument("--persona", default="default")
    parser.add_argument("--sample", type=int, default=0, help="print N random findings to review")
    parser.add_argument("--seed", type=int, default=1, help="seed of that sample")
    options = parser.parse_args()
    if not (options.corpus / "INDEX.tsv").is_file():
        print(f"skipped: no corpus at {options.corpus}")
        return 0
    rows = read_table(options.corpus / "INDEX.tsv")
    result = run(options.corpus, rows, options.persona)
    held = report(result, rows, options.corpus)
    if options.sample:
        chosen = random.Random(options.seed).sample(result.findings, options.sample)  # noqa: S311
        for number, finding in enumerate(sorted(chosen, key=lambda f: (f.rule.id, f.path)), 1):
            path = Path(finding.path).relative_to(options.corpus)
            print(f"{number}. {finding.rule.id} {path}:{finding.line}: {finding.message}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
