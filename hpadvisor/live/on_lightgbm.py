"""The advisor in a training of LightGBM."""

from __future__ import annotations

from typing import Any, Unpack

from lightgbm.callback import EarlyStopException

from hpadvisor.live.advisor import Advisor, Options
from hpadvisor.live.boosting import named_parts


class LightGBMCallback:
    """Judges each round: ``lightgbm.train(..., callbacks=[LightGBMCallback()])``.

    Pass the training data among ``valid_sets``, too: overfitting is hard to see without it.

    Args:
        advisor: One that is there already; else the options make one, see :class:`Advisor`.
        options: What an :class:`Advisor` can be told.
    """

    order = 40
    """Behind the callbacks of LightGBM, the last of which is early stopping with 30."""
    before_iteration = False

    def __init__(self, advisor: Advisor | None = None, **options: Unpack[Options]) -> None:
        self.advisor = advisor or Advisor(**options)
        self.advisor.rounds = True

    def __call__(self, env: Any) -> None:
        """Take the scores of a round.

        Raises:
            EarlyStopException: a verdict of ``stop_on`` lasts.
        """
        self.advisor.steps = self.advisor.steps or float(env.end_iteration - env.begin_iteration)
        results = env.evaluation_result_list or []
        newest = [(_part(one[0]), str(one[1]), float(one[2])) for one in results]
        round_number = env.iteration - env.begin_iteration + 1
        self.advisor.log(named_parts(newest), step=round_number)
        if self.advisor.should_stop:
            raise EarlyStopException(env.iteration, results)
        if env.iteration + 1 == env.end_iteration:
            self.advisor.finish()


def _part(name: Any) -> str:
    """A part of the data; ``training`` is what LightGBM calls its own."""
    return "train" if str(name) == "training" else str(name)
