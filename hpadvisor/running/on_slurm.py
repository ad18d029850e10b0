"""A run as jobs of Slurm: baseline and changes, an array that searches, one that confirms.

Each task is the very same ``hpadvisor run`` in the same folder, on a disk that all nodes see. No
task waits with its GPU held: Slurm starts a step when the one before it has come through.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from hpadvisor.errors import UserError
from hpadvisor.writing import write_text

if TYPE_CHECKING:
    from hpadvisor.planning.model import Plan
    from hpadvisor.running.loop import RunOptions

SCRIPT = "slurm.sh"
OWN_FLAGS = ("--engine", "--slurm", "--workers", "--until", "--report", "--gpus")
"""Flags of the submitting command that its tasks do not get, each with one value."""
STEPS = ("changes", "search", "confirm")


def write_script(words: Sequence[str], command: Sequence[str], options: RunOptions) -> Path:
    """Write what each task runs; its argument is the step that it goes up to.

    Args:
        words: The arguments of ``hpadvisor run`` before ``--``.
        command: Those behind it.
        options: Of the run.

    Returns:
        The script.
    """
    own = [*_without(words), "--yes"]
    tail = ["--", *command] if command else []
    run = shlex.join([sys.executable, "-m", "hpadvisor", "run", *own, "--until"])
    lines = [
        "#!/bin/bash",
        "# Written by hpadvisor run --engine slurm. Every task goes on with the same run.",
        f"#SBATCH --job-name={options.root.name}",
        f"#SBATCH --output={options.root}/slurm-%A-%a.log",
        f"#SBATCH --cpus-per-task={max(round(options.cpus_per_trial), 1)}",
        *([f"#SBATCH --gpus-per-task={options.gpus_per_trial}"] if options.gpus_per_trial else []),
        "set -eu",
        f"cd {shlex.quote(str(Path.cwd()))}",
        f'exec {run} "${{1:?changes, search or confirm}}" {shlex.join(tail)}'.rstrip(),
    ]
    options.root.mkdir(parents=True, exist_ok=True)
    path = options.root / SCRIPT
    write_text(path, "\n".join(lines) + "\n", force=True)
    return path


def submissions(
    script: Path,
    options: RunOptions,
    flags: Sequence[str],
    limits: Mapping[str, str] = MappingProxyType({}),
) -> list[list[str]]:
    """Return the calls of ``sbatch``, each step to follow the one before it.

    ``AFTER`` stands for the number of the job before.

    Args:
        script: What each task runs.
        options: Of the run.
        flags: The user's own, which win.
        limits: Time limit of each step.
    """
    found: list[list[str]] = []
    for step in STEPS[: _last(options.until) + 1]:
        array = [] if step == "changes" else [f"--array=0-{options.workers - 1}"]
        after = ["--dependency=afterok:AFTER"] if found else []
        limit = [f"--time={limits[step]}"] if step in limits else []
        found.append(["sbatch", "--parsable", *array, *after, *limit, *flags, str(script), step])
    return found


def says_time(flags: Sequence[str]) -> bool:
    """Whether flags of ``sbatch`` limit the time of a job."""
    return any(flag.startswith(("--time", "-t")) for flag in flags)


def time_limits(plan: Plan, options: RunOptions, flags: Sequence[str]) -> dict[str, str]:
    """Return the time limit of each step, where the plan knows how long its trainings take.

    Args:
        plan: The plan before the baseline.
        options: Of the run.
        flags: The user's own; who says a time there is not contradicted.
    """
    from hpadvisor.planning.job_time import hours_of, job_time

    if says_time(flags):
        return {}
    each = plan.situation.get("budget.hours_per_training")
    first = plan.budget_hours
    if each is not None and each.value is not None:
        repeats = 2 if options.repeats is None else options.repeats
        first = float(each.value) * (1 + repeats + options.changes)
    hours = {"changes": first, "search": hours_of(plan, "search"),
             "confirm": hours_of(plan, "confirm")}  # fmt: skip
    return {step: job_time(value) for step, value in hours.items() if value is not None}


def _last(until: str) -> int:
    return STEPS.index(until) if until in STEPS else 0


def submit(calls: Sequence[Sequence[str]]) -> list[str]:
    """Submit the steps; return the numbers of their jobs.

    Raises:
        UserError: there is no ``sbatch`` here, or it refuses a job.
    """
    if shutil.which("sbatch") is None:
        shown = "; ".join(shlex.join(call) for call in calls)
        raise UserError(
            "sbatch is not here", path="--engine slurm",
            remedy=f"On a node that has it, with each AFTER the number of the job before: {shown}",
        )  # fmt: skip
    numbers: list[str] = []
    for call in calls:
        words = [word.replace("AFTER", numbers[-1]) if numbers else word for word in call]
        done = subprocess.run(  # noqa: S603 - a list of arguments, and no shell
            words, capture_output=True, text=True, check=False, env=dict(os.environ)
        )
        if done.returncode:
            raise UserError(
                f"sbatch refused the job ({' '.join(done.stderr.split())[:300]})",
                path="--engine slurm", remedy="Say what your cluster needs by --slurm FLAG.",
            )  # fmt: skip
        numbers.append(done.stdout.strip().partition(";")[0])
    return numbers


def _without(words: Sequence[str]) -> list[str]:
    """Return arguments without the flags of the submitting command."""
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in OWN_FLAGS:
            skip = True
        elif word.partition("=")[0] not in OWN_FLAGS and word not in ("--yes", "-y"):
            found.append(word)
    return found
