"""The summary of a search, and the table of a confirmation."""

from __future__ import annotations

from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.search.budget import stop_reason, total_cost
from hpadvisor.search.comparison import Finalist
from hpadvisor.search.growing import grown
from hpadvisor.search.job import Job
from hpadvisor.search.plan import SearchPlan
from hpadvisor.search.recovery import MAX_ATTEMPTS
from hpadvisor.search.space import Space, configuration
from hpadvisor.search.trials import is_baseline, is_lost, own_trials, ranked
from hpadvisor.search.words import described, wrapped

MOST_GIVEN_UP = 5


def summary(study: optuna.Study, job: Job, command: str) -> str:
    """Say what the search found, what it cost, and what comes next.

    Args:
        study: The search.
        job: What was asked for.
        command: The command that was given, for the one that follows.
    """
    plan = grown(job.plan, study)
    trials = own_trials(study.get_trials(deepcopy=False))
    count = {state: sum(trial.state == state for trial in trials) for state in TrialState}
    failed = sum(trial.state == TrialState.FAIL and not is_lost(trial) for trial in trials)
    best = ranked(study)
    lines = [
        stop_reason(job, trials),
        f"{count[TrialState.COMPLETE]} complete, {count[TrialState.PRUNED]} pruned, "
        f"{failed} failed; {total_cost(plan, trials):.1f} full trainings paid.",
        "",
        f"  trial  {plan.metric or 'value'} ({study.direction.name.lower()})",
    ]
    baseline = [trial for trial in best if is_baseline(trial)]
    for trial in [*best[:5], *(t for t in baseline if t not in best[:5])]:
        mark = "  <- baseline" if trial in baseline else ""
        lines.append(f"  {trial.number:>5}  {trial.values[0]:<12.6g}{mark}")
        lines += wrapped(_params_of(plan.space, trial), " " * 9)
    lines += _given_up(plan, trials)
    if plan.stop_when:
        lines += ["", "When to stop:"]
        lines += [line for rule in plan.stop_when for line in wrapped(rule, "  - ")]
    if plan.confirm and best:
        lines += ["", *wrapped(_confirm_words(plan)), f"  {command} --confirm"]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _given_up(plan: SearchPlan, trials: Sequence[FrozenTrial]) -> list[str]:
    """Return what is said of configurations that ended their processes, the last few of them."""
    lines = []
    for trial in trials:
        attrs = trial.user_attrs
        if "killed" in attrs and "error" in attrs:
            why = attrs["error"]
        elif is_lost(trial) and attrs.get("attempt", 1) >= MAX_ATTEMPTS:
            why = f"its process ended {MAX_ATTEMPTS} times, nobody knows why"
        else:
            continue
        lines.append(f"Given up, {why}: {_params_of(plan.space, trial)}")
    shown = lines[-MOST_GIVEN_UP:]
    if len(lines) > len(shown):
        shown.insert(0, f"{len(lines)} configurations are given up; the last of them:")
    return ["", *(line for text in shown for line in wrapped(text))] if shown else []


def confirmation_table(space: Space, rows: Sequence[Finalist]) -> str:
    """Return the finalists, the best mean first, with their scores on the fresh seeds."""
    lines = ["  trial  mean        in the search  on fresh seeds"]
    for row in rows:
        trial, each = row.trial, ", ".join(f"{value:.6g}" for value in row.values.values())
        before = f"{trial.values[0]:<13.6g}" if trial.values else f"{'-':<13}"
        mark = "  <- baseline" if row.baseline else ""
        lines.append(f"  {trial.number:>5}  {row.mean:<10.6g}  {before}  {each}{mark}")
        lines += wrapped(_params_of(space, trial), " " * 9)
    return "\n".join(lines)


def _params_of(space: Space, trial: FrozenTrial) -> str:
    return described(configuration(space, trial.params, trial.user_attrs))


def _confirm_words(plan: SearchPlan) -> str:
    settings = plan.confirm or {}
    return (
        f"Next: the best score of a search is too good. Train {settings['finalists']} "
        f"configurations, the best ones and the baseline, again on {settings['seeds']} fresh "
        "seeds, and choose by the mean:"
    )
