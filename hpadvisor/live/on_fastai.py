"""The advisor in a Learner of fastai."""

from __future__ import annotations

from typing import Any, Unpack

from fastai.callback.core import Callback, CancelFitException

from hpadvisor.live.advisor import Advisor, Options


class FastaiCallback(Callback):
    """Judges each epoch's line of the recorder: ``Learner(..., cbs=FastaiCallback())``.

    Args:
        advisor: One that is there already; else the options make one, see :class:`Advisor`.
        options: What an :class:`Advisor` can be told.
    """

    order = 60
    """Behind the recorder, whose order is 50."""

    def __init__(self, advisor: Advisor | None = None, **options: Unpack[Options]) -> None:
        super().__init__()
        self.advisor = advisor or Advisor(**options)
        self.searching = False

    def before_fit(self) -> None:
        """Take the planned length; a learning-rate finder and predictions are no trainings."""
        self.searching = hasattr(self.learn, "lr_finder") or hasattr(self.learn, "gather_preds")
        self.advisor.epochs = self.advisor.epochs or float(self.learn.n_epoch)

    def after_epoch(self) -> None:
        """Take the recorder's newest line.

        Raises:
            CancelFitException: a verdict of ``stop_on`` lasts.
        """
        if self.searching:
            return
        recorder = self.learn.recorder
        names = [name for name in recorder.metric_names if name not in ("epoch", "time")]
        line: dict[str, Any] = dict(zip(names, recorder.values[-1], strict=False))
        self.advisor.log(line, epoch=self.learn.epoch + 1)
        if self.advisor.should_stop:
            raise CancelFitException

    def after_fit(self) -> None:
        """Say the last verdict."""
        if not self.searching:
            self.advisor.finish()
