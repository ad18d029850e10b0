"""The search of a run: carried out by the search library, audited, confirmed."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpadvisor.errors import UserError

if TYPE_CHECKING:
    from hpadvisor.auditing.model import Audit
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.searches.review import Review
    from hpadvisor.running.loop import RunOptions, Training
    from hpadvisor.search.comparison import Finalist
    from hpadvisor.search.job import Job

AUDITED_AT = (0.5, 0.75)
"""Shares of the planned trials after which a search is audited on its way."""
FEWEST_TO_AUDIT = 10
"""Trials from which an audit can say anything of what is still to come."""


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
        for pause in self._pauses():
            self._run(pause)
            found = self.audit(noise)
            if found is not None and found[0].decision == "stop":
                why = " ".join(found[0].reasons[:1])
                say(f"The audit after {pause} trials says stop: {why}")
                return f"stopped after {pause} trials: {why}"
        self._run(None)
        return ""

    def _run(self, pause: int | None) -> None:
        from hpadvisor.search.study import make_study
        from hpadvisor.search.workers import run

        options = self._options
        if options.engine == "ray":
            from hpadvisor.running.on_ray import train_on_ray

            study = make_study(self._plan, options.study, options.seed, None)
            train_on_ray(self._job(), study, options)
            return
        run(
            self._plan, self._training, trials=options.trials, storage=options.study,
            seed=options.seed, workers=options.workers, max_failures=options.max_failures,
            pause=pause,
        )  # fmt: skip

    def _job(self, *, confirm: bool = False) -> Job:
        from hpadvisor.search.job import Job

        options = self._options
        return Job(
            self._plan, self._training, options.study, options.seed, None,
            options.trials or self._plan.trials, None if options.trials else self._plan.trainings,
            None, confirm=confirm, max_failures=options.max_failures,
        )  # fmt: skip

    def _pauses(self) -> list[int]:
        """Return after how many trials the search is audited on its way."""
        if not self._options.audits or self._options.engine == "ray":
            return []
        planned = self._options.trials or self._plan.trials
        places = [math.ceil(share * planned) for share in AUDITED_AT]
        return [place for place in places if FEWEST_TO_AUDIT <= place < planned]

    def audit(self, noise: float | None) -> tuple[Audit, Review] | None:
        """Review the search; None where there is too little to read.

        Args:
            noise: Standard deviation between seeds, where the baseline showed it.
        """
        from hpadvisor.auditing.composer import compose_audit
        from hpadvisor.engine.loading import EXPLAINING, load_knowledge
        from hpadvisor.facts.searches.review import ReviewOptions
        from hpadvisor.readers.searches.detect import read_search
        from hpadvisor.readers.searches.record import ReadOptions
        from hpadvisor.search.memory import SEARCH

        try:
            study = read_search(self._options.study, ReadOptions(study=SEARCH))
        except UserError:
            return None
        judging = ReviewOptions(noise=noise, planned=self._options.trials or self._plan.trials)
        if self._knowledge is None:
            self._knowledge = load_knowledge((), without=EXPLAINING)
        return compose_audit(study, self._knowledge, judging)

    def confirm(self) -> None:
        """Train the finalists and the baseline again on fresh seeds, where the plan does."""
        from hpadvisor.search.confirmation import confirm, confirmed, queue_confirmation

        if not self._plan.confirm or "seed" not in self._training.command.names:
            return
        job = self._job(confirm=True)
        if self._options.engine == "ray":
            from hpadvisor.running.on_ray import train_on_ray

            finalists, study = queue_confirmation(job)
            train_on_ray(job, study, self._options)
            self._rows = confirmed(study, finalists)
            return
        self._rows = confirm(job, self._options.workers)

    def winner(self) -> tuple[dict[str, Any] | None, float, str]:
        """Return the configuration to go on with, its score, and what is to be thought of it."""
        from hpadvisor.search.comparison import compare
        from hpadvisor.search.memory import SEARCH
        from hpadvisor.search.space import configuration
        from hpadvisor.search.study import open_study
        from hpadvisor.search.trials import maximizes, ranked

        study = open_study(self._plan, SEARCH, self._options.study, self._options.seed)
        best = ranked(study)
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
        params = configuration(self._plan.space, trial.params, trial.user_attrs)
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
