"""A share of the inputs, run and judged in one process."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fuzz.judging import faults_of
from benchmarks.fuzz.mutation import mutate
from benchmarks.fuzz.running import limit_memory, quiet_environment, run
from benchmarks.fuzz.seeds import SEEDS

Fault = tuple[str, str, str, bytes, str]
"""Class, file name, command, input, and what was said."""


def inputs(first: int, count: int, step: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, place of the seed, and bytes of inputs; each hangs on its number alone."""
    for number in range(first, count, step):
        random_ = random.Random(number)  # noqa: S311 - nothing secret
        place = number % len(SEEDS)
        yield number, place, mutate(SEEDS[place].text, random_)


def try_inputs(first: int, count: int, step: int) -> tuple[int, list[Fault]]:
    """Run a share of the inputs; return how many, and the faults."""
    done, faults = 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quiet_environment(folder)
        for seed in SEEDS:  # everything is loaded before memory is limited
            (folder / seed.name).write_text(seed.text, encoding="utf-8")
            run([part.format(folder / seed.name) for part in seed.command])
        limit_memory()
        for _, place, data in inputs(first, count, step):
            seed = SEEDS[place]
            path = folder / seed.name
            path.write_bytes(data)
            outcome = run([part.format(path) for part in seed.command])
            done += 1
            for kind in faults_of(seed.name, data, seed.emits, outcome):
                said = (outcome.err or outcome.out)[-300:]
                faults.append((kind, seed.name, " ".join(seed.command), data, said))
    return done, faults
