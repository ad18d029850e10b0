"""Would scores fitted to losses of steps too judge them better? As a command.

``python -m benchmarks.clinic paces``

Each kind of log with a training loss is fitted twice, with whole tasks held out: to epochs alone,
as the scores that ship, and to both kinds of log at half the weight each. Both are judged on logs
of epochs and on logs of steps apart. Takes five minutes; the test part is never read here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.clinic.cases import STEPPED, Case, cases_of, stepped
from benchmarks.clinic.fit import calibrated, chances, cross_validated
from benchmarks.clinic.held_out import HEADER, points_of
from hpadvisor.facts.facts import Facts

_NOT_LOSSES = ("curve.train_metric.", "curve.val_metric.", "curve.learning_rate.")


def paces(records: list[dict[str, Any]]) -> str:
    """Figures of each kind of log, fit and pace, as a Markdown table."""
    cases = [replace(case, row=row) for row, case in enumerate(cases_of(records))]
    lines = [HEADER]
    for kind in STEPPED:
        judged = _judged(cases, kind)
        logs = [case for part in judged.values() for case in part]
        fits = {"epochs": cases, "both": cases + stepped(cases, kind)}
        for name, fitted in fits.items():
            raw, _ = cross_validated(fitted, kind, fitted + logs)
            held = chances(raw[len(fitted) :], calibrated(raw[: len(fitted)], fitted))
            for part, found in zip(judged, np.split(held, len(judged)), strict=True):
                row = points_of(found, [case.truth for case in cases])
                lines.append(row.row(f"{kind}: {part}, fitted to {name}"))
    return "\n".join(lines)


def _judged(cases: list[Case], kind: str) -> dict[str, list[Case]]:
    """The logs of each pace; those of the training loss alone hold nothing else."""
    logs = {"epochs": cases, "steps": stepped(cases, kind, counted=True)}
    if kind != "training":
        return logs
    logs["steps, epochs not logged"] = stepped(cases, kind, counted=False)
    return {name: [_loss_alone(case) for case in part] for name, part in logs.items()}


def _loss_alone(case: Case) -> Case:
    kept = {fact.name: fact for fact in case.facts if not fact.name.startswith(_NOT_LOSSES)}
    return replace(case, facts=Facts(kept))
