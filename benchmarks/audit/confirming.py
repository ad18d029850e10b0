"""How often a confirmation says that the best finalist beats the baseline, where nothing does.

Run: ``python -m benchmarks.audit.confirming``. Configurations of the upper half of both pools, all
moved to the same true mean, so that only their own noise is left; in half of the rows the rivals
are raised by a gain, in units of the median noise, for the detection rate. Beside ours: Welch's
test without the first seed, and the plain comparison of means.
"""

from __future__ import annotations

import numpy as np

from benchmarks.audit.pools import Pool, load_pools
from hpadvisor.facts.searches import judging
from hpadvisor.facts.searches.pairing import paired_gain
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

REPLAYS = 2000
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


def rates(pool: Pool, configurations: int, seeds: int, gain: float) -> dict[str, float]:
    """Shares of replays in which each rule says that the baseline is beaten.

    Args:
        pool: The pool.
        configurations: The baseline and its rivals together.
        seeds: Fresh seeds of each.
        gain: What every rival is better by, in median standard deviations between seeds.
    """
    rng = np.random.default_rng(7)
    final, truth = pool.final, pool.truth
    upper = np.argsort(-truth)[: len(truth) // 2]
    step = gain * float(np.median(final.std(axis=1, ddof=1)))
    said = dict.fromkeys(("paired", "welch", "means"), 0)
    for _ in range(REPLAYS):
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
    return {name: count / REPLAYS for name, count in said.items()}


def main() -> None:
    """Print a row for each pool, size and gain."""
    print("pool      configurations  seeds  gain   paired  welch  means")
    for pool in load_pools():
        for configurations, seeds in ((2, 3), (4, 2), (4, 3), (6, 3), (6, 5)):
            for gain in (0.0, 2.0):
                found = rates(pool, configurations, seeds, gain)
                row = "  ".join(f"{found[name]:6.1%}" for name in ("paired", "welch", "means"))
                print(f"{pool.name:8}  {configurations:14}  {seeds:5}  {gain:4}  {row}")


if __name__ == "__main__":
    main()
