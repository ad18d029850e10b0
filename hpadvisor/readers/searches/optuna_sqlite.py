"""Optuna's SQLite storage."""

from __future__ import annotations

import json
import math
import sqlite3
from array import array
from collections import defaultdict
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import optuna_common as common
from hpadvisor.readers.searches.files import paused_collection
from hpadvisor.readers.searches.memory import KEY
from hpadvisor.readers.searches.record import ReadOptions, Study, Trial, choose
from hpadvisor.readers.searches.sqlite import columns, opened, tables
from hpadvisor.readers.searches.values import timestamp

KNOWN_SCHEMA = 12
_SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read one study of an Optuna database, also while the search is running.

    Traps: the stored value of a categorical is the index of its choice; infinities and NaN are
    NULL with a type beside them; a pruned trial has a value too, at its partial budget.

    Raises:
        UserError: no such study, several, or a database that is not understood.
    """
    with opened(path) as connection, paused_collection():
        rows = connection.execute("SELECT study_id, study_name FROM studies").fetchall()
        index = choose([str(row[1]) for row in rows], options.study, path)
        return _Reader(connection, path, options).study(int(rows[index][0]), str(rows[index][1]))


class _Reader:
    def __init__(self, db: sqlite3.Connection, path: str | Path, options: ReadOptions) -> None:
        self.db, self.path, self.options = db, path, options
        self.notes: list[str] = []

    def study(self, study_id: int, name: str) -> Study:
        self._check_schema()
        stored = [
            str(row[0])
            for row in self.db.execute(
                "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective",
                (study_id,),
            )
        ]
        metrics = self._metrics(study_id)
        objective = common.objective_index(stored, metrics, self.options, self.path)
        trials = self._trials(study_id)
        space = common.Distributions()
        self._params(study_id, trials, space)
        self._values(study_id, trials, objective)
        if len(stored) == 1:
            self._intermediate(study_id, trials)
        self._attributes(study_id, trials)
        marks: dict[int, dict[str, Any]] = {trial_id: {} for trial_id in trials}
        if "trial_user_attributes" in tables(self.db):
            _user_attributes(self.db, study_id, trials, marks)
        study = Study(
            name,
            "optuna",
            common.direction_name(stored[objective], self.options, self.path),
            metrics[objective] if objective < len(metrics) else "",
            list(space.space.values()),
            list(trials.values()),
            str(self.path),
            self.notes,
        )
        return common.joined(study, list(marks.values()), self._study_attributes(study_id))

    def _check_schema(self) -> None:
        row = self.db.execute(
            "SELECT schema_version, library_version FROM version_info"
        ).fetchone()
        if row and row[0] is not None and int(row[0]) > KNOWN_SCHEMA:
            self.notes.append(
                f"The database has schema {row[0]} (Optuna {row[1]}), newer than {KNOWN_SCHEMA}, "
                "the newest that is known here; what was needed was found."
            )

    def _metrics(self, study_id: int) -> list[str]:
        row = self.db.execute(
            "SELECT value_json FROM study_system_attributes "
            "WHERE study_id = ? AND key = 'study:metric_names'",
            (study_id,),
        ).fetchone()
        return [str(name) for name in json.loads(row[0])] if row else []

    def _study_attributes(self, study_id: int) -> dict[str, Any]:
        if "study_user_attributes" not in tables(self.db):
            return {}
        rows = self.db.execute(
            "SELECT key, value_json FROM study_user_attributes WHERE study_id = ? AND key = ?",
            (study_id, KEY),
        )
        return {str(key): json.loads(text) for key, text in rows}

    def _trials(self, study_id: int) -> dict[int, Trial]:
        found: dict[int, Trial] = {}
        rows = self.db.execute(
            "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials "
            "WHERE study_id = ? ORDER BY trial_id",
            (study_id,),
        )
        for place, (trial_id, number, state, start, end) in enumerate(rows):
            known = common.STATE_NAMES.get(state)
            if known is None:
                raise UserError(
                    f"trial {number} has the unknown state '{state}'",
                    path=self.path,
                    remedy="It comes from a newer Optuna: export the trials as CSV.",
                )
            found[trial_id] = Trial(
                place if number is None else number,
                known,
                start=timestamp(start),
                end=timestamp(end),
            )
        return found

    def _of_trials(self, study_id: int, table: str, wanted: str) -> sqlite3.Cursor:
        # The names are ours; only the study's number comes from the data.
        return self.db.execute(
            f"SELECT x.trial_id, {wanted} FROM {table} x JOIN trials t "  # noqa: S608
            "ON t.trial_id = x.trial_id WHERE t.study_id = ?",
            (study_id,),
        )

    def _params(
        self, study_id: int, trials: dict[int, Trial], space: common.Distributions
    ) -> None:
        wanted = "x.param_name, x.param_value, x.distribution_json"
        for trial_id, name, internal, text in self._of_trials(study_id, "trial_params", wanted):
            try:
                trials[trial_id].params[name] = space.value(name, text, internal)
            except (ValueError, KeyError, TypeError):
                raise UserError(
                    f"the distribution of parameter '{name}' is not understood",
                    path=self.path,
                    remedy="It comes from a newer Optuna: export the trials as CSV.",
                ) from None

    def _values(self, study_id: int, trials: dict[int, Trial], objective: int) -> None:
        typed = "value_type" in columns(self.db, "trial_values")
        wanted = f"x.objective, x.value, {'x.value_type' if typed else 'NULL'}"
        for trial_id, index, value, kind in self._of_trials(study_id, "trial_values", wanted):
            if index == objective:
                trials[trial_id].value = _number(value, kind)

    def _intermediate(self, study_id: int, trials: dict[int, Trial]) -> None:
        typed = "intermediate_value_type" in columns(self.db, "trial_intermediate_values")
        wanted = (
            f"x.step, x.intermediate_value, {'x.intermediate_value_type' if typed else 'NULL'}"
        )
        curves: dict[int, tuple[array[float], array[float]]] = defaultdict(
            lambda: (array("d"), array("d"))
        )
        rows = self._of_trials(study_id, "trial_intermediate_values", wanted)
        for trial_id, step, value, kind in rows:
            steps, values = curves[trial_id]
            steps.append(step)
            values.append(_number(value, kind))
        for trial_id, (steps, values) in curves.items():
            order = sorted(range(len(steps)), key=steps.__getitem__)
            trials[trial_id].steps = array("d", (steps[i] for i in order))
            trials[trial_id].values = array("d", (values[i] for i in order))

    def _attributes(self, study_id: int, trials: dict[int, Trial]) -> None:
        rows: Any = self.db.execute(
            "SELECT a.trial_id, a.key, a.value_json FROM trial_system_attributes a "
            "JOIN trials t ON t.trial_id = a.trial_id WHERE t.study_id = ? "
            "AND a.key IN ('fixed_params', 'constraints')",
            (study_id,),
        )
        for trial_id, key, text in rows:
            if key == "fixed_params":
                trials[trial_id].enqueued = True
            elif common.broke_constraint(json.loads(text)):
                trials[trial_id].infeasible = True


def _user_attributes(
    db: sqlite3.Connection,
    study_id: int,
    trials: dict[int, Trial],
    found: dict[int, dict[str, Any]],
) -> None:
    for trial_id, key, text in db.execute(
        "SELECT a.trial_id, a.key, a.value_json FROM trial_user_attributes a "
        "JOIN trials t ON t.trial_id = a.trial_id WHERE t.study_id = ? "
        "AND a.key IN ('exact', 'origin', 'finalist', 'params', 'role', 'seed')",
        (study_id,),
    ):
        found[trial_id][key] = json.loads(text)
    for trial_id, attributes in found.items():
        if attributes:
            common.apply_script_attributes(trials[trial_id], attributes)


def _number(value: float | None, kind: str | None) -> float:
    if value is not None:
        return float(value)
    return _SPECIAL.get(str(kind), math.nan)
