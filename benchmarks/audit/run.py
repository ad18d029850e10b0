"""False alarms and detections of the audit's checks, on replays of two pools of real trainings.

Run: ``OMP_NUM_THREADS=1 python -m benchmarks.audit.run [REPLAYS]`` (200 replays take about five
minutes on one core). Writes ``benchmarks/audit/RESULTS.md``; the naive rules stand beside ours.
The digits pool is not part of the repository; without it only the other one is replayed.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.audit import measures, stopping
from benchmarks.audit.pools import HERE, load_pools

COUNTS = (20, 30, 60, 100)
MEASURES = {
    "Noise: estimate over truth": measures.noise_estimate,
    "Tie set: holds the truly best of the tried (target 0.90)": measures.tie_set,
    "Optimism of the best score": measures.optimism,
    "Best at a bound: false alarms per search (target 0.15)": measures.bounds,
    "Baseline beaten: false with nothing better (target 0.10)": measures.baseline,
    "Importance: a dummy called important (target 0.10)": measures.dummy,
    "Little but noise": measures.signal,
    "Chance of a new best": measures.new_best_law,
}


def _cell(value: Any) -> str:
    return f"{float(value):.3g}" if isinstance(value, int | float | np.number) else str(value)


def _table(rows: list[dict[str, Any]]) -> list[str]:
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(_cell(row[name]) for name in names) + " |" for row in rows]
    return [*lines, ""]


def main(replays: int) -> None:
    """Measure everything and write the results."""
    pools = load_pools()
    if len(pools) < 2:
        print("the digits pool is not beside the repository: only the patches are replayed")
    lines = ["# Replays of searches", "", f"{replays} replays each; written by `run.py`.", ""]
    lines += ["## Stop rules (targets: loses half a point in 0.10, spends 0.70)", ""]
    rows = [
        {"pool": pool.name} | row
        for pool in pools
        for row in stopping.stop_rules(pool, replays, np.random.default_rng(11))
    ]
    lines += _table(rows)
    for title, measure in MEASURES.items():
        rows = []
        for pool in pools:
            for count in COUNTS:
                row = measure(pool, count, replays, np.random.default_rng(count))
                rows.append({"pool": pool.name, "trials": count} | row)
        if measure is measures.new_best_law:
            rows = [{"pool": r["pool"], "trials": r["trials"]} | _short(r) for r in rows]
        lines += [f"## {title}", "", *_table(rows)]
        print("\n".join(lines[-len(rows) - 5 :]), flush=True)
    (HERE / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """The law's columns under names that do not hold the number of trials."""
    values = [value for name, value in row.items() if name not in ("pool", "trials")]
    return dict(zip(("law_quarter", "seen_quarter", "law_same", "seen_same"), values, strict=True))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
