"""Mutated inputs of every format: ``python -m benchmarks.fuzz --inputs 100000``.

Counts what may not be: exit code 3, tracebacks, more than ten seconds of the processor or a
gigabyte of memory, an all-clear for what cannot be read, raw control characters, emitted files
that no parser takes. Inputs with a fault are kept in ``build/fuzz``. The exit code is 1 where
there is one.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import sys
from collections import Counter
from pathlib import Path

from benchmarks.fuzz.judging import CLASSES
from benchmarks.fuzz.trying import try_inputs


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    options = parser.parse_args()
    shares = [
        (options.first + n, options.first + options.inputs, options.workers)
        for n in range(options.workers)
    ]
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        results = pool.starmap(try_inputs, shares)
    faults = [fault for _, found in results for fault in found]
    counts = Counter(fault[0] for fault in faults)
    sys.stdout.write(f"{sum(done for done, _ in results):,} inputs\n")
    for kind in CLASSES:
        sys.stdout.write(f"{counts[kind]:>7}  {kind}\n")
    for kind, name, command, data, said in faults:
        kept = (
            options.keep
            / kind.replace(" ", "-")
            / f"{hashlib.sha256(data).hexdigest()[:10]}-{name}"
        )
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
        kept.with_name(kept.name + ".txt").write_text(f"{command}\n{said}\n", encoding="utf-8")
    if faults:
        sys.stdout.write(f"Kept in {options.keep}.\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
