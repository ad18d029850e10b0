"""The search of a run: carried out by the search library, audited, confirmed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpadvisor.errors import UserError
from hpadvisor.running.beyond import listed_item, next_value, score_of
from hpadvisor.running.clock import hours_taken
from hpadvisor.running.confirming import MOST_SEEDS
from hpadvisor.search.job import FIRST_SEED

if TYPE_CHECKING:
    import optuna

    from hpadvisor.auditing.model import Audit
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.searches.review import Review
    from hpadvisor.running.loop import RunOptions, Training
    from hpadvisor.search.comparison import Finalist
    from hpadvisor.search.growing import Audited
    from hpadvisor.search.job import Job

AUDITED_AT = (0.5, 0.75)
"""Shares of the planned trials after which a search is audited on its way."""
WIDENED_AT = 0.35
"""Share after which it is audited for the first time, to widen its space only."""
TRIED = 0.25
"""Share of the planned trials that a space gets that was widened, before an audit may say stop."""
BEYOND = "beyond-"
"""Origin of what is trained after a list of values."""
FEWEST_TO_AUDIT, FEWEST_TO_WIDEN = 10, 15
"""Trials from which an audit can say anything of what is still to come, or of ends."""


class Searching:
    """A search over a space that is known as plain data.

    Args:
        training: What trains once.
        data: The plan as the search reads it.
        options: Workers, seed, storage.
    """

    def __init__(self, training: Training, data: dict[str, Any], options: RunOptions) -> None:
        from hpadvisor.search.plan import read_plan

        self._training, self._options = training, options
        self._plan = read_plan(data)
        self._held: list[dict[str, Any]] = data.get("held_dimensions", [])
        self._unspent = int(data.get("unspent", 0))
        self._hours: float | None = data.get("hours")
        self._deadline: float | None = None
        self._first_seed = int(data.get("first_seed", FIRST_SEED))
        self._rows: list[Finalist] = []
        self._knowledge: Knowledge | None = None

    def search(self, noise: float | None, say: Callable[[str], object]) -> str:
        """Search until the plan's budget is spent, or an audit on the way says stop.

        What was done before counts.

        Args:
            noise: Standard deviation between seeds, where the baseline showed it.
            say: Is told what happens.

        Returns:
            Why it ended before its budget; empty where it did not.

        Raises:
            StoppedError: too many trials in a row failed, or workers died.
            TuneError: the storage cannot be used.
        """
        self._make_folder()
        self._start_clock()
        for pause in self._pauses():
            self._run(pause)
            if self._over():
                return self._out_of_time(say)
            made = self._audited(pause, noise)
            for change in made["changes"] if made else []:
                say(f"The audit after {pause} trials widens the search: {change}")
            if made and made["stop"]:
                say(f"The audit after {pause} trials says stop: {made['stop']}")
                return f"stopped after {pause} trials: {made['stop']}"
        self._run(None)
        if self._over():
            return self._out_of_time(say)
        self._beyond(say)
        return ""

    def _start_clock(self) -> None:
        """Say until when trainings may start; what a run before this one took counts."""
        if self._hours is not None:
            taken = hours_taken(self._study().get_trials(deepcopy=False))
            self._deadline = time.time() + 3600 * max(self._hours - taken, 0.0)

    def _over(self) -> bool:
        return self._deadline is not None and time.time() >= self._deadline

    def _out_of_time(self, say: Callable[[str], object]) -> str:
        """Say that the hours are over; empty where the search is done all the same."""
        from hpadvisor.search.trials import FINISHED, own_trials

        trials = own_trials(self._study().get_trials(deepcopy=False))
        ended = sum(trial.state in FINISHED for trial in trials)
        if ended >= self._planned:
            return ""
        say(f"The hours are over after {ended} of {self._planned} trials: some took longer than "
            "the baseline.")  # fmt: skip
        return f"the hours were over after {ended} of {self._planned} trials"

    def _beyond(self, say: Callable[[str], object]) -> None:
        """Spend what a list of values has left of the budget where the list says it tells most."""
        from optuna.trial import TrialState

        from hpadvisor.search.locks import locked
        from hpadvisor.search.study import enqueue
        from hpadvisor.search.trials import FINISHED, maximizes, own_trials, values_of

        item = listed_item(self._plan)
        if item is None or self._options.trials or self._options.engine == "ray":
            return
        study, name = self._study(), item["name"]
        for _ in range(2 * self._unspent):  # each may be killed once; never for ever
            trials = study.get_trials(deepcopy=False)
            ended = sum(t.state in FINISHED for t in own_trials(trials))
            origins = {str(t.user_attrs.get("origin")) for t in trials}  # a killed one has two
            count = sum(origin.startswith(BEYOND) for origin in origins)
            if count and any(t.state == TrialState.WAITING for t in trials):  # begun, and killed
                self._run(None, more=ended + 1)
                continue
            sign = 1.0 if maximizes(study) else -1.0
            tried = [(float(values_of(t)[name]), score_of(t, sign)) for t in trials
                     if t.state.is_finished() and name in values_of(t)]  # fmt: skip
            value = next_value(item, tried) if count < self._unspent else None
            if value is None:
                return
            say(f"{self._unspent - count} trainings are left: {name} {value:g} comes next.")
            with locked(self._options.study):
                enqueue(self._plan.space, study, {name: value}, f"{BEYOND}{count}")
            self._run(None, more=ended + 1)

    def changes(self) -> list[str]:
        """Return what audits on the way have widened or opened, a line each."""
        from hpadvisor.search.growing import audits_of

        made = audits_of(self._study())
        return [f"after {one['after']} trials: {line}" for one in made for line in one["changes"]]

    def _audited(self, pause: int, noise: float | None) -> Audited | None:
        """Audit the search on its way, once at each place; None where it cannot be read."""
        from hpadvisor.running.widening import decided, gains_nothing, keeps
        from hpadvisor.search.growing import audit_at, grown, write_audit

        study = self._study()
        before = audit_at(study, pause)
        if before is not None:
            return before
        found = self.audit(noise)
        if found is None:
            return None
        made = keeps(found[0], after=pause)
        if self._options.widens:
            space = grown(self._plan, study).space
            left = self._planned - pause
            made = decided(*found, space, self._held, after=pause, left=left)
        early = self._options.audits and pause >= self._stops_from(study)
        if not early and not gains_nothing(found[1]):
            made = {**made, "stop": None}
        return write_audit(study, self._options.study, made)

    def _study(self) -> optuna.Study:
        from hpadvisor.search.memory import SEARCH
        from hpadvisor.search.study import open_study

        return open_study(self._plan, SEARCH, self._options.study, self._options.seed)

    def _run(self, pause: int | None, more: int | None = None) -> None:
        from hpadvisor.search.study import make_study
        from hpadvisor.search.workers import run

        options = self._options
        if options.engine == "ray":
            from hpadvisor.running.on_ray import train_on_ray

            study = make_study(self._plan, options.study, options.seed, None)
            train_on_ray(self._job(), study, options)
            return
        left = None
        if self._deadline is not None:
            left = max(self._deadline - time.time(), 0.0) / 3600
        run(
            self._plan, self._training, trials=more or options.trials, storage=options.study,
            seed=options.seed, workers=options.workers, max_failures=options.max_failures,
            pause=pause, timeout_hours=left,
        )  # fmt: skip

    def _job(self, *, confirm: bool = False) -> Job:
        from hpadvisor.search.growing import grown
        from hpadvisor.search.job import Job

        options = self._options
        plan = grown(self._plan, self._study())
        return Job(
            plan, self._training, options.study, options.seed, None,
            options.trials or self._plan.trials, None if options.trials else self._plan.trainings,
            None, confirm=confirm, max_failures=options.max_failures, first_seed=self._first_seed,
        )  # fmt: skip

    def _pauses(self) -> list[int]:
        """Return after how many trials the search is audited on its way."""
        options = self._options
        if options.engine == "ray":
            return []
        places = [math.ceil(share * self._planned) for share in AUDITED_AT]
        places = [place for place in places if FEWEST_TO_AUDIT <= place < self._planned]
        first = max(math.ceil(WIDENED_AT * self._planned), FEWEST_TO_WIDEN)
        return [first, *places] if options.widens and places and first < places[0] else places

    @property
    def _planned(self) -> int:
        return self._options.trials or self._plan.trials

    def _stops_from(self, study: optuna.Study) -> int:
        """Return from how many trials on an audit may end the search: a new space is tried."""
        from hpadvisor.search.growing import audits_of

        changed = [one["after"] for one in audits_of(study) if one["changes"]]
        new = changed[-1] + TRIED * self._planned if changed else 0
        return math.ceil(max(AUDITED_AT[-1] * self._planned, new))

    def audit(self, noise: float | None) -> tuple[Audit, Review] | None:
        """Review the search; None where there is too little to read.

        Args:
            noise: Standard deviation between seeds, where the baseline showed it.
        """
        from hpadvisor.auditing.composer import compose_audit
        from hpadvisor.engine.loading import EXPLAINING, load_knowledge
        from hpadvisor.facts.searches.meaning import give_meaning
        from hpadvisor.facts.searches.review import ReviewOptions
        from hpadvisor.readers.searches.detect import read_search
        from hpadvisor.readers.searches.record import ReadOptions
        from hpadvisor.search.memory import SEARCH

        try:
            study = read_search(self._options.study, ReadOptions(study=SEARCH))
        except UserError:
            return None
        judging = ReviewOptions(noise=noise, planned=self._planned)
        if self._knowledge is None:
            self._knowledge = load_knowledge((), without=EXPLAINING)
        give_meaning(study, self._knowledge.vocabulary())
        return compose_audit(study, self._knowledge, judging)

    def confirm(self) -> None:
        """Train the finalists and the baseline again on fresh seeds, where the plan does."""
        from hpadvisor.search.confirmation import confirm, confirmed, queue_confirmation

        if not self._plan.confirm or "seed" not in self._training.command.names:
            return
        job, seeds = self._job(confirm=True), self._seeds()
        if self._options.engine == "ray":
            from hpadvisor.running.on_ray import train_on_ray

            finalists, study = queue_confirmation(job, seeds=seeds)
            train_on_ray(job, study, self._options)
            self._rows = confirmed(study, finalists)
            return
        self._rows = confirm(job, self._options.workers, seeds=seeds)

    def _seeds(self) -> int | None:
        """Return the confirmation's seeds: more where a search that ended early left some over."""
        from hpadvisor.search.budget import total_cost
        from hpadvisor.search.growing import audits_of
        from hpadvisor.search.trials import own_trials

        study, confirm = self._study(), self._plan.confirm or {}
        if not any(one["stop"] for one in audits_of(study)) or self._options.trials:
            return None
        left = self._plan.trainings - total_cost(self._plan, own_trials(study.get_trials()))
        seeds = int(confirm["seeds"])
        return min(max(MOST_SEEDS, seeds), seeds + max(int(left), 0) // int(confirm["finalists"]))

    def winner(self) -> tuple[dict[str, Any] | None, float, str]:
        """Return the configuration to go on with, its score, and what is to be thought of it."""
        from hpadvisor.search.comparison import compare
        from hpadvisor.search.favouring import favoured
        from hpadvisor.search.growing import grown
        from hpadvisor.search.space import configuration
        from hpadvisor.search.trials import maximizes, ranked

        study = self._study()
        plan = grown(self._plan, study)
        best = favoured(plan, study)
        if not best:
            return None, float("nan"), "No training of the search came through."
        if self._rows:
            trial, score = self._rows[0].trial, self._rows[0].mean
            verdict = compare(self._rows, maximizes(study))
        else:
            trial, score = best[0], best[0].values[0]
            verdict = (
                "Its score is that of one training, and the best of many is too good: train it "
                "again with fresh seeds before you rely on it."
            )
            first = ranked(study)[0]
            if first.number != trial.number:
                verdict = (
                    f"Trial {trial.number} is chosen: a model of all trials expects more of it "
                    f"than of trial {first.number}, whose single score is the best. {verdict}"
                )
        params = configuration(plan.space, trial.params, trial.user_attrs)
        return params, float(score), verdict

    def planned(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the configurations that hang on no result, with their origin."""
        from hpadvisor.search.start_points import planned_points

        points = list(planned_points(self._plan, self._options.seed))
        told = self._plan.baseline_score is not None  # the loop trains it all the same
        return [("baseline", self._plan.baseline), *points] if told else points

    def _make_folder(self) -> None:
        if self._options.storage is None:
            Path(self._options.study).parent.mkdir(parents=True, exist_ok=True)
