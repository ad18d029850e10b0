"""Optuna's journal storage: a log of operations, a JSON line each."""

from __future__ import annotations

import itertools
import json
from array import array
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.files import opened
from hpadvisor.readers.searches import optuna_common as common
from hpadvisor.readers.searches.files import paused_collection
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial, choose
from hpadvisor.readers.searches.values import number, timestamp

_CHUNK = 4096
_UPDATES = frozenset((5, 6, 7, 8, 9))


def read(path: str | Path, options: ReadOptions) -> Study:
    """Replay a journal and return one study.

    Traps: a study may be created twice (the second is void); updates of finished trials are
    void; the last line may be torn, because a worker is writing it or died.

    Raises:
        UserError: no such study, several, or a log that is not understood.
    """
    with paused_collection():
        replay = _Replay(path)
        try:
            with opened(Path(path), "utf-8") as stream:
                while lines := list(itertools.islice(stream, _CHUNK)):
                    replay.chunk(lines)
        except OSError as error:
            raise UserError(
                f"cannot be read ({error.strerror})", path=path, remedy="Check its permissions."
            ) from None
        return replay.study(options)


def _entry(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


class _Log:
    """A study as it is being replayed."""

    def __init__(self, name: str, directions: list[int]) -> None:
        self.name, self.directions = name, directions
        self.metrics: list[str] = []
        self.trials: list[_Member] = []
        self.space = common.Distributions()
        self.attributes: dict[str, Any] = {}
        self.deleted = False


class _Member:
    """A trial as it is being replayed."""

    __slots__ = ("curve", "ended", "log", "marks", "objectives", "trial")

    def __init__(self, log: _Log, trial: Trial) -> None:
        self.log, self.trial = log, trial
        self.ended = trial.state.is_end  # what comes after the end is void
        self.objectives: list[Any] | None = None
        self.curve: dict[float, float] = {}
        self.marks: dict[str, Any] = {}


class _Replay:
    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.logs: list[_Log] = []
        self.members: list[_Member] = []
        self.torn: list[int] = []
        self.lines = 0

    def chunk(self, lines: list[str]) -> None:
        """Apply some lines, parsed all at once where they are whole: a third of the time."""
        try:
            entries = json.loads(f"[{','.join(lines)}]")
        except ValueError:
            entries = []
        if len(entries) != len(lines):
            entries = [_entry(line) for line in lines]
        for entry in entries:
            self.lines += 1
            try:
                self._apply(entry["op_code"], entry)
            except (ValueError, KeyError, TypeError, IndexError):
                # A worker that died while writing leaves half a line; the rest of the log holds.
                self.torn.append(self.lines)

    def _apply(self, code: int, entry: dict[str, Any]) -> None:
        if code in _UPDATES:  # nearly all lines
            member = self.members[entry["trial_id"]]
            if not member.ended:
                self._update(code, member, entry)
        elif code == 4:
            self._create(entry)
        elif code == 0:
            if all(log.name != entry["study_name"] or log.deleted for log in self.logs):
                self.logs.append(_Log(str(entry["study_name"]), list(entry["directions"])))
        elif code == 1:
            self.logs[entry["study_id"]].deleted = True
        elif code == 3:
            names = entry["system_attr"].get("study:metric_names")
            if names:
                self.logs[entry["study_id"]].metrics = [str(name) for name in names]
        elif code == 2:
            self.logs[entry["study_id"]].attributes.update(entry["user_attr"])
        else:
            raise ValueError

    def _create(self, entry: dict[str, Any]) -> None:
        log = self.logs[entry["study_id"]]
        state = common.STATES[entry.get("state", 0)]
        trial = Trial(len(log.trials), state, start=timestamp(entry.get("datetime_start")))
        member = _Member(log, trial)
        for name, text in (entry.get("distributions") or {}).items():
            internal = entry["params"][name]
            trial.params[name] = log.space.value(name, text, internal)
        for step, value in (entry.get("intermediate_values") or {}).items():
            member.curve[float(step)] = float(value)
        member.objectives = entry.get("values") or (
            None if entry.get("value") is None else [entry["value"]]
        )
        trial.end = timestamp(entry.get("datetime_complete"))
        self._attributes(trial, entry.get("system_attrs") or {})
        member.marks.update(entry.get("user_attrs") or {})
        log.trials.append(member)
        self.members.append(member)

    def _update(self, code: int, member: _Member, entry: dict[str, Any]) -> None:
        trial = member.trial
        if code == 5:
            trial.params[entry["param_name"]] = member.log.space.value(
                entry["param_name"], entry["distribution"], entry["param_value_internal"]
            )
        elif code == 7:
            value = entry["intermediate_value"]
            member.curve[entry["step"]] = float("nan") if value is None else float(value)
        elif code == 8:
            member.marks.update(entry["user_attr"])
        elif code == 9:
            self._attributes(trial, entry["system_attr"])
        else:
            state = common.STATES[entry["state"]]
            if state is State.RUNNING and trial.state is State.RUNNING:
                return
            trial.state = state
            member.ended = state.is_end
            if entry.get("values") is not None:
                member.objectives = entry["values"]
            trial.start = timestamp(entry.get("datetime_start")) or trial.start
            trial.end = timestamp(entry.get("datetime_complete")) or trial.end

    @staticmethod
    def _attributes(trial: Trial, attributes: dict[str, Any]) -> None:
        trial.enqueued = trial.enqueued or "fixed_params" in attributes
        if common.broke_constraint(attributes.get("constraints")):
            trial.infeasible = True

    def study(self, options: ReadOptions) -> Study:
        notes = self._notes()
        logs = [log for log in self.logs if not log.deleted]
        log = logs[choose([log.name for log in logs], options.study, self.path)]
        objective = common.objective_index(
            [str(d) for d in log.directions], log.metrics, options, self.path
        )
        for member in log.trials:
            trial = member.trial
            if member.objectives is not None and objective < len(member.objectives):
                trial.value = number(member.objectives[objective])
            common.apply_script_attributes(trial, member.marks)
            order = sorted(member.curve)
            trial.steps = array("d", order)
            trial.values = array("d", (member.curve[step] for step in order))
        study = Study(
            log.name,
            "optuna",
            common.direction_name(log.directions[objective], options, self.path),
            log.metrics[objective] if objective < len(log.metrics) else "",
            list(log.space.space.values()),
            [member.trial for member in log.trials],
            str(self.path),
            notes,
        )
        return common.joined(study, [member.marks for member in log.trials], log.attributes)

    def _notes(self) -> list[str]:
        if not self.torn:
            return []
        if len(self.torn) > max(5, self.lines // 10):
            raise UserError(
                f"{len(self.torn)} of {self.lines} lines are not understood",
                path=self.path,
                line=self.torn[0],
                remedy="It is damaged, or from another version: export the trials as CSV.",
            )
        if self.torn == [self.lines]:
            return ["The last line is unfinished (a worker is writing, or died); it was left out."]
        places = ", ".join(str(place) for place in self.torn[:5])
        return [f"Unreadable lines were left out: {places}."]
