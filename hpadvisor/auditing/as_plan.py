"""An audit as a plan: the next search and the confirmation, for the emitters."""

from __future__ import annotations

from typing import Any

from hpadvisor.auditing.model import Audit, NextParameter
from hpadvisor.auditing.next_space import inside
from hpadvisor.errors import UserError
from hpadvisor.facts.searches.review import Review
from hpadvisor.planning.model import Held, Parameter, Plan, Stated, Step
from hpadvisor.readers.searches.record import Memory, State, Study

_LEAST, _MOST = 10, 200
_STARTUP = 5


def plan_of(audit: Audit, found: Review, trials: int | None = None) -> Plan:
    """Turn the next space into a plan that any emitter can write.

    Args:
        audit: The audit.
        found: The statistics behind it.
        trials: Trials of the next search; those that the outlook looked at, if not given.

    Returns:
        A search over the next space, its first trial the old baseline (else the best trial), and
        the confirmation.

    Raises:
        UserError: too few trials for a next space.
    """
    if not audit.next_space:
        raise UserError(
            "too few trials for a next space",
            path="--emit",
            remedy="Ten are the least: go on with the search first.",
        )
    count = trials or _trials(found)
    switches = switches_of(audit)
    memory = found.study.memory
    parameters = [
        _parameter(item, 0.0 if item.name in switches.values() else None, memory)
        for item in audit.next_space
        if item.name not in switches
    ]
    score = _score_of_baseline(found)
    search = Step(
        name="Next search",
        purpose="Search around the good trials, beyond the bounds that cut them.",
        kind="search",
        parameters=parameters,
        strategy="bayesian",
        sampler={"name": "tpe", "startup": "quasirandom", "startup_trials": _STARTUP},
        pruner={"name": "none"},
        trials=count,
        trainings=float(count),
        baseline=_first(audit, found),
        baseline_known=score is not None,
        stop_when=[
            "Stop when the rest is unlikely to gain more than the noise: hpadvisor audit says it."
        ],
    )
    return Plan(
        verdict="tune",
        headline=f"Search {len(parameters)} parameters of '{audit.study.name}' again, "
        f"in {count} trials around the good ones.",
        reasons=[],
        situation=_situation(memory, score),
        objective={"metric": audit.study.metric or None, "direction": audit.study.direction},
        steps=[search, _confirm()],
        hyperparameters=_described(found.study),
        held_fixed=[
            Held(name=name, value=value, why="the first plan left it alone")
            for name, value in memory.held.items()
        ],
    )


def _score_of_baseline(found: Review) -> float | None:
    """The score of the old baseline, which is then not trained again."""
    from hpadvisor.facts.searches.judging import baseline_trial

    trial = baseline_trial(found.study.trials, found.options.baseline)
    return trial.value if trial is not None and trial.state is State.COMPLETE else None


def _situation(memory: Memory, score: float | None) -> dict[str, Stated]:
    """What the old search remembers of the training, so that the next one remembers it, too."""
    found = {
        path: Stated(value=value, source="the plan of the search")
        for path, value in memory.situation.items()
    }
    if score is not None:
        found["task.current"] = Stated(value=score, source="the baseline of the search")
    return found


def _described(study: Study) -> list[dict[str, Any]]:
    """The hyperparameters with what the user's code accepts, as the old search remembers it."""
    described = []
    for parameter in study.parameters:
        low, high = study.memory.limits.get(parameter.name, (None, None))
        values = {
            "name": parameter.name, "role": parameter.role or None, "low": low, "high": high,
            "choices": study.memory.choices.get(parameter.name),
        }  # fmt: skip
        if study.memory.known:
            described.append({key: value for key, value in values.items() if value is not None})
    return described


def _trials(found: Review) -> int:
    more = _LEAST if found.gain is None else found.gain.more
    return min(_MOST, max(_LEAST, more))


def _confirm() -> Step:
    return Step(
        name="Confirm", purpose="Finalists and baseline on fresh seeds.", kind="confirm",
        strategy="manual", trials=6, seeds=3, trainings=18,
    )  # fmt: skip


def switches_of(audit: Audit) -> dict[str, str]:
    """Find switches beside a range, as emitted scripts make them: ``use_X`` and ``X``.

    Returns:
        The ranged parameter by its switch; where the switch is false, it is 0.
    """
    names = {item.name for item in audit.next_space if item.choices is None}
    return {
        item.name: item.name.removeprefix("use_").rstrip("_")
        for item in audit.next_space
        if item.name.startswith("use_")
        and item.name.removeprefix("use_").rstrip("_") in names
        and item.choices is not None
        and all(isinstance(choice, bool) for choice in item.choices)
    }


def _joined(params: dict[str, Any], switches: dict[str, str]) -> dict[str, Any]:
    """A configuration without its switches: what is switched off is 0."""
    off = {name: 0.0 for switch, name in switches.items() if params.get(switch) is False}
    return {name: value for name, value in {**params, **off}.items() if name not in switches}


def _parameter(item: NextParameter, off: float | None, memory: Memory) -> Parameter:
    low, high = memory.limits.get(item.name, (None, None))
    values = item.model_dump(exclude={"change", "reason", "off", "legal"})
    legal = None
    if item.low is not None and item.high is not None and low is not None and high is not None:
        legal = (low, high) if low < item.low or high > item.high else None
    return Parameter(**values, off=off, legal=legal)


def _first(audit: Audit, found: Review) -> dict[str, Any]:
    """The old baseline where it was run, else the best trial; whole, by the new space."""
    from hpadvisor.facts.searches.judging import baseline_trial

    trial = baseline_trial(found.study.trials, found.options.baseline)
    if trial is None and len(found.table):
        trial = found.table.trials[found.table.best]
    names = {item.name for item in audit.next_space}
    params = {} if trial is None else trial.params
    chosen = {name: value for name, value in params.items() if name in names}
    return _joined(chosen, switches_of(audit))


def known_trials(audit: Audit, found: Review, limit: int = 1000) -> list[dict[str, Any]]:
    """The old trials that lie in the next space, for a search that carries them along.

    Args:
        audit: The audit, with a next space.
        found: The statistics behind it.
        limit: At most so many, the best first.

    Returns:
        Dicts of ``params``, ``value`` and ``number``. Only complete trials count: the score of a
        pruned one is of another budget.
    """
    switches = switches_of(audit)
    order = [int(i) for i in (-found.table.y).argsort(kind="stable")]
    known = []
    for index in order:
        trial = found.table.trials[index]
        params = {item.name: trial.params.get(item.name) for item in audit.next_space}
        fits = all(
            value is not None and inside(item, value)
            for item, value in zip(audit.next_space, params.values(), strict=True)
        )
        if fits and trial.state is State.COMPLETE:
            known.append(
                {
                    "number": trial.number,
                    "value": trial.value,
                    "params": _joined(params, switches),
                }
            )
        if len(known) == limit:
            break
    return known
