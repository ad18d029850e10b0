"""What check finds in files that its rules were not written for: the second corpus.

    python -m benchmarks.check.field --clones DIR [--half development] [--sample N] [--silent N]

DIR holds clones of the repositories that field/FIELD.tsv names (``owner+name``); what is not there
is said. Prints findings per rule, the share of files with errors and warnings, and how many of the
labelled mistakes (by rule and parameter) are found; ``--sample`` and ``--silent`` print findings
and files without any for reading. Exits 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.check.field_files import FieldFile, Mistake, read_list, read_mistakes, unpack
from hpadvisor.checking.findings import CheckResult, Finding
from hpadvisor.checking.running import Checking
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import read_document

RECALL, ERRORS, WARNINGS = 0.95, 0.015, 0.06


def run(files: list[FieldFile], folder: Path, persona: str) -> CheckResult:
    """Check every file at its place in its repository's tree."""
    checking, result = Checking(CheckSettings(persona=persona)), CheckResult()
    for file in files:
        try:
            checking.check(read_document(file.place(folder)), result)
        except UserError as error:
            print(f"not readable: {error}")
    checking.finish(result)
    return result


def speaks_of(finding: Finding, mistake: Mistake) -> bool:
    """Whether a finding is about the parameter of a label; a label without one takes any."""
    name = mistake.parameter
    return not name or f"'{name}'" in finding.message or name in finding.key_path


def against(
    result: CheckResult, files: list[FieldFile], folder: Path
) -> tuple[list[str], list[str], int]:
    """Return the mistakes that were missed, the right places that were hit, and all mistakes."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        by_file[finding.path].append(finding)
    places = {(file.repository, file.path): str(file.place(folder)) for file in files}
    missed, wrong, total = [], [], 0
    for mistake in read_mistakes():
        place = places.get((mistake.repository, mistake.path))
        if place is None:
            continue
        hit = any(
            finding.rule.id == mistake.rule and speaks_of(finding, mistake)
            for finding in by_file[place]
        )
        label = f"{mistake.rule} {mistake.parameter}: {mistake.repository} {mistake.path}"
        if mistake.verdict == "right":
            wrong += [label] if hit else []
            continue
        total += 1
        missed += [] if hit else [label]
    return missed, wrong, total


def report(result: CheckResult, files: list[FieldFile], folder: Path) -> bool:
    """Print everything; return whether the targets hold."""
    hits = Counter((f.rule.id, f.severity, f.rule.title) for f in result.findings)
    for (rule, severity, title), count in sorted(hits.items()):
        print(f"  {count:4d}  {rule}  {severity:7s}  {title}")
    shares = {}
    for name in ("error", "warning", "note"):
        found = {f.path for f in result.findings if f.severity == name}
        shares[name] = len(found) / len(files)
        print(f"files with a {name}: {len(found)} of {len(files)} = {shares[name]:.2%}")
    unknown = [file for file in result.files if not file.formats]
    print(f"without a format: {len(unknown)} of {len(files)}")
    missed, wrong, total = against(result, files, folder)
    recall = 1 - len(missed) / total if total else 1.0
    print(f"labelled mistakes found: {total - len(missed)} of {total} = {recall:.1%}")
    for line in missed:
        print(f"  missed  {line}")
    print(f"right places hit: {len(wrong)}")
    for line in wrong:
        print(f"  hit  {line}")
    return recall >= RECALL and shares["error"] <= ERRORS and shares["warning"] <= WARNINGS


def show(result: CheckResult, folder: Path, findings: int, silent: int, seed: int) -> None:
    """Print random findings, and random files of a known format without any."""
    source = random.Random(seed)  # noqa: S311
    chosen = source.sample(result.findings, min(findings, len(result.findings)))
    for number, finding in enumerate(sorted(chosen, key=lambda f: (f.rule.id, f.path)), 1):
        path = Path(finding.path).relative_to(folder)
        print(f"{number}. {finding.rule.id} {path}:{finding.line}: {finding.message}")
    quiet = [file.path for file in result.files if file.formats and not file.findings]
    for number, name in enumerate(sorted(source.sample(quiet, min(silent, len(quiet)))), 1):
        print(f"silent {number}. {Path(name).relative_to(folder)}")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clones", type=Path, required=True, help="folder of clones")
    parser.add_argument("--unpacked", type=Path, help="folder to unpack to, kept afterwards")
    parser.add_argument("--half", choices=("development", "test"), default="development")
    parser.add_argument("--persona", default="default")
    parser.add_argument("--sample", type=int, default=0, help="print N random findings to review")
    parser.add_argument("--silent", type=int, default=0, help="print N files without findings")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.unpacked or Path(temporary)
        wanted = read_list(options.half)
        files = unpack(wanted, options.clones, folder)
        if len(files) < len(wanted):
            print(f"not there: {len(wanted) - len(files)} of {len(wanted)} files")
        if not files:
            print("skipped: no clone of the list is there")
            return 0
        result = run(files, folder, options.persona)
        held = report(result, files, folder)
        show(result, folder, options.sample, options.silent, options.seed)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
