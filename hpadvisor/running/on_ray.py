"""The trials of a run on a Ray cluster: the same study, the same commands; Ray places them.

The run's folder, the data and the program must be on a disk that all nodes see.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hpadvisor.errors import UserError
from hpadvisor.running.training import CommandTraining
from hpadvisor.search.job import Job

if TYPE_CHECKING:
    import optuna

    from hpadvisor.running.loop import RunOptions


def train_on_ray(job: Job, study: optuna.Study, options: RunOptions) -> None:
    """Let Ray train what a job has left to do.

    Args:
        job: The search, or its confirmation.
        study: Its study.
        options: Workers, and what each trial needs.

    Raises:
        UserError: Ray is not installed.
        StoppedError: every training failed.
    """
    os.environ.setdefault("RAY_CHDIR_TO_TRIAL_DIR", "0")
    try:
        from hpadvisor.search.on_ray import on_cluster
    except ImportError:
        raise UserError(
            "Ray Tune is not installed", path="--engine ray",
            remedy="pip install 'ray[tune]'",
        ) from None  # fmt: skip
    if isinstance(job.target, CommandTraining) and job.target.cwd is None:
        job = replace(job, target=replace(job.target, cwd=Path.cwd()))
    on_cluster(
        job, study, folder=options.root / "ray", workers=options.workers,
        cpus=options.cpus_per_trial, gpus=options.gpus_per_trial,
    )  # fmt: skip
