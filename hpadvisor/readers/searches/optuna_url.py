"""Optuna storages behind a URL (PostgreSQL, MySQL): read by Optuna itself."""

from __future__ import annotations

from array import array
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import optuna_common as common
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial, choose


def read(url: str, options: ReadOptions) -> Study:
    """Read a study of a database server by the optuna extra. Nothing is written to it.

    Raises:
        UserError: Optuna or the driver is not installed, no connection, or no such study.
    """
    shown = url.rsplit("@", maxsplit=1)[-1]  # never show a password
    try:
        import optuna
    except ImportError:
        raise UserError(
            "a database URL needs Optuna", path=shown, remedy="pip install 'hpadvisor[optuna]'."
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        storage = optuna.storages.RDBStorage(url, skip_table_creation=True)
        studies = storage.get_all_studies()
        names = [study.study_name for study in studies]
        frozen = studies[choose(names, options.study, shown)]
        members = storage.get_all_trials(frozen._study_id, deepcopy=False)
        metrics = storage.get_study_system_attrs(frozen._study_id).get("study:metric_names", [])
    except UserError:
        raise
    except Exception as error:  # drivers raise their own kinds
        text = " ".join(str(error).split("\n")[0].split())[:160]
        raise UserError(
            f"cannot be read ({text})",
            path=shown,
            remedy="Check the address, the driver and the rights.",
        ) from None
    stored = [direction.name for direction in frozen.directions]
    index = common.objective_index(stored, list(metrics), options, shown)
    space = common.Distributions()
    trials = [_trial(member, index, space) for member in members]
    study = Study(
        frozen.study_name,
        "optuna",
        common.direction_name(stored[index], options, shown),
        metrics[index] if index < len(metrics) else "",
        list(space.space.values()),
        trials,
        shown,
    )
    return common.joined(study, [member.user_attrs for member in members])


def _trial(member: Any, index: int, space: common.Distributions) -> Trial:
    from optuna.distributions import distribution_to_json

    for name, dist in member.distributions.items():
        space.value(name, distribution_to_json(dist), dist.to_internal_repr(member.params[name]))
    steps = sorted(member.intermediate_values)
    attributes = member.system_attrs
    trial = Trial(
        member.number,
        common.STATE_NAMES.get(member.state.name, State.FAILED),
        dict(member.params),
        member.values[index] if member.values else None,
        array("d", steps),
        array("d", (member.intermediate_values[step] for step in steps)),
        start=None if member.datetime_start is None else member.datetime_start.timestamp(),
        end=None if member.datetime_complete is None else member.datetime_complete.timestamp(),
        enqueued="fixed_params" in attributes,
        infeasible=common.broke_constraint(attributes.get("constraints")),
    )
    common.apply_script_attributes(trial, member.user_attrs)
    return trial
