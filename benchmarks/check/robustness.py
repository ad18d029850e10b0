"""Mutated real configs, and fixes of real configs: what must never happen.

    python benchmarks/check/robustness.py [--corpus DIR] [--mutants N]

Mutants: every one ends in a result or one user error, within the time limit. Fixes: after all of
them, no fixed finding is left, and the values of the document are otherwise equal. Exits 1 when
one of these fails.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any

from corpus import DEFAULT_CORPUS, place, read_table

from hpadvisor.checking.findings import CheckResult
from hpadvisor.checking.fixing import fix_document
from hpadvisor.checking.running import Checking
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import parse_document, read_document
from hpadvisor.readers.scalars import as_number
from hpadvisor.readers.yaml_nodes import Node

PIECES = (
    b"\t", b"{", b"}", b"[", b"]", b": ", b"- ", b"&a ", b"*a", b"<<: *a\n", b"#", b"'", b'"',
    b"|\n", b"\xff", b"\xe2\x80\xa8", b"\r\n", b"!!x ", b"0", b"1e999", b"-", b"?", b"%", b"${",
    b",", b"\0",
)  # fmt: skip
LIMIT_SECONDS = 5.0


def mutate(data: bytes, source: random.Random) -> bytes:
    """Return the data with a few random cuts and insertions."""
    mutant = bytearray(data)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(mutant) + 1)
        cut = source.choice([0, 0, 1, 3, 40])
        mutant[at : at + cut] = source.choice(PIECES) * source.choice([1, 1, 1, 1, 1, 1, 1, 200])
    return bytes(mutant)


def mutants(paths: list[Path], count: int) -> bool:
    """Check mutants; return whether all ended well."""
    source = random.Random(7)  # noqa: S311
    checking = Checking(CheckSettings(persona="pedantic"))
    slowest, refused, crashed = 0.0, 0, 0
    for number in range(count):
        path = paths[number % len(paths)]
        data = mutate(path.read_bytes(), source)
        start = time.perf_counter()
        try:
            checking.check(parse_document(data, str(path)), CheckResult())
        except UserError:
            refused += 1
        except Exception as error:
            crashed += 1
            print(f"crash: {path} {error!r}")
        slowest = max(slowest, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"mutants: {count}, refused {refused}, crashed {crashed}, slowest {slowest:.2f} s")
    print(f"peak memory: {peak:.0f} MB")
    return crashed == 0 and slowest < LIMIT_SECONDS


def values(node: Node) -> Any:
    """Return a document's values, numbers by what they spell; the last of two keys wins."""
    if node.kind == "scalar":
        number = as_number(node.text)
        return node.text if number is None else number
    if node.kind == "sequence":
        return [values(item) for item in node.items]
    return {key.text: values(value) for key, value in node.pairs}


def fixes(paths: list[Path]) -> bool:
    """Apply the safe fixes of every file; return whether each kept what it must."""
    checking = Checking(CheckSettings(persona="pedantic"))
    files, applied, failed = 0, 0, 0
    for path in paths:
        before = read_document(path)
        file = checking.check(before, CheckResult())
        fixed = fix_document(checking, file, unsafe=False)
        if fixed is None or not fixed.count:
            continue
        files, applied = files + 1, applied + fixed.count
        left = checking.check(fixed.after, CheckResult()).findings
        same = [values(r) for r in before.roots] == [values(r) for r in fixed.after.roots]
        if not same or any(f.fix is not None and f.fix.safe for f in left):
            failed += 1
            print(f"fix: {path}")
    print(f"safe fixes: {applied} in {files} files, failed {failed}")
    return failed == 0


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS)
    parser.add_argument("--mutants", type=int, default=5000)
    options = parser.parse_args()
    if not (options.corpus / "INDEX.tsv").is_file():
        print(f"skipped: no corpus at {options.corpus}")
        return 0
    paths = [place(options.corpus, row) for row in read_table(options.corpus / "INDEX.tsv")]
    held = [mutants(paths, options.mutants), fixes(paths)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
