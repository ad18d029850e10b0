"""How often a confirmation says that the best finalist beats the baseline, where nothing does.

Run: ``python -m benchmarks.audit.confirming [REPLAYS]``; CONFIRMING.md keeps what it printed with
300. Configurations of the upper half of every pool, all moved to the same true mean, so that only
their own noise is left. The rivals are raised by a gain, in units of the median noise, for the
detection rate, which stands beside the power that the audit says. Beside ours: Welch's test
without the first seed, and the plain comparison of means.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.audit.pools import Pool, load_pools
from hpadvisor.facts.searches import judging
from hpadvisor.facts.searches.pairing import paired_gain
from hpadvisor.facts.searches.power import power
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

REPLAYS = 300
SPACE = [Parameter("x", "float", 0.0, 1.0, "linear")]


def _study(scores: np.ndarray) -> Study:
    trials = [
        Trial(
            number, State.COMPLETE, {"x": number / 20}, float(row.mean()),
            replicates=tuple(map(float, row)), seeds=tuple(str(k) for k in range(len(row))),
        )
        for number, row in enumerate(scores)
    ]  # fmt: skip
    return Study("replay", "csv", "maximize", "score", SPACE, trials)


def rates(
    pool: Pool, configurations: int, seeds: int, gain: float, replays: int = REPLAYS
) -> dict[str, float]:
    """Shares of replays in which each rule says that the baseline is beaten.

    Args:
        pool: The pool.
        configurations: The baseline and its rivals together.
        seeds: Fresh seeds of each.
        gain: What every rival is better by, in median standard deviations between seeds.
        replays: How often.
    """
    rng = np.random.default_rng(7)
    final, truth = pool.final, pool.truth
    upper = np.argsort(-truth)[: len(truth) // 2]
    step = gain * float(np.median(final.std(axis=1, ddof=1)))
    said = dict.fromkeys(("paired", "welch", "means"), 0)
    for _ in range(replays):
        chosen = rng.choice(upper, configurations, replace=False)
        drawn = rng.choice(final.shape[1], seeds, replace=False)
        scores = final[chosen][:, drawn] - truth[chosen][:, None]
        scores[1:] += step
        table = build_table(_study(scores))
        baseline = table.trials[0]
        best = max(table.trials[1:], key=lambda trial: trial.value or 0.0)
        said["means"] += (best.value or 0.0) > (baseline.value or 0.0)
        result = paired_gain(table, best, baseline)
        said["paired"] += result is not None and result[0] > result[1]
        if seeds > 2:
            said["welch"] += judging._welch(table, best, baseline).beaten
    found = {name: count / replays for name, count in said.items()}
    noise = float(np.median(final.std(axis=1, ddof=1)))
    return found | {"said": power(step, noise, configurations - 1, seeds)}


def main(replays: int = REPLAYS) -> None:
    """Print a row for each pool, size and gain, as a Markdown table."""
    names = ("paired", "welch", "means", "said")
    heads = ("pool", "configurations", "seeds", "gain in noises", *names)
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for pool in load_pools():
        for configurations, seeds in ((2, 3), (4, 2), (4, 3), (6, 3), (6, 5)):
            if seeds > pool.final.shape[1]:
                continue  # the public tables have few seeds
            for gain in (0.0, 1.0, 2.0):
                found = rates(pool, configurations, seeds, gain, replays)
                cells = [pool.name, str(configurations), str(seeds), f"{gain:g}"]
                cells += [f"{found[name]:.0%}" for name in names]
                print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPLAYS)
