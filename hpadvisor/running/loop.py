"""The loop: baseline, diagnosis, search by the plan, audit, confirmation, report.

Each step stands in the run's folder when it is done. The same command goes on from there.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from hpadvisor.errors import UserError
from hpadvisor.facts.situation.reading import build_situation
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.running.baseline import (
    SOURCE,
    Baseline,
    repeats_for,
    score_words,
    train_baseline,
)
from hpadvisor.running.beyond import unspent
from hpadvisor.running.changing import Judging, Tried, restated_by, try_changes
from hpadvisor.running.children import end_orphans
from hpadvisor.running.clock import hours_for_search
from hpadvisor.running.confirming import with_confirmation
from hpadvisor.running.documents import make_folder, read_json, write_json
from hpadvisor.running.fixing import searched_in_full
from hpadvisor.running.holding import held_values, held_words, nothing_to_search
from hpadvisor.running.placeholders import CommandLine
from hpadvisor.running.training import Outcome, Report
from hpadvisor.showing import Showable

if TYPE_CHECKING:
    from hpadvisor.auditing.model import Audit
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.searches.review import Review
    from hpadvisor.facts.situation.model import Budget
    from hpadvisor.planning.model import Plan


class Training(Protocol):
    """What trains once: a command, or a function."""

    @property
    def root(self) -> Path:
        """The run's folder."""

    @property
    def command(self) -> CommandLine:
        """The placeholders that are filled."""

    def __call__(self, params: Mapping[str, Any], report: Report, seed: int = 0) -> float:
        """Train once."""

    def train(self, params: Mapping[str, Any], report: Report, seed: int = 0) -> Outcome:
        """Train once, and return all that is known of it."""

    def values(self, params: Mapping[str, Any], seed: int) -> dict[str, Any]:
        """Return what fills the placeholders."""

    def with_held(self, held: Mapping[str, Any]) -> Training:
        """Return the same training with the values of what is not searched."""

    def with_score_of(self, outcome: Outcome) -> Training:
        """Return the same training, its score that of another one, where nobody named it."""

    def arguments(self, values: Mapping[str, Any], folder: Path) -> list[str]:
        """Return the command that is started."""

    def prepared(self, values: Mapping[str, Any], folder: Path) -> list[str]:
        """Make what the command needs in a folder, and return the command."""


Until = Literal["baseline", "changes", "search", "confirm"]
FEWEST_FOR_CHANGES = 12
"""Trainings of the whole budget from which a change of the diagnosis is tried by itself."""
SEARCH = "search.json"
"""The plan as the search has it; written once, so that a run goes on by the same plan."""


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out.

    Attributes:
        root: Its folder.
        workers: Processes.
        seed: Of the search and of its trainings.
        storage: Where the study is kept; a journal in the folder where None.
        until: The last step.
        repeats: Further seeds of the baseline; by the budget where None.
        trials: Trials of the search; the plan's where None.
        changes: Changes that the diagnosis advises, tried before the search at most.
        max_failures: Failures in a row, other than of configurations, that end the search.
        audits: Whether an audit on the way may end the search where more is hardly worth it, from
            three quarters of it on; one that can gain nothing at all ends in any case.
        widens: Whether such an audit may widen its space, and open what the plan held.
        engine: Who places the trials: worker processes of ``optuna``, or a cluster of ``ray``.
        cpus_per_trial: CPU cores of a training, for a cluster.
        gpus_per_trial: GPUs of a training, for a cluster.
    """

    root: Path
    workers: int = 1
    seed: int = 0
    storage: str | None = None
    until: Until = "confirm"
    repeats: int | None = None
    trials: int | None = None
    changes: int = 1
    max_failures: int = 3
    audits: bool = False
    widens: bool = True
    engine: Literal["optuna", "ray"] = "optuna"
    cpus_per_trial: float = 1
    gpus_per_trial: int = 0

    @property
    def study(self) -> str:
        """The storage of the study."""
        return self.storage or str(self.root / "journal.log")


@dataclass(repr=False)
class RunResult(Showable):
    """What a run gave.

    Attributes:
        baseline: Trainings of the baseline.
        plan: The plan that was carried out.
        winner: The configuration to go on with; None where only the baseline was trained.
        score: Its mean score.
        verdict: What is to be thought of it, in one or two sentences.
        command: Its command, ready to paste.
        audit: The audit of the search.
        review: The statistics behind it.
        tried: Changes that were tried before the search.
        widened: What audits on the way widened or opened, a line each.
        ended: Why the search ended before its budget was spent; empty where it did not.
        folder: Where everything of it stands.
        seconds: Seconds of this call.
    """

    baseline: Baseline
    plan: Plan
    winner: dict[str, Any] | None = None
    score: float = math.nan
    verdict: str = ""
    command: list[str] = field(default_factory=list)
    audit: Audit | None = None
    review: Review | None = None
    tried: list[Tried] = field(default_factory=list)
    ended: str = ""
    widened: list[str] = field(default_factory=list)
    folder: str = ""
    seconds: float = 0.0


class Loop:
    """A run of a training command by a plan.

    Args:
        training: The command.
        statements: What is said of the situation, the command's hyperparameters included.
        knowledge: The rules of planning.
        options: How to carry it out.
        judge: Judges the logs of trainings.
        say: Is told what happens, line by line.

    Attributes:
        maximizes: Whether higher scores are better, by the plan.
        planned_trainings: Full trainings that the plan takes.
        last_said: The last that was said of the search; empty before.
        todays: Where today's values come from, in a line; empty where the user said them.
    """

    def __init__(
        self,
        training: Training,
        statements: Sequence[Statement],
        knowledge: Knowledge,
        options: RunOptions,
        *,
        judge: Judging,
        say: Callable[[str], object],
    ) -> None:
        self.training, self.options = training, options
        self._statements, self._knowledge = list(statements), knowledge
        self._judge, self._say = judge, say
        self._tried: list[Tried] = []
        self._planned_by: list[Statement] = []
        self.maximizes = True
        self.planned_trainings = 0.0
        self.last_said = self.todays = ""

    def plan(self, found: Baseline | None = None) -> Plan:
        """Compose the plan, with what the baseline says where it is trained.

        Raises:
            UserError: there is nothing that a search could do.
        """
        said = {statement.path: statement.value for statement in self._statements}
        statements = list(self._statements)
        if found is not None:
            if found.before is not None:
                statements += restated_by(statements, found.params)
            statements += found.statements(said)
        self._planned_by = statements
        left = self._left(statements, found, known=False)
        plan = self._composed([*statements, *left])
        if found is not None and self._too_many(plan, found):
            left = self._left(statements, found, known=True)
            plan = self._composed([*statements, *left])
        plan = searched_in_full(plan, left, lambda more: self._composed([*statements, *more]))
        if not plan.search_steps:
            raise nothing_to_search(plan, self.training.command)
        self.training = self.training.with_held(held_values(plan, self.training.command))
        self.maximizes = plan.objective.get("direction") != "minimize"
        self.planned_trainings = plan.trainings
        return plan

    def run(self) -> RunResult:
        """Carry out everything up to the step that was asked for.

        Raises:
            TrainingFailedError: the baseline gave no score.
            UserError: there is nothing to search, or the search cannot be set up.
        """
        began = time.monotonic()
        for folder in end_orphans(self.options.root / "trials"):
            self._say(f"Ended what a killed run had left behind ({folder}).")
        first = self.plan()
        for line in filter(None, (self.todays, held_words(first, self.training.command))):
            self._say(line)
        found = self._first(first)
        plan = first if self.options.until == "baseline" else self.plan(found)
        result = RunResult(found, plan, tried=self._tried, folder=str(self.options.root))
        if self.options.until in ("search", "confirm"):
            self._search(result)
        result.seconds = time.monotonic() - began
        return result

    def _first(self, plan: Plan) -> Baseline:
        """Train the baseline and its changes: one process of this machine, the others wait."""
        from hpadvisor.search.locks import locked

        make_folder(self.options.root)
        with locked(str(self.options.root / "baseline")):
            found = self.baseline(plan)
            return found if self.options.until == "baseline" else self._changed(plan, found)

    def baseline(self, plan: Plan) -> Baseline:
        """Train the baseline of a plan; what was trained before counts."""
        from hpadvisor.planning.search_data import search_data

        params = search_data(plan)["baseline"]
        repeats = self.options.repeats
        if repeats is None:
            takes_seed = "seed" in self.training.command.names
            repeats = repeats_for(plan.trainings_that_fit, takes_seed)
        found = train_baseline(
            self.training, params, seed=self.options.seed, repeats=repeats,
            diagnose=self._judge.diagnosis, say=self._say,
        )  # fmt: skip
        self.training = self.training.with_score_of(found.outcomes[0])
        words = score_words(found.outcomes[0])
        if words and not (self._says("task.metric") and self._says("task.direction")):
            self._say(words)
        return found

    def _changed(self, plan: Plan, found: Baseline) -> Baseline:
        """Try what the diagnosis of the baseline advises, where the budget has room for it."""
        fits = plan.trainings_that_fit
        if fits is not None and fits < FEWEST_FOR_CHANGES:
            return found
        best, self._tried = try_changes(
            self.training, plan, found, self.options.changes, self._judge,
            seed=self.options.seed, say=self._say,
        )  # fmt: skip
        return best

    def _composed(self, statements: Sequence[Statement]) -> Plan:
        from hpadvisor.planning.composer import build_plan

        situation, provenance = build_situation(statements, self._knowledge.vocabulary())
        return build_plan(situation, provenance, self._knowledge)

    def _budget(self, statements: Sequence[Statement]) -> Budget:
        return build_situation(statements, self._knowledge.vocabulary())[0].budget

    def _too_many(self, plan: Plan, found: Baseline) -> bool:
        """Whether a plan that takes the baseline's score as told asks for more than is left."""
        budget = self._budget(self._statements)
        if not plan.search_steps or not plan.search_steps[0].baseline_known:
            return False
        done = self._done(found)
        return budget.trainings is not None and plan.trainings + done > budget.trainings

    def _done(self, found: Baseline) -> int:
        return len(found.first.outcomes) + len(self._tried)

    def _left(
        self, statements: Sequence[Statement], found: Baseline | None, *, known: bool
    ) -> list[Statement]:
        """Take what was trained so far off the budget.

        Args:
            statements: What is said of the situation.
            found: The baseline; None before it is trained.
            known: Whether the search takes its score as told; else it is the first of its trials.
        """
        if found is None:
            return []
        budget = self._budget(statements)
        more = self._done(found) - (0 if known else 1)
        left: list[Statement] = []
        if budget.trainings is not None:
            left.append(Statement("budget.trainings", max(budget.trainings - more, 1), SOURCE))
        if budget.hours is not None:
            spent = found.spent - (0 if known else found.outcomes[0].seconds / 3600)
            left.append(Statement("budget.hours", max(budget.hours - spent, found.hours), SOURCE))
        return left

    def certain(self, plan: Plan) -> list[tuple[str, list[str]]]:
        """Return origin and command of the trainings that hang on no result."""
        from hpadvisor.planning.search_data import search_data
        from hpadvisor.running.searching import Searching

        planned = Searching(self.training, search_data(plan), self.options).planned()
        found = []
        for number, (origin, params) in enumerate(planned):
            values = self.training.values(params, self.options.seed)
            folder = self.options.root / "trials" / f"{number:04d}"
            found.append((origin, self.training.arguments(values, folder)))
        return found

    def data(self, plan: Plan, found: Baseline) -> dict[str, Any]:
        """Return the search of a plan as plain data; of a run that goes on, the one it has."""
        from hpadvisor.planning.search_data import search_data

        path = self.options.root / SEARCH
        kept = read_json(path)
        if kept is not None:
            return kept
        made: dict[str, Any] = {**search_data(plan), "held_dimensions": self._openable(plan)}
        budget = self._budget(self._statements)
        made["unspent"] = unspent(budget.trainings, self._done(found), made)
        made["hours"] = hours_for_search(budget.hours, found, plan)
        takes_seed = "seed" in self.training.command.names
        if takes_seed and self.options.until == "confirm" and self.options.trials is None:
            made = with_confirmation(made, found)
        write_json(path, made)
        return made

    def _tell_of_search(self, line: str) -> None:
        self.last_said = line
        self._say(line)

    def _openable(self, plan: Plan) -> list[dict[str, Any]]:
        """Return what the plan holds and the command can set, for audits on the way to open.

        Who said what to search, or asks for no wider space, keeps it.
        """
        from hpadvisor.planning.search_data import search_data
        from hpadvisor.running.widening import held_dimensions

        held = held_values(plan, self.training.command)
        if not held or not self.options.widens or self._says("search.tune"):
            return []
        every = Statement("search.tune", list(self.training.command.hyperparameters), SOURCE)
        try:
            space = search_data(self._composed([*self._planned_by, every]))["space"]
        except UserError:
            return []
        searched = [item.name for step in plan.search_steps for item in step.parameters]
        return held_dimensions(space, searched, held)

    def _says(self, path: str) -> bool:
        return any(statement.path == path for statement in self._statements)

    def _search(self, result: RunResult) -> None:
        from hpadvisor.running.searching import Searching

        searching = Searching(self.training, self.data(result.plan, result.baseline), self.options)
        result.ended = searching.search(result.baseline.noise, self._tell_of_search)
        result.widened = searching.changes()
        found = searching.audit(result.baseline.noise)
        if found is not None:
            result.audit, result.review = found
        if self.options.until == "confirm":
            searching.confirm()
        result.winner, result.score, result.verdict = searching.winner()
        if result.winner is not None:
            values = self.training.values(result.winner, self.options.seed)
            result.command = self.training.prepared(values, self.options.root / "winner")
