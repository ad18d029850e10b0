"""A function of the user's as a training, kept and repeated like a command."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpadvisor.running.documents import write_json
from hpadvisor.running.placeholders import CommandLine
from hpadvisor.running.training import (
    COMPLETE,
    FAILED,
    PRUNED,
    RESULT,
    Outcome,
    Report,
    known_outcome,
    new_folder,
)


@dataclass(frozen=True)
class FunctionTraining:
    """``module:function``, called with params, report and, where it takes one, the seed.

    Attributes:
        target: The function's name.
        root: The run's folder.
    """

    target: str
    root: Path

    def __call__(self, params: Mapping[str, Any], report: Report, seed: int = 0) -> float:
        """Train once."""
        return self.train(params, report, seed).score

    @property
    def command(self) -> CommandLine:
        """The placeholders that it has: the seed, where the function takes one."""
        from hpadvisor.search.targets import load_target, takes_seed

        return CommandLine(("{seed}",) if takes_seed(load_target(self.target)) else ())

    def with_held(self, held: Mapping[str, Any]) -> FunctionTraining:
        """Return itself: a function has values of its own for what is not searched."""
        return self

    def with_score_of(self, outcome: Outcome) -> FunctionTraining:
        """Return itself: what a function returns is its score."""
        return self

    def values(self, params: Mapping[str, Any], seed: int) -> dict[str, Any]:
        """Return what the function gets."""
        return {**params, "seed": seed}

    def arguments(self, values: Mapping[str, Any], folder: Path) -> list[str]:
        """Return the call in words: there is no command to paste."""
        inside = ", ".join(f"{name}={value!r}" for name, value in values.items())
        return [self.target, inside]

    def prepared(self, values: Mapping[str, Any], folder: Path) -> list[str]:
        """Return the call in words: a function needs no folder."""
        return self.arguments(values, folder)

    def train(self, params: Mapping[str, Any], report: Report, seed: int = 0) -> Outcome:
        """Train once, or report again what the same training gave before."""
        from hpadvisor.search.targets import load_target, takes_seed

        values = self.values(params, seed)
        known = known_outcome(self.root, values)
        if known is not None:
            for position, score in zip(known.positions, known.scores, strict=True):
                report(max(round(position), 1), score)
            return known
        function = load_target(self.target)
        folder, began = new_folder(self.root), time.monotonic()
        positions: list[float] = []
        scores: list[float] = []

        def kept(step: int, value: float) -> None:
            positions.append(step)
            scores.append(value)
            report(step, value)

        status, score, error = PRUNED, math.nan, ""
        try:
            score = float(function(dict(params), kept, **({"seed": seed} if takes_seed(function)
                                                          else {})))  # fmt: skip
            status = COMPLETE
        except (Exception, SystemExit) as failure:
            if type(failure).__name__ != "TrialPruned":
                status, error = FAILED, f"{type(failure).__name__}: {failure}"
            raise
        finally:
            outcome = Outcome(
                folder, status, values, score, time.monotonic() - began, positions, scores, error
            )
            write_json(folder / RESULT, outcome.document())
        return outcome
