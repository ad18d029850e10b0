"""The advisor in a Trainer of Lightning."""

from __future__ import annotations

from typing import Any, Unpack

try:
    from lightning.pytorch.callbacks import Callback
except ModuleNotFoundError:  # the same library under its older name
    from pytorch_lightning.callbacks import Callback

from hpadvisor.live.advisor import Advisor, Options


class LightningCallback(Callback):
    """Judges what a module logs: ``Trainer(..., callbacks=[LightningCallback()])``.

    Each epoch's ``trainer.callback_metrics`` are read: what the module gave to ``self.log``.

    Args:
        advisor: One that is there already; else the options make one, see :class:`Advisor`.
        options: What an :class:`Advisor` can be told.
    """

    def __init__(self, advisor: Advisor | None = None, **options: Unpack[Options]) -> None:
        super().__init__()
        self.advisor = advisor or Advisor(**options)

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Take the planned length; only the main process speaks."""
        if trainer.max_epochs and trainer.max_epochs > 0:
            self.advisor.epochs = self.advisor.epochs or float(trainer.max_epochs)
        if not trainer.is_global_zero:
            self.advisor.be_silent()

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Take what stands in the metrics after an epoch; its validation came before."""
        metrics = dict(trainer.callback_metrics)
        for name in [one for one in metrics if f"{one}_epoch" in metrics]:
            del metrics[name]  # the last batch's value, beside the mean of the epoch
        self.advisor.log(metrics, epoch=trainer.current_epoch + 1)
        stop = trainer.strategy.reduce_boolean_decision(self.advisor.should_stop, all=False)
        trainer.should_stop = trainer.should_stop or stop

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Say the last verdict."""
        self.advisor.finish()
