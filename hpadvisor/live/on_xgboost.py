"""The advisor in a training of XGBoost."""

from __future__ import annotations

from typing import Any, Unpack

from xgboost.callback import TrainingCallback

from hpadvisor.live.advisor import Advisor, Options
from hpadvisor.live.boosting import named_parts


class XGBoostCallback(TrainingCallback):
    """Judges each round: ``xgboost.train(..., evals=…, callbacks=[XGBoostCallback()])``.

    Say ``steps``, the planned rounds: XGBoost does not tell them.

    Args:
        advisor: One that is there already; else the options make one, see :class:`Advisor`.
        options: What an :class:`Advisor` can be told.
    """

    def __init__(self, advisor: Advisor | None = None, **options: Unpack[Options]) -> None:
        super().__init__()
        self.advisor = advisor or Advisor(**options)
        self.advisor.rounds = True

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Take the newest scores; returns whether to stop, as XGBoost asks."""
        newest = [
            (part, metric, _value(values[-1]))
            for part, scores in evals_log.items()
            for metric, values in scores.items()
        ]
        self.advisor.log(named_parts(newest), step=epoch + 1)
        return self.advisor.should_stop

    def after_training(self, model: Any) -> Any:
        """Say the last verdict; returns the model, as XGBoost asks."""
        self.advisor.finish()
        return model


def _value(value: Any) -> float:
    """A score; of cross-validation, which gives mean and deviation, the mean."""
    return float(value[0] if isinstance(value, tuple) else value)
