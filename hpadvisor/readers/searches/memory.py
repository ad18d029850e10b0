"""What a search of ours wrote down of its plan, in the words of the readers.

The form is that of ``hpadvisor.search.memory``: one attribute of the study, plain data. A later
version of it, or a part that is not as expected, is left out rather than misread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpadvisor.readers.searches.record import Memory, Study
from hpadvisor.readers.searches.values import number

KEY, VERSION = "hpadvisor", 1
AUDITED = "audited"
"""What audits on the way of a search have changed; see ``hpadvisor.search.growing``."""
SEARCH, CONFIRMATION = "search", "confirm"
"""Names of the two studies that a search of ours leaves in one storage."""


def remember(study: Study, attributes: Mapping[str, Any]) -> None:
    """Give a study what its attributes remember, in place.

    Args:
        study: As it was read.
        attributes: The user attributes of the study.
    """
    _fill_opened(study, attributes.get(AUDITED))
    raw = attributes.get(KEY)
    if not isinstance(raw, Mapping) or raw.get("version") != VERSION:
        return
    described = [*_listed(raw, "hyperparameters"), *_listed(raw, "space")]
    memory = Memory(
        known=True,
        roles={item["name"]: str(item["role"]) for item in described if item.get("role")},
        held=dict(raw["held_fixed"]) if isinstance(raw.get("held_fixed"), Mapping) else {},
        noise=number(raw.get("noise")),
        situation=dict(raw["situation"]) if isinstance(raw.get("situation"), Mapping) else {},
        headline=str(raw.get("headline") or ""),
    )
    for item in _listed(raw, "hyperparameters"):
        low, high = number(item.get("low")), number(item.get("high"))
        if isinstance(item.get("choices"), list) and item["choices"]:
            memory.choices[item["name"]] = list(item["choices"])
        elif low is not None or high is not None:
            memory.limits[item["name"]] = (low, high)
    budget = raw.get("budget")
    if isinstance(budget, Mapping):
        trials = number(budget.get("trials"))
        memory.planned = None if trials is None else int(trials)
        memory.trainings = number(budget.get("trainings"))
        memory.hours = number(budget.get("hours"))
    memory.examples = number(memory.situation.get("data.validation_examples"))
    baseline = raw.get("baseline")
    memory.baseline = dict(baseline) if isinstance(baseline, Mapping) else {}
    study.memory = memory
    metric = raw.get("metric")
    if not study.metric and isinstance(metric, str):
        study.metric = metric


def _listed(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = raw.get(key)
    items = found if isinstance(found, list) else []
    return [i for i in items if isinstance(i, Mapping) and isinstance(i.get("name"), str)]


def _fill_opened(study: Study, audited: Any) -> None:
    """Give trials from before a dimension was opened the value that it was held at, in place."""
    for one in audited if isinstance(audited, list) else []:
        for item in _listed(one, "space") if isinstance(one, Mapping) else []:
            if "held" not in item:
                continue
            for trial in study.trials:
                if trial.params and item["name"] not in trial.params:
                    trial.params.update(_held(item))


def _held(item: Mapping[str, Any]) -> dict[str, Any]:
    """What a dimension was held at; where that is off, by its switch, beside the range."""
    if "switch" not in item:
        return {item["name"]: item["held"]}
    off = item["held"] == item.get("off")
    return {item["switch"]: not off, **({} if off else {item["name"]: item["held"]})}


def add_confirmation(study: Study, confirmed: Study) -> None:
    """Give the trials of a search the scores of their confirmation, as repetitions, in place.

    Args:
        study: The search.
        confirmed: Its confirmation, its trials numbered as in the search.
    """
    scores = {trial.number: trial for trial in confirmed.trials if len(trial.replicates) > 1}
    taken = 0
    for trial in study.trials:
        again = scores.get(trial.number)
        if again is None or trial.value is None or trial.replicates:
            continue
        trial.replicates, taken = (trial.value, *again.replicates), taken + 1
    if taken:
        study.notes.append(
            f"{taken} trials were confirmed on fresh seeds in the same storage: these scores tell "
            "the noise."
        )
