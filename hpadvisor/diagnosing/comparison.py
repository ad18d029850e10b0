"""Several runs side by side: which did best, and which setting made the difference."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.readers.curves.roles import tokens

_SKIP = frozenset(("seed", "run", "name", "id", "path", "dir", "time", "version", "save"))
"""Words of settings that name a run rather than change it."""

_MOST_LINES = 4


def compare(runs: Sequence[RunDiagnosis]) -> list[str]:
    """What the comparison of several runs says, a sentence a line; empty for one run."""
    ranked = sorted(
        (run for run in runs if run.best is not None and math.isfinite(run.best)),
        key=lambda run: run.best or 0.0,
    )
    if len(ranked) < 2:
        return []
    kinds = {"val_loss" if "val_loss" in run.columns else "train_loss" for run in ranked}
    if len(kinds) > 1:
        return ["some runs log validation and some do not: their losses are not compared"]
    loss = "validation loss" if kinds == {"val_loss"} else "training loss"
    best, worst = ranked[0], ranked[-1]
    lines = [
        f"lowest {loss}: {_short(best.source)} with {_reached(best)}; "
        f"highest: {_short(worst.source)} with {_reached(worst)}"
    ]
    return lines + _differences(ranked)[: _MOST_LINES - 1]


def _reached(run: RunDiagnosis) -> str:
    """The best loss of a run; said with it, where the run diverged afterwards."""
    return f"{run.best:.4g}" + (" before it diverged" if run.verdict == "diverged" else "")


def _short(source: str) -> str:
    path, _, name = source.replace("\\", "/").partition("#")
    if name and not name.isdecimal():
        return name
    return "/".join(path.split("/")[-2:]) + (f"#{name}" if name else "")


def _differences(ranked: list[RunDiagnosis]) -> list[str]:
    """Settings that differ between runs, the one that orders the losses best first."""
    names = {name for run in ranked for name in run.config}
    found: list[tuple[float, str]] = []
    for name in sorted(names):
        if _SKIP & set(tokens(name)):
            continue
        pairs = [(run.config[name], run.best) for run in ranked if name in run.config]
        if len({str(value) for value, _ in pairs}) < 2 or len(pairs) < 2:
            continue
        found.append(_association(name, [(value, best or 0.0) for value, best in pairs]))
    found.sort(key=lambda item: -item[0])
    return [text for share, text in found if share >= 0.5]


def _association(name: str, pairs: list[tuple[object, float]]) -> tuple[float, str]:
    """Share of the spread of losses that lies between the values of one setting."""
    groups: dict[str, list[float]] = {}
    for value, best in pairs:
        groups.setdefault(str(value), []).append(best)
    losses = [best for _, best in pairs]
    middle = sum(losses) / len(losses)
    total = sum((loss - middle) ** 2 for loss in losses)
    between = sum(
        len(group) * (sum(group) / len(group) - middle) ** 2 for group in groups.values()
    )
    share = between / total if total > 0 else 0.0
    free = len(pairs) - len(groups)
    means = {value: sum(group) / len(group) for value, group in groups.items()}
    winner = min(means, key=lambda value: means[value])
    listed = ", ".join(f"{value}: {means[value]:.4g}" for value in list(means)[:6])
    if free <= 0:
        return share * 0.8, f"{name} differs between all runs ({listed}); best at {winner}"
    return share, f"{name} goes with {share:.0%} of the difference ({listed}); best at {winner}"
