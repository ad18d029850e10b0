"""A plan on Ray Tune: the library proposes, prunes and remembers, Ray places the trainings.

The study stands in a journal in the experiment's folder, so that a search that was stopped goes
on, and ``hpadvisor audit`` reads it like any other. Needs ray[tune] 2.40 or newer.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from hpadvisor.search.budget import stop_reason
from hpadvisor.search.command import outcome
from hpadvisor.search.comparison import compare
from hpadvisor.search.confirmation import confirmed, queue_confirmation
from hpadvisor.search.job import Job, Training
from hpadvisor.search.locks import locked
from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.problems import StoppedError, TuneError
from hpadvisor.search.reporting import confirmation_table, summary
from hpadvisor.search.space import suggest
from hpadvisor.search.study import make_study, open_study
from hpadvisor.search.targets import chosen_target, load_target, takes_seed
from hpadvisor.search.trials import is_baseline
from hpadvisor.search.words import wrapped
from hpadvisor.search.workers import WAIT, next_trial

# Ray 2.43 and later ask for this before train and tune report alike.
os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "0")
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")

from ray import init, is_initialized, tune
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import ConcurrencyLimiter, Searcher

METRIC, EPOCH = "score", "epoch"


class RayStudy:
    """A study whose trials Ray trains."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.study = open_study(job.plan, job.study, job.storage, job.seed, job.direction)
        self.trials: dict[str, optuna.Trial] = {}

    def begin(self, name: str) -> dict[str, Any] | str | None:
        """Return the next configuration; FINISHED where nothing is left, None for not yet."""
        with locked(self.job.storage):
            trial = next_trial(self.job, self.study, 0)
        if trial == WAIT:
            return None
        if trial is None:
            running = self.study.get_trials(deepcopy=False, states=[TrialState.RUNNING])
            return None if running else Searcher.FINISHED
        self.trials[name] = trial
        trial.set_user_attr("ray", name)
        if self.job.confirm:
            return {**trial.user_attrs["params"], "seed": trial.user_attrs["seed"]}
        return {**suggest(self.job.plan.space, trial)}

    def goes_on(self, name: str, step: int, value: float) -> bool:
        """Take a score along a training; tell whether the training goes on."""
        trial = self.trials.get(name)
        if trial is None:
            return True
        trial.report(value, step)
        attrs = trial.user_attrs
        bound = is_baseline(trial) or bool(attrs.get("whole")) or self.job.confirm
        late = step >= attrs.get("most_steps", math.inf)
        if math.isfinite(value) and (bound or not (late or trial.should_prune())):
            return True
        self.end(name, None)
        return False

    def end(self, name: str, value: float | None, error: str = "") -> None:
        """Tell the study how a training has ended; without a value it was pruned, or it failed."""
        trial = self.trials.pop(name, None)
        if trial is None:
            return
        if error:
            trial.set_user_attr("error", error[:300])
            self.study.tell(trial, state=TrialState.FAIL)
        elif value is None or not math.isfinite(value):
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self.study.tell(trial, value)


_STUDIES: dict[tuple[str, str], RayStudy] = {}


def ray_study(job: Job) -> RayStudy:
    """Return the study of a job, one and the same for searcher and scheduler."""
    key = (str(job.storage), job.study)
    if key not in _STUDIES:
        _STUDIES[key] = RayStudy(job)
    return _STUDIES[key]


class PlanSearcher(Searcher):  # type: ignore[misc, unused-ignore]
    """Proposes what the plan does: start points, the model, the budget's last part."""

    def __init__(self, job: Job) -> None:
        direction = job.direction or job.plan.direction
        super().__init__(metric=METRIC, mode="min" if direction == "minimize" else "max")
        self.job = job

    def suggest(self, trial_id: str) -> Any:
        """Return the next configuration."""
        return ray_study(self.job).begin(trial_id)

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Tell the study how a trial has ended."""
        value = (result or {}).get(METRIC)
        reason = "the training failed; Ray's folder of the trial has the error" if error else ""
        ray_study(self.job).end(trial_id, value, reason)

    def save(self, checkpoint_path: str) -> None:
        """Save nothing: the journal has it all."""
        Path(checkpoint_path).write_text("the study is in the journal\n", encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Restore nothing: the journal has it all."""


class PlanScheduler(FIFOScheduler):  # type: ignore[misc, unused-ignore]
    """Ends trials where the plan prunes."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """Decide on a score along a training."""
        if EPOCH not in result or result.get("last"):
            return str(TrialScheduler.CONTINUE)
        study = ray_study(self.job)
        going = study.goes_on(trial.trial_id, int(result[EPOCH]), float(result[METRIC]))
        return str(TrialScheduler.CONTINUE if going else TrialScheduler.STOP)


def trainable_of(job: Job, folder: str) -> Any:
    """Return what Ray trains: it reports every epoch, and the final score as the last."""
    names = [item["name"] for item in job.plan.space]

    def trainable(config: dict[str, Any]) -> None:
        sys.path.insert(0, folder)
        function = load_target(job.target) if isinstance(job.target, str) else job.target
        seed = int(config.get("seed", job.seed)) if "seed" not in names else job.seed
        keywords = {"seed": seed} if takes_seed(function) else {}

        def report(epoch: int, value: float) -> None:
            tune.report({METRIC: float(value), EPOCH: int(epoch)})

        params = {name: config[name] for name in names}
        value = float(function(params, report, **keywords))
        tune.report({METRIC: value, EPOCH: 0, "last": True})

    return trainable


def on_cluster(
    job: Job, study: optuna.Study, *, folder: Path, workers: int, cpus: float, gpus: float
) -> None:
    """Let a Ray cluster, or this machine, train what a job has left to do.

    Args:
        job: What to train; its storage is on a disk that all nodes see.
        study: The search, or the confirmation.
        folder: Where Ray keeps its own records.
        workers: Trials at a time.
        cpus: CPU cores of a training.
        gpus: GPUs of a training, or a part of one.

    Raises:
        StoppedError: every training failed.
    """
    if not is_initialized():
        init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False)
    options = argparse.Namespace(workers=workers, cpus=cpus, gpus=gpus, folder=folder)
    _STUDIES.pop((str(job.storage), job.study), None)
    _train(job, study, options)


def tune_job(job: Job, options: argparse.Namespace) -> None:
    """Let Ray train what a job has left to do."""
    folder = getattr(options, "folder", None) or Path(str(job.storage)).parent
    resources = {"cpu": options.cpus, "gpu": options.gpus}
    tuner = tune.Tuner(
        tune.with_resources(trainable_of(job, str(Path.cwd())), resources),
        tune_config=tune.TuneConfig(
            num_samples=-1,
            search_alg=ConcurrencyLimiter(PlanSearcher(job), max_concurrent=options.workers),
            scheduler=PlanScheduler(job),
        ),
        run_config=tune.RunConfig(
            name=folder.name + ("-confirm" if job.confirm else ""),
            storage_path=str(folder.parent),
            verbose=0,
        ),
    )
    tuner.fit()


def main(
    plan: Mapping[str, Any],
    function: Training | None = None,
    arguments: Sequence[str] | None = None,
) -> int:
    """Run a script's command on Ray Tune; return its exit code.

    Args:
        plan: The plan, as plain data.
        function: The function that trains once, where the script holds it.
        arguments: The command's arguments; the process's where None.
    """

    def work() -> None:
        read = read_plan(plan)
        _command(read, function, _parser(read).parse_args(arguments))

    return outcome(work)


def _command(plan: SearchPlan, function: Training | None, options: argparse.Namespace) -> None:
    folder = Path(options.storage).expanduser().absolute() / options.name
    folder.mkdir(parents=True, exist_ok=True)
    job = Job(
        plan=plan, target=chosen_target(options.target, function),
        storage=str(folder / "journal.log"), seed=options.seed,
        direction=options.direction, trials=options.trials or plan.trials,
        ceiling=None if options.trials else plan.trainings, confirm=options.confirm,
    )  # fmt: skip
    if not is_initialized():
        init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False)
    if not job.confirm:
        study = make_study(plan, job.storage, job.seed, job.direction)
        _train(job, study, options)
        name = Path(sys.argv[0]).name
        command = f"python {name} --storage {options.storage} --name {options.name}"
        if options.target:
            command += f" --target {options.target}"
        sys.stdout.write(summary(study, job, command) + "\n")
        return
    finalists, study = queue_confirmation(job, seeds=options.seeds)
    _train(job, study, options)
    rows = confirmed(study, finalists)
    if not rows:
        raise TuneError("no training of the confirmation came through")
    verdict = "\n".join(wrapped(compare(rows, job.direction != "minimize")))
    sys.stdout.write(f"{confirmation_table(plan.space, rows)}\n\n{verdict}\n")


def _train(job: Job, study: optuna.Study, options: argparse.Namespace) -> None:
    """Train what is left to do, and say where nothing came of it."""
    before = study.get_trials(deepcopy=False)
    if stop_reason(job, before):
        return
    tune_job(job, options)
    after = study.get_trials(deepcopy=False)
    failed = [t for t in after[len(before) :] + before if t.state == TrialState.FAIL]
    if failed and not any(t.state == TrialState.COMPLETE for t in after):
        raise StoppedError(
            "every training failed; Ray's folder of each trial has its error. Mend the function "
            "and give the same command again"
        )


def _parser(plan: SearchPlan) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Search hyperparameters with Ray Tune, by a plan. RAY_ADDRESS names a cluster;"
        " without it this machine is used. The same command again goes on where it stopped."
    )
    add = parser.add_argument
    add("--target", metavar="MODULE:FUNCTION", help="the function that trains once")
    add("--storage", default="~/ray_results", metavar="DIR", help="where results go")
    add("--name", default="search", help="name of the experiment's folder in it")
    add("--seed", type=int, default=0, metavar="S", help="seed of the search and the trainings")
    add("--trials", type=int, metavar="N", help="trials in all (the plan's, if not given)")
    add("--workers", type=int, default=plan.workers, metavar="N", help="trials at a time")
    add("--cpus", type=float, default=1, metavar="N", help="CPU cores of a training")
    add("--gpus", type=float, default=0, metavar="N", help="GPUs of a training, or a part of one")
    ways = ["maximize", "minimize"]
    add("--direction", choices=ways, default=plan.direction, help="of the score")
    add("--confirm", action="store_true", help="train best and baseline again on fresh seeds")
    add("--seeds", type=int, metavar="N", help="fresh seeds of --confirm (the plan's)")
    return parser
