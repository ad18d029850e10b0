"""The score of a training from its logs, while it runs and at its end.

Logs are read by the readers of ``diagnose``: what the command prints, and any log in the trial's
folder. Where no reader finds the score, a pattern of plain text does: ``test accuracy = {score}``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from hpadvisor.errors import UserError, nearest
from hpadvisor.readers.curves.assembling import runs_of
from hpadvisor.readers.curves.discovery import find_logs
from hpadvisor.readers.curves.following import Follower
from hpadvisor.readers.curves.record import RunRecord
from hpadvisor.readers.curves.roles import read_name, tokens
from hpadvisor.readers.curves.tables import Floats, Table
from hpadvisor.running.children import OUTPUT

Take = Literal["last", "best", "at-best-validation"]
"""Which of a training's scores counts."""

PLACE = "{score}"
_SYNONYMS = {"acc": "accuracy", "valid": "val", "validation": "val", "dev": "val", "eval": "val"}
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf))", re.I)
_SCORES = ("val_metric", "val_loss", "train_metric", "train_loss")


@dataclass(frozen=True)
class Wanted:
    """Which score a run goes by.

    Attributes:
        metric: Its name as logged; None takes the validation score, else the validation loss.
        direction: ``maximize`` or ``minimize``; None goes by what the name says.
        take: The last value, the best one, or the one where the validation loss is best.
        pattern: A line of the output with ``{score}`` in it, in place of the readers.
    """

    metric: str | None = None
    direction: str | None = None
    take: Take = "last"
    pattern: str | None = None


@dataclass
class Scores:
    """The scores of one training so far.

    Attributes:
        column: Their name in the log.
        positions: Where each was logged (n,), in units of the axis.
        values: The scores (n,).
        axis: ``epoch``, ``step`` or ``row``.
        maximize: Whether higher is better; None where nobody says it.
        run: The run that they are a part of; None where a pattern found them.
    """

    column: str
    positions: Floats
    values: Floats
    axis: str = "row"
    maximize: bool | None = None
    run: RunRecord | None = None

    def epochs(self, planned: float | None) -> Floats:
        """Positions counted in epochs from the start (n,); counts of scores where unknown.

        Args:
            planned: Epochs of the whole training, where that is known.
        """
        if self.axis == "epoch":
            return self.positions + (1.0 if self.positions[0] == 0 else 0.0)
        run = self.run
        if run is not None and run.epoch_length:
            return self.positions / run.epoch_length
        if run is not None and run.planned and planned:
            return self.positions / run.planned * planned
        return np.arange(1, len(self.values) + 1, dtype=np.float64)

    def score(self, take: Take) -> float:
        """Return the score that counts.

        Raises:
            UserError: it needs a validation loss, and none is logged.
        """
        if take == "last":
            return float(self.values[-1])
        if take == "best":
            known = self.values[np.isfinite(self.values)]
            best = known.max if self.maximize is not False else known.min
            return float(best()) if len(known) else math.nan
        return self._at_best_validation()

    def _at_best_validation(self) -> float:
        losses = self.run.series.get("val_loss") if self.run is not None else None
        if losses is None or not np.isfinite(losses.y).any():
            raise UserError(
                "no validation loss is logged beside it", path=self.column,
                remedy="Take the last or the best score.",
            )  # fmt: skip
        place = losses.x[int(np.nanargmin(np.where(np.isfinite(losses.y), losses.y, np.nan)))]
        return float(self.values[int(np.argmin(np.abs(self.positions - place)))])


class ScoreReader:
    """Follows the logs of one training.

    Args:
        folder: The trial's folder.
        wanted: Which score.
    """

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self._folder, self._wanted = folder, wanted
        self._followers: dict[Path, Follower] = {}
        self._found: dict[Path, Scores] = {}
        self._columns: list[str] = []

    def look(self, *, ended: bool = False) -> Scores | None:
        """Read what is new; return the scores so far, None where there are none yet.

        Args:
            ended: Whether the training is over, so that a line without an end is whole.
        """
        if self._wanted.pattern is not None:
            return by_pattern(self._folder / OUTPUT, self._wanted, ended=ended)
        for path in self._logs():
            follower = self._followers.setdefault(path, Follower(path))
            try:
                tables = follower.tables(ended=ended)
                found = None if tables is None else self._scores(tables)
            except (UserError, OSError):  # not a log (yet), or it was moved away
                continue
            if found is not None:
                self._found[path] = found
        # A file that a program wrote for programs comes before what it printed for people.
        return max(
            self._found.values(), key=lambda s: (s.run is not None and s.run.format != "console",
                                                 len(s.values)), default=None,
        )  # fmt: skip

    def missing(self) -> str:
        """Say in one line why no score was found, and what to do."""
        if self._wanted.pattern is not None:
            return f"no line of its output is like '{self._wanted.pattern}'"
        named = [name for name in self._columns if not name.isdigit()]
        if not named:
            return (
                "neither its output nor a log in its folder holds a score that can be read; say "
                "--score-pattern 'accuracy: {score}', or write a CSV into {trial_dir}"
            )
        wanted = self._wanted.metric or "a loss or score"
        hint = nearest(wanted, named)
        return f"{wanted} is not logged (logged: {', '.join(named[:12])}). {hint}".strip()

    def _logs(self) -> list[Path]:
        output = self._folder / OUTPUT
        try:
            found = [path for path in find_logs([str(self._folder)]) if path != output]
        except UserError:
            found = []
        return [*found, output]

    def _scores(self, tables: list[Table]) -> Scores | None:
        found = None
        for table in tables:
            self._columns = list(dict.fromkeys([*self._columns, *table.columns]))
            found = scores_in(table, self._wanted) or found
        return found


def scores_in(table: Table, wanted: Wanted) -> Scores | None:
    """Return the wanted scores of a table; None where it does not hold them."""
    mapping: dict[str, str] = {}
    if wanted.metric is not None:
        column = column_of(wanted.metric, table)
        if column is None:
            return None
        read = read_name(column)
        role = read.role if read is not None and read.role in _SCORES else "val_metric"
        mapping = {role: column}
    runs = list(runs_of(table, mapping))
    roles = list(mapping) or [role for role in _SCORES if runs and role in runs[-1].series]
    if not runs or not roles or roles[0] not in runs[-1].series:
        return None
    series = runs[-1].series[roles[0]]
    if wanted.metric is None and series.column.isdigit():  # a number without a name says nothing
        return None
    return Scores(
        series.column, series.x, series.y, runs[-1].axis,
        _maximizes(wanted, roles[0], runs[-1]), runs[-1],
    )  # fmt: skip


def column_of(metric: str, table: Table) -> str | None:
    """Return the column that a name means: the very name, the same words, or all of its words."""
    if metric in table.columns:
        return metric
    asked = _words(metric)
    found = {name: _words(name) for name in table.columns if table.columns[name].present.any()}
    same = [name for name, words in found.items() if words == asked]
    if not same:
        within = [name for name, words in found.items() if set(asked) <= set(words)]
        same = sorted(within, key=lambda name: len(found[name]))[:1]
    return same[0] if same else None


def by_pattern(output: Path, wanted: Wanted, *, ended: bool = True) -> Scores | None:
    """Return the scores that lines of an output show by a pattern of plain text."""
    values = list(_by_pattern(output, wanted.pattern or "", ended))
    if not values:
        return None
    maximize = None if wanted.direction is None else wanted.direction == "maximize"
    positions = np.arange(1, len(values) + 1, dtype=np.float64)
    return Scores(wanted.pattern or "", positions, np.asarray(values), "row", maximize)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that finds nothing.

    Raises:
        UserError: it does not hold ``{score}`` once, with some text before it.
    """
    before, place, _ = pattern.partition(PLACE)
    if not place or not before.strip() or pattern.count(PLACE) > 1:
        raise UserError(
            f"'{pattern}' needs {PLACE} once, with some text before it",
            path="--score-pattern", remedy="Such as 'test accuracy: {score}'.",
        )  # fmt: skip


def _by_pattern(output: Path, pattern: str, ended: bool) -> Iterator[float]:
    before, _, after = pattern.partition(PLACE)
    try:
        with output.open("r", encoding="utf-8", errors="replace", newline=None) as stream:
            for line in stream:
                place = line.rfind(before) if ended or line.endswith("\n") else -1
                match = _NUMBER.match(line, place + len(before)) if place >= 0 else None
                if match and line[match.end() :].lstrip().startswith(after.strip()):
                    yield float(match[1])
    except OSError:
        return


def _maximizes(wanted: Wanted, role: str, run: RunRecord) -> bool:
    if wanted.direction is not None:
        return wanted.direction == "maximize"
    return not role.endswith("loss") and run.higher_is_better


def _words(name: str) -> list[str]:
    return [_SYNONYMS.get(word, word) for word in tokens(name)]
