"""The anytime picture: mean regret by budget, a panel for each family."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from benchmarks.plans.contenders import BUDGETS, CONTENDERS
from benchmarks.plans.statistics import mean

COLORS = {
    "plan": "#c1121f", "TPE": "#1d3557", "TPE + median": "#457b9d", "random": "#8d99ae",
    "quasi-random": "#2a9d8f", "grid": "#e9c46a", "default": "#555555", "guide": "#b5838d",
}  # fmt: skip


def draw(results: Sequence[dict[str, Any]]) -> str:
    """Draw the mean regret of every contender by budget.

    Args:
        results: A family each.

    Returns:
        The picture as SVG; the same results give the same text.
    """
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "plans"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(results), figsize=(4 * len(results), 3.6), squeeze=False)
    for axis, result in zip(axes[0], results, strict=True):
        for name in ("plan", *CONTENDERS):
            points = [(b, mean(result, name, b)) for b in BUDGETS]
            known = [(b, value) for b, value in points if value is not None]
            if known and len(result["regret"][name]) == len(result["regret"]["plan"]):
                width = 2.6 if name == "plan" else 1.3
                axis.plot(*zip(*known, strict=True), label=name, color=COLORS.get(name),
                          linewidth=width, marker="o", markersize=3)  # fmt: skip
        axis.set_xscale("log")
        axis.set_xticks(BUDGETS, [str(budget) for budget in BUDGETS])
        axis.minorticks_off()
        axis.set_title(result["family"])
        axis.set_xlabel("trainings paid")
    axes[0][0].set_ylabel("mean regret")
    axes[0][-1].legend(fontsize=7, frameon=False)
    figure.tight_layout()
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
