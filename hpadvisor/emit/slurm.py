"""A plan as a Slurm array job: every task a worker on one journal on the shared disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import head, parallel_of, trials_of
from hpadvisor.emit.optuna import emit_optuna
from hpadvisor.planning.job_time import hours_of, job_time
from hpadvisor.planning.model import Plan

_MARK = "END_OF_SEARCH_SCRIPT"


def emit_slurm(
    plan: Plan,
    *,
    created_by: str,
    known: Sequence[dict[str, Any]] = (),
    standalone: bool = False,
) -> str:
    """Write a batch script that holds the Optuna script of the same plan.

    A first task sets the study up with the baseline, the others start staggered: a cold start of
    many workers at once is where storages break.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search over the same space.
        standalone: Whether the nodes need no hpadvisor, but Optuna alone.
    """
    workers = max(1, min(parallel_of(plan), trials_of(plan)))
    hours = hours_of(plan, "search")
    limit = "24:00:00" if hours is None else job_time(hours)
    said = "see how long one trial takes" if hours is None else f"planned: {hours:.3g} hours"
    notes = [
        "Run in the folder of your training, on a disk that all nodes see:",
        "  sbatch THIS_FILE module:function",
        f"Set --time and the resources below to your cluster ({said}).",
    ]
    script = emit_optuna(plan, created_by=created_by, known=known, standalone=standalone)
    lines = [
        "#!/bin/bash",
        head(plan, created_by, notes).rstrip("\n"),
        "#SBATCH --job-name=search",
        f"#SBATCH --array=0-{workers - 1}",
        f"#SBATCH --time={limit}",
        "#SBATCH --cpus-per-task=4",
        "#SBATCH --gpus-per-task=1",
        "#SBATCH --output=search-%A-%a.log",
        "set -euo pipefail",
        'target="${1:?give the training as module:function}"',
        'task="${SLURM_ARRAY_TASK_ID:-0}"',
        'journal="${JOURNAL:-$PWD/journal.log}"',
        'script="$PWD/tune-${SLURM_ARRAY_JOB_ID:-local}.py"',
        'if [ "$task" -eq 0 ]; then',
        f"  cat > \"$script.part\" <<'{_MARK}'",
        script.rstrip("\n"),
        _MARK,
        '  mv "$script.part" "$script"',
        "fi",
        "# The first task writes the script and the study; the others come one after another.",
        "waited=0",
        'until [ -s "$script" ]; do',
        "  sleep 2",
        "  waited=$((waited + 2))",
        '  if [ "$waited" -gt 3600 ]; then echo "task 0 has not started" >&2; exit 1; fi',
        "done",
        'sleep "$((task * ${STAGGER_SECONDS:-5}))"',
        "export TUNE_WORKER=0  # each task sees its own devices",
        'python "$script" --target "$target" --storage "$journal" --seed 0',
    ]
    return "\n".join(lines) + "\n"
