"""One training: the user's function is called, and the study is told what came of it."""

from __future__ import annotations

import math
import time
import traceback

import optuna
from optuna.trial import TrialState

from hpadvisor.search.job import Job, Report, Training
from hpadvisor.search.plan import Params
from hpadvisor.search.problems import TrainingError
from hpadvisor.search.space import suggest
from hpadvisor.search.targets import takes_seed
from hpadvisor.search.words import described, say


def train_once(job: Job, study: optuna.Study, trial: optuna.Trial, function: Training) -> bool:
    """Train once and tell the study; return whether there is reason to go on."""
    params, seed, prunable = _assignment(job, trial)
    keywords = {"seed": seed} if takes_seed(function) else {}
    report = _reporter(job, trial, prunable)
    try:
        value = float(function(params, report, **keywords))
        if not math.isfinite(value):
            raise optuna.TrialPruned("diverged")
        study.tell(trial, value)
        outcome = f"{value:.6g}"
    except optuna.TrialPruned as pruned:
        study.tell(trial, state=TrialState.PRUNED)
        outcome = str(pruned) or "pruned"
    except TrainingError as error:
        trial.set_user_attr("error", str(error)[:300])
        # Optuna's samplers learn nothing from failures; pruned without a score counts as bad.
        bad = TrialState.PRUNED if error.of_configuration else TrialState.FAIL
        study.tell(trial, state=bad)
        say(f"trial {trial.number}: failed: {error}  {described(params)}")
        return error.of_configuration
    except (Exception, SystemExit) as error:
        trial.set_user_attr("error", f"{type(error).__name__}: {error}"[:300])
        study.tell(trial, state=TrialState.FAIL)
        say("".join(traceback.format_exception(error)).rstrip())
        outcome = "failed"
    except BaseException:
        study.tell(trial, state=TrialState.FAIL)  # without an error: it is queued again
        raise
    say(f"trial {trial.number}: {outcome}  {described(params)}")
    return outcome != "failed"


def _assignment(job: Job, trial: optuna.Trial) -> tuple[Params, int, bool]:
    """Return what to train: the configuration, its seed, and whether it may be pruned."""
    if job.confirm:
        attrs = trial.user_attrs
        return attrs["params"], attrs["seed"], False
    # The baseline is what all others are measured by, so it always runs to its end.
    attrs = trial.user_attrs
    prunable = attrs.get("origin") != "baseline" and not attrs.get("whole")
    return suggest(job.plan.space, trial), job.seed, prunable


def _reporter(job: Job, trial: optuna.Trial, prunable: bool) -> Report:
    most = trial.user_attrs.get("most_steps") if prunable else None
    warned, epochs, limit, begun = False, job.plan.epochs, job.trial_seconds, time.monotonic()

    def report(step: int, value: float) -> None:
        nonlocal warned
        if epochs and step > 3 * epochs and not warned:
            warned = True
            say(f"report({step}, ...): the plan counts in epochs, about {epochs:g} a trial")
        if limit is not None and time.monotonic() - begun > limit:
            raise TimeoutError(f"the training took longer than {limit:g} s")
        trial.report(float(value), int(step))
        if not math.isfinite(value):
            raise optuna.TrialPruned("diverged")
        if most is not None and step >= most:
            raise optuna.TrialPruned("the budget's last part")
        if trial.should_prune() and prunable:
            raise optuna.TrialPruned

    return report
