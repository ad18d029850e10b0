"""Measure how many public logs are read right: ``python -m benchmarks.reading``."""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.reading.peers import LOSSES, PEERS, logged_losses, losses_right, read_by
from benchmarks.reading.rendering import Rendered, rendered
from hpadvisor.errors import UserError
from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.curves.record import RunRecord

CASES = sorted(Path(__file__).parent.glob("cases*.yaml"))
JUDGED = ("train_loss", "val_loss", "train_metric", "val_metric", "learning_rate", "grad_norm")


def load_cases() -> list[dict[str, Any]]:
    """The cases, each with the half that its project is of."""
    cases: list[dict[str, Any]] = []
    for file in CASES:
        cases += yaml.safe_load(file.read_text(encoding="utf-8"))
    return [{**case, "half": half_of(case["project"])} for case in cases]


def half_of(project: str) -> str:
    """``test`` for a third of the projects, by a hash of the name; else ``development``."""
    digest = hashlib.sha256(project.lower().encode()).digest()
    return "test" if digest[0] % 3 == 0 else "development"


def wrong_in(case: dict[str, Any], folder: Path) -> list[str]:
    """What is not read right in the log of a case; empty where all is."""
    made = rendered(case)
    path = folder / case.get("file", "train.log")
    path.write_text(made.text, encoding="utf-8", newline="")
    try:
        runs = list(read_runs([str(path)]))
    except UserError as error:
        return [f"not read: {error.what}"]
    run = runs[0]
    if case.get("refusal"):
        wanted = case["refusal"]
        return [] if run.refusal_kind == wanted else [f"refusal {run.refusal_kind or 'none'}"]
    wrong = [f"{len(runs)} runs"] if len(runs) != 1 else []
    if run.refusal:
        wrong.append(f"refused: {run.refusal_kind}")
    axes = case.get("axis", "epoch")
    if run.axis not in (axes if isinstance(axes, list) else [axes]):
        wrong.append(f"axis {run.axis}")
    for role in JUDGED:
        wrong += _role(case, made, run, role)
    return wrong


def _role(case: dict[str, Any], made: Rendered, run: RunRecord, role: str) -> list[str]:
    wanted = case["roles"].get(role)
    series = run.series.get(role)
    if wanted is None:
        false = series is not None and role not in case.get("may", ())
        return [f"false {role} ({series.column})"] if false and series else []
    if series is None:
        return [f"no {role}"]
    choices = wanted if isinstance(wanted, list) else [wanted]
    if "any" in choices or any(_same(series.y.tolist(), _sum(made, one)) for one in choices):
        return []
    return [f"{role}: {series.column}"]


def _sum(made: Rendered, names: str) -> list[float]:
    lists = [made.logged.get(name, []) for name in names.split("+")]
    return [sum(values) for values in zip(*lists, strict=True)]


def _same(read: list[float], logged: list[float]) -> bool:
    if len(read) != len(logged):
        return False
    return any(
        all(abs(a - b / scale) <= 1e-6 + 1e-6 * abs(b) for a, b in zip(read, logged, strict=True))
        for scale in (1.0, 100.0)
    )


def compare(folder: Path) -> list[str]:
    """How many development logs with a loss each tool reads right, as rows of a table."""
    right = dict.fromkeys(("hpadvisor", *PEERS), 0)
    total = 0
    with tempfile.TemporaryDirectory() as name:
        for case in load_cases():
            made = rendered(case)
            wanted = logged_losses(case, made.logged)
            if case["half"] != "development" or not wanted:
                continue
            total += 1
            path = Path(name) / case.get("file", "train.log")
            path.write_text(made.text, encoding="utf-8", newline="")
            run = next(iter(read_runs([str(path)])))
            ours = {role: len(one.y) for role, one in run.series.items() if role in LOSSES}
            right["hpadvisor"] += losses_right(ours, wanted)
            for peer in PEERS:
                right[peer] += losses_right(read_by(peer, folder, path), wanted)
    return [
        f"| {one} | {count} of {total} | {count / total:.2f} |" for one, count in right.items()
    ]


def main() -> int:
    """Print the share of logs that are read right, by half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("development", "test", "both"), default="both")
    parser.add_argument("--show", action="store_true", help="show what is wrong (development)")
    parser.add_argument("--peers", type=Path, help="folder of the tools to compare with")
    options = parser.parse_args()
    if options.peers:
        print("\n".join(compare(options.peers)))
        return 0
    counts: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as name:
        for case in load_cases():
            half = case["half"]
            if options.half not in (half, "both"):
                continue
            wrong = wrong_in(case, Path(name))
            count = counts.setdefault(half, [0, 0, 0])
            count[0] += 1
            count[1] += not wrong
            count[2] += sum(one.startswith("false") for one in wrong)
            if wrong and options.show and half == "development":
                print(f"{case['id']}: {'; '.join(wrong)}")
    for half, (total, right, false) in counts.items():
        print(f"{half}: {right} of {total} read right ({right / total:.3f}), {false} false roles")
    return 0


if __name__ == "__main__":
    sys.exit(main())
